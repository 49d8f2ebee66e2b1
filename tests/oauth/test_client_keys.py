"""Clients whose keys are at an address of their own: fetched with care, kept, found again."""

import json
from typing import Any

import anyio
import httpx2
import pytest
from joserfc.jwk import ECKey
from tests.oauth.laboratory import REDIRECT, Laboratory
from tests.oauth.test_token import refused
from tests.oauth.test_verification import assertion, shown

from helpdesk_mcp.domain.fetching import Fetched
from helpdesk_mcp.oauth.client_keys import LARGEST, LEAST_FRESH, LEAST_PAUSE, MOST_KEYS, STALE_FOR

AT = "https://keys.example/jwks.json"
FIRST, SECOND = (ECKey.generate_key("P-256", {"kid": kid}) for kid in ("k1", "k2"))
DOCUMENT = "https://client.example/oauth/client.json"
KEYED: dict[str, Any] = {
    "client_name": "A job",
    "redirect_uris": [REDIRECT],
    "token_endpoint_auth_method": "private_key_jwt",
}


def published(*keys: ECKey, **more: Any) -> Fetched:
    body = json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()
    return Fetched(status=200, media_type="application/json", body=body, **more)


async def registered(lab: Laboratory, **changes: Any) -> httpx2.Response:
    return await lab.http.post("/oauth/register", json=KEYED | {"jwks_uri": AT} | changes)


async def client(lab: Laboratory) -> str:
    """Register a client with its first key at the address, and return its id."""
    lab.internet.pages[AT] = published(FIRST)
    answer = await registered(lab)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["jwks_uri"], answer.json().get("jwks")) == (AT, None)
    return answer.json()["client_id"]


async def proves(lab: Laboratory, who: str, key: ECKey = FIRST, **header: Any) -> bool:
    """Whether an assertion of this key is believed: then only its refresh token is bad."""
    said = {"kid": key.kid} | header
    answer = await shown(lab, assertion(lab, key, said, iss=who, sub=who))
    assert answer.json()["error"] in {"invalid_grant", "invalid_client"}
    return answer.json()["error"] == "invalid_grant"


async def test_a61_a_client_proves_itself_with_a_key_at_its_address(lab: Laboratory) -> None:
    who = await client(lab)
    assert lab.internet.asked == [], "nothing is fetched before it is needed"
    assert await proves(lab, who)
    assert not await proves(lab, who, ECKey.generate_key("P-256", {"kid": "k1"}))
    once = assertion(lab, FIRST, iss=who, sub=who)
    refused(await shown(lab, once), "invalid_grant")
    refused(await shown(lab, once), "invalid_client", 401)
    assert lab.internet.asked == [AT]


async def test_a_document_may_say_where_its_keys_are(quick: Laboratory) -> None:
    said = KEYED | {"client_id": DOCUMENT, "jwks_uri": AT}
    body = json.dumps(said).encode()
    document = Fetched(status=200, media_type="application/json", body=body)
    quick.internet.pages |= {DOCUMENT: document, AT: published(FIRST)}
    await quick.asked(client_id=DOCUMENT)
    assert await proves(quick, DOCUMENT)
    assert not await proves(quick, DOCUMENT, SECOND)


async def test_a_new_key_is_found_and_unknown_ones_are_looked_for_once_a_minute(
    quick: Laboratory,
) -> None:
    who = await client(quick)
    assert await proves(quick, who)
    quick.internet.pages[AT] = published(SECOND)
    assert not await proves(quick, who, SECOND), "it was asked less than a minute ago"
    for _ in range(20):
        assert not await proves(quick, who, kid="made-up")
    assert len(quick.internet.asked) == 1
    quick.clock.now += LEAST_PAUSE
    assert await proves(quick, who, SECOND)
    assert not await proves(quick, who), "the first key was withdrawn"
    assert len(quick.internet.asked) == 2
    quick.clock.now += LEAST_FRESH
    assert await proves(quick, who, SECOND)
    assert len(quick.internet.asked) == 3


async def test_many_at_once_ask_the_address_once(quick: Laboratory) -> None:
    who = await client(quick)
    believed: list[bool] = []

    async def prove() -> None:
        believed.append(await proves(quick, who))

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(prove)
    assert believed == [True] * 20
    assert quick.internet.asked == [AT]


