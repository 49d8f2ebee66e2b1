"""What every call leaves behind: one audit event, one metric, one log line."""

from datetime import UTC, datetime
from secrets import token_bytes
from typing import Any

from prometheus_client import Histogram

from helpdesk_mcp.domain.audit import AuditEvent, AuditKeys, AuditTrail
from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.operations import AnyOperation, Holds
from helpdesk_mcp.pipeline.calls import Record
from helpdesk_mcp.pipeline.redaction import Redactor, mask_text
from helpdesk_mcp.telemetry.logs import logger, where
from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.telemetry.traces import trace_id_of

KEY_BYTES = 32


class CallRecorder:
    """Writes records to the audit trail, the metrics and the log. Arguments are masked first."""

    def __init__(
        self,
        operations: tuple[AnyOperation, ...],
        *,
        trail: AuditTrail,
        keys: AuditKeys,
        metrics: Metrics,
    ) -> None:
        self._holds = {operation.name: _holds(operation) for operation in operations}
        self._trail = trail
        self._keys = keys
        self._metrics = metrics
        self._series: dict[tuple[str, str, str], Histogram] = {}

    async def begin(self, record: Record) -> None:
        """Make a write's beginning durable. An end that is never recorded leaves "started"."""
        record.outcome = "started"
        await self._trail.begin(await self._event(record))
        record.outcome = "ok"

    async def end(self, record: Record, error: BaseException | None) -> None:
        """Store the event, count it, log it. Raises Unavailable if a write's end is not stored."""
        self._measure(record)
        self._log(record, error)
        event = await self._event(record)
        if record.begun:
            await self._trail.finish(event)
        else:
            self._trail.note(event)

    def _measure(self, record: Record) -> None:
        labels = (record.tool, record.outcome, record.call.origin)
        if (series := self._series.get(labels)) is None:
            series = self._series[labels] = self._metrics.calls.labels(*labels)
        series.observe(record.seconds)
        if record.outcome == "rate_limited":
            self._metrics.limited.labels(record.effect).inc()

    def _log(self, record: Record, error: BaseException | None) -> None:
        facts: dict[str, Any] = {
            "call": record.id,
            "tenant": record.call.principal.tenant,
            "tool": record.tool,
            "origin": record.call.origin,
            "outcome": record.outcome,
            "ms": round(record.seconds * 1000, 1),
        }
        if record.reason:
            facts["reason"] = record.reason
        if error is not None and isinstance(error, Exception) and not _expected(error):
            logger().error("call.failed", **facts, **where(error))
            return
        logger().info("call", **facts)

    async def masked(self, record: Record) -> dict[str, Any]:
        """Return the arguments as they may be kept and shown."""
        redactor = Redactor(key=await self._key(record.call.principal.tenant))
        holds = self._holds.get(record.tool, {})
        given = {name: value for name, value in record.arguments.items() if value is not None}
        kinds = {name: holds.get(name, Holds.PROSE) for name in given}  # unknown: could be anything
        special = {name: kind for name, kind in kinds.items() if kind is not Holds.PLAIN}
        return redactor.arguments(given, special)

    async def _key(self, tenant: str) -> bytes:
        """Return the tenant's key; one that nobody has, if it cannot be read.

        What happened is recorded whatever happens to keys: then nothing can be compared with it.
        """
        try:
            return await self._keys.current(tenant)
        except HelpdeskError as error:
            logger().warning("audit.key.unreadable", tenant=tenant, reason=error.reason)
            return token_bytes(KEY_BYTES)

    async def _event(self, record: Record) -> AuditEvent:
        principal = record.call.principal
        return AuditEvent(
            id=record.id,
            at=datetime.fromtimestamp(record.at, UTC),
            tenant=principal.tenant,
            user=principal.subject,
            client=principal.client,
            origin=record.call.origin,
            tool_name=record.tool,
            effect=record.effect,
            arguments=await self.masked(record),
            target=_target(record),
            outcome=record.outcome,
            reason=record.reason,
            written=record.written,
            seconds=round(record.seconds, 6),
            trace_id=trace_id_of(record.call.traceparent) or record.id,
            token_id=principal.token_id,
            via=record.call.via,
        )


def _target(record: Record) -> str:
    """Return the id of what was worked on. What turned out to be no id may be anything."""
    known = record.outcome in {"ok", "started"}
    return record.target if known else mask_text(record.target)


def _holds(operation: AnyOperation) -> dict[str, Holds]:
    """Return what each argument holds, under every name by which it may come."""
    own = {
        name: operation.holds.get(name, Holds.PLAIN) for name in operation.arguments.model_fields
    }
    return own | {other: own[name] for other, name in operation.renamed.items()}


def _expected(error: BaseException) -> bool:
    return isinstance(error, HelpdeskError)
