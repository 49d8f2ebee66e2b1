"""Happenings at the pages, in the audit trail of every organisation they concern."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from helpdesk_mcp.domain.audit import AuditEvent, AuditTrail
from helpdesk_mcp.domain.sessions import People
from helpdesk_mcp.web.pages.parts import Happening

DURABLE: Final = frozenset({"auth.consent"})
"""What must be stored before it happens: nothing is granted that nobody can find."""


@dataclass(frozen=True, slots=True)
class AuditDiary:
    """The port `Diary`. What concerns no organisation stands in the trail named `nobody`."""

    trail: AuditTrail
    people: People
    nobody: str

    async def keep(self, happening: Happening) -> None:
        for tenant in await self._concerned(happening):
            event = _event(happening, tenant)
            if happening.name in DURABLE:
                await self.trail.begin(event)
            else:
                self.trail.note(event)

    async def _concerned(self, happening: Happening) -> list[str]:
        if happening.tenant:
            return [happening.tenant]
        # Nobody is looked for too: how long an answer takes must not tell who is known (case A28).
        places = await self.people.memberships(happening.person)
        return [place.tenant.id for place in places] or [self.nobody]


def _event(happening: Happening, tenant: str) -> AuditEvent:
    return AuditEvent(
        id=uuid.uuid4().hex,
        at=datetime.now(UTC),
        tenant=tenant,
        user=happening.person,
        client="",
        origin="web",
        tool_name=happening.name,
        effect="write",
        arguments=dict(happening.facts or {}),
        outcome=happening.outcome,
        reason=happening.reason,
    )
