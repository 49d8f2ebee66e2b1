"""Clients that register themselves, and clients whose id is the address of a document."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey
from tests.oauth.laboratory import ANA, BROWSER, REDIRECT, Laboratory, consent, request

from helpdesk_mcp.app import opened
from helpdesk_mcp.crypto.keyring import new_line
from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.fetching import Fetched
from helpdesk_mcp.oauth.addresses import acceptable
from helpdesk_mcp.oauth.client_documents import LARGEST
from helpdesk_mcp.oauth.flow import Leave, Stop
from helpdesk_mcp.oauth.models import Source
from helpdesk_mcp.oauth.pinned import PINNED
from helpdesk_mcp.settings import load

USUAL: dict[str, Any] = {"client_name": "An app", "redirect_uris": [REDIRECT]}
PUBLIC = ECKey.generate_key("P-256").as_dict(private=False)
DOCUMENT = "https://client.example/oauth/client.json"


async def register(lab: Laboratory, **changes: Any) -> httpx2.Response:
    said = {name: value for name, value in (USUAL | changes).items() if value is not None}
    return await lab.http.post("/oauth/register", json=said)


async def test_a_public_client_registers_and_is_asked_about(lab: Laboratory) -> None:
    answer = await register(lab, token_endpoint_auth_method="none")
    said = answer.json()
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert "client_secret" not in said
    assert said["redirect_uris"] == [REDIRECT]
    question = await lab.asked(client_id=said["client_id"])
    assert (question.client_name, question.client_host) == ("An app", "")


async def test_a_confidential_client_gets_a_secret_that_is_kept_as_a_digest(
    quick: Laboratory,
) -> None:
    said = (await register(quick)).json()
    assert said["token_endpoint_auth_method"] == "client_secret_basic"
    client = await quick.ledger.look(lambda records: records.clients.find(said["client_id"]))
    assert client is not None
    assert client.digest == hashlib.sha256(said["client_secret"].encode()).digest()


async def test_a_client_may_bring_its_key(quick: Laboratory) -> None:
    answer = await register(
        quick, token_endpoint_auth_method="private_key_jwt", jwks={"keys": [dict(PUBLIC)]}
    )
    assert answer.status_code == 201
    assert answer.json()["jwks"] == {"keys": [PUBLIC]}


@pytest.mark.parametrize(
    "uris",
    [
        ["javascript:alert(1)"],
        ["data:text/html,x"],
        ["file:///etc/passwd"],
        ["http://app.example/cb"],
        ["https://app.example/cb#x"],
        ["https://user@app.example/cb"],
        ["https://*.app.example/cb"],
        ["/cb"],
        [],
        [f"https://app.example/{n}" for n in range(11)],
        ["https://app.example/" + "x" * 600],
        ["myapp:/cb"],
        ["com.example.app:/cb"],
        ["https://app.example/a/../cb"],
        ["http://127.0.0.1:0/cb"],
        ["https://[::zz]/cb"],
        [7],
        "https://app.example/cb",
        None,
    ],
)
async def test_a81_redirects_that_may_not_be_registered(quick: Laboratory, uris: object) -> None:
    answer = await register(quick, redirect_uris=uris)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_redirect_uri")


async def test_a81_a_native_client_may_have_its_own_scheme(quick: Laboratory) -> None:
    answer = await register(quick, application_type="native", redirect_uris=["com.example.app:/cb"])
    assert answer.status_code == 201
    dotless = await register(quick, application_type="native", redirect_uris=["myapp:/cb"])
    assert dotless.json()["error"] == "invalid_redirect_uri"


async def test_a_client_of_this_machine_is_native_without_saying_so(quick: Laboratory) -> None:
    answer = await register(quick, redirect_uris=["http://localhost:9/callback"])
    assert answer.json()["application_type"] == "native"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_name": "n" * 1_001},
        {"client_name": "a\0b"},
        {"client_name": "a\u202eb"},
        {"client_name": 7},
        {"jwks": {"keys": [PUBLIC]}, "jwks_uri": "https://app.example/jwks"},
        {"jwks_uri": "https://app.example/jwks"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [ECKey.generate_key("P-256").as_dict(private=True)]},
        },
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []}},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{"kty": "oct"}]}},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": []},
        {"logo_uri": "javascript:alert(1)"},
        {"client_uri": 7},
        {"tos_uri": "https://[bad"},
        {"grant_types": ["password"]},
        {"grant_types": ["implicit", "authorization_code"]},
        {"grant_types": ["client_credentials"]},
        {"grant_types": "authorization_code"},
        {"response_types": ["token"]},
        {"token_endpoint_auth_method": "tls_client_auth"},
        {"application_type": "phone"},
        {"scope": 'tickets:read "'},
        {"scope": ["tickets:read"]},
    ],
)
async def test_a82_metadata_that_is_not_taken(quick: Laboratory, changes: dict[str, Any]) -> None:
    answer = await register(quick, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (json.dumps(USUAL), "text/plain", 415),
        (json.dumps(USUAL), "application/x-www-form-urlencoded", 415),
        (json.dumps(USUAL | {"client_name": "n" * 1_048_000}), "application/json", 413),
        ('{"client_name": "a", "client_name": "b"}', "application/json", 400),
        ("[" * 33 + "]" * 33, "application/json", 400),
        ('{"a":' * 33 + "1" + "}" * 33, "application/json", 400),
        ("[]", "application/json", 400),
        ("{", "application/json", 400),
        ('{"a": NaN}', "application/json", 400),
        ("", "application/json", 400),
    ],
)
async def test_a82_bodies_that_are_not_taken(
    quick: Laboratory, body: str, kind: str, status: int
) -> None:
    answer = await quick.http.post("/oauth/register", content=body, headers={"content-type": kind})
    assert answer.status_code == status, answer.text


async def test_a83_one_address_registers_ten_an_hour(quick: Laboratory) -> None:
    assert {(await register(quick)).status_code for _ in range(10)} == {201}
    answer = await register(quick)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    quick.clock.now += 3_600
    assert (await register(quick)).status_code == 201


async def test_a83_behind_a_trusted_proxy_each_address_registers_ten_an_hour() -> None:
    """The whole product: else ten of anybody's, for ever spent by one, are ten for all."""
    settings = load(
        None,
        database_url="sqlite+aiosqlite://",
        helpdesk_master_key=new_line(1),
        trusted_proxies=("127.0.0.0/8",),
        public_url="https://desk.example",
    )
    async with opened(settings, MemoryDesk()) as product:
        proxied = httpx2.ASGITransport(product.site(8001))
        async with httpx2.AsyncClient(transport=proxied, base_url="https://desk.example") as http:

            async def registered(came_from: str) -> int:
                headers = {"X-Forwarded-For": f"192.0.2.99, {came_from}"}
                answer = await http.post("/oauth/register", json=USUAL, headers=headers)
                return answer.status_code

            said = [await registered("198.51.100.7") for _ in range(11)]
            assert said == [201] * 10 + [429]
            assert await registered("198.51.100.8") == 201


