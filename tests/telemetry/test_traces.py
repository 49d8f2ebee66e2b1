"""Traces: a caller's trace is joined and never trusted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace

from helpdesk_mcp.telemetry.metrics import Metrics
from helpdesk_mcp.telemetry.traces import LONGEST, Watch, exchange_span, trace_id_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def test_the_trace_id_of_a_traceparent_is_found() -> None:
    assert trace_id_of(PARENT) == TRACE


@pytest.mark.parametrize(
    "foreign",
    ["", "00", TRACE, f"00-{TRACE.upper()}-a-01", f"00-{TRACE}x-a-01", f"00-{'g' * 32}-a-01"],
)
def test_anything_else_is_no_trace(foreign: str) -> None:
    assert trace_id_of(foreign) == ""


def test_a_traceparent_of_ten_kilobytes_is_not_read() -> None:
    """Security case D19."""
    assert trace_id_of(PARENT + "-" + "x" * 10_000) == ""


@given(st.text(max_size=LONGEST + 10))
def test_whatever_comes_the_answer_fits_the_column(traceparent: str) -> None:
    assert len(trace_id_of(traceparent)) in {0, 32}


@pytest.mark.parametrize("traced", [False, True])
def test_a_call_is_in_flight_while_it_runs_and_only_then(*, traced: bool) -> None:
    metrics = Metrics()
    watch = Watch(metrics, traced=traced)
    with watch("get_ticket", PARENT), watch("get_ticket", ""):
        assert b"mcp_requests_in_flight 2.0" in metrics.exposition()
    assert b"mcp_requests_in_flight 0.0" in metrics.exposition()


@pytest.mark.parametrize("traced", [False, True])
def test_a_call_that_fails_is_no_longer_in_flight(*, traced: bool) -> None:
    metrics = Metrics()
    with pytest.raises(LookupError), Watch(metrics, traced=traced)("get_ticket", PARENT):
        raise LookupError
    assert b"mcp_requests_in_flight 0.0" in metrics.exposition()


def test_a_traced_call_continues_the_trace_of_the_caller() -> None:
    with Watch(Metrics(), traced=True)("get_ticket", PARENT):
        context = trace.get_current_span().get_span_context()
    assert f"{context.trace_id:032x}" == TRACE


def test_an_exchange_belongs_to_the_trace_of_its_call() -> None:
    with Watch(Metrics(), traced=True)("get_ticket", PARENT), exchange_span("test", "GET"):
        context = trace.get_current_span().get_span_context()
    assert f"{context.trace_id:032x}" == TRACE
