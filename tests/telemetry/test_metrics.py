"""Metrics: closed label sets, one registry for each server."""

from helpdesk_mcp.telemetry.metrics import Metrics


def test_two_servers_in_a_process_do_not_share_their_counts() -> None:
    one, other = Metrics(), Metrics()
    one.calls.labels("get_ticket", "ok", "mcp").observe(0.02)
    assert b'tool="get_ticket"' in one.exposition()
    assert b'tool="get_ticket"' not in other.exposition()


def test_latency_is_a_histogram_with_a_bucket_for_the_alert() -> None:
    metrics = Metrics()
    metrics.calls.labels("get_ticket", "ok", "mcp").observe(4)
    shown = metrics.exposition().decode()
    labels = 'origin="mcp",outcome="ok",tool="get_ticket"'
    assert f'mcp_request_latency_seconds_bucket{{le="5.0",{labels}}} 1.0' in shown
    assert f'mcp_request_latency_seconds_bucket{{le="2.5",{labels}}} 0.0' in shown


def test_waiting_and_lost_audit_events_are_shown() -> None:
    metrics = Metrics()
    metrics.audit(7, 0)
    metrics.audit(3, 2)
    shown = metrics.exposition().decode()
    assert "helpdesk_audit_waiting 3.0" in shown
    assert "helpdesk_audit_failures_total 2.0" in shown
