"""What every call leaves behind: one audit event, one metric, one log line."""

import traceback
from datetime import UTC, datetime
from typing import Any

from helpdesk_mcp.domain.audit import AuditEvent, AuditTrail
from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.pipeline.calls import Record
from helpdesk_mcp.pipeline.redaction import Redactor
from helpdesk_mcp.telemetry.logs import logger
from helpdesk_mcp.telemetry.metrics import Metrics


class CallRecorder:
    """Writes records to the audit trail, the metrics and the log. Arguments are masked first."""

    def __init__(
        self,
        operations: tuple[AnyOperation, ...],
        *,
        trail: AuditTrail,
        redactor: Redactor,
        metrics: Metrics,
    ) -> None:
        self._holds = {operation.name: operation.holds for operation in operations}
        self._trail = trail
        self._redactor = redactor
        self._metrics = metrics

    async def begin(self, record: Record) -> None:
        """Make a write's beginning durable. An end that is never recorded leaves "started"."""
        record.outcome = "started"
        await self._trail.begin(self._event(record))
        record.outcome = "ok"

    async def end(self, record: Record, error: BaseException | None) -> None:
        """Store the event, count it, log it. Raises Unavailable if a write's end is not stored."""
        self._measure(record)
        self._log(record, error)
        event = self._event(record)
        if record.begun:
            await self._trail.finish(event)
        else:
            self._trail.note(event)

    def _measure(self, record: Record) -> None:
        labels = (record.tool, record.outcome, record.call.origin)
        self._metrics.calls.labels(*labels).observe(record.seconds)
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
            logger().error("call.failed", **facts, **_where(error))
            return
        logger().info("call", **facts)

    def _event(self, record: Record) -> AuditEvent:
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
            arguments=self._redactor.arguments(
                {k: v for k, v in record.arguments.items() if v is not None},
                self._holds.get(record.tool, {}),
            ),
            target=record.target,
            outcome=record.outcome,
            reason=record.reason,
            written=record.written,
            seconds=round(record.seconds, 6),
            trace_id=record.call.trace_id,
            token_id=principal.token_id,
        )


def _expected(error: BaseException) -> bool:
    return isinstance(error, HelpdeskError)


def _where(error: BaseException) -> dict[str, Any]:
    """Say where a bug is, by type and place: an exception's own text may hold ticket data."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    places = [
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames
    ]
    return {"error": type(error).__name__, "at": places}
