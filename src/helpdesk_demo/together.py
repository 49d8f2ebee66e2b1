"""The whole tour: each desk by itself, before it all of them at once, and a token that reads."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus

import httpx2
from mcp import Client
from rich.console import Console
from rich.rule import Rule

from helpdesk_demo.answers import (
    CLOSE,
    Count,
    client_for,
    data_of,
    expect,
    first_of,
    headers_for,
    text_of,
)
from helpdesk_demo.stands import DJANGO, Stand
from helpdesk_demo.tour import Step, Tour


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """`every` and `reader` come from the command line; people of two organisations `signed` in."""

    every: str = field(repr=False)
    reader: str = field(repr=False)
    signed: Sequence[str] = field(repr=False)


async def toured(url: str, tokens: Tokens, stands: Sequence[Stand], out: Console) -> int:
    """Tour each desk, and all of them together if there are several. Returns what failed."""
    count = Count()
    out.print(Rule("Tour: an agent works tickets through MCP", style="cyan"))
    async with client_for(url, tokens.every) as client:
        names = [stand.name for stand in stands]
        if len(stands) > 1:
            await Together(client, names, out, count).run()
        for stand in stands:
            if len(stands) > 1:
                out.print(Rule(f"The desk {stand.name}", style="cyan"))
            desk = stand.name if len(stands) > 1 else None
            web = stand.address if stand.name == DJANGO else ""
            await Tour(client, desk, web, out, count).run()
    last = Tour(None, None, "", out, count)
    await last.show(
        "A token that may only read cannot close a ticket", partial(_refused, url, tokens.reader)
    )
    await last.show(
        "Two organisations signed in by OAuth: each sees its own desk", partial(_apart, url, tokens)
    )
    colour = "red" if count.failed else "green"
    worked = count.done - count.failed
    out.print(Rule(f"{worked} of {count.done} steps worked", style=colour))
    return count.failed


class Together(Tour):
    """What several desks under one token are like."""

    def __init__(self, client: Client, names: Sequence[str], out: Console, count: Count) -> None:
        super().__init__(client, None, "", out, count)
        self._names = names

    def _steps(self) -> tuple[tuple[str, Step], ...]:
        return (
            ("All desks at once: their newest tickets in one list", self._everywhere),
            ("The list goes on at every desk by one cursor", self._goes_on),
            ("A write that names no desk does nothing", self._ambiguous),
        )

    async def _everywhere(self) -> str:
        found = await self._call("list_tickets", {"page_size": 12})
        expect(not data_of(found).get("failed"), "a desk failed")
        queues = data_of(await self._call("get_queues", {}))["queues"]
        seen = {queue["desk"] for queue in queues}
        expect(seen == set(self._names), f"queues came from {', '.join(sorted(seen))} only")
        return first_of(found, f"queues of {', '.join(sorted(seen))}", most=14)

    async def _goes_on(self) -> str:
        first = data_of(await self._call("list_tickets", {"page_size": 3}))
        given = {"page_size": 3, "cursor": first["next_cursor"]}
        second = await self._call("list_tickets", given)
        ids = [row["id"] for row in (*first["tickets"], *data_of(second)["tickets"])]
        expect(len(set(ids)) == len(ids), "a ticket came twice")
        return first_of(second, "")

    async def _ambiguous(self) -> str:
        given = {"ticket_id": "1", "text": "Whose ticket is this?"}
        result = await self._client.call_tool("add_note", given)
        expect(bool(result.is_error), "the note was written somewhere")
        return text_of(result)


async def _refused(url: str, reader_token: str) -> str:
    async with client_for(url, reader_token) as reader:
        tools = [tool.name for tool in (await reader.list_tools()).tools]
        expect("close_ticket" not in tools, "a forbidden tool is listed")
    async with httpx2.AsyncClient() as http:
        answer = await http.post(url, headers=headers_for(reader_token), json=CLOSE)
    expect(answer.status_code == HTTPStatus.FORBIDDEN, f"HTTP {answer.status_code}")
    return f"it sees {', '.join(tools)}; calling close_ticket all the same: HTTP 403"


async def _apart(url: str, tokens: Tokens) -> str:
    """Make a note in the first organisation and look for it from the second."""
    first, second = tokens.signed
    subject = f"Only ours {time.time_ns()}"
    async with client_for(url, first) as ours, client_for(url, second) as theirs:
        draft = {"subject": subject, "description": "Nobody else reads this."}
        queues = data_of(await ours.call_tool("get_queues", {}))["queues"]
        made = await ours.call_tool("create_ticket", {**draft, "queue": queues[0]["name"]})
        expect(not made.is_error, text_of(made))
        found = await theirs.call_tool("search_tickets", {"query": subject})
        expect(not found.is_error and data_of(found)["shown"] == 0, "it is seen elsewhere")
        crossing = await theirs.call_tool("get_ticket", {"ticket_id": "1", "desk": "no-such-desk"})
        expect(bool(crossing.is_error), "another's desk was reached")
    ticket = data_of(made)["ticket_id"]
    return f"ticket {ticket} of the first is not found by the second; {text_of(crossing)}"
