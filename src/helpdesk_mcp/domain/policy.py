"""May this principal run this operation? The decision and its reason, as values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk_mcp.domain.operations import AnyOperation, Effect
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.domain.toolbox import Refused, Toolbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a deployment, or a tenant in it, allows at all, whatever a token says.

    `needs_approval` names operations that a person must approve, call by call.
    """

    read_only: bool = False
    switched_off: frozenset[str] = frozenset()
    needs_approval: frozenset[str] = frozenset()

    def __or__(self, other: "Policy") -> "Policy":
        """Return the policy that forbids what either of the two forbids."""
        return Policy(
            read_only=self.read_only or other.read_only,
            switched_off=self.switched_off | other.switched_off,
            needs_approval=self.needs_approval | other.needs_approval,
        )


NO_DESK = Refused(
    "no_desk",
    "No help desk is connected that this token may use; an administrator connects or grants one.",
)


def refusal(
    principal: Principal, operation: AnyOperation, policy: Policy, offered: Collection[type]
) -> Refused | None:
    """Return why the operation may not run, or None when it may."""
    if operation.name in policy.switched_off:
        return Refused("switched_off", "The administrator has switched this tool off.")
    if operation.proxy:
        return None
    if policy.read_only and operation.effect is not Effect.READ:
        return Refused("read_only", "This server is read-only: it changes nothing.")
    if not operation.scopes <= principal.scopes:
        return _lacking(operation.scopes)
    if operation.needs is not Toolbox and operation.needs not in offered:
        return Refused("capability", "The help desk does not offer this.") if offered else NO_DESK
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
