"""The token endpoint: codes are redeemed once, and by whom they were given to."""

import asyncio
import base64
from dataclasses import replace

import httpx2
import pytest
from tests.oauth.laboratory import ANA, CLIENT, MCP, REDIRECT, Laboratory

from helpdesk_mcp.domain.principals import EVERY_SCOPE, Role, Scope
from helpdesk_mcp.oauth import secrets
from helpdesk_mcp.oauth.models import AuthMethod, Standing

OTHER = replace(CLIENT, id="other")
SECRET = replace(CLIENT, id="basic", auth_method=AuthMethod.BASIC, digest=secrets.digest("s3:ü"))
POST = replace(CLIENT, id="post", auth_method=AuthMethod.POST, digest=secrets.digest("s3"))


def refused(answer: httpx2.Response, error: str, status: int = 400) -> None:
    """Assert that it is an answer of the token endpoint with this error."""
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


def basic(client_id: str, secret: str) -> dict[str, str]:
    joined = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {joined}"}


async def test_a_code_is_redeemed_for_tokens_that_work(lab: Laboratory) -> None:
    answer = await lab.redeem(await lab.code(scope="openid tickets:read tickets:write"))
    token = answer.json()
    assert answer.status_code == 200, token
    assert answer.headers["cache-control"] == "no-store"
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 600)
    assert token["scope"] == "openid tickets:read tickets:write"
    assert token["id_token"].count(".") == 2
    principal = await lab.server.door.principal(token["access_token"])
    assert principal is not None
    assert (principal.tenant, principal.subject, principal.client) == ("acme", ANA, CLIENT.id)
    assert principal.scopes == {Scope.TICKETS_READ, Scope.TICKETS_WRITE}
    assert principal.desks == {"it"}
    assert lab.events() == ["oauth.consent.granted", "oauth.code.redeemed"]


async def test_a16_the_answer_states_the_scope_that_the_role_allows(lab: Laboratory) -> None:
    lab.town.people["acme", ANA] = Standing(role=Role.AUDITOR)
    token = await lab.tokens(scope="openid admin tickets:read tickets:write")
    assert token["scope"] == "openid tickets:read"


async def test_a44_a_code_used_twice_revokes_its_grant(lab: Laboratory) -> None:
    code = await lab.code()
    token = (await lab.redeem(code)).json()
    refused(await lab.redeem(code), "invalid_grant")
    assert not await lab.works(token["access_token"])
    refused(await lab.refresh(token["refresh_token"]), "invalid_grant")
    assert lab.events()[-1] == "oauth.code.replay"


async def test_a45_of_many_redemptions_at_once_one_wins_and_the_grant_is_revoked(
    lab: Laboratory,
) -> None:
    for _ in range(3):
        code = await lab.code()
        answers = await asyncio.gather(*(lab.redeem(code) for _ in range(6)))
        assert sorted(a.status_code for a in answers) == [200, *[400] * 5]
        won = next(a for a in answers if a.status_code == 200)
        assert not await lab.works(won.json()["access_token"])


async def test_a46_another_clients_code_is_no_business_of_a_client(lab: Laboratory) -> None:
    await lab.add(OTHER)
    code = await lab.code()
    refused(await lab.redeem(code, client_id="other"), "invalid_grant")
    assert (await lab.redeem(code)).status_code == 200


async def test_a47_a_code_is_good_for_a_minute(lab: Laboratory) -> None:
    code = await lab.code()
    lab.clock.now += 60
    refused(await lab.redeem(code), "invalid_grant")


@pytest.mark.parametrize("redirect", ["https://app.example/other", None])
async def test_a48_three_wrong_redirects_kill_a_code(
    quick: Laboratory, redirect: str | None
) -> None:
    code = await quick.code()
    refused(await quick.redeem(code, redirect_uri=redirect), "invalid_grant")
    refused(await quick.redeem(code, redirect_uri=redirect), "invalid_grant")
    assert (await quick.redeem(code)).status_code == 200
    dead = await quick.code()
    for _ in range(3):
        refused(await quick.redeem(dead, redirect_uri=redirect), "invalid_grant")
    refused(await quick.redeem(dead), "invalid_grant")


