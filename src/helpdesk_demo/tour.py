"""The tour: an MCP client works tickets and shows each step, with where a person can look."""

import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

Step = Callable[[], Awaitable[str]]
SHOWN_LINES = 9
REPLY = (
    "Hola Marta:\n\nHemos reiniciado el concentrador de Madrid y la VPN vuelve a responder. "
    "¿Puedes confirmarnos que ya conectas?\n\nUn saludo, Soporte IT"
)


class StepFailed(Exception):
    """A step did not do what it says; the message tells what came instead."""


class Tour:
    """Runs the steps in order; a failed one is shown and the rest goes on where it can."""

    def __init__(self, url: str, token: str, reader_token: str, web: str, out: Console) -> None:
        self._url = url
        self._token = token
        self._reader_token = reader_token
        self._web = web.rstrip("/")
        self._out = out
        self._ticket = ""
        self._modified = ""
        self._failed = 0
        self._number = 0

    async def run(self) -> int:
        """Return how many steps failed."""
        self._out.print(Rule("Tour: an agent works tickets through MCP", style="cyan"))
        async with _client(self._url, self._token) as client:
            self._client = client
            for title, step in self._steps():
                await self._show(title, step)
        await self._show("A token that may only read cannot close a ticket", self._refused)
        done = self._number - self._failed
        colour = "red" if self._failed else "green"
        self._out.print(Rule(f"{done} of {self._number} steps worked", style=colour))
        return self._failed

    def _steps(self) -> tuple[tuple[str, Step], ...]:
        return (
            ("Connect and list the tools", self._connect),
            ("List open tickets of one queue, by its name", self._list),
            ("Search: words in any ticket", self._search),
            ("Read a ticket", self._read),
            ("Read what was said on it", self._conversation),
            ("Read a hostile ticket: cleaned, and marked as data", self._hostile),
            ("Look for a known answer in the knowledge base", self._knowledge),
            ("Create: «Crea un ticket urgente: 'VPN caída site Madrid'»", self._create),
            ("Add an internal note", self._note),
            ("Reply to the requester: is it mailed?", self._reply),
            ("Assign it", self._assign),
            ("Update priority and due date, refusing to overwrite unseen changes", self._update),
            ("An update from stale knowledge is refused", self._stale),
            ("Attach a file and read it back", self._attach),
            ("Close with a resolution", self._close),
            ("An unknown name is an error that helps, never a guess", self._unknown),
        )

    async def _show(self, title: str, step: Step) -> None:
        self._number += 1
        began = time.monotonic()
        try:
            said, mark = await step(), "[green]✓[/green]"
        except StepFailed as failure:
            said, mark = str(failure), "[red]✗[/red]"
            self._failed += 1
        took = (time.monotonic() - began) * 1000
        self._out.print(f"\n{mark} [bold]{self._number}. {title}[/bold] [dim]{took:.0f} ms[/dim]")
        for line in said.splitlines():
            self._out.print(Text("   " + line))

    # Steps. Each returns what to show, or raises StepFailed.

    async def _connect(self) -> str:
        tools = (await self._client.list_tools()).tools
        _expect(bool(tools), "no tools")
        names = ", ".join(tool.name for tool in tools)
        return f"protocol {self._client.protocol_version}, {len(tools)} tools: {names}"

    async def _list(self) -> str:
        given = {"queue": "IT Support", "status": "Abierto", "page_size": 5, "fields": "created"}
        return _first(await self._call("list_tickets", given), self._page("/tickets/"))

    async def _search(self) -> str:
        found = await self._call("search_tickets", {"query": "VPN", "page_size": 5})
        self._ticket = _data(found)["tickets"][0]["id"]
        return _first(found, self._page("/tickets/?q=VPN"))

    async def _read(self) -> str:
        found = await self._call("get_ticket", {"ticket_id": self._ticket})
        return _first(found, self._where(self._ticket))

    async def _conversation(self) -> str:
        found = await self._call("get_conversation", {"ticket_id": self._ticket, "page_size": 3})
        return _first(found, self._where(self._ticket))

    async def _hostile(self) -> str:
        found = await self._call("search_tickets", {"query": "IGNORE ALL PREVIOUS", "page_size": 1})
        ticket = _data(found)["tickets"][0]["id"]
        read = await self._call("get_ticket", {"ticket_id": ticket})
        text = _text(read)
        _expect("<untrusted-" in text, "the ticket's text is not marked as untrusted")
        return _first(read, self._where(ticket), most=30)

    async def _knowledge(self) -> str:
        found = await self._call("search_knowledge_base", {"query": "VPN"})
        return _first(found, self._page("/kb/"))

    async def _create(self) -> str:
        made = await self._call(
            "create_ticket",
            {
                "subject": "VPN caída site Madrid",
                "description": "Nadie en la oficina de Madrid puede conectar con la VPN.",
                "priority": "urgente",
                "queue": "it",
                "requester": "marta.demo@example.com",
                "site": "Madrid",
            },
        )
        self._ticket = _data(made)["ticket_id"]
        read = _data(await self._call("get_ticket", {"ticket_id": self._ticket}))
        _expect(read["subject"] == "VPN caída site Madrid", "the ticket is not there")
        return _first(made, self._where(self._ticket), most=14)

    async def _note(self) -> str:
        note = {"ticket_id": self._ticket, "text": "Concentrador reiniciado.", "time_spent": "0:15"}
        return _first(await self._call("add_note", note), self._where(self._ticket))

    async def _reply(self) -> str:
        reply = {"ticket_id": self._ticket, "text": REPLY}
        done = await self._call("reply_to_requester", reply)
        _expect("mail" in _data(done), "the receipt does not say whether a mail was sent")
        return _first(done, self._where(self._ticket))

    async def _assign(self) -> str:
        assign = {"ticket_id": self._ticket, "assignee": "alice"}
        done = await self._call("assign_ticket", assign)
        read = _data(await self._call("get_ticket", {"ticket_id": self._ticket}))
        _expect("Alice" in read.get("assignee", ""), f"assigned to {read.get('assignee')}")
        return _first(done, self._where(self._ticket))

    async def _update(self) -> str:
        read = _data(await self._call("get_ticket", {"ticket_id": self._ticket}))
        self._modified = read["modified"]
        change = {
            "ticket_id": self._ticket,
            "priority": "High",
            "due": "2031-01-31",
            "expected_modified": self._modified,
        }
        done = await self._call("update_ticket", change)
        _expect(len(_data(done).get("changes", [])) >= 2, "not both fields changed")  # noqa: PLR2004 -- priority and due
        return _first(done, self._where(self._ticket))

    async def _stale(self) -> str:
        change = {
            "ticket_id": self._ticket,
            "priority": "Low",
            "expected_modified": "2020-01-01T00:00:00+00:00",
        }
        result = await self._client.call_tool("update_ticket", change)
        _expect(bool(result.is_error), "the update was not refused")
        return _text(result)

    async def _attach(self) -> str:
        file = {
            "ticket_id": self._ticket,
            "filename": "vpn-madrid.txt",
            "text": "10:00 tunnel down\n10:12 restarted\n",
        }
        made = await self._call("add_attachment", file)
        which = {"ticket_id": self._ticket, "attachment_id": _data(made)["attachment_id"]}
        read = await self._call("get_attachment", which)
        _expect("tunnel down" in _text(read), "the file reads differently")
        return _first(read, self._where(self._ticket))

    async def _close(self) -> str:
        resolution = "La VPN de Madrid funciona tras reiniciar el concentrador."
        done = await self._call(
            "close_ticket", {"ticket_id": self._ticket, "resolution": resolution}
        )
        read = _data(await self._call("get_ticket", {"ticket_id": self._ticket}))
        _expect(read["status"] == "Closed", f"its status is {read['status']}")
        return _first(done, self._where(self._ticket))

    async def _unknown(self) -> str:
        result = await self._client.call_tool("list_tickets", {"status": "In Progress"})
        _expect(bool(result.is_error), "an unknown status was accepted")
        return _text(result)

    async def _refused(self) -> str:
        async with _client(self._url, self._reader_token) as reader:
            tools = [tool.name for tool in (await reader.list_tools()).tools]
            _expect("close_ticket" not in tools, "a forbidden tool is listed")
        async with httpx2.AsyncClient() as http:
            answer = await http.post(self._url, headers=_headers(self._reader_token), json=_CLOSE)
        _expect(answer.status_code == HTTPStatus.FORBIDDEN, f"HTTP {answer.status_code}")
        return f"it sees {', '.join(tools)}; calling close_ticket all the same: HTTP 403"

    async def _call(self, name: str, arguments: dict[str, Any]) -> CallToolResult:
        result = await self._client.call_tool(name, arguments)
        if result.is_error:
            raise StepFailed(f"{name}: {_text(result)}")
        return result

    def _where(self, ticket: str) -> str:
        return self._page(f"/tickets/{ticket}/")

    def _page(self, path: str) -> str:
        return f"see {self._web}{path}"


_CLOSE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "close_ticket", "arguments": {"ticket_id": "1", "resolution": "no"}},
}


def _headers(token: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-11-25",
    }


def _client(url: str, token: str) -> Client:
    http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60)
    return Client(streamable_http_client(url, http_client=http), mode="auto")


def _expect(true: bool, otherwise: str) -> None:  # noqa: FBT001 -- a condition
    if not true:
        raise StepFailed(otherwise)


def _text(result: CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if part.type == "text")


def _data(result: CallToolResult) -> dict[str, Any]:
    return result.structured_content or {}


def _first(result: CallToolResult, where: str, most: int = SHOWN_LINES) -> str:
    """Return the first lines of a result without the standing notice, and where to look."""
    lines = _text(result).splitlines()[1:]
    more = [f"… {len(lines) - most} more lines"] if len(lines) > most else []
    return "\n".join([*lines[:most], *more, where])
