"""A44-A64: hostile token requests."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from tests.oauth.client import Answer, Asked, Registered, basic
from tests.oauth.harness import Tokens, World

DATABASES = ("sqlite", "postgresql")

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def client(world: World) -> Registered:
    return await world.oauth.register()


@pytest.fixture
async def asked(client: Registered, world: World) -> Asked:
    return world.oauth.ask(client)


def refused(answer: Answer, error: str, status: int = 400) -> None:
    """What every refusal of the token endpoint is (RFC 6749 §5.2)."""
    assert (answer.status, answer.error) == (status, error), answer.body
    assert answer.headers["content-type"].startswith("application/json")
    assert "no-store" in answer.headers["cache-control"]
    assert set(answer.json) <= {"error", "error_description", "error_uri"}


async def test_a44_a_code_used_twice_ends_all_that_came_of_it(asked: Asked, world: World) -> None:
    code = await world.code(asked)
    tokens = Tokens.of(await world.oauth.redeem(asked, code))
    refused(await world.oauth.redeem(asked, code), "invalid_grant")
    refused(await world.oauth.refresh(asked.client, tokens.refresh), "invalid_grant")
    assert (await world.call(tokens.access)).status == 401


async def test_a46_a_code_of_another_client_is_refused_and_not_hurt(
    asked: Asked, world: World
) -> None:
    code = await world.code(asked)
    other = await world.oauth.register()
    stolen = Asked(client=other, url="", state="", verifier=asked.verifier)
    refused(await world.oauth.redeem(stolen, code), "invalid_grant")
    Tokens.of(await world.oauth.redeem(asked, code))


@pytest.mark.parametrize("code", ["", "x", "x" * 9_000, "ñ", "' OR 1=1 --"])
async def test_a47_a_code_that_nobody_gave_is_refused(
    code: str, asked: Asked, world: World
) -> None:
    answer = await world.oauth.redeem(asked, code)
    refused(answer, "invalid_grant")


async def test_a47_an_old_code_is_refused(asked: Asked, world: World) -> None:
    code = await world.code(asked)
    await world.age(61)
    refused(await world.oauth.redeem(asked, code), "invalid_grant")


@pytest.mark.parametrize(
    "redirect_uri", ["https://app.test/other", "https://app.test/callback/", "", None]
)
async def test_a48_another_redirect_is_refused_and_leaves_the_code(
    redirect_uri: str | None, asked: Asked, world: World
) -> None:
    code = await world.code(asked)
    answer = await world.oauth.redeem(asked, code, redirect_uri=redirect_uri)
    refused(answer, "invalid_grant")
    Tokens.of(await world.oauth.redeem(asked, code))


async def test_a48_three_failed_proofs_end_a_code(asked: Asked, world: World) -> None:
    code = await world.code(asked)
    for _ in range(3):
        answer = await world.oauth.redeem(asked, code, redirect_uri="https://app.test/other")
        refused(answer, "invalid_grant")
    refused(await world.oauth.redeem(asked, code), "invalid_grant")


async def test_a49_a_wrong_verifier_may_be_corrected_twice(asked: Asked, world: World) -> None:
    code = await world.code(asked)
    for _ in range(2):
        refused(await world.oauth.redeem(asked, code, code_verifier="w" * 43), "invalid_grant")
    Tokens.of(await world.oauth.redeem(asked, code))


@pytest.mark.parametrize(
    ("verifier", "error"),
    [
        (None, "invalid_request"),
        ("w" * 42, "invalid_grant"),
        ("w" * 129, "invalid_grant"),
        ("w" * 42 + "é", "invalid_grant"),
        ("w" * 42 + "+", "invalid_grant"),
    ],
)
async def test_a50_a_malformed_verifier_is_refused(
    verifier: str | None, error: str, asked: Asked, world: World
) -> None:
    code = await world.code(asked)
    refused(await world.oauth.redeem(asked, code, code_verifier=verifier), error)


async def test_a50_a_verifier_with_nul_is_refused(asked: Asked, world: World) -> None:
    code = await world.code(asked)
    answer = await world.oauth.redeem(asked, code, code_verifier="w" * 42 + "\0")
    assert (answer.status, answer.error) in {(400, "invalid_grant"), (400, "invalid_request")}


async def test_a51_no_code_is_ever_without_a_challenge(client: Registered, world: World) -> None:
    request = world.oauth.ask(client, code_challenge=None, code_challenge_method=None)
    assert (await world.left(request))["error"] == "invalid_request"


@pytest.mark.parametrize("resource", ["https://other.test/mcp", "x", "{issuer}/mcp#x"])
async def test_a52_another_resource_is_refused_and_leaves_the_code(
    resource: str, client: Registered, world: World
) -> None:
    request = world.oauth.ask(client, resource=world.resource)
    code = await world.code(request)
    other = resource.format(issuer=world.issuer)
    refused(await world.oauth.redeem(request, code, resource=other), "invalid_target")
    Tokens.of(await world.oauth.redeem(request, code))


@pytest.mark.parametrize(
    ("grant_type", "error"),
    [
        ("password", "unsupported_grant_type"),
        ("implicit", "unsupported_grant_type"),
        ("urn:ietf:params:oauth:grant-type:device_code", "unsupported_grant_type"),
        ("urn:ietf:params:oauth:grant-type:jwt-bearer", "unsupported_grant_type"),
        ("Authorization_Code", "unsupported_grant_type"),
        ("", "invalid_request"),
        (None, "invalid_request"),
    ],
)
async def test_a53_other_grant_types_are_refused(
    grant_type: str | None, error: str, asked: Asked, world: World
) -> None:
    code = await world.code(asked)
    refused(await world.oauth.redeem(asked, code, grant_type=grant_type), error)


async def test_a53_a_client_of_codes_gets_nothing_of_its_own(world: World) -> None:
    client = await world.oauth.register(token_endpoint_auth_method="client_secret_basic")
    answer = await world.oauth.token(client, [("grant_type", "client_credentials")])
    assert answer.error in {"unauthorized_client", "unsupported_grant_type"}


@pytest.mark.parametrize(
    "name", ["grant_type", "code", "code_verifier", "redirect_uri", "client_id", "extra"]
)
async def test_a54_a_parameter_twice_is_refused(name: str, asked: Asked, world: World) -> None:
    code = await world.code(asked)
    fields = form(asked, code)
    answer = await posted(world, fields | {"extra": "1"}, more=[(name, fields.get(name, "1"))])
    refused(answer, "invalid_request")


def form(asked: Asked, code: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "client_id": asked.client.id,
        "code": code,
        "code_verifier": asked.verifier,
        "redirect_uri": asked.redirect_uri,
    }


async def posted(
    world: World,
    fields: Mapping[str, str],
    *,
    more: list[tuple[str, str]] | None = None,
    headers: Mapping[str, str] = FORM,
) -> Answer:
    body = urlencode([*fields.items(), *(more or [])]).encode()
    return await world.oauth.post(world.oauth.metadata["token_endpoint"], body, headers)


async def test_a55_parameters_in_the_address_are_refused(asked: Asked, world: World) -> None:
    code = await world.code(asked)
    url = f"{world.oauth.metadata['token_endpoint']}?{urlencode(form(asked, code))}"
    refused(await world.oauth.post(url, b"", FORM), "invalid_request")
    Tokens.of(await world.oauth.redeem(asked, code))


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/json, application/x-www-form-urlencoded",
        "application/x-www-form-urlencodedx",
    ],
)
async def test_a56_what_is_no_form_is_refused(kind: str, asked: Asked, world: World) -> None:
    code = await world.code(asked)
    answer = await posted(world, form(asked, code), headers={"Content-Type": kind})
    refused(answer, "invalid_request", 415)
    Tokens.of(await world.oauth.redeem(asked, code))


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        (b"grant_type=%ff%fe", {400}),
        (b"grant_type=\xff\xfe", {400}),
        (b"grant_type=%00", {400}),
        (b"grant_type=authorization_code&code=" + b"x" * 20_000, {413}),
        (b"&".join(b"f%d=1" % n for n in range(2_000)), {400, 413}),
        (b"", {400}),
        (b"=&=&=", {400}),
        (b"grant_type", {400}),
    ],
    ids=[
        "no UTF-8",
        "raw bytes",
        "NUL",
        "20 KB",
        "2,000 fields",
        "nothing",
        "no names",
        "no value",
    ],
)
async def test_a57_bad_bytes_are_refused(body: bytes, statuses: set[int], world: World) -> None:
    answer = await world.oauth.post(world.oauth.metadata["token_endpoint"], body, FORM)
    assert answer.status in statuses
    assert "no-store" in answer.headers["cache-control"]


async def test_a58_an_unknown_client_is_told_to_register_again(asked: Asked, world: World) -> None:
    code = await world.code(asked)
    answer = await posted(world, form(asked, code) | {"client_id": "nobody"})
    refused(answer, "invalid_client", 401)


@pytest.fixture
async def confidential(world: World) -> Registered:
    return await world.oauth.register(token_endpoint_auth_method="client_secret_basic")


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic !!!",
        "Basic bm9jb2xvbg==",
        "Basic JXp6OiV6eg==",
        "Basic //79",
        "Basic",
        "Bearer x",
        "Basic " + "A" * 6_000,
    ],
)
async def test_a59_a_malformed_basic_authorization_is_an_invalid_client(
    authorization: str, confidential: Registered, world: World
) -> None:
    request = world.oauth.ask(confidential)
    code = await world.code(request)
    headers = FORM | {"Authorization": authorization}
    answer = await posted(world, form(request, code), headers=headers)
    refused(answer, "invalid_client", 401)
    assert answer.headers["www-authenticate"].startswith("Basic")


async def test_a59_a_confidential_client_without_its_secret_is_refused(
    confidential: Registered, world: World
) -> None:
    request = world.oauth.ask(confidential)
    code = await world.code(request)
    refused(await posted(world, form(request, code)), "invalid_client", 401)
    for secret in ("", "wrong", confidential.secret + "x", confidential.secret[:-1]):
        wrong = Registered(id=confidential.id, secret=secret, method=confidential.method)
        answer = await world.oauth.token(wrong, [("grant_type", "authorization_code")])
        refused(answer, "invalid_client", 401)
    Tokens.of(await world.oauth.redeem(request, code))


async def test_a59_a_secret_in_two_places_is_refused(
    confidential: Registered, world: World
) -> None:
    fields = {
        "grant_type": "authorization_code",
        "client_id": confidential.id,
        "client_secret": confidential.secret,
    }
    both = FORM | {"Authorization": basic(confidential.id, confidential.secret)}
    refused(await posted(world, fields, headers=both), "invalid_request")


async def test_a60_a_client_authenticates_as_it_registered_and_no_other_way(
    client: Registered, confidential: Registered, world: World
) -> None:
    fields = [("grant_type", "authorization_code"), ("code", "x")]
    wrong = (
        Registered(id=client.id, secret="s", method="client_secret_post"),
        Registered(id=client.id, secret="s", method="client_secret_basic"),
        Registered(id=confidential.id, secret=confidential.secret, method="client_secret_post"),
        Registered(id=confidential.id, method="none"),
    )
    for one in wrong:
        refused(await world.oauth.token(one, fields), "invalid_client", 401)


async def test_a62_an_assertion_and_a_secret_are_refused(
    confidential: Registered, world: World
) -> None:
    fields = [
        ("grant_type", "authorization_code"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", "a.b.c"),
    ]
    refused(await world.oauth.token(confidential, fields), "invalid_request")


async def test_a63_every_wrong_secret_gets_the_same_bytes(
    confidential: Registered, world: World
) -> None:
    right = confidential.secret
    answers: set[bytes] = set()
    for secret in (right[:-1] + "~", "~" * len(right), right[:-1], right + "~", "~"):
        answer = await world.oauth.token(
            replace(confidential, secret=secret), [("grant_type", "refresh_token")]
        )
        refused(answer, "invalid_client", 401)
        answers.add(answer.body)
    assert len(answers) == 1


async def test_a64_browsers_of_other_origins_may_redeem_but_bring_nothing(
    asked: Asked, world: World
) -> None:
    code = await world.code(asked)
    evil = {"Origin": "https://evil.test"}
    answer = await posted(world, form(asked, code), headers=FORM | evil)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/oauth/authorize", "/sign-in", "/consent/a", "/console"])
async def test_a64_pages_are_shared_with_no_origin_not_even_a_listed_one(
    path: str, world: World
) -> None:
    for origin in ("https://evil.test", world.issuer):
        answer = await world.http.get(world.issuer + path, headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers
    listed = await world.http.get(f"{world.issuer}/tickets", headers={"Origin": world.issuer})
    assert listed.headers["access-control-allow-origin"] == world.issuer
    preflight = {"Origin": world.issuer, "Access-Control-Request-Method": "POST"}
    asked = await world.http.options(world.issuer + path, headers=preflight)
    assert "access-control-allow-origin" not in asked.headers
