"""Which hosts the edge answers for, and which origins may call it."""

import pytest
from tests.web.harness import HOST, HOSTS, Echo, asked, problem, request

from helpdesk_mcp.web.edge import Edge


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:80.evil.test"]
)
async def test_m05_a_foreign_origin_is_refused(origin: str) -> None:
    reply = await asked(request(headers=[*HOST, (b"origin", origin.encode())]))
    assert reply.status == 403
    assert "HELPDESK_ALLOWED_ORIGINS" in str(problem(reply)["detail"])
    assert reply.header(b"access-control-allow-origin") is None


@pytest.mark.parametrize(
    "origin",
    [
        "http://app.example",
        "https://app.example:444",
        "https://app.example.evil.test",
        "https://evil-app.example",
        "https://app.example@evil.test",
        "https://app.example/",
        "https://127.0.0.1:80",
        "http://127.0.0.1:",
        "http://127.0.0.1:123456",
        "http://127.0.0.1:80@evil.test",
        "http://127.0.0.1.evil.test:80",
        "",
    ],
)
async def test_m05_an_origin_is_compared_whole(origin: str) -> None:
    assert (await asked(request(headers=[*HOST, (b"origin", origin.encode())]))).status == 403


@pytest.mark.parametrize(
    "origin", ["https://app.example", "http://127.0.0.1", "http://127.0.0.1:6274"]
)
async def test_m05_a_listed_origin_may_read_the_answer(origin: str) -> None:
    reply = await asked(request(headers=[*HOST, (b"origin", origin.encode())]))
    assert reply.status == 200
    assert reply.header(b"access-control-allow-origin") == origin.encode()
    assert b"Mcp-Session-Id" in (reply.header(b"access-control-expose-headers") or b"")
    assert reply.header(b"vary") == b"origin"


async def test_m05_a_request_without_an_origin_passes_and_shares_nothing() -> None:
    reply = await asked(request())
    assert reply.status == 200
    assert reply.header(b"access-control-allow-origin") is None


async def test_a_preflight_is_answered_at_the_edge() -> None:
    asking = [(b"origin", b"https://app.example"), (b"access-control-request-method", b"POST")]
    reply = await asked(request("OPTIONS", headers=[*HOST, *asking]))
    assert reply.status == 204
    assert reply.header(b"access-control-allow-origin") == b"https://app.example"
    assert b"POST" in (reply.header(b"access-control-allow-methods") or b"")
    allowed = (reply.header(b"access-control-allow-headers") or b"").lower().split(b", ")
    assert {b"authorization", b"mcp-method", b"mcp-name", b"last-event-id"} <= set(allowed)


async def test_a_preflight_from_elsewhere_is_refused() -> None:
    asking = [(b"origin", b"https://evil.example"), (b"access-control-request-method", b"POST")]
    assert (await asked(request("OPTIONS", headers=[*HOST, *asking]))).status == 403


async def test_plain_options_go_through() -> None:
    assert (await asked(request("OPTIONS"))).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil",
        "127.0.0.1:80@evil.test",
        "127.0.0.1:8080.evil.test",
        "desk.example:443",
        "desk.example.",
        "desk.example.evil.test",
        "127.0.0.1:",
        "127.0.0.1:+80",
        "127.0.0.10:80",
        "[::1]evil:80",
    ],
)
async def test_m06_a_host_that_is_not_ours_is_refused(host: str) -> None:
    reply = await asked(request(headers=[(b"host", host.encode())]))
    assert reply.status == 421
    assert "HELPDESK_ALLOWED_HOSTS" in str(problem(reply)["detail"])


@pytest.mark.parametrize(
    "host",
    ["desk.example", "Desk.Example", "desk.example:8443", "127.0.0.1:8001", "[::1]:80", "[::1]"],
)
async def test_m06_a_listed_host_passes(host: str) -> None:
    assert (await asked(request(headers=[(b"host", host.encode())]))).status == 200


@pytest.mark.parametrize("hosts", [[], [b"desk.example"] * 2, [b"desk.example", b"evil"], [b""]])
async def test_m06_a_request_names_exactly_one_host(hosts: list[bytes]) -> None:
    assert (await asked(request(headers=[(b"host", host) for host in hosts]))).status == 400


@pytest.mark.parametrize("entry", ["", "*", "https://desk.example", "desk.example:http", "a b"])
def test_a_list_of_hosts_that_cannot_be_meant_is_refused_by_its_name(entry: str) -> None:
    with pytest.raises(ValueError, match="HELPDESK_ALLOWED_HOSTS"):
        Edge(Echo(), allowed_hosts=[entry])


@pytest.mark.parametrize("entry", ["null", "*", "app.example", "https://app.example/"])
def test_a_list_of_origins_that_cannot_be_meant_is_refused_by_its_name(entry: str) -> None:
    with pytest.raises(ValueError, match="HELPDESK_ALLOWED_ORIGINS"):
        Edge(Echo(), allowed_hosts=HOSTS, allowed_origins=[entry])
