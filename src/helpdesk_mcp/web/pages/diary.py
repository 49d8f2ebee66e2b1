"""Happenings at the pages, in the audit trail of every organisation they concern."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from helpdesk_mcp.domain.audit import AuditEvent, AuditTrail
from helpdesk_mcp.domain.sessions import People
from helpdesk_mcp.telemetry.logs import logger
from helpdesk_mcp.web.pages.parts import Happening

DURABLE: Final = frozenset({"auth.consent"})
"""What must be stored before it happens: nothing is granted that nobody can find."""


@dataclass(frozen=True, slots=True)
class AuditDiary:
    """The port `Diary`. Attempts of unknown people concern no organisation: they are logged."""

    trail: AuditTrail
    people: People

    async def keep(self, happening: Happening) -> None:
        logger().info(
            happening.name,
            outcome=happening.outcome,
            reason=happening.reason,
            person=happening.person,
            tenant=happening.tenant,
        )
        for tenant in await self._concerned(happening):
            event = _event(happening, tenant)
            if happening.name in DURABLE:
                await self.trail.begin(event)
            else:
                self.trail.note(event)

    async def _concerned(self, happening: Happening) -> list[str]:
        if happening.tenant:
            return [happening.tenant]
        if not happening.person:
            return []
        places = await self.people.memberships(happening.person)
        return [place.tenant.id for place in places]


def _event(happening: Happening, tenant: str) -> AuditEvent:
    return AuditEvent(
        id=uuid.uuid4().hex,
        at=datetime.now(UTC),
        tenant=tenant,
        user=happening.person,
        client="console",
        origin="console",
        tool_name=happening.name,
        effect="write",
        arguments=dict(happening.facts or {}),
        outcome=happening.outcome,
        reason=happening.reason,
    )
