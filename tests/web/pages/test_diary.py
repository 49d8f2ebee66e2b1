"""What people do at the pages is found in the audit trail of each organisation it concerns."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tests.web.pages.house import ACME, GLOBEX, PeopleInMemory

from helpdesk_mcp.domain.audit import AuditEvent, AuditQuery
from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.domain.sessions import Membership
from helpdesk_mcp.web.pages.diary import AuditDiary
from helpdesk_mcp.web.pages.parts import Happening


@dataclass(slots=True)
class Trail:
    """An audit trail in memory that tells what was stored at once and what waits."""

    stored: list[AuditEvent] = field(default_factory=list[AuditEvent])
    noted: list[AuditEvent] = field(default_factory=list[AuditEvent])

    async def begin(self, event: AuditEvent) -> None:
        self.stored.append(event)

    async def finish(self, event: AuditEvent) -> None:
        self.stored.append(event)

    def note(self, event: AuditEvent) -> None:
        self.noted.append(event)

    async def search(self, query: AuditQuery) -> AsyncIterator[AuditEvent]:
        del query
        for event in self.stored:
            yield event


def diary() -> tuple[AuditDiary, Trail]:
    people, trail = PeopleInMemory(), Trail()
    agent = (Membership(tenant=tenant, role=Role.AGENT) for tenant in (ACME, GLOBEX))
    people.add("bea", "x", *agent)
    return AuditDiary(trail, people, "deployment"), trail


async def test_a_sign_in_stands_in_every_organisation_of_the_person() -> None:
    kept, trail = diary()
    await kept.keep(Happening(name="auth.login", outcome="ok", person="bea"))
    assert [(e.tenant, e.tool_name, e.user) for e in trail.noted] == [
        (ACME.id, "auth.login", "bea"),
        (GLOBEX.id, "auth.login", "bea"),
    ]


async def test_an_attempt_of_nobody_we_know_stands_in_the_deployments_own_trail() -> None:
    kept, trail = diary()
    await kept.keep(Happening(name="auth.login", outcome="denied"))
    assert [(e.tenant, e.outcome) for e in trail.noted] == [("deployment", "denied")]


async def test_a_consent_is_stored_before_it_is_given_with_what_was_ticked() -> None:
    kept, trail = diary()
    facts = {"client": "c", "desks": ["it"], "scopes": ["tickets:read"]}
    await kept.keep(
        Happening(name="auth.consent", outcome="ok", person="bea", tenant=ACME.id, facts=facts)
    )
    assert [(e.tenant, e.arguments) for e in trail.stored] == [(ACME.id, facts)]
    assert trail.noted == []
