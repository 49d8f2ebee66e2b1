"""The line to one ServiceDesk Plus: requests in its encodings, routes by build, checked answers.

Paths are relative to the API: `requests/7/notes`. A segment `~close` has several spellings by
build: they are tried in turn where the desk says that there is no such URL, and the one that works
is remembered. Everything raises HelpdeskError; nothing else leaves this module.
"""

import json
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx2

from helpdesk_mcp.desks.servicedeskplus.editions import MEDIA_TYPE, Edition
from helpdesk_mcp.desks.servicedeskplus.envelope import Rows, one, read, rows
from helpdesk_mcp.desks.servicedeskplus.refusals import NO_LIST, NO_TICKET
from helpdesk_mcp.desks.servicedeskplus.values import Row
from helpdesk_mcp.domain.errors import HelpdeskError, NotFound
from helpdesk_mcp.domain.pages import Window

T = TypeVar("T")
MOST_ROWS = 100
"""Rows of one page: the vendor's limit."""
NO_ROUTE = frozenset({"not_found", "no_route", "web_page"})
NO_KEY = frozenset({"unknown_field", "extra_input", "desk_refused", "wrong_type"})
_LONGEST_ID = 19
_LONGEST_DISPLAY_ID = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a list is asked for. `beside` stands beside `list_info`, where a route wants that."""

    criteria: Row | list[Row] | None = None
    filter_by: Mapping[str, str] | None = None
    sort: str = ""
    descending: bool = False
    fields: tuple[str, ...] = ()
    count: bool = True
    beside: Mapping[str, Any] = field(default_factory=dict[str, Any])


EVERYTHING = Query()


class Link:
    """`http` is guarded, logged in, and stands at the API's base address."""

    def __init__(self, http: httpx2.AsyncClient, edition: Edition) -> None:
        self.edition = edition
        self._http = http
        self._known: dict[str, str] = {}
        self._displayed: dict[str, str] = {}
        self.filed: deque[str] = deque(maxlen=500)
        """Places of records that we know we filed: one whose answer was lost is another."""

    @property
    def base(self) -> httpx2.URL:
        return self._http.base_url

    async def now(self) -> datetime:
        """Return the desk's own time, to compare with the times it writes."""
        response = await self._http.request("GET", "requests", headers={"Accept": MEDIA_TYPE})
        told = response.headers.get("Date")
        return parsedate_to_datetime(told) if told else datetime.now(UTC)

    async def ticket(self, ticket_id: str) -> str:
        """Return a request's id as it may stand in a path. Raises NotFound.

        In the Cloud people know a ticket by a short number that is not its id: it is looked up.
        """
        plain = number(ticket_id)
        if not self.edition.is_cloud or len(plain) > _LONGEST_DISPLAY_ID:
            return plain
        if plain not in self._displayed:
            criteria = {"field": "display_id", "condition": "is", "value": plain}
            found = await self.rows("requests", Query(criteria=criteria), Window(size=1))
            if not found.items:
                raise NotFound(NO_TICKET)
            self._displayed[plain] = number(str(found.items[0].get("id")))
        return self._displayed[plain]

    async def get(self, path: str, *, missing: str = NO_TICKET) -> Row:
        """Return a whole answer, asked for without any input."""
        return await self._spelled(path, lambda p: self._send("GET", p, missing=missing))

    async def one(self, path: str, *, missing: str = NO_TICKET) -> Row:
        """Return the single record at a path."""
        return one(await self.get(path, missing=missing))

    async def rows(
        self, path: str, query: Query = EVERYTHING, window: Window | None = None
    ) -> Rows:
        """Return a page of a list, at most 100 rows."""
        part = window or Window(size=MOST_ROWS)
        missing = NO_TICKET if "/" in path else NO_LIST

        async def ask(place: str) -> Rows:
            data = _list_input(query, part, place)
            params = {"input_data": _dumped(data)}
            body = await self._spelled(
                path, lambda p: self._send("GET", p, params=params, missing=missing)
            )
            return rows(body)

        if not query.fields:
            return await ask("none")
        return await self.by_route("fields_required", ask, retry=NO_KEY)

    async def every(self, path: str, query: Query = EVERYTHING, *, most: int = 2000) -> Rows:
        """Return all rows of a list, page by page; `more` says that there were too many."""
        found: list[Row] = []
        while True:
            part = await self.rows(path, query, Window(start=len(found), size=MOST_ROWS))
            found += part.items
            if not part.more or not part.items or len(found) >= most:
                return Rows(items=tuple(found), total=part.total, more=part.more)

    async def write(
        self,
        method: str,
        path: str,
        data: Mapping[str, Any] | None = None,
        *,
        missing: str = NO_TICKET,
    ) -> Row:
        """Write; without `data` no body is sent, as some actions demand."""
        form = None if data is None else {"input_data": _dumped(data)}
        return await self._spelled(
            path, lambda p: self._send(method, p, data=form, missing=missing)
        )

    async def upload(
        self,
        method: str,
        path: str,
        file: tuple[str, tuple[str, bytes, str]],
        form: Mapping[str, str] | None = None,
    ) -> Row:
        """Send one file: its part's name, and (name, bytes, type)."""
        part, content = file
        return await self._send(method, path, files={part: content}, data=form)

    async def download(self, path: str, *, missing: str) -> bytes:
        """Return the bytes of a file; an answer in JSON or HTML is an error."""

        async def fetch(spelled: str) -> bytes:
            response = await self._http.request("GET", spelled, headers={"Accept": MEDIA_TYPE})
            kind = response.headers.get("content-type", "")
            if not response.is_success or kind.startswith(("application/json", "text/html")):
                read(response, missing)
            return response.content

        return await self._spelled(path, fetch)

    async def by_route(
        self,
        name: str,
        call: Callable[[str], Awaitable[T]],
        *,
        retry: Collection[str] = NO_ROUTE,
    ) -> T:
        """Call with each spelling of a route until one works, and remember it.

        Where all fail, the first error is the one that counts: it comes of the likeliest spelling.
        """
        if (known := self._known.get(name)) is not None:
            return await call(known)
        first: HelpdeskError | None = None
        for spelling in self.edition.routes[name]:
            try:
                answer = await call(spelling)
            except HelpdeskError as error:
                if error.reason not in retry:
                    raise
                first = first or error
            else:
                self._known[name] = spelling
                return answer
        raise first or NotFound("The help desk does not have this.", reason="no_route")

    async def _spelled(self, path: str, call: Callable[[str], Awaitable[T]]) -> T:
        name = next((s[1:] for s in path.split("/") if s.startswith("~")), None)
        if name is None:
            return await call(path)
        return await self.by_route(name, lambda one: call(path.replace(f"~{name}", one)))

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        missing: str = NO_TICKET,
    ) -> Row:
        response = await self._http.request(
            method, path, params=params, data=data, files=files, headers={"Accept": MEDIA_TYPE}
        )
        return read(response, missing)


def number(identifier: str, missing: str = NO_TICKET) -> str:
    """Return an id as it may stand in a path. Anything but digits names nothing here."""
    plain = identifier.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= _LONGEST_ID and int(plain)):
        raise NotFound(missing)
    return plain


def _dumped(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _list_input(query: Query, window: Window, place: str) -> Row:
    """Return the input of a list call (reference §3.4): `start_index` counts from 1."""
    info: Row = {"row_count": min(window.size, MOST_ROWS), "start_index": window.start + 1}
    if query.count:
        info["get_total_count"] = True
    if query.sort:
        info |= {"sort_field": query.sort, "sort_order": "desc" if query.descending else "asc"}
    if query.criteria is not None:
        info["search_criteria"] = query.criteria
    elif query.filter_by is not None:  # both together are refused
        info["filter_by"] = dict(query.filter_by)
    if place == "inside":
        info["fields_required"] = list(query.fields)
    beside = {"fields_required": list(query.fields)} if place == "top" else {}
    return {"list_info": info, **beside, **query.beside}
