"""What operators see: metrics and audit events."""

from dataclasses import fields
from typing import Any

from prometheus_client import Counter, Gauge, Histogram
from scripts.reference.markdown import code, codes, page, table

from helpdesk_mcp.domain.audit import AuditEvent
from helpdesk_mcp.telemetry.metrics import SECONDS, Metrics

LABELS = {
    "tool": "a tool's name, or `unknown`",
    "outcome": "`ok`, an error code or `cancelled`; upstream: `2xx` to `5xx` or an error's reason",
    "origin": "`mcp`, `stdio`, `rest`, `admin`, `console`, `cli`",
    "desk": "the kind of help desk, such as `django_helpdesk`",
    "place": "a number below 256 that stands for a desk; `helpdesk-mcp desks list` shows each",
    "method": "an HTTP method",
    "effect": "`read`, `write`, `destroy`",
    "reason": "`missing`, `invalid`",
}
FIELDS = {
    "id": "The call's id; the log line and an internal error's reference begin with it.",
    "at": "When the call came, ISO 8601 in UTC.",
    "tenant": "The organisation's id; `default` where the environment configures the desk.",
    "user": "Who called: the id of a person or headless client, a token's `--user`, or `stdio`.",
    "client": "With which program: an OAuth client's id, a token's `--client`, `console`, `stdio`.",
    "origin": "By: `mcp`, `stdio`, `rest`, `admin` (REST), `console`, `web` (its pages), `cli`.",
    "tool_name": "Which tool; `unknown` if there is no such tool.",
    "effect": "`read`, `write` or `destroy`.",
    "arguments": "What was asked, masked.",
    "target": "The ticket, where the call names one.",
    "outcome": "`ok`, an error code, `cancelled`, or `started`: a write whose end was never "
    "recorded because the process died; look at the ticket.",
    "reason": "The error's reason.",
    "written": "After a failed write: `no`, `partly` or `unknown`.",
    "seconds": "How long it took.",
    "trace_id": "The caller's W3C trace id, if it sent one.",
    "token_id": "Which token; `helpdesk-mcp tokens list` shows it.",
    "via": "The tool that ran this one: `run_tool`, or one that changes many tickets.",
}
KINDS = ((Histogram, "histogram"), (Counter, "counter"), (Gauge, "gauge"))


def described_metrics() -> list[tuple[str, str, tuple[str, ...], str]]:
    """Return name, kind, labels and help of each metric."""
    found: list[tuple[str, str, tuple[str, ...], str]] = []
    for metric in vars(Metrics()).values():
        kind = next((word for type_, word in KINDS if isinstance(metric, type_)), None)
        if kind is None:
            continue
        described = next(iter(metric.describe()))
        suffix = "_total" if kind == "counter" else ""
        labels: Any = getattr(metric, "_labelnames")  # noqa: B009 -- the library has no other way to it
        found.append((described.name + suffix, kind, tuple(labels), described.documentation))
    return found


def metrics_page() -> str:
    metrics = described_metrics()
    used = dict.fromkeys(label for _, _, labels, _ in metrics for label in labels)
    return page(
        "Metrics",
        "`GET /metrics` serves them in the Prometheus text format, without a token: keep the path "
        "inside your network.\nLabels come from closed sets; no metric holds an id, a name or a "
        "text.",
        table(
            ("metric", "kind", "labels", "meaning"),
            [(code(name), kind, codes(labels), text) for name, kind, labels, text in metrics],
        ),
        "## Labels",
        table(("label", "values"), [(code(label), LABELS[label]) for label in used]),
        "## Buckets",
        f"Histograms count in these buckets, in seconds: {', '.join(map(str, SECONDS))}.",
    )


def audit_page() -> str:
    return page(
        "Audit events",
        "Every call leaves one event, whatever came of it.\nThe event of a write is stored before "
        "the write is tried and completed before it is answered; the event of a read is stored "
        "within a second.",
        table(
            ("field", "meaning"),
            [(code(field.name), FIELDS[field.name]) for field in fields(AuditEvent)],
        ),
        "## What is masked in `arguments`",
        "- E-mail addresses, phone numbers, IBAN, payment cards, national identity numbers, IP "
        "addresses and tokens, wherever they stand in a text, become words such as `[email]`.\n"
        "- Arguments that hold a person become a fingerprint: equal persons have equal ones, and "
        "only the organisation's own key computes them (`helpdesk-mcp audit hash`).\n"
        "- Text for tickets (subjects, descriptions, comments) becomes its length and a "
        "fingerprint.\n"
        "- Content of files is left out.",
        "How to read the trail: [Read the audit trail](../how-to/read-the-audit-trail.md).",
    )
