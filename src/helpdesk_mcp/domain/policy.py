"""May this principal run this operation? The decision and its reason, as values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk_mcp.domain.operations import AnyOperation, Effect
from helpdesk_mcp.domain.principals import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a deployment allows at all, whatever a token says."""

    read_only: bool = False
    switched_off: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Refused:
    reason: str
    message: str
    scopes: tuple[str, ...] = ()


def refusal(
    principal: Principal, operation: AnyOperation, policy: Policy, offered: Collection[type]
) -> Refused | None:
    """Return why the operation may not run, or None when it may."""
    if operation.name in policy.switched_off:
        return Refused("switched_off", "The administrator has switched this tool off.")
    if policy.read_only and operation.effect is not Effect.READ:
        return Refused("read_only", "This server is read-only: it changes nothing.")
    if not operation.scopes <= principal.scopes:
        return _lacking(operation.scopes)
    if operation.needs not in offered:
        return Refused("capability", "The help desk does not offer this.")
    return None


def lacking(
    principal: Principal, operation: AnyOperation, arguments: Mapping[str, Any]
) -> Refused | None:
    """Return the refusal if these arguments need a scope that the principal lacks."""
    needed = operation.scopes_for(arguments)
    return None if needed <= principal.scopes else _lacking(needed)


def _lacking(needed: Collection[str]) -> Refused:
    words = tuple(sorted(needed))
    return Refused("scope", f"This needs the scope {' '.join(words)}.", words)
