"""OpenTelemetry spans, only where an exporter is configured; nothing to pay otherwise."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager

from opentelemetry import propagate, trace

LONGEST = 512
"""Characters of a `traceparent` or `tracestate` that is read at all (security case D19)."""


class Tracing:
    """Makes spans when `on`. Off, it costs one comparison a call."""

    def __init__(self, *, on: bool) -> None:
        self.on = on

    @contextmanager
    def span(
        self, name: str, carrier: Mapping[str, str], facts: Mapping[str, str]
    ) -> Generator[trace.Span | None]:
        """Run the block in a span that continues the caller's trace. Never used to decide."""
        if not self.on:
            yield None
            return
        kept = {k: v for k, v in carrier.items() if len(v) <= LONGEST}
        parent = propagate.extract(kept)
        tracer = trace.get_tracer("helpdesk_mcp")
        with tracer.start_as_current_span(
            name, context=parent, kind=trace.SpanKind.SERVER, attributes=dict(facts)
        ) as span:
            yield span


def trace_id_of(traceparent: str) -> str:
    """Return the trace id of a W3C `traceparent`, or nothing if it is not one."""
    parts = traceparent.split("-") if len(traceparent) <= LONGEST else []
    if len(parts) >= 4 and len(parts[1]) == 32 and _is_hex(parts[1]):  # noqa: PLR2004 -- W3C Trace Context
        return parts[1]
    return ""


def _is_hex(text: str) -> bool:
    return all(c in "0123456789abcdef" for c in text)
