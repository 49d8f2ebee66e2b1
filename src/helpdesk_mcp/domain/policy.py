"""May this principal run this operation? The decision and its reason, as values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk_mcp.domain.operations import AnyOperation, Effect
from helpdesk_mcp.domain.principals import Principal, Scope
from helpdesk_mcp.domain.toolbox import Refused, Toolbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a deployment, or a tenant in it, allows at all, whatever a token says.

    `needs_approval` names operations that a person must approve, call by call. `share` is how many
    times the deployment's rate of calls a caller has.
    """

    read_only: bool = False
    switched_off: frozenset[str] = frozenset()
    needs_approval: frozenset[str] = frozenset()
    share: float = 1.0

    def __or__(self, other: "Policy") -> "Policy":
        """Return the policy that forbids what either of the two forbids; shares multiply."""
        return Policy(
            read_only=self.read_only or other.read_only,
            switched_off=self.switched_off | other.switched_off,
            needs_approval=self.needs_approval | other.needs_approval,
            share=self.share * other.share,
        )


CANNOT = Refused(
    "desk_scope",
    "The help desk's own token lacks a scope for this; an administrator can connect it again.",
)
NO_DESK = Refused(
    "no_desk",
    "No help desk is connected that this token may use; an administrator connects or grants one.",
)


def refusal(
    principal: Principal,
    operation: AnyOperation,
    policy: Policy,
    offered: Collection[type],
    lacks: frozenset[Scope] = frozenset(),
) -> Refused | None:
    """Return why the operation may not run, or None when it may.

    `lacks` are scopes that the help desk's own token cannot serve.
    """
    if operation.name in policy.switched_off:
        return Refused("switched_off", "The administrator has switched this tool off.")
    if operation.proxy:
        return None
    if policy.read_only and operation.effect is not Effect.READ:
        return Refused("read_only", "This server is read-only: it changes nothing.")
    if not operation.scopes <= principal.scopes:
        return _lacking(operation.scopes)
    return _unable(operation, offered, lacks)


def _unable(
    operation: AnyOperation, offered: Collection[type], lacks: frozenset[Scope]
) -> Refused | None:
    """Return why the help desk cannot do it, or None when it can."""
    if operation.scopes & lacks:
        return CANNOT
    if operation.needs is Toolbox or operation.needs in offered:
        return None
    return Refused("capability", "The help desk does not offer this.") if offered else NO_DESK


def lacking(
    principal: Principal, operation: AnyOperation, arguments: Mapping[str, Any]
) -> Refused | None:
    """Return the refusal if these arguments need a scope that the principal lacks."""
    needed = operation.scopes_for(arguments)
    return None if needed <= principal.scopes else _lacking(needed)


def _lacking(needed: Collection[str]) -> Refused:
    words = tuple(sorted(needed))
    return Refused("scope", f"This needs the scope {' '.join(words)}.", words)
