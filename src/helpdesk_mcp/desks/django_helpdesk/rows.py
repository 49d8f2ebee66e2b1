"""The staff's ticket list: the one cheap way into many tickets that stock offers."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.wire import Row, Rows, read

PROBES = 30
CLOSE = 25


async def rows(link: Link, query: Mapping[str, Any], *, start: int, length: int) -> Rows:
    """Return a part of the list. The query travels as base64 in the path."""
    packed = base64.b64encode(json.dumps(query).encode()).decode("ascii")
    data = await link.json(f"datatables_ticket_list/{packed}", {"start": start, "length": length})
    return read(Rows, data)


async def locate(link: Link, ticket_id: int) -> Row | None:
    """Find one ticket's row by its place in the list sorted by id: the list has no id filter.

    With no ticket deleted it is at place id - 1, and found at once. Deleted tickets move it down,
    so then it is looked for between two bounds that close in quickly.
    """
    low, high = 0, ticket_id - 1
    start, length = high, 1
    for _ in range(PROBES):
        found = await rows(link, {"sorting": "id"}, start=start, length=length)
        if match := [row for row in found.data if row.id == ticket_id]:
            return match[0]
        high = min(high, found.recordsTotal - 1)
        if not found.data and high >= low:
            start = high  # past the end: the last row tells whether ours can be there at all
            continue
        if length > 1 or high < low:
            return None
        low, high = _closer(low, high, start, found.data[0].id - ticket_id)
        if low > high:
            return None
        close = high - low < CLOSE
        start, length = (low, max(high - low + 1, 2)) if close else ((low + high) // 2, 1)
    return None


def _closer(low: int, high: int, start: int, above: int) -> tuple[int, int]:
    """Return the bounds after a look at `start`, whose id is `above` ours (or below)."""
    if above < 0:
        return start + 1, high
    # At most so many ids are missing between ours and that one.
    return max(low, start - above), start - 1
