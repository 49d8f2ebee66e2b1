"""The line to one desk: logged in, logged in again when that ran out, answers checked."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx2

from helpdesk_mcp.desks.django_helpdesk.auth import WHO, Account, Login, Way
from helpdesk_mcp.desks.django_helpdesk.carrier import Ask, Carrier, File, redirects
from helpdesk_mcp.desks.django_helpdesk.refusals import broken, refusal
from helpdesk_mcp.domain.errors import Unavailable

NO_TICKET = "There is no such ticket."
COMPANION = Ask(path="api/agent/meta/")
"""Answered where the companion application is installed in the desk."""


class Link:
    def __init__(self, http: httpx2.AsyncClient, account: Account) -> None:
        self._carrier = Carrier(http)
        self._login = Login(self._carrier, account)
        self._lock = anyio.Lock()
        self._pages: bool | None = None

    @property
    def username(self) -> str:
        return self._login.username

    @property
    def way(self) -> Way | None:
        return self._login.way

    def web(self, path: str) -> str:
        return self._carrier.web(path)

    def host(self) -> str:
        return self._carrier.base.host

    async def has_pages(self) -> bool:
        """Whether the staff pages are open to us: they take a session of a staff member."""
        if self._pages is None:
            async with self._lock:
                if self._pages is None:
                    self._pages = await self._probe_pages()
        return self._pages

    async def has_companion(self) -> bool:
        return (await self.exchange(COMPANION)).status_code == HTTPStatus.OK

    async def clock(self) -> datetime:
        """Return the desk's own time, to compare with the times it writes."""
        response = await self.exchange(WHO)
        told = response.headers.get("Date")
        return parsedate_to_datetime(told) if told else datetime.now(UTC)

    async def json(
        self, path: str, params: Mapping[str, str | int] | None = None, *, missing: str = NO_TICKET
    ) -> Any:
        """Return the JSON at a path of the API."""
        return await self._data(Ask(path=path, params=params), missing)

    async def options(self, path: str) -> Any:
        return await self._data(Ask(method="OPTIONS", path=path), NO_TICKET)

    async def write(
        self,
        method: str,
        path: str,
        values: Mapping[str, Any],
        *,
        params: Mapping[str, str | int] | None = None,
        files: Sequence[File] = (),
    ) -> Any:
        """Write through the API; with files the values travel as a form."""
        if files:
            form = {key: _form_value(value) for key, value in values.items() if value is not None}
            ask = Ask(method=method, path=path, params=params, form=form, files=files)
        else:
            ask = Ask(method=method, path=path, params=params, json=values)
        return await self._data(ask, NO_TICKET)

    async def page(self, path: str, *, missing: str = NO_TICKET) -> str:
        """Return the HTML of a staff page. A redirect means that it is not for us."""
        ask = Ask(path=path, page=True)
        response = await self.exchange(ask)
        if redirects(response):
            raise refusal(ask, httpx2.Response(HTTPStatus.NOT_FOUND), missing)
        if response.status_code != HTTPStatus.OK:
            raise refusal(ask, response, missing)
        if "html" not in response.headers.get("Content-Type", ""):
            raise broken(ask)
        return response.text

    async def submit(self, path: str, form: Mapping[str, Any]) -> bool:
        """Send a form of a staff page. Returns whether the desk took it (it redirects then)."""
        ask = Ask(method="POST", path=path, form=form, page=True)
        response = await self.exchange(ask)
        if redirects(response):
            return True
        if response.status_code == HTTPStatus.OK:
            return False
        raise refusal(ask, response, NO_TICKET)

    async def download(self, location: str) -> httpx2.Response:
        """Fetch a file the desk serves, from our desk's own host only."""
        parts = urlsplit(location)
        if parts.hostname != self.host():
            raise Unavailable(
                "The help desk keeps its files on another host; they are not fetched from there.",
                reason="other_host",
            )
        # Behind a proxy the desk may not know its own scheme and port: only the path is used.
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        ask = Ask(path=str(self._carrier.base.join(path)), headers={"Accept": "*/*"})
        response = await self.exchange(ask)
        if response.status_code != HTTPStatus.OK:
            raise refusal(ask, response, "The help desk does not serve this file.")
        return response

    async def exchange(self, ask: Ask) -> httpx2.Response:
        """Send, and if our login had run out, log in once and send again.

        Sending again is safe for a write too: the desk had refused it before it did anything.
        """
        turn = await self._login.ensure()
        response = await self._login.send(ask)
        if not await self._logged_out(ask, response):
            return response
        await self._login.renew(turn)
        response = await self._login.send(ask)
        if await self._logged_out(ask, response):
            raise Unavailable(
                "The help desk logs us out again at once: check the account.", reason="login"
            )
        return response

    async def _logged_out(self, ask: Ask, response: httpx2.Response) -> bool:
        """Tell "log in again" from "not for you": stock answers 403 to both."""
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            return True
        if redirects(response):
            target = urlsplit(response.headers.get("Location", "")).path.rstrip("/")
            return target.endswith((urlsplit(self._login.path).path.rstrip("/"), "/login"))
        if response.status_code != HTTPStatus.FORBIDDEN:
            return False
        if ask.unsafe and b"CSRF" in response.content:
            return True
        return not await self._login.holds()

    async def _probe_pages(self) -> bool:
        await self._login.ensure()
        if self._login.way is not Way.SESSION:
            return False
        response = await self.exchange(Ask(path="tickets/submit/", page=True))
        return response.status_code == HTTPStatus.OK and 'name="assigned_to"' in response.text

    async def _data(self, ask: Ask, missing: str) -> Any:
        response = await self.exchange(ask)
        if not response.is_success:
            raise refusal(ask, response, missing)
        if "json" not in response.headers.get("Content-Type", ""):
            raise broken(ask)
        try:
            return json.loads(response.content)
        except ValueError as error:
            raise broken(ask) from error


def _form_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
