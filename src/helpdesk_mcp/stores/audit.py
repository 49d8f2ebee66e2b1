"""The audit trail in SQL: one writer, many events in one commit."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import anyio
from sqlalchemy import ColumnElement, Text, bindparam, cast, insert, or_, select, update
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from helpdesk_mcp.domain.audit import AuditEvent, AuditQuery
from helpdesk_mcp.domain.errors import Unavailable, Written
from helpdesk_mcp.stores.people import address
from helpdesk_mcp.stores.tables import audit
from helpdesk_mcp.stores.tenancy_tables import people
from helpdesk_mcp.stores.transactions import enter_tenant, tenant_transaction

MOST_WAITING = 10_000
"""Events of reads that may wait to be stored; beyond it nothing more runs unrecorded."""
BATCH = 256
PATIENCE = 0.2
"""Seconds an event of a read may wait for company. Writes do not wait."""

SPOILED = (IntegrityError, DataError, ValueError)
"""Errors that are one event's own fault: trying again cannot help."""

COLUMNS = tuple(field.name for field in fields(AuditEvent))
Row = dict[str, Any]
Waiting = tuple[str, Row, asyncio.Future[None] | None]


class SqlAuditTrail:
    """Keeps events, each in its own tenant's trail; searches the trail of one tenant.

    Keep events inside `running()`, which owns the writer.
    """

    def __init__(
        self, database: AsyncEngine, tenant: str, watch: Callable[[int, int], None] | None = None
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._watch = watch or _unwatched
        self._waiting: list[Waiting] = []
        self._wake = asyncio.Event()
        self._urgent = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Store events in the background; on leaving, store what still waits."""
        failure: Exception | None = None
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._write_for_ever)
                try:
                    yield
                except Exception as error:  # noqa: BLE001 -- raised again below, not as a group
                    failure = error
                tasks.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await self._flush()
        if failure is not None:
            raise failure

    async def begin(self, event: AuditEvent) -> None:
        await self._durably("insert", event)

    async def finish(self, event: AuditEvent) -> None:
        await self._durably("update", event)

    def note(self, event: AuditEvent) -> None:
        if len(self._waiting) >= MOST_WAITING:
            raise Unavailable("The audit trail cannot keep up; nothing was done.", reason="audit")
        self._waiting.append(("insert", _row(event), None))
        self._wake.set()

    async def search(self, query: AuditQuery) -> AsyncIterator[AuditEvent]:
        """Yield matching events, oldest first. With a limit: the newest ones."""
        wanted = select(audit).where(*self._matching(query))
        newest = wanted.order_by(audit.c.at.desc(), audit.c.id).limit(query.limit)
        async with tenant_transaction(self._database, self._tenant) as reader:
            rows = (await reader.execute(newest)).mappings().all()
        names = {field.name for field in fields(AuditEvent)}
        for row in reversed(rows):
            values: dict[str, Any] = {key: value for key, value in row.items() if key in names}
            values["at"] = datetime.fromtimestamp(row["at"], UTC)
            yield AuditEvent(**values)

    def _matching(self, query: AuditQuery) -> list[ColumnElement[bool]]:
        c = audit.c
        conditions = [c.tenant == self._tenant, c.id.startswith(query.id, autoescape=True)]
        for column, value in (
            (c.tool_name, query.tool_name),
            (c.outcome, query.outcome),
            (c.target, query.target),
        ):
            if value is not None:
                conditions.append(column == value)
        if query.user is not None:
            named = select(people.c.id).where(people.c.email == address(query.user))
            conditions.append(or_(c.user == query.user, c.user.in_(named)))
        if query.fingerprints:
            kept = cast(c.arguments, Text)
            conditions.append(or_(*(kept.contains(f"hmac-sha256:{f}") for f in query.fingerprints)))
        if query.since is not None:
            conditions.append(c.at >= query.since.timestamp())
        if query.until is not None:
            conditions.append(c.at < query.until.timestamp())
        return conditions

    async def _durably(self, verb: str, event: AuditEvent) -> None:
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((verb, _row(event), stored))
        self._wake.set()
        self._urgent.set()
        try:
            await stored
        except (SQLAlchemyError, OSError) as error:
            raise _unstored(verb) from error

    async def _write_for_ever(self) -> None:
        while True:
            await self._wake.wait()
            with anyio.move_on_after(PATIENCE):
                await self._urgent.wait()
            self._wake.clear()
            self._urgent.clear()
            with anyio.CancelScope(shield=True):
                await self._flush()

    async def _flush(self) -> None:
        size = BATCH
        while self._waiting:
            batch, self._waiting = self._waiting[:size], self._waiting[size:]
            self._watch(len(self._waiting), 0)
            try:
                async with self._database.begin() as transaction:
                    await self._store(transaction, batch)
            except SPOILED as error:
                size = 1  # find the event that no database would take
                self._set_aside(batch, error)
            except (SQLAlchemyError, OSError) as error:
                self._give_back(batch, error)
                return
            else:
                _answer(batch, None)

    async def _store(self, transaction: AsyncConnection, batch: list[Waiting]) -> None:
        """Store a batch in one transaction, which becomes each tenant's in turn."""
        batch = sorted(batch, key=_tenant_of)
        for tenant, own in groupby(batch, key=_tenant_of):
            await transaction.run_sync(enter_tenant, tenant)
            await _store_own(transaction, list(own))

    def _set_aside(self, batch: list[Waiting], error: Exception) -> None:
        """Drop a single event that cannot be stored; try a batch again one by one."""
        if len(batch) > 1:
            self._waiting[:0] = batch
            return
        _answer(batch, error)
        self._watch(len(self._waiting), 1)

    def _give_back(self, batch: list[Waiting], error: Exception) -> None:
        """Fail the writes that wait for an answer; keep the reads for the next try."""
        _answer(batch, error)
        kept = [waiting for waiting in batch if waiting[2] is None]
        room = MOST_WAITING - len(self._waiting)
        self._waiting[:0] = kept[:room]
        self._watch(len(self._waiting), len(batch) - len(kept[:room]))
        self._wake.set()


async def _store_own(transaction: AsyncConnection, batch: list[Waiting]) -> None:
    if rows := [row for verb, row, _ in batch if verb == "insert"]:
        await transaction.execute(insert(audit), rows)
    c = audit.c
    mine = (c.tenant == bindparam("_tenant")) & (c.id == bindparam("_id"))
    for row in (row for verb, row, _ in batch if verb == "update"):
        ended = {k: row[k] for k in ("outcome", "reason", "written", "seconds", "target")}
        await transaction.execute(
            update(audit).where(mine).values(ended),
            {"_tenant": row["tenant"], "_id": row["id"]},
        )


def _row(event: AuditEvent) -> Row:
    row = {name: getattr(event, name) for name in COLUMNS}
    row["at"] = event.at.timestamp()
    return row


def _tenant_of(waiting: Waiting) -> str:
    tenant: str = waiting[1]["tenant"]
    return tenant


def _unstored(verb: str) -> Unavailable:
    if verb == "insert":
        return Unavailable("The audit trail cannot be written; nothing was done.", reason="audit")
    return Unavailable(
        "The end of this call could not be recorded. Look at the ticket before you repeat it.",
        reason="audit",
        written=Written.UNKNOWN,
    )


def _unwatched(waiting: int, lost: int) -> None:
    """Watch nothing."""


def _answer(batch: list[Waiting], error: Exception | None) -> None:
    for _, _, stored in batch:
        if stored is None or stored.done():
            continue
        if error is None:
            stored.set_result(None)
        else:
            stored.set_exception(error)
