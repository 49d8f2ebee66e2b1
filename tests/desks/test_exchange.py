"""Every way in which a desk can fail us, over a real connection."""

import gzip
import socket

import anyio
import httpx2
import pytest
from tests.desks.servers import RawServer, Say, half_then_silence, raw, said, saying, silence

from helpdesk_mcp.desks.breaker import Rule
from helpdesk_mcp.desks.exchange import Guard, desk_client
from helpdesk_mcp.domain.errors import Unavailable, Written
from helpdesk_mcp.telemetry.metrics import Metrics

PATIENT = Rule(volume=1_000)


def client(
    url: str,
    metrics: Metrics | None = None,
    *,
    deadline: float = 5.0,
    most: int = 100_000,
    rule: Rule = PATIENT,
) -> httpx2.AsyncClient:
    guard = Guard(kind="test", deadline=deadline, most=most, rule=rule)
    return desk_client(url, guard, metrics or Metrics())


async def failure(
    server: RawServer, method: str = "GET", *, deadline: float = 5.0, most: int = 100_000
) -> Unavailable:
    async with client(server.url, deadline=deadline, most=most) as http:
        with pytest.raises(Unavailable) as caught:
            await http.request(method, "/x")
    return caught.value


async def test_an_answer_comes_whole_with_its_headers() -> None:
    async with saying(said(201, b"made", more="x-a: b\r\n")) as server, client(server.url) as http:
        answer = await http.post("/x", content=b"y")
    assert (answer.status_code, answer.content, answer.headers["x-a"]) == (201, b"made", "b")


async def test_a_chunked_answer_comes_whole() -> None:
    chunks = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    async with saying(raw(chunks)) as server, client(server.url) as http:
        assert (await http.get("/x")).content == b"abc"


async def test_we_ask_for_no_encoding_and_say_who_we_are() -> None:
    async with saying(said()) as server, client(server.url) as http:
        await http.get("/x")
    asked = server.asked[0].lower()
    assert b"accept-encoding: identity\r\n" in asked
    assert b"user-agent: helpdesk-mcp\r\n" in asked


async def test_a_refused_connection_is_unreachable_and_nothing_was_written() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with client(f"http://127.0.0.1:{port}/") as http:
        with pytest.raises(Unavailable) as caught:
            await http.post("/x")
    assert (caught.value.reason, caught.value.written) == ("unreachable", Written.NO)


@pytest.mark.parametrize("answer", [silence, half_then_silence], ids=["nothing", "half"])
@pytest.mark.parametrize(("method", "written"), [("GET", Written.NO), ("POST", Written.UNKNOWN)])
async def test_a_desk_that_does_not_finish_in_time_may_have_written(
    answer: Say, method: str, written: Written
) -> None:
    async with saying(answer) as server:
        error = await failure(server, method, deadline=0.1)
    assert (error.reason, error.written) == ("timeout", written)
    assert ("look before you repeat" in error.message) == (written is Written.UNKNOWN)
    assert len(server.asked) == 1


BROKEN = {
    "half a body": said(body=b"half", length=100),
    "nothing at all": raw(b""),
    "no HTTP": raw(b"SSH-2.0-OpenSSH\r\n\r\n"),
    "gzip": said(body=gzip.compress(b"a"), more="content-encoding: gzip\r\n"),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
async def test_an_unreadable_answer_to_a_read_is_asked_for_once_more(answer: Say) -> None:
    async with saying(answer) as server:
        error = await failure(server)
    assert (error.reason, error.written) == ("protocol", Written.NO)
    assert len(server.asked) == 2


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
async def test_a_write_is_never_sent_twice(answer: Say) -> None:
    async with saying(answer) as server:
        error = await failure(server, "POST")
    assert (error.reason, error.written) == ("protocol", Written.UNKNOWN)
    assert len(server.asked) == 1


async def test_a_read_succeeds_at_the_second_try() -> None:
    async with saying(raw(b""), said(body=b"now")) as server, client(server.url) as http:
        assert (await http.get("/x")).content == b"now"


@pytest.mark.parametrize(("method", "written"), [("GET", Written.NO), ("POST", Written.UNKNOWN)])
async def test_an_answer_past_the_limit_is_refused_and_not_asked_for_again(
    method: str, written: Written
) -> None:
    async with saying(said(body=b"x" * 1_001)) as server:
        error = await failure(server, method, most=1_000)
    assert (error.reason, error.written) == ("too_large", written)
    assert len(server.asked) == 1


async def test_large_answers_do_not_open_the_breaker() -> None:
    rule = Rule(volume=2)
    async with saying(said(body=b"xx")) as server, client(server.url, most=1, rule=rule) as http:
        for _ in range(5):
            with pytest.raises(Unavailable) as caught:
                await http.get("/x")
            assert caught.value.reason == "too_large"


async def test_an_answer_at_the_limit_passes() -> None:
    async with saying(said(body=b"x" * 1_000)) as server, client(server.url, most=1_000) as http:
        assert len((await http.get("/x")).content) == 1_000


async def test_server_errors_open_the_breaker_and_then_nothing_is_sent() -> None:
    metrics = Metrics()
    rule = Rule(volume=3, rests_for=60)
    async with saying(said(500)) as server, client(server.url, metrics, rule=rule) as http:
        for _ in range(3):
            assert (await http.get("/x")).status_code == 500
        with pytest.raises(Unavailable) as caught:
            await http.get("/x")
    assert caught.value.reason == "breaker_open"
    assert 50 < (caught.value.retry_after or 0) <= 60
    assert len(server.asked) == 3
    shown = metrics.exposition().decode()
    assert 'helpdesk_breaker_open{desk="test",place=""} 1.0' in shown
    assert 'latency_seconds_count{desk="test",method="GET",outcome="5xx"} 3.0' in shown


async def test_refusals_of_the_desk_are_answers_and_open_nothing() -> None:
    rule = Rule(volume=2)
    async with saying(said(404)) as server, client(server.url, rule=rule) as http:
        for _ in range(5):
            assert (await http.get("/x")).status_code == 404


async def test_a_good_answer_after_the_rest_closes_the_breaker() -> None:
    metrics = Metrics()
    rule = Rule(volume=1, rests_for=0.2)
    answers = (said(500), said(200))
    async with saying(*answers) as server, client(server.url, metrics, rule=rule) as http:
        await http.get("/x")
        with pytest.raises(Unavailable) as caught:
            await http.get("/x")
        await anyio.sleep(caught.value.retry_after or 0)
        assert (await http.get("/x")).status_code == 200
    assert 'helpdesk_breaker_open{desk="test",place=""} 0.0' in metrics.exposition().decode()


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    answer = said(302, more="location: http://127.0.0.1:1/elsewhere\r\n")
    async with saying(answer) as server, client(server.url) as http:
        assert (await http.get("/x")).status_code == 302
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "http://localhost/x", "https://127.0.0.1/x"]
)
async def test_another_origin_is_never_asked(url: str) -> None:
    async with saying(said()) as server, client(server.url) as http:
        with pytest.raises(Unavailable) as caught:
            await http.get(url)
    assert caught.value.reason == "origin"
    assert server.asked == []


async def test_a_cancelled_exchange_does_not_count_against_the_desk() -> None:
    rule = Rule(volume=1)
    async with saying(silence, silence, said()) as server, client(server.url, rule=rule) as http:
        for _ in range(2):
            with anyio.move_on_after(0.1):
                await http.get("/x")
        assert (await http.get("/x")).status_code == 200