async def test_good_keys_serve_while_their_address_fails_but_not_for_ever(
    quick: Laboratory,
) -> None:
    who = await client(quick)
    assert await proves(quick, who)
    quick.internet.pages[AT] = None
    quick.clock.now += LEAST_FRESH
    assert await proves(quick, who)
    quick.clock.now += STALE_FOR
    assert not await proves(quick, who)


@pytest.mark.parametrize(
    "address",
    [
        *("http://keys.example/j", "https://127.0.0.1/j", "https://[::1]/j", "https://10.0.0.1/j"),
        *("https://localhost/j", "https://keys.internal/j", "https://2130706433/j"),
        *("https://keys.example:8443/j", "https://a@keys.example/j", "https://keys.example"),
        *("https://keys.example/../j", "https://keys.example/%2e/j", "https://keys.example/j#x"),
        *("file:///etc/passwd", "data:application/json,{}", "", 7, None, ["https://k.example/j"]),
        f"https://keys.example/{'j' * 5_000}",
    ],
)
async def test_a84_addresses_where_no_client_may_have_its_keys(
    quick: Laboratory, address: object
) -> None:
    refused(await registered(quick, jwks_uri=address), "invalid_client_metadata")
    assert quick.internet.asked == []


async def test_keys_are_brought_in_one_way_only(quick: Laboratory) -> None:
    jwks = {"keys": [FIRST.as_dict(private=False)]}
    refused(await registered(quick, jwks=jwks), "invalid_client_metadata")
    for method in ("none", "client_secret_basic"):
        answer = await registered(quick, token_endpoint_auth_method=method)
        refused(answer, "invalid_client_metadata")


HOSTILE: dict[str, Fetched | None] = {
    "nothing": None,
    "gone": Fetched(status=404, media_type="application/json", body=published(FIRST).body),
    "redirect": Fetched(status=302, media_type="application/json", body=published(FIRST).body),
    "a page": Fetched(status=200, media_type="text/html", body=b"<html>"),
    "too large": Fetched(status=200, media_type="", body=published(FIRST).body.ljust(LARGEST + 1)),
    "too many": published(*[FIRST] * (MOST_KEYS + 1)),
    "no list": Fetched(status=200, media_type="", body=b'{"keys": {"kid": "k1"}}'),
    "twice": Fetched(status=200, media_type="", body=b'{"keys": [], "keys": []}'),
    "deep": Fetched(status=200, media_type="", body=b'{"keys": ' + b"[" * 5_000),
    "private": Fetched(
        status=200,
        media_type="",
        body=json.dumps({"keys": [FIRST.as_dict(private=True)]}).encode(),
    ),
    "symmetric": Fetched(
        status=200, media_type="", body=b'{"keys": [{"kty": "oct", "kid": "k1", "k": "eA"}]}'
    ),
    "two of a name": published(FIRST, ECKey.generate_key("P-256", {"kid": "k1"})),
    "no key": Fetched(status=200, media_type="", body=b'{"keys": [null, 7, "k1", {}]}'),
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_a85_keys_that_are_not_taken_prove_nothing(quick: Laboratory, what: str) -> None:
    who = await client(quick)
    quick.internet.pages[AT] = HOSTILE[what]
    assert not await proves(quick, who)
    assert not await proves(quick, who), "and the address is left alone"
    assert len(quick.internet.asked) == 1


async def test_a85_one_host_is_asked_for_keys_ten_times_a_minute(quick: Laboratory) -> None:
    for number in range(12):
        there = f"https://keys.example/{number}"
        quick.internet.pages[there] = published(FIRST)
        document = f"https://client{number}.example/c"
        body = json.dumps(KEYED | {"client_id": document, "jwks_uri": there}).encode()
        quick.internet.pages[document] = Fetched(
            status=200, media_type="application/json", body=body
        )
        await quick.asked(client_id=document)
        assert await proves(quick, document) == (number < 10)
    assert len([url for url in quick.internet.asked if "keys.example" in url]) == 10


async def test_keys_of_one_address_are_nobody_elses(quick: Laboratory) -> None:
    who = await client(quick)
    other = (await registered(quick, jwks_uri="https://other.example/jwks")).json()["client_id"]
    assert await proves(quick, who)
    assert not await proves(quick, other)
