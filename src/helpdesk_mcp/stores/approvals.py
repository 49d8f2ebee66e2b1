"""One tenant's calls that wait for a person, and the answers to them."""

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from helpdesk_mcp.domain.administration import PendingCall
from helpdesk_mcp.domain.approvals import Question, Verdict
from helpdesk_mcp.domain.errors import NotFound
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.stores.tenancy_tables import approvals
from helpdesk_mcp.stores.transactions import Row, tenant_transaction

ANSWERED_FOR = 3_600.0
"""Seconds for which an answer stands."""
ASKED_FOR = 24 * 3_600.0
"""Seconds for which a question waits."""
USED = "used"
c = approvals.c


class SqlApprovals:
    """The port `Approvals` for every tenant: each question stays in its caller's own."""

    def __init__(self, database: AsyncEngine, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def check(self, principal: Principal, question: Question) -> Verdict:
        now = self._clock()
        own = (c.tenant == principal.tenant) & (c.id == question_id(principal, question))
        async with tenant_transaction(self._database, principal.tenant) as transaction:
            ready = own & (c.state == Verdict.APPROVED.value) & (c.expires_at > now)
            taken = await transaction.execute(update(approvals).where(ready).values(state=USED))
            if taken.rowcount == 1:
                return Verdict.APPROVED
            stands = own & (c.expires_at > now) & (c.state != USED)
            state = (await transaction.execute(select(c.state).where(stands))).scalar_one_or_none()
            if state is not None:
                return Verdict(state)
            await _ask(transaction, own, _row(principal, question, now))
        return Verdict.PENDING


class SqlPendingCalls:
    """What an administrator sees and answers of one tenant."""

    def __init__(
        self, database: AsyncEngine, tenant: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._clock = clock

    async def every(self) -> tuple[PendingCall, ...]:
        """Return the calls that wait, the oldest first."""
        wanted = select(approvals).where(self._waiting()).order_by(c.asked_at).limit(500)
        async with tenant_transaction(self._database, self._tenant) as reader:
            rows = (await reader.execute(wanted)).mappings().all()
        return tuple(_pending(row) for row in rows)

    async def answer(self, approval_id: str, verdict: Verdict, by: str) -> None:
        """Approve or refuse a call that waits. Raises NotFound: unknown, answered, or too old."""
        now = self._clock()
        answered = {
            "state": verdict.value,
            "decided_by": by,
            "decided_at": now,
            "expires_at": now + ANSWERED_FOR,
        }
        which = self._waiting() & (c.id == approval_id)
        async with tenant_transaction(self._database, self._tenant) as transaction:
            done = await transaction.execute(update(approvals).where(which).values(answered))
        if done.rowcount == 0:
            raise NotFound("No such call waits for an answer.", reason="unknown_approval")

    def _waiting(self) -> ColumnElement[bool]:
        pending = c.state == Verdict.PENDING.value
        return (c.tenant == self._tenant) & pending & (c.expires_at > self._clock())


def question_id(principal: Principal, question: Question) -> str:
    """Return the same digits for the same call by the same caller."""
    parts = (principal.tenant, principal.subject, principal.client, question.digest)
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


async def _ask(transaction: AsyncConnection, own: ColumnElement[bool], row: dict[str, Any]) -> None:
    """Leave a question, in place of an old one that was answered and used or is too old."""
    again = await transaction.execute(update(approvals).where(own).values(row))
    if again.rowcount:
        return
    try:
        async with transaction.begin_nested():
            await transaction.execute(insert(approvals).values(row))
    except IntegrityError:
        return  # the same call, at the same moment


def _row(principal: Principal, question: Question, now: float) -> dict[str, Any]:
    return {
        "tenant": principal.tenant,
        "id": question_id(principal, question),
        "operation": question.operation,
        "target": question.target,
        "arguments": question.arguments,
        "subject": principal.subject,
        "client": principal.client,
        "state": Verdict.PENDING.value,
        "asked_at": now,
        "expires_at": now + ASKED_FOR,
        "decided_by": "",
        "decided_at": None,
    }


def _pending(row: Row) -> PendingCall:
    return PendingCall(
        id=row["id"],
        tool=row["operation"],
        target=row["target"],
        arguments=row["arguments"],
        user=row["subject"],
        client=row["client"],
        asked_at=datetime.fromtimestamp(row["asked_at"], UTC),
    )
