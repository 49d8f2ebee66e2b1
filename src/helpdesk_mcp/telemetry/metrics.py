"""Prometheus metrics. Every label is from a closed set: tools, codes, kinds; never ids or names."""

import hashlib

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50)


PLACES = 256
"""Into so many places connections are told apart: enough to find one, too few to be names."""


def place_of(connection_id: str) -> str:
    """Return the place of a connection to a desk: always the same, and nobody's name or id."""
    digest = hashlib.blake2b(connection_id.encode(), digest_size=8).digest()
    return str(int.from_bytes(digest) % PLACES)


class Metrics:
    """One registry and its metrics: an object, so that two servers can share a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._of_calls()
        self._of_desks()
        self._of_audit()

    def _of_calls(self) -> None:
        self.calls = Histogram(
            "mcp_request_latency_seconds",
            "Duration of calls, by tool, outcome (ok or an error code) and origin.",
            ("tool", "outcome", "origin"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "mcp_requests_in_flight", "Calls running now.", registry=self.registry
        )
        self.limited = Counter(
            "helpdesk_rate_limited_total",
            "Calls refused because the caller's rate was used up.",
            ("effect",),
            registry=self.registry,
        )
        self.refused = Counter(
            "helpdesk_authentication_failures_total",
            "Requests without a valid token, by reason.",
            ("reason",),
            registry=self.registry,
        )

    def _of_desks(self) -> None:
        self.upstream = Histogram(
            "helpdesk_upstream_latency_seconds",
            "Duration of exchanges with a help desk, by kind of desk, method and outcome.",
            ("desk", "method", "outcome"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.breaker_open = Gauge(
            "helpdesk_breaker_open",
            "1 while the circuit breaker towards a desk is open, by kind of desk and place.",
            ("desk", "place"),
            registry=self.registry,
        )

    def _of_audit(self) -> None:
        self.audit_waiting = Gauge(
            "helpdesk_audit_waiting", "Audit events not yet stored.", registry=self.registry
        )
        self.audit_failures = Counter(
            "helpdesk_audit_failures_total",
            "Audit events that could not be stored.",
            registry=self.registry,
        )

    def audit(self, waiting: int, lost: int) -> None:
        """Note how many audit events wait, and how many could not be stored."""
        self.audit_waiting.set(waiting)
        if lost:
            self.audit_failures.inc(lost)

    def exposition(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self.registry)