async def test_a83_there_is_an_end_to_clients_that_nobody_uses(quick: Laboratory) -> None:
    said = (await register(quick)).json()

    async def numbered(first: int, last: int, *, used: bool) -> None:
        template = await quick.ledger.look(lambda records: records.clients.find(said["client_id"]))
        assert template is not None
        made = [
            replace(template, id=f"c{n}", used_at=quick.clock.now if used else None)
            for n in range(first, last)
        ]
        await quick.ledger.run(lambda records: [records.clients.put(one) for one in made])

    await numbered(0, 499, used=False)
    await numbered(1_000, 1_010, used=True)
    # With the one that registered, there are 500.
    full = await register(quick)
    assert full.status_code == 429
    assert full.headers["retry-after"]
    quick.clock.now += 86_401
    assert (await register(quick)).status_code == 201
    kept = await quick.ledger.look(lambda records: records.clients.unused(Source.REGISTERED))
    assert kept == 1
    used = await quick.ledger.look(lambda records: records.clients.find("c1000"))
    assert used is not None


def said(**changes: Any) -> Fetched:
    usual: dict[str, Any] = {
        "client_id": DOCUMENT,
        "client_name": "Claude",
        "redirect_uris": [REDIRECT],
        "token_endpoint_auth_method": "none",
    }
    body = json.dumps({k: v for k, v in (usual | changes).items() if v is not None}).encode()
    return Fetched(status=200, media_type="application/json", body=body, fresh_for=600)


async def test_a_document_makes_a_client_with_a_verified_host(lab: Laboratory) -> None:
    lab.internet.pages[DOCUMENT] = said()
    question = await lab.asked(client_id=DOCUMENT)
    assert (question.client_name, question.client_host) == ("Claude", "client.example")
    left = await lab.flow.approve(question.id, consent(), browser=BROWSER)
    assert isinstance(left, Leave)
    code = dict(left.parameters)["code"]
    answer = await lab.redeem(code, client_id=DOCUMENT)
    assert answer.status_code == 200
    await lab.asked(client_id=DOCUMENT)
    assert lab.internet.asked == [DOCUMENT]


@pytest.mark.parametrize(
    "client_id",
    [
        "http://client.example/c",
        "https://client.example",
        "https://client.example/",
        "https://client.example/c#frag",
        "https://user@client.example/c",
        "https://client.example/../c",
        "https://client.example/a/./c",
        "https://client.example/%2e%2e/c",
        "https://client.example:22/c",
        "https://127.0.0.1/c",
        "https://2130706433/c",
        "https://0x7f000001/c",
        "https://0177.0.0.1/c",
        "https://[::1]/c",
        "https://[::ffff:7f00:1]/c",
        "https://[64:ff9b::7f00:1]/c",
        "https://localhost/c",
        "https://metadata.internal/c",
        "https://a.localhost/c",
        "https://CLIENT.example/c",
        "https://client..example/c",
    ],
)
async def test_a84_addresses_that_no_client_may_have(quick: Laboratory, client_id: str) -> None:
    assert not acceptable(client_id)
    stopped = await quick.flow.begin(request(client_id=client_id), browser=BROWSER)
    assert isinstance(stopped, Stop)
    assert (stopped.status, stopped.error) == (400, "invalid_client")
    assert quick.internet.asked == []


