"""A simulator in memory and plain HTTP to it, written the way the vendor's examples are."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import httpx2

from helpdesk_demo.servicedesk_plus.editions import Config, Edition
from helpdesk_demo.servicedesk_plus.knobs import turn
from helpdesk_demo.servicedesk_plus.site import Simulator
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_row, as_rows, as_text

ACCEPT = "application/vnd.manageengine.sdp.v3+json"
ORIGIN = "http://desk.example"
CONTROL_SECRET = "turn-the-knobs"
NOW = 1_780_000_000_000
TICKETS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; `code` is the one inside the first message of a refusal."""

    http: int
    body: Row
    raw: httpx2.Response

    @property
    def status(self) -> Row:
        return as_row(self.body["response_status"])

    @property
    def message(self) -> Row:
        return as_rows(self.status["messages"])[0]

    @property
    def code(self) -> tuple[int, Json]:
        return self.http, self.message["status_code"]

    @property
    def list_info(self) -> Row:
        return as_row(self.body["list_info"])

    def one(self, key: str) -> Row:
        return as_row(self.body[key])

    def rows(self, key: str) -> list[Row]:
        return as_rows(self.body[key])

    def ids(self, key: str = "requests") -> list[str]:
        return [as_text(row["id"]) for row in self.rows(key)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    http: httpx2.AsyncClient
    simulator: Simulator
    base: str

    async def get(self, path: str, **data: Json) -> Answer:
        """Read, with the JSON in the address."""
        params = {"input_data": json.dumps(data)} if data else {}
        return await self.send("GET", path, params=params)

    async def post(self, path: str, **data: Json) -> Answer:
        return await self.write("POST", path, data)

    async def put(self, path: str, **data: Json) -> Answer:
        return await self.write("PUT", path, data)

    async def delete(self, path: str, **data: Json) -> Answer:
        return await self.write("DELETE", path, data)

    async def write(self, method: str, path: str, data: Mapping[str, Json]) -> Answer:
        """Write, with the JSON in a form body."""
        form = {"input_data": json.dumps(data)} if data else None
        return await self.send(method, path, data=form)

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        response = await self.http.request(
            method, f"{self.base}/{path}", params=params, data=data, headers=headers
        )
        return answer_of(response)

    async def control(self, method: str, name: str, /, **data: Json) -> Row:
        response = await self.http.request(
            method,
            f"/__control__/{name}",
            content=json.dumps(data),
            headers={"X-Control-Secret": CONTROL_SECRET},
        )
        assert response.status_code == 200, response.text
        return response.json()

    def turn(self, **knobs: Json) -> None:
        state = self.simulator.state
        state.knobs = turn(state.knobs, knobs)

    async def new_request(self, **fields: Json) -> str:
        request: Row = {"subject": "VPN drops every hour", **fields}
        created = await self.post("requests", request=request)
        assert created.http == 201, created.body
        return as_text(created.one("request")["id"])


def answer_of(response: httpx2.Response) -> Answer:
    is_json = response.headers.get("content-type", "").startswith("application/json")
    return Answer(http=response.status_code, body=response.json() if is_json else {}, raw=response)


def config(edition: Edition, *, tickets: int = TICKETS, build: int = 15110) -> Config:
    return Config(
        edition=edition,
        tickets=tickets,
        build=build,
        seed=7,
        started=NOW,
        control_secret=CONTROL_SECRET,
    )


@asynccontextmanager
async def onprem(
    build: int = 15110, *, tickets: int = TICKETS, **knobs: Json
) -> AsyncGenerator[Desk]:
    """Serve an on-prem desk and speak to it with its administrator's key."""
    simulator = Simulator(config("onprem", build=build, tickets=tickets))
    headers = {"authtoken": simulator.config.api_key, "Accept": ACCEPT}
    async with _client(simulator, headers) as http:
        desk = Desk(http=http, simulator=simulator, base="/api/v3")
        desk.turn(**knobs)
        yield desk


@asynccontextmanager
async def cloud(*, tickets: int = TICKETS, **knobs: Json) -> AsyncGenerator[Desk]:
    """Serve a Cloud desk and speak to it with an access token of its accounts server."""
    simulator = Simulator(config("cloud", tickets=tickets))
    async with _client(simulator, {"Accept": ACCEPT}) as http:
        desk = Desk(http=http, simulator=simulator, base="/app/itdesk/api/v3")
        desk.turn(**knobs)
        token = await refresh(desk)
        http.headers["Authorization"] = f"Zoho-oauthtoken {token.json()['access_token']}"
        yield desk


async def refresh(desk: Desk, **changes: str) -> httpx2.Response:
    """Ask for an access token with the refresh token, as the vendor's own client does."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": desk.simulator.config.refresh_token,
        "client_id": desk.simulator.config.client_id,
        "client_secret": desk.simulator.config.client_secret,
        **changes,
    }
    return await desk.http.post("/oauth/v2/token", data=form)


def desk_of(edition: Edition) -> AbstractAsyncContextManager[Desk]:
    return onprem() if edition == "onprem" else cloud()


@asynccontextmanager
async def _client(
    simulator: Simulator, headers: Mapping[str, str]
) -> AsyncGenerator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=simulator)
    async with httpx2.AsyncClient(
        transport=transport, base_url=ORIGIN, headers=dict(headers)
    ) as http:
        yield http
