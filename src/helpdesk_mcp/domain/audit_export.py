"""Audit events as text that others read: JSON Lines and CSV, inert in pages and spreadsheets."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from helpdesk_mcp.domain.audit import AuditEvent

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001 -- the full-width forms are meant


def plain(event: AuditEvent) -> dict[str, Any]:
    return {**asdict(event), "at": event.at.isoformat(timespec="milliseconds")}


def as_lines(events: Iterable[AuditEvent]) -> str:
    """One JSON object a line, safe inside HTML and JavaScript too (security case D12)."""
    return "".join(
        json.dumps(plain(event), ensure_ascii=True).replace("<", "\\u003c") + "\n"
        for event in events
    )


def as_csv(events: Iterable[AuditEvent]) -> str:
    out = io.StringIO()
    names = list(AuditEvent.__dataclass_fields__)
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(names)
    for event in events:
        writer.writerow([_inert(_cell(value)) for value in plain(event).values()])
    return out.getvalue()


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _inert(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula (security case D11)."""
    return f"'{cell}" if cell.lstrip().startswith(FORMULA) or cell.startswith(FORMULA) else cell
