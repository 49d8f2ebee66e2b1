"""Logging in to django-helpdesk: by session where it can be had, else by token or password."""

import base64
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie

import anyio
import httpx2
from bs4 import BeautifulSoup

from helpdesk_mcp.desks.django_helpdesk.carrier import Ask, Carrier, redirects
from helpdesk_mcp.domain.errors import Unavailable

WHO = Ask(path="api/user_tickets/", params={"page_size": 1})
"""The cheapest question that only an account that is logged in gets answered."""
HOPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How we log in. A token is used where the desk has no login page for the password."""

    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


class Way(StrEnum):
    SESSION = "session"
    TOKEN = "token"  # noqa: S105 -- a kind of login, not a secret
    BASIC = "basic"


class Login:
    """The state of being logged in, private to one desk: the way, and the cookies."""

    def __init__(self, carrier: Carrier, account: Account) -> None:
        self._carrier = carrier
        self._account = account
        self._lock = anyio.Lock()
        self._cookies: dict[str, str] = {}
        self._turn = 0
        self.way: Way | None = None
        self.path = "login/"

    @property
    def username(self) -> str:
        return self._account.username

    async def ensure(self) -> int:
        """Be logged in. Returns the number of this login, to be given to `renew`."""
        if self.way is None:
            async with self._lock:
                if self.way is None:
                    await self._enter()
        return self._turn

    async def renew(self, turn: int) -> None:
        """Log in again, unless another call has done it since login number `turn`."""
        async with self._lock:
            if turn == self._turn:
                await self._enter()

    async def send(self, ask: Ask) -> httpx2.Response:
        """Send as whom we are, and keep what the answer does to our cookies."""
        before = self._turn
        response = await self._carrier.send(ask, self._headers(ask))
        if before == self._turn:  # a late answer must not undo a newer login
            self._learn(response)
        return response

    async def holds(self) -> bool:
        """Whether the desk still knows us. A 403 alone does not tell (nor does it a 401)."""
        response = await self.send(WHO)
        return response.status_code == HTTPStatus.OK

    async def _enter(self) -> None:
        """Log in by the first way that works. Whatever goes wrong, nothing is left half entered."""
        self._turn += 1
        self._cookies = {}
        self.way = None
        try:
            entered = await self._found()
        except BaseException:
            self.way = None
            raise
        self.way = entered
        if entered is None:
            raise Unavailable(
                "The help desk refuses our login: check the account's name and password, or its "
                "REST token.",
                reason="login",
            )

    async def _found(self) -> Way | None:
        """Return the way that the desk lets us in by; None where it refuses each."""
        refused = False
        for way in self._ways():
            if way is Way.SESSION:
                entered, refused = await self._by_session()
            else:
                self.way = way
                entered = not (refused and way is Way.BASIC) and await self.holds()
            if entered:
                return way
        return None

    def _ways(self) -> tuple[Way, ...]:
        password = self._account.username and self._account.password
        return (
            *((Way.SESSION,) if password else ()),
            *((Way.TOKEN,) if self._account.token else ()),
            *((Way.BASIC,) if password else ()),
        )

    async def _by_session(self) -> tuple[bool, bool]:
        """Fill in the login form. Returns (we are in, the form refused us)."""
        form = await self._form()
        if form is None:
            return False, False
        answer = await self.send(
            Ask(
                method="POST",
                path=self.path,
                form={
                    "username": self._account.username,
                    "password": self._account.password,
                    "csrfmiddlewaretoken": form,
                },
                headers={"Accept": "text/html", "Referer": self._carrier.web(self.path)},
            )
        )
        if redirects(answer) and any("csrf" not in name for name in self._cookies):
            return True, False
        if answer.status_code in {HTTPStatus.OK, HTTPStatus.FORBIDDEN}:
            return False, True
        raise Unavailable("The help desk's login page does not work.", reason="protocol")

    async def _form(self) -> str | None:
        """Find the login page; return its CSRF token, None where there is no such page."""
        path = "login/"
        for _ in range(HOPS):
            page = await self.send(Ask(path=path, headers={"Accept": "text/html"}))
            if not redirects(page):
                break
            url = self._carrier.ours(page.headers.get("Location", ""))
            if url is None:
                return None
            path = str(url)
        else:
            return None
        if page.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unavailable("The help desk has an internal error.", reason="desk_error")
        field_ = BeautifulSoup(page.text, "html.parser").find(
            "input", attrs={"name": "csrfmiddlewaretoken"}
        )
        if page.status_code != HTTPStatus.OK or field_ is None:
            return None
        self.path = path
        return str(field_.get("value", ""))

    def _headers(self, ask: Ask) -> dict[str, str]:
        headers = {"Accept": "text/html" if ask.page else "application/json"}
        if self._cookies:
            pairs = (f"{name}={value}" for name, value in self._cookies.items())
            headers["Cookie"] = "; ".join(pairs)
            if ask.unsafe:
                # Django compares this with the cookie, and over https wants a Referer of its own.
                headers["X-CSRFToken"] = self._csrf()
                headers["Referer"] = self._carrier.web("")
        if self.way is Way.TOKEN:
            headers["Authorization"] = f"Token {self._account.token}"
        elif self.way is Way.BASIC:
            pair = f"{self._account.username}:{self._account.password}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        return headers

    def _csrf(self) -> str:
        named = (value for name, value in self._cookies.items() if "csrf" in name)
        return next(named, "")

    def _learn(self, response: httpx2.Response) -> None:
        """Keep cookies where a session is on the way; a rotated CSRF token comes like this."""
        if self.way in {Way.TOKEN, Way.BASIC}:
            return
        for line in response.headers.get_list("Set-Cookie"):
            try:
                morsels = SimpleCookie(line)
            except CookieError:
                continue
            for name, morsel in morsels.items():
                if morsel.value and morsel["max-age"] != "0":
                    self._cookies[name] = morsel.value
                else:
                    self._cookies.pop(name, None)