async def test_a48_a_redirect_that_was_not_named_before_need_not_be_named(
    quick: Laboratory,
) -> None:
    for named in (None, REDIRECT):
        code = await quick.code(redirect_uri=None)
        assert (await quick.redeem(code, redirect_uri=named)).status_code == 200
    code = await quick.code(redirect_uri=None)
    refused(await quick.redeem(code, redirect_uri="https://app.example/x"), "invalid_grant")


async def test_a49_a_right_verifier_works_until_the_third_wrong_one(lab: Laboratory) -> None:
    code = await lab.code()
    for _ in range(2):
        refused(await lab.redeem(code, code_verifier="w" * 43), "invalid_grant")
    assert (await lab.redeem(code)).status_code == 200
    dead = await lab.code()
    for _ in range(3):
        refused(await lab.redeem(dead, code_verifier="w" * 43), "invalid_grant")
    refused(await lab.redeem(dead), "invalid_grant")


async def test_a50_a_verifier_has_its_grammar(quick: Laboratory) -> None:
    code = await quick.code()
    refused(await quick.redeem(code, code_verifier=None), "invalid_request")
    for wrong in ("w" * 42, "w" * 129, "é" * 43, "w" * 43 + "="):
        refused(await quick.redeem(await quick.code(), code_verifier=wrong), "invalid_grant")
    refused(await quick.redeem(code, code_verifier="w" * 43 + "\0"), "invalid_request")


async def test_a52_a_token_is_for_the_resource_that_was_granted(lab: Laboratory) -> None:
    code = await lab.code()
    for wrong in ("https://other.example/mcp", "https://desk.example/admin", "nonsense"):
        refused(await lab.redeem(code, resource=wrong), "invalid_target")
    twice = await lab.http.post(
        "/oauth/token",
        content=f"grant_type=authorization_code&client_id={CLIENT.id}&code={code}"
        f"&resource={MCP}&resource={MCP}",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    refused(twice, "invalid_target")
    assert (await lab.redeem(code, resource=f"{MCP}/")).status_code == 200


@pytest.mark.parametrize("grant_type", ["password", "implicit", "nonsense\"'"])
async def test_a53_other_grant_types_are_not_supported(quick: Laboratory, grant_type: str) -> None:
    refused(await quick.redeem("x", grant_type=grant_type), "unsupported_grant_type")


async def test_a53_a_grant_type_is_named_once(quick: Laboratory) -> None:
    refused(await quick.redeem("x", grant_type=None), "invalid_request")
    twice = b"grant_type=authorization_code&grant_type=authorization_code&client_id=app"
    refused(await sent(quick, twice), "invalid_request")


async def test_a53_a_client_uses_the_grant_types_it_registered(quick: Laboratory) -> None:
    answer = await quick.post(
        "/oauth/token", {"grant_type": "client_credentials", "client_id": CLIENT.id}
    )
    refused(answer, "unauthorized_client")


async def sent(
    lab: Laboratory,
    body: bytes,
    *,
    kind: str = "application/x-www-form-urlencoded",
    query: str = "",
) -> httpx2.Response:
    return await lab.http.post(f"/oauth/token{query}", content=body, headers={"content-type": kind})


async def test_a54_a_parameter_comes_once(quick: Laboratory) -> None:
    body = b"grant_type=refresh_token&client_id=app&refresh_token=a&refresh_token=b"
    refused(await sent(quick, body), "invalid_request")


async def test_a55_parameters_stand_in_the_body(quick: Laboratory) -> None:
    refused(
        await sent(quick, b"client_id=app", query="?grant_type=refresh_token"), "invalid_request"
    )


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "multipart/form-data; boundary=x",
        "application/json, application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=latin-1",
        "text/plain",
    ],
)
async def test_a56_only_forms_are_taken(quick: Laboratory, kind: str) -> None:
    refused(await sent(quick, b"grant_type=refresh_token", kind=kind), "invalid_request", 415)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"grant_type=%ff", 400),
        (b"grant_type=\xff", 400),
        (b"grant_type=a%00b", 400),
        (b"a=" + b"x" * 20_480, 413),
        (b"&".join(b"p%d=1" % n for n in range(2_000)), 400),
        (b"grant_type", 400),
        (b"", 400),
    ],
)
async def test_a57_what_is_not_a_form_is_refused(
    quick: Laboratory, body: bytes, status: int
) -> None:
    refused(await sent(quick, body), "invalid_request", status)


