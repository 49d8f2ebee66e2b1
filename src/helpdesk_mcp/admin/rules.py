"""What an organisation allows its agents at all, and the calls that wait for a person's word."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from helpdesk_mcp.admin.params import Done, Id
from helpdesk_mcp.domain.administration import Office, PendingCall
from helpdesk_mcp.domain.approvals import Verdict
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import Effect, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.tenants import TenantPolicy

Tools = Annotated[tuple[str, ...], Field(max_length=300, description="Names of tools")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInfo:
    """What agents may not do, whatever their tokens say."""

    read_only: bool
    switched_off: tuple[str, ...]
    needs_approval: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingCallList:
    calls: tuple[PendingCall, ...]


@operation(Scope.ADMIN, Effect.READ, own_words=True, title="Show the policy", target="")
async def get_policy(office: Office) -> PolicyInfo:
    """Show what the organisation allows its agents."""
    return _info(await office.policies.get())


@operation(
    Scope.ADMIN, Effect.WRITE, own_words=True, title="Set the policy", target="", idempotent=True
)
async def set_policy(
    office: Office,
    read_only: bool | None = None,
    switched_off: Tools | None = None,
    needs_approval: Tools | None = None,
) -> PolicyInfo:
    """Change what agents may do: read only, tools switched off, tools that need approval.

    What is left out stays as it is. It works within five seconds.
    """
    for tool in (*(switched_off or ()), *(needs_approval or ())):
        if tool not in office.tools:
            raise Invalid("A tool is named that does not exist.", reason="unknown_tool")
    before = await office.policies.get()
    await office.policies.set(
        TenantPolicy(
            read_only=before.read_only if read_only is None else read_only,
            switched_off=before.switched_off if switched_off is None else frozenset(switched_off),
            needs_approval=(
                before.needs_approval if needs_approval is None else frozenset(needs_approval)
            ),
        )
    )
    return _info(await office.policies.get())


@operation(
    Scope.APPROVALS_DECIDE, Effect.READ, own_words=True, title="List calls that wait", target=""
)
async def list_waiting_calls(office: Office) -> PendingCallList:
    """List agents' calls that wait for a person's approval, the oldest first."""
    return PendingCallList(calls=await office.pending.every())


@operation(
    Scope.APPROVALS_DECIDE, Effect.WRITE, own_words=True, title="Approve a call", target="approval"
)
async def approve_call(office: Office, approval: Id) -> Done:
    """Approve a waiting call. The agent may make exactly this call, once, within an hour."""
    await office.pending.answer(approval, Verdict.APPROVED, by=office.principal.subject)
    return Done(done="approved", id=approval)


@operation(
    Scope.APPROVALS_DECIDE, Effect.WRITE, own_words=True, title="Refuse a call", target="approval"
)
async def refuse_call(office: Office, approval: Id) -> Done:
    """Refuse a waiting call. The agent is told so when it asks again within an hour."""
    await office.pending.answer(approval, Verdict.REFUSED, by=office.principal.subject)
    return Done(done="refused", id=approval)


def _info(policy: TenantPolicy) -> PolicyInfo:
    return PolicyInfo(
        read_only=policy.read_only,
        switched_off=tuple(sorted(policy.switched_off)),
        needs_approval=tuple(sorted(policy.needs_approval)),
    )


OPERATIONS = (get_policy, set_policy, list_waiting_calls, approve_call, refuse_call)
