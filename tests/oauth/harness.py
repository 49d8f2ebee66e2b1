"""The whole server from outside: tenants with people and desks, browsers, and OAuth clients."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import httpx2
from tests.oauth.browsing import Browser
from tests.oauth.client import Answer, Asked, OAuthClient, Registered, parameters
from tests.oauth.person import ALLOW, Choice, Person, answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a redemption or a refresh gave."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    identity: str = field(repr=False)
    scope: str

    @classmethod
    def of(cls, answer: Answer) -> "Tokens":
        assert answer.status == 200, (answer.status, answer.body)
        assert answer.headers["cache-control"] == "no-store"
        document = answer.json
        return cls(
            access=document["access_token"],
            refresh=document.get("refresh_token", ""),
            identity=document.get("id_token", ""),
            scope=document["scope"],
        )


@dataclass(slots=True, kw_only=True)
class World:
    """A running server seen from its clients. `people` by first name.

    `age` lets seconds pass for all that the server keeps: it makes the stored moments older.
    `tenants` are ids by slug; `suspend` takes a slug.
    """

    issuer: str
    http: httpx2.AsyncClient
    oauth: OAuthClient
    people: Mapping[str, Person]
    age: Callable[[float], Awaitable[None]]
    tenants: Mapping[str, str] = field(default_factory=dict[str, str])
    suspend: Callable[[str], Awaitable[None]] | None = None
    log: StringIO = field(default_factory=StringIO)
    rows: Callable[[bool], Awaitable[str]] | None = None
    browsers: list[Browser] = field(default_factory=list[Browser])

    @property
    def resource(self) -> str:
        return f"{self.issuer}/mcp"

    async def kept(self) -> str:
        """Return all that stands in the server's tables, as text."""
        assert self.rows is not None
        return await self.rows(True)  # noqa: FBT003 -- everything

    async def trail(self) -> str:
        """Return all that stands in the audit trail, as text."""
        assert self.rows is not None
        return await self.rows(False)  # noqa: FBT003 -- only the trail

    def browser(self, *, language: str = "en") -> Browser:
        made = Browser(self.issuer, language=language)
        self.browsers.append(made)
        return made

    async def left(
        self,
        asked: Asked,
        *,
        person: str = "ana",
        choice: Choice = ALLOW,
        browser: Browser | None = None,
    ) -> dict[str, str]:
        """Have a person answer; return the parameters that reach the client."""
        url = await answered(browser or self.browser(), asked.url, self.people[person], choice)
        assert url.startswith(asked.redirect_uri), url
        return parameters(url)

    async def code(self, asked: Asked, **how: Any) -> str:
        found = await self.left(asked, **how)
        assert found.get("state", "") == asked.state
        assert found["iss"] == self.issuer
        return found["code"]

    async def tokens(self, asked: Asked, **how: Any) -> Tokens:
        """Sign in, consent and redeem."""
        return Tokens.of(await self.oauth.redeem(asked, await self.code(asked, **how)))

    async def begun(self, client: Registered | None = None, **changes: str | None) -> Asked:
        """Return an authorization request, by default of a client just registered."""
        return self.oauth.ask(client or await self.oauth.register(), **changes)

    async def call(
        self, token: str, tool: str = "get_queues", *, at: str = "", **arguments: Any
    ) -> Answer:
        """Call a tool with this token, by default at the public address."""
        document = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {
                "name": tool,
                "arguments": arguments,
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientInfo": {"name": "proof", "version": "0"},
                    "io.modelcontextprotocol/clientCapabilities": {},
                },
            },
        }
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2026-07-28",
            "Mcp-Method": "tools/call",
            "Mcp-Name": tool,
        }
        answer = await self.http.post(
            at or self.resource, content=json.dumps(document).encode(), headers=headers
        )
        return Answer(status=answer.status_code, headers=answer.headers, body=answer.content)


@asynccontextmanager
async def world_at(
    issuer: str, people: Mapping[str, Person], age: Callable[[float], Awaitable[None]]
) -> AsyncGenerator[World]:
    """Look at a server that runs."""
    patience = httpx2.Timeout(60, pool=None)  # a turn among the client's connections: no limit
    async with httpx2.AsyncClient(trust_env=False, timeout=patience) as http:
        oauth = OAuthClient(issuer, http)
        await oauth.discover()
        world = World(issuer=issuer, http=http, oauth=oauth, people=people, age=age)
        try:
            yield world
        finally:
            for browser in world.browsers:
                await browser.aclose()
