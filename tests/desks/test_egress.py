"""Which addresses may be connected to, judged at the moment of connecting."""

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desks.servers import said, saying

from helpdesk_mcp.desks.addresses import is_outside
from helpdesk_mcp.desks.egress import ANYWHERE, Egress, inner
from helpdesk_mcp.desks.exchange import Guard, desk_client
from helpdesk_mcp.desks.reach import Reach
from helpdesk_mcp.domain.errors import Invalid, Unavailable
from helpdesk_mcp.telemetry.metrics import Metrics

INSIDE = (
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104 -- an address that is judged
    "10.0.0.1",
    "172.16.5.5",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::10.0.0.1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "192.88.99.1",
    "168.63.129.16",
    "5f00::1",
    "100::1",
    "2002:808:808::",  # 6to4 of a public address
    "64:ff9b:1:a00:0:100:808:808",  # 10.0.0.1 of a local translator, which ends like 8.8.8.8
)


@pytest.mark.parametrize("address", INSIDE)
def test_u17_no_spelling_of_an_inner_address_is_public(address: str) -> None:
    assert not Egress().allows(address, 443)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_a_public_address_is_reached(address: str) -> None:
    assert Egress().allows(address, 443)


def test_a_network_is_opened_with_all_ports_or_with_one() -> None:
    opened = Egress(networks=("10.1.0.0/16", "192.168.7.7/32:8443", "fd00:1::/64:8443"))
    assert opened.allows("10.1.2.3", 80)
    assert opened.allows("192.168.7.7", 8443)
    assert not opened.allows("192.168.7.7", 22)
    assert opened.allows("fd00:1::5", 8443)
    assert not opened.allows("10.2.0.1", 80)


def test_the_address_of_a_clouds_credentials_is_never_reached() -> None:
    assert not ANYWHERE.allows("169.254.169.254", 80)
    assert not Egress(networks=("169.254.0.0/16",)).allows("169.254.169.254", 80)
    assert not ANYWHERE.allows("64:ff9b::a9fe:a9fe", 80)


@pytest.mark.parametrize("network", ["10.0.0.0", "10.0.0.1/8", "nonsense", "10.0.0.0/8:x", ""])
def test_a_network_that_is_none_is_refused(network: str) -> None:
    with pytest.raises(Invalid):
        Egress(networks=(network,))


@given(st.integers(0, 2**32 - 1))
def test_u17_an_address_behind_a_translator_is_judged_as_itself(number: int) -> None:
    plain = IPv4Address(number)
    for prefix in ("::ffff:", "64:ff9b::"):
        translated = f"{prefix}{plain}"
        assert inner(ip_address(translated)) == plain
        assert Egress().allows(translated, 443) == is_outside(plain)


async def test_u17_a_name_that_leads_inside_is_not_connected_to() -> None:
    async with saying(said()) as server:
        port = server.url.rsplit(":", 1)[1].rstrip("/")
        for host in ("localhost", "127.0.0.1", "[::ffff:127.0.0.1]"):
            url = f"http://{host}:{port}/"
            async with desk_client(url, Guard(kind="k"), Metrics(), Reach(egress=Egress())) as http:
                with pytest.raises(Unavailable) as caught:
                    await http.get("x")
                assert caught.value.reason == "egress"
        assert server.asked == []


async def test_a_network_that_was_opened_is_connected_to() -> None:
    async with saying(said()) as server:
        egress = Egress(networks=("127.0.0.0/8", "::1/128"))
        async with desk_client(
            server.url, Guard(kind="k"), Metrics(), Reach(egress=egress)
        ) as http:
            assert (await http.get("x")).text == "ok"
