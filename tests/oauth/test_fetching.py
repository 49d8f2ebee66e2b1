"""Fetching what a stranger names: never a byte to an inside address, and never more than asked."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address

import pytest
from tests.desks.servers import listening

from helpdesk_mcp.desks import fetching
from helpdesk_mcp.desks.addresses import Address, is_outside
from helpdesk_mcp.desks.fetching import (
    AT_ONCE,
    GuardedFetch,
    Resolve,
    anywhere,
    opened,
    resolved,
)
from helpdesk_mcp.domain.errors import Unavailable


@dataclass(slots=True)
class Canary:
    """A server that counts who comes, and answers as it is told."""

    answer: bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
    visits: list[bytes] = field(default_factory=list[bytes])
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self.answer)
        await writer.drain()


@asynccontextmanager
async def canary(answer: bytes = Canary().answer) -> AsyncGenerator[Canary]:
    bird = Canary(answer)
    async with listening(bird.serve) as origin:
        bird.port = int(origin.rpartition(":")[2])
        yield bird


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104 -- judged, not bound
        *("100.64.0.1", "168.63.129.16", "192.88.99.1", "224.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fc00::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::", "2001::1"),
        *("5f00::1", "ff02::1", "100::1", "2001:db8::1"),
    ],
)
def test_a84_addresses_inside_are_not_outside(address: str) -> None:
    assert not is_outside(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_outside(address: str) -> None:
    assert is_outside(ip_address(address))


def to(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> Sequence[Address]:
        del host, port
        return [ip_address(address) for address in addresses]

    return resolve


def resolving(*addresses: str) -> GuardedFetch:
    return GuardedFetch(resolve=to(*addresses))


def strangers_only(resolve: Resolve) -> GuardedFetch:
    """Judge addresses as for strangers, but go to any port: the canary's own."""
    return GuardedFetch(permit=lambda address, _: is_outside(address), resolve=resolve)


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("127.0.0.1", "::1"), ()]
)
async def test_a84_a_name_that_is_partly_inside_is_not_connected_to(
    addresses: tuple[str, ...],
) -> None:
    with pytest.raises(Unavailable) as refused:
        await resolving(*addresses).get("https://client.example/c", max_bytes=10)
    assert refused.value.reason == "forbidden"
    if not addresses:
        return
    async with canary() as bird:
        with pytest.raises(Unavailable) as refused:
            await strangers_only(to(*addresses)).get(
                f"http://client.example:{bird.port}/c", max_bytes=10
            )
    assert refused.value.reason == "forbidden"
    assert bird.visits == [], "it listens where the name leads"


async def test_a84_a_name_that_changes_meanwhile_is_asked_for_once() -> None:
    """DNS rebinding: the connection goes to the address that was judged."""
    answers = ["127.0.0.1", "127.0.0.2"]

    async def resolve(host: str, port: int) -> Sequence[Address]:
        del host, port
        return [ip_address(answers.pop(0))]

    async with canary() as bird:
        fetch = GuardedFetch(permit=lambda one, _: str(one) == "127.0.0.1", resolve=resolve)
        found = await fetch.get(f"http://client.example:{bird.port}/c", max_bytes=10)
        assert (found.status, answers) == (200, ["127.0.0.2"])
        assert f"host: client.example:{bird.port}".encode() in bird.visits[0].lower()


@pytest.mark.parametrize(
    "url",
    [
        "http://client.example/c",
        "https://client.example:8443/c",
        "https://user@client.example/c",
        "https://client.example:22/c",
    ],
)
async def test_a84_only_https_on_its_own_port(url: str) -> None:
    with pytest.raises(Unavailable):
        await resolving("8.8.8.8").get(url, max_bytes=10)


async def test_a84_real_names_of_this_machine_send_nothing() -> None:
    async with canary() as bird:
        for host in ("localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001"):
            with pytest.raises(Unavailable):
                await GuardedFetch().get(f"https://{host}/c", max_bytes=10)
            with pytest.raises(Unavailable):
                await strangers_only(resolved).get(f"http://{host}:{bird.port}/c", max_bytes=10)
    assert bird.visits == [], "all of them lead to where it listens"


