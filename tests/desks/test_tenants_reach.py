"""Where organisations' desks may be: the public internet, and what the operator opened."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.desks.servers import said, saying

from helpdesk_mcp.desks.kinds import KINDS, opening, within
from helpdesk_mcp.desks.prober import KindProber
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid
from helpdesk_mcp.domain.tenants import Connection
from helpdesk_mcp.telemetry.metrics import Metrics, place_of

CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "django_helpdesk": {"username": "a", "password": "b"},
    "servicedesk_plus": {"api_key": "k"},
    "servicedesk_plus_cloud": {"client_id": "c", "client_secret": "s", "refresh_token": "r"},
}


def at(kind: str, address: str, tenant: str = "acme") -> Connection:
    settings = {"accounts_url": address} if kind.endswith("cloud") else {}
    return Connection(
        id="d", tenant=tenant, name="d", kind=kind, address=address, settings=settings
    )


@pytest.mark.parametrize("kind", CREDENTIALS)
async def test_u17_a_tenants_desk_inside_our_network_is_not_reached(kind: str) -> None:
    async with saying(said()) as server:
        prober = KindProber(Metrics(), within(KINDS, ()))
        found = await prober.probe(at(kind, server.url), CREDENTIALS[kind])
        assert (found.works, found.reason, server.asked) == (False, "egress", [])


@pytest.mark.parametrize("kind", CREDENTIALS)
@pytest.mark.parametrize("tenant", ["acme", "default"])
async def test_a_network_that_the_operator_opened_and_his_own_desk_are_reached(
    kind: str, tenant: str
) -> None:
    networks = ("127.0.0.0/8",) if tenant == "acme" else ()
    async with saying(said()) as server:
        prober = KindProber(Metrics(), within(KINDS, networks))
        await prober.probe(at(kind, server.url, tenant), CREDENTIALS[kind])
        assert server.asked


async def test_t13_breakers_of_two_desks_are_told_apart_without_a_name_or_an_id() -> None:
    metrics = Metrics()
    async with saying(said(500)) as broken, saying(said(401)) as works:
        for server, name in ((broken, "globex-hr-0af1"), (works, "acme-it-77c0")):
            made = replace(at("servicedesk_plus", server.url), id=name, name=name, tenant=name)
            made = replace(made, networks=("127.0.0.0/8",))
            async with opening(made, {"api_key": "k"}, metrics) as desk:
                for _ in range(6):
                    with pytest.raises(HelpdeskError):
                        await desk.ping()
    shown = metrics.exposition().decode()
    series = 'helpdesk_breaker_open{desk="servicedesk_plus",place="%s"} %s'
    assert series % (place_of("globex-hr-0af1"), "1.0") in shown
    assert series % (place_of("acme-it-77c0"), "0.0") in shown
    assert "globex" not in shown
    assert "acme" not in shown


def test_a_network_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(Invalid):
        within(KINDS, ("10.0.0.0",))


async def test_a_tenant_cannot_make_us_read_files_of_the_server() -> None:
    connection = at("servicedesk_plus", "https://desk.example.org")
    named = Connection(
        id="d",
        tenant="acme",
        name="d",
        kind="servicedesk_plus",
        address=connection.address,
        settings={"ca": "/etc/hostname"},
    )
    found = await KindProber(Metrics()).probe(named, {"api_key": "k"})
    assert (found.works, found.reason) == (False, "settings")