async def test_a58_an_unknown_client_may_register_again(lab: Laboratory) -> None:
    refused(await lab.redeem("x", client_id="gone"), "invalid_client", 401)
    await lab.add(replace(CLIENT, id="deleted", disabled_at=1.0))
    refused(await lab.redeem("x", client_id="deleted"), "invalid_client", 401)
    await lab.add(replace(CLIENT, id="theirs", tenant="acme"))
    refused(await lab.redeem("x", client_id="theirs"), "invalid_grant")
    lab.town.suspended.add("acme")
    refused(await lab.redeem("x", client_id="theirs"), "invalid_client", 401)
    refused(await lab.redeem("x", client_id=None), "invalid_client", 401)


async def test_a59_a_confidential_client_proves_itself(quick: Laboratory) -> None:
    await quick.add(SECRET)
    form = {"grant_type": "refresh_token", "refresh_token": "x"}

    async def tried(headers: dict[str, str], **more: str) -> httpx2.Response:
        return await quick.http.post("/oauth/token", data=form | more, headers=headers)

    good = basic("basic", "s3%3A%C3%BC")
    refused(await tried(good), "invalid_grant")
    for bad in (
        {},
        basic("basic", "wrong"),
        basic("basic", ""),
        basic("nobody", "s3"),
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + base64.b64encode(b"nocolon").decode()},
        basic("basic", "s3%ZZ"),
        basic("basic", "s3%"),
        basic("basic", "%ff"),
        {"Authorization": "Bearer x"},
    ):
        answer = await tried(bad, **({} if bad else {"client_id": "basic"}))
        refused(answer, "invalid_client", 401)
        assert answer.headers["www-authenticate"].startswith("Basic ")
    refused(await tried(good, client_secret="s3"), "invalid_request")
    refused(await tried(good, client_id="another"), "invalid_request")


async def test_a60_a_client_uses_exactly_its_method(quick: Laboratory) -> None:
    await quick.add(SECRET)
    await quick.add(POST)
    form = {"grant_type": "refresh_token", "refresh_token": "x"}

    async def tried(headers: dict[str, str], **more: str) -> httpx2.Response:
        return await quick.http.post("/oauth/token", data=form | more, headers=headers)

    refused(await tried({}, client_id=CLIENT.id, client_secret="x"), "invalid_client", 401)
    refused(await tried(basic(CLIENT.id, "x")), "invalid_client", 401)
    refused(await tried({}, client_id="basic", client_secret="s3:ü"), "invalid_client", 401)
    refused(await tried(basic("post", "s3")), "invalid_client", 401)
    refused(await tried({}, client_id="post", client_secret="s3"), "invalid_grant")


async def test_a62_one_method_at_a_time(quick: Laboratory) -> None:
    answer = await quick.redeem("x", client_secret="s", client_assertion="a")
    refused(answer, "invalid_request")


async def test_a64_any_page_may_call_the_token_endpoint_without_credentials(
    quick: Laboratory,
) -> None:
    evil = {"Origin": "https://evil.example"}
    answer = await quick.http.post("/oauth/token", data={"grant_type": "x"}, headers=evil)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    preflight = await quick.http.options(
        "/oauth/token", headers=evil | {"Access-Control-Request-Method": "POST"}
    )
    assert preflight.headers["access-control-allow-origin"] == "*"
    elsewhere = await quick.http.get("/oauth/authorize", headers=evil)
    assert elsewhere.status_code == 403


async def test_the_token_endpoint_answers_post_only(quick: Laboratory) -> None:
    assert (await quick.http.get("/oauth/token")).status_code == 405


async def test_a_grant_never_exceeds_what_was_consented(lab: Laboratory) -> None:
    narrow = frozenset({Scope.TICKETS_READ})
    code = await lab.code(allowed=narrow)
    assert (await lab.redeem(code)).json()["scope"] == "tickets:read"
    assert narrow < EVERY_SCOPE
