"""May this principal run this operation? The decision and its reason, as values."""

from collections.abc import Collection
from dataclasses import dataclass

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
        needed = tuple(sorted(operation.scopes))
        return Refused("scope", f"This needs the scope {' '.join(needed)}.", needed)
    if operation.needs not in offered:
        return Refused("capability", "The help desk does not offer this.")
    return None
