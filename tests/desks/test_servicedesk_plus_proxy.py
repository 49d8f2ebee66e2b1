"""The `proxy` of a desk's settings: every exchange takes it, the accounts server's as well."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.desks.proxies import connect_proxy, self_signed
from tests.simulators.servicedesk_plus import config
from tests.web.harness import uvicorn_serving

from helpdesk_demo.servicedesk_plus.site import Simulator
from helpdesk_mcp.desks.servicedeskplus.editions import EditionName
from helpdesk_mcp.desks.servicedeskplus.opening import opened
from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.domain.tenants import Connection
from helpdesk_mcp.telemetry.metrics import Metrics

KINDS = {"onprem": "servicedesk_plus", "cloud": "servicedesk_plus_cloud"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A simulator over TLS: its API at one port, its accounts server at another."""

    simulator: Simulator
    edition: EditionName
    api: int
    accounts: int
    ca: str

    def connection(self, tenant: str = "default", **more: Any) -> Connection:
        config = self.simulator.config
        settings = {"ca": self.ca, "timeout": 5}
        if self.edition == "cloud":
            settings |= {"accounts_url": f"https://127.0.0.1:{self.accounts}"}
        return Connection(
            id="d",
            tenant=tenant,
            name="d",
            kind=KINDS[self.edition],
            address=f"https://127.0.0.1:{self.api}{config.base_path}",
            settings={**settings, **more},
        )

    @property
    def credential(self) -> dict[str, str]:
        found = self.simulator.config
        if self.edition == "onprem":
            return {"api_key": found.api_key}
        return {
            "client_id": found.client_id,
            "client_secret": found.client_secret,
            "refresh_token": found.refresh_token,
        }


@contextmanager
def served(edition: EditionName, folder: Path) -> Generator[Served]:
    simulator = Simulator(config(edition, tickets=3))
    tls = self_signed(folder)
    with uvicorn_serving(simulator, tls) as api, uvicorn_serving(simulator, tls) as accounts:
        yield Served(
            simulator=simulator, edition=edition, api=api, accounts=accounts, ca=tls[0].read_text()
        )


@pytest.mark.parametrize("edition", ["onprem", "cloud"])
async def test_every_exchange_goes_through_the_proxy(edition: EditionName, tmp_path: Path) -> None:
    with served(edition, tmp_path) as desk:
        async with connect_proxy() as proxy:
            secret = proxy.url.replace("//", "//me:canary@")
            made = desk.connection(proxy=secret)
            async with opened(made, desk.credential, Metrics()) as open_desk:
                await open_desk.ping()
        wanted = {f"127.0.0.1:{desk.api}"}
        if edition == "cloud":
            wanted |= {f"127.0.0.1:{desk.accounts}"}
        assert set(proxy.tunnels) == wanted
        assert all(login.endswith("Basic bWU6Y2FuYXJ5") for login in proxy.logins)
        assert len(proxy.logins) == len(proxy.tunnels)


@pytest.mark.parametrize("edition", ["onprem", "cloud"])
async def test_where_the_proxy_refuses_nothing_goes_past_it(
    edition: EditionName, tmp_path: Path
) -> None:
    with served(edition, tmp_path) as desk:
        async with connect_proxy() as proxy:
            proxy.refuses = True
            made = desk.connection(proxy=proxy.url)
            async with opened(made, desk.credential, Metrics()) as open_desk:
                with pytest.raises(Unavailable) as caught:
                    await open_desk.ping()
        assert caught.value.reason == "unreachable"
        assert proxy.tunnels
        assert desk.simulator.asked == []


async def test_u17_a_proxy_is_no_way_around_what_a_tenant_may_reach(tmp_path: Path) -> None:
    """The operator opened the proxy's port; the desk behind it lies in his own network."""
    with served("onprem", tmp_path) as desk:
        async with connect_proxy() as proxy:
            port = proxy.url.rpartition(":")[2]
            for networks, reason in (
                ((f"127.0.0.1/32:{port}",), "egress"),
                (("127.0.0.1/32",), ""),
            ):
                made = desk.connection("acme", proxy=proxy.url)
                assert await outcome(made, desk.credential, networks) == reason
            assert proxy.tunnels == [f"127.0.0.1:{desk.api}"]


async def outcome(made: Connection, credential: dict[str, str], networks: tuple[str, ...]) -> str:
    async with opened(replace(made, networks=networks), credential, Metrics()) as desk:
        try:
            await desk.ping()
        except Unavailable as error:
            return error.reason
    return ""
