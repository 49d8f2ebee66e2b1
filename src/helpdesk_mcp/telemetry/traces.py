"""OpenTelemetry traces, only where an endpoint is configured; next to nothing to pay otherwise."""

from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module

from opentelemetry import propagate, trace
from opentelemetry.context import Context

from helpdesk_mcp.telemetry.metrics import Metrics

LONGEST = 512
"""Characters of a `traceparent` that is read at all (security case D19)."""
SCOPE = "helpdesk_mcp"


class Watch:
    """What is seen of a call while it runs: one more in flight, and a span where traces are on."""

    def __init__(self, metrics: Metrics, *, traced: bool) -> None:
        self._in_flight = metrics.in_flight
        self._traced = traced

    @contextmanager
    def __call__(self, name: str, traceparent: str) -> Generator[None]:
        self._in_flight.inc()
        try:
            if self._traced:
                with _call_span(name, traceparent):
                    yield
            else:
                yield
        finally:
            self._in_flight.dec()


@contextmanager
def _call_span(name: str, traceparent: str) -> Generator[None]:
    """Continue the caller's trace, unless a span of this request is open already."""
    known = trace.get_current_span().get_span_context().is_valid
    parent: Context | None = None
    if not known and trace_id_of(traceparent):
        parent = propagate.extract({"traceparent": traceparent})
    tracer = trace.get_tracer(SCOPE)
    with tracer.start_as_current_span(f"call {name}", context=parent, record_exception=False):
        yield


@contextmanager
def exchange_span(desk: str, method: str) -> Generator[None]:
    """Open a span around one exchange with a help desk. Its address is not recorded."""
    tracer = trace.get_tracer(SCOPE)
    facts = {"helpdesk.desk": desk, "http.request.method": method}
    with tracer.start_as_current_span(
        f"exchange {desk}", kind=trace.SpanKind.CLIENT, attributes=facts, record_exception=False
    ):
        yield


def configure(endpoint: str) -> None:
    """Send spans to an OTLP endpoint (OTLP/HTTP; `/v1/traces` is added to the address).

    Raises ImportError without the `otel` extra.
    """
    sdk = import_module("opentelemetry.sdk.trace")
    export = import_module("opentelemetry.sdk.trace.export")
    otlp = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    resources = import_module("opentelemetry.sdk.resources")
    provider = sdk.TracerProvider(
        resource=resources.Resource.create({"service.name": "helpdesk-mcp"})
    )
    exporter = otlp.OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(export.BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


def trace_id_of(traceparent: str) -> str:
    """Return the trace id of a W3C `traceparent`, or nothing if it is not one."""
    parts = traceparent.split("-") if len(traceparent) <= LONGEST else []
    if len(parts) >= 4 and len(parts[1]) == 32 and _is_hex(parts[1]):  # noqa: PLR2004 -- W3C Trace Context
        return parts[1]
    return ""


def _is_hex(text: str) -> bool:
    return all(c in "0123456789abcdef" for c in text)
