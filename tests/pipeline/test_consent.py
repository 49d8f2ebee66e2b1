"""Calls that need a person's word, and what a tenant forbids besides the deployment."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.pipeline.workbench import ANA, Workbench, call

from helpdesk_mcp.domain.approvals import Question, Verdict
from helpdesk_mcp.domain.errors import Denied, HelpdeskError
from helpdesk_mcp.domain.policy import Policy
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.pipeline.consent import digest


@dataclass(slots=True)
class Desk:
    """Whoever answers questions: the verdict by digest, else pending."""

    approved: set[str] = field(default_factory=set[str])
    refused: set[str] = field(default_factory=set[str])
    asked: list[Question] = field(default_factory=list[Question])

    async def check(self, principal: Principal, question: Question) -> Verdict:
        assert principal == ANA
        if question.digest in self.approved:
            self.approved.remove(question.digest)
            return Verdict.APPROVED
        self.asked.append(question)
        return Verdict.REFUSED if question.digest in self.refused else Verdict.PENDING


async def reason_of(bench: Workbench, asked: Call) -> str:
    with pytest.raises(HelpdeskError) as caught:
        await bench.pipeline.run(asked)
    return caught.value.reason


NEEDS = Policy(needs_approval=frozenset({"write"}))


async def test_a_call_that_needs_approval_waits_and_then_runs_once() -> None:
    desk = Desk()
    bench = Workbench(policy=NEEDS, approvals=desk)
    assert await reason_of(bench, call("write", ticket_id="7", text="canary-7261")) == (
        "needs_approval"
    )
    assert "desk" not in bench.steps
    [question] = desk.asked
    assert (question.operation, question.target) == ("write", "7")
    assert "canary-7261" not in str(question)
    desk.approved.add(question.digest)
    await bench.pipeline.run(call("write", text="canary-7261", ticket_id="7"))
    assert "desk" in bench.steps
    assert await reason_of(bench, call("write", ticket_id="7", text="canary-7261")) == (
        "needs_approval"
    )


async def test_an_approval_is_for_these_arguments_and_no_others() -> None:
    desk = Desk()
    bench = Workbench(policy=NEEDS, approvals=desk)
    await reason_of(bench, call("write", ticket_id="7"))
    desk.approved.add(desk.asked[0].digest)
    assert await reason_of(bench, call("write", ticket_id="8")) == "needs_approval"


async def test_a_refused_call_is_told_so() -> None:
    desk = Desk(refused={digest("write", {"ticket_id": "7", "text": "", "person": None})})
    bench = Workbench(policy=NEEDS, approvals=desk)
    assert await reason_of(bench, call("write", ticket_id="7")) == "approval_refused"


async def test_where_nobody_can_approve_the_call_is_denied() -> None:
    assert await reason_of(Workbench(policy=NEEDS), call("write", ticket_id="7")) == (
        "needs_approval"
    )


async def test_what_needs_no_approval_asks_nobody() -> None:
    desk = Desk()
    await Workbench(policy=NEEDS, approvals=desk).pipeline.run(call("look", ticket_id="7"))
    assert desk.asked == []


async def test_a_tenants_policy_forbids_besides_the_deployments() -> None:
    async def policies(principal: Principal) -> Policy:
        return Policy(read_only=principal == ANA)

    bench = Workbench(policy=Policy(switched_off=frozenset({"look"})), policies=policies)
    assert await reason_of(bench, call("write", ticket_id="7")) == "read_only"
    assert await reason_of(bench, call("look", ticket_id="7")) == "switched_off"
    assert await bench.pipeline.visible_to(ANA) == []


async def test_a_suspended_tenant_is_refused_and_recorded() -> None:
    bench = Workbench(desks_fail=Denied("Suspended.", reason="suspended"))
    assert await bench.pipeline.forecast(ANA, "look") is None
    assert await reason_of(bench, call("look", ticket_id="7")) == "suspended"
    assert (bench.record.outcome, bench.record.reason) == ("denied", "suspended")
    with pytest.raises(Denied):
        await bench.pipeline.visible_to(ANA)


def test_policies_add_up() -> None:
    both = Policy(switched_off=frozenset({"a"})) | Policy(
        read_only=True, needs_approval=frozenset({"b"})
    )
    wanted: dict[str, Any] = {
        "read_only": True,
        "switched_off": frozenset({"a"}),
        "needs_approval": frozenset({"b"}),
    }
    assert both == Policy(**wanted)