@pytest.mark.parametrize(
    "page",
    [
        Fetched(status=404, media_type="application/json", body=said().body),
        Fetched(status=500, media_type="application/json", body=b""),
        Fetched(status=301, media_type="application/json", body=said().body),
        Fetched(status=200, media_type="text/html", body=b"<html>"),
        Fetched(status=200, media_type="application/json", body=b"<html>"),
        Fetched(status=200, media_type="application/json", body=b"x" * (LARGEST + 1)),
        said(client_id=DOCUMENT + "/"),
        said(client_secret="s3"),
        said(token_endpoint_auth_method="client_secret_basic"),
        said(redirect_uris=["javascript:x"]),
        None,
    ],
)
async def test_a85_documents_that_are_not_taken_are_not_kept(
    quick: Laboratory, page: Fetched | None
) -> None:
    quick.internet.pages[DOCUMENT] = page
    stopped = await quick.flow.begin(request(client_id=DOCUMENT), browser=BROWSER)
    assert isinstance(stopped, Stop)
    quick.internet.pages[DOCUMENT] = said()
    await quick.asked(client_id=DOCUMENT)


async def test_a85_one_host_is_asked_ten_times_a_minute(quick: Laboratory) -> None:
    for _ in range(12):
        await quick.flow.begin(request(client_id=DOCUMENT), browser=BROWSER)
    assert len(quick.internet.asked) == 10


async def test_a85_a_failure_never_evicts_a_good_copy(quick: Laboratory) -> None:
    quick.internet.pages[DOCUMENT] = said()
    await quick.asked(client_id=DOCUMENT)
    quick.clock.now += 700
    for failure in (None, Fetched(status=503, media_type="text/html", body=b"")):
        quick.internet.pages[DOCUMENT] = failure
        await quick.asked(client_id=DOCUMENT)
    quick.clock.now += 8 * 86_400
    stopped = await quick.flow.begin(request(client_id=DOCUMENT), browser=BROWSER)
    assert isinstance(stopped, Stop)


async def test_a_well_known_client_is_known_while_its_address_fails(quick: Laboratory) -> None:
    claude = "https://claude.ai/oauth/mcp-oauth-client-metadata"
    back = "https://claude.ai/api/mcp/auth_callback"
    question = await quick.asked(client_id=claude, redirect_uri=back)
    assert (question.client_name, question.client_host) == ("Claude", "claude.ai")
    quick.internet.pages[claude] = said(client_id=claude, redirect_uris=[REDIRECT])
    quick.clock.now += 301
    stopped = await quick.flow.begin(request(client_id=claude, redirect_uri=back), browser=BROWSER)
    assert isinstance(stopped, Stop)


@pytest.mark.parametrize("client_id", PINNED)
async def test_every_copy_that_we_ship_makes_a_client(quick: Laboratory, client_id: str) -> None:
    said = json.loads(PINNED[client_id])
    for redirect in said["redirect_uris"]:
        question = await quick.asked(client_id=client_id, redirect_uri=redirect)
        assert question.client_name == said["client_name"]
        assert question.client_host == client_id.split("/")[2]


async def test_a_grant_that_is_meant_for_other_servers_is_no_fault(quick: Laboratory) -> None:
    """An editor publishes one document for all servers, and some have the device grant."""
    device = "urn:ietf:params:oauth:grant-type:device_code"
    grants = ["authorization_code", "refresh_token", device]
    answer = await register(quick, grant_types=grants)
    assert answer.json()["grant_types"] == ["authorization_code", "refresh_token"]
    assert (await register(quick, grant_types=[device])).status_code == 400


async def test_a86_a_grant_goes_by_what_was_approved(lab: Laboratory) -> None:
    lab.internet.pages[DOCUMENT] = said()
    code = await lab.code(client_id=DOCUMENT)
    lab.internet.pages[DOCUMENT] = said(redirect_uris=["https://evil.example/cb"])
    lab.clock.now += 30
    wrong = await lab.redeem(code, client_id=DOCUMENT, redirect_uri="https://evil.example/cb")
    assert wrong.json()["error"] == "invalid_grant"
    assert (await lab.redeem(code, client_id=DOCUMENT)).status_code == 200


async def test_a38_a_changed_document_is_asked_about_again(quick: Laboratory) -> None:
    quick.internet.pages[DOCUMENT] = said()
    await quick.code(client_id=DOCUMENT)
    again = await quick.asked(client_id=DOCUMENT)
    assert await quick.flow.remembered(again.id, browser=BROWSER, user=ANA) is not None
    quick.internet.pages[DOCUMENT] = said(client_name="Somebody else")
    quick.clock.now += 700
    later = await quick.asked(client_id=DOCUMENT)
    assert await quick.flow.remembered(later.id, browser=BROWSER, user=ANA) is None