async def at(networks: Sequence[str], *addresses: str, url: str) -> str:
    """Fetch what an organisation named, and return why it cannot be reached."""
    with pytest.raises(Unavailable) as refused:
        await GuardedFetch(permit=opened(networks), resolve=to(*addresses)).get(url, max_bytes=10)
    return refused.value.reason


async def test_u17_an_organisations_provider_is_public_or_in_an_opened_network() -> None:
    async with canary() as bird:
        url = f"http://login.example:{bird.port}/c"
        for networks in ((), ("10.0.0.0/8",), ("127.0.0.1/32:1",), ("169.254.0.0/16",)):
            assert await at(networks, "127.0.0.1", url=url) == "forbidden"
        inside, metadata = "169.254.169.254", ("169.254.0.0/16", "fd00::/8")
        assert await at(metadata, inside, url="http://login.example/c") == "forbidden"
        assert await at(metadata, "fd00:ec2::254", url="http://login.example/c") == "forbidden"
        assert await at(("127.0.0.1/32",), "127.0.0.1", "10.0.0.1", url=url) == "forbidden"
        assert bird.visits == []
        own = GuardedFetch(permit=opened([f"127.0.0.1/32:{bird.port}"]))
        found = await own.get(f"http://127.0.0.1:{bird.port}/c", max_bytes=10, bearer="t")
    assert found.status == 200
    assert b"authorization: bearer t" in bird.visits[0].lower()


async def fetched(answer: bytes, max_bytes: int = 5_120) -> object:
    async with canary(answer) as bird:
        fetch = GuardedFetch(permit=anywhere)
        return await fetch.get(f"http://127.0.0.1:{bird.port}/c", max_bytes=max_bytes)


async def test_a_document_is_read_with_its_type_and_age() -> None:
    async with canary(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\n"
        b"cache-control: public, max-age=900\r\ncontent-length: 2\r\n\r\n{}"
    ) as bird:
        found = await GuardedFetch(permit=anywhere).get(
            f"http://127.0.0.1:{bird.port}/c", max_bytes=2
        )
    assert (found.status, found.media_type, found.body, found.fresh_for) == (
        200,
        "application/json",
        b"{}",
        900.0,
    )
    assert b"host: 127.0.0.1" in bird.visits[0].lower()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 5121\r\n\r\n" + b"x" * 5_121,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        b"400\r\n" + b"x" * 1_024 + b"\r\n" + b"1400\r\n" + b"x" * 5_120 + b"\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
        b"nonsense\r\n\r\n",
        b"",
    ],
)
async def test_a85_what_is_long_packed_or_broken_is_not_taken(answer: bytes) -> None:
    with pytest.raises(Unavailable):
        await fetched(answer)


async def test_a85_a_slow_answer_is_given_up_and_four_are_asked_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetching, "WHOLE", 1.0)
    arrived: list[bytes] = []

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        arrived.append(await reader.readuntil(b"\r\n\r\n"))
        await reader.read()  # until the client goes away

    async with listening(silent) as origin:
        fetch = GuardedFetch(permit=anywhere)
        asked = (fetch.get(f"{origin}/c", max_bytes=10) for _ in range(9))
        found = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(one) for one in found} == {Unavailable}
    assert len(arrived) == AT_ONCE == 4


async def test_a84_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with canary() as inside:
        target = f"http://127.0.0.1:{inside.port}/latest/meta-data"
        answer = f"HTTP/1.1 301 Moved\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n"
        async with canary(answer.encode()) as bird:
            found = await GuardedFetch(permit=anywhere).get(
                f"http://127.0.0.1:{bird.port}/c", max_bytes=10
            )
    assert found.status == 301
    assert inside.visits == []


async def test_a_form_is_posted() -> None:
    async with canary() as bird:
        found = await GuardedFetch(permit=anywhere).post(
            f"http://127.0.0.1:{bird.port}/token", {"a": "b c"}, max_bytes=10
        )
    assert found.status == 200
    assert b"application/x-www-form-urlencoded" in bird.visits[0]
