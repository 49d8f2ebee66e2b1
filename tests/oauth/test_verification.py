"""Access tokens at the door, and client assertions: what is not exactly right is nothing."""

import base64
import contextlib
import hashlib
import hmac
import json
import uuid
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from tests.oauth.forging import Forger, corpus
from tests.oauth.laboratory import CLIENT, ISSUER, Laboratory
from tests.oauth.test_token import refused

from helpdesk_mcp.domain.principals import Role, Scope
from helpdesk_mcp.oauth.client_authentication import ASSERTION_TYPE
from helpdesk_mcp.oauth.keys import Purpose
from helpdesk_mcp.oauth.models import AuthMethod, Source, Standing
from helpdesk_mcp.oauth.strict import BadToken, parse_object
from helpdesk_mcp.oauth.tokens import SKEW, kid_of


async def forger(lab: Laboratory) -> Forger:
    good = (await lab.tokens())["access_token"]
    signer = (await lab.keys.current()).signer(Purpose.ACCESS)
    assert isinstance(signer.key, ECKey)
    return Forger(signer.key, signer.kid, good)


async def test_a77_a79_no_forged_token_opens_the_door(quick: Laboratory) -> None:
    made = await forger(quick)
    forged = corpus(made, int(quick.clock.now))
    assert len(forged) >= 53
    opened = [what for what, token in forged.items() if await quick.server.door.principal(token)]
    assert opened == []
    assert await quick.server.door.principal(made.good) is not None
    # The forger signs well: with nothing changed, its token is as good as ours.
    assert await quick.server.door.principal(made.with_claims()) is not None


async def test_a77_one_answer_for_every_fault(quick: Laboratory) -> None:
    made = await forger(quick)
    answers: set[tuple[int, str, bytes]] = set()
    for token in corpus(made, int(quick.clock.now)).values():
        if not token.isascii() or token != token.strip() or not token or len(token) > 9_000:
            continue  # no such header would arrive as it was sent
        headers = {"Authorization": f"Bearer {token}"}
        answer = await quick.http.get("/oauth/userinfo", headers=headers)
        answers.add((answer.status_code, answer.headers["www-authenticate"], answer.content))
    assert len(answers) == 1
    [(status, challenge, body)] = answers
    assert (status, json.loads(body)) == (401, {"error": "invalid_token"})
    assert 'error="invalid_token"' in challenge


async def test_a_token_for_the_admin_api_is_not_one_for_mcp(quick: Laboratory) -> None:
    quick.town.people["acme", "ana"] = Standing(role=Role.ADMINISTRATOR)
    admin = f"{ISSUER}/admin"
    await quick.add(replace(CLIENT, source=Source.ADMINISTRATOR, tenant="acme"))
    code = await quick.code(
        allowed=frozenset(Scope), resource=admin, scope="admin operator tickets:read"
    )
    token = (await quick.redeem(code)).json()
    assert token["scope"] == "admin"
    assert await quick.server.door.principal(token["access_token"]) is None
    found = await quick.server.door.principal_for(f"{ISSUER}/admin", token["access_token"])
    assert found is not None
    assert found.scopes == {"admin"}


async def test_an_answer_is_remembered_for_less_than_five_seconds(quick: Laboratory) -> None:
    token = (await quick.tokens())["access_token"]
    assert await quick.server.door.principal(token) is not None
    quick.town.suspended.add("acme")
    assert await quick.server.door.principal(token) is not None
    assert not await quick.works(token)


@given(st.text(max_size=300))
def test_any_text_has_a_key_or_none(text: str) -> None:
    assert kid_of(text) is None or isinstance(kid_of(text), str)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_strict_json_reads_what_json_writes(value: Any) -> None:
    raw = json.dumps({"x": value}).encode()
    try:
        assert parse_object(raw) == {"x": value}
    except BadToken:
        assert raw.count(b"[") + raw.count(b"{") > 15


@given(st.binary(max_size=200))
def test_strict_json_of_any_bytes_is_an_object_or_refused(raw: bytes) -> None:
    with contextlib.suppress(BadToken):
        assert isinstance(parse_object(raw), dict)


KEY = ECKey.generate_key("P-256", {"kid": "k1"})
JOB = replace(
    CLIENT,
    id="job",
    auth_method=AuthMethod.PRIVATE_KEY,
    jwks={"keys": [dict(KEY.as_dict(private=False))]},
)


def assertion(
    lab: Laboratory,
    key: ECKey | OctKey = KEY,
    header: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    now = int(lab.clock.now)
    usual: dict[str, Any] = {
        "iss": "job",
        "sub": "job",
        "aud": ISSUER,
        "iat": now,
        "exp": now + 60,
        "jti": uuid.uuid4().hex,
    }
    claims = {name: value for name, value in (usual | changes).items() if value is not ...}
    said = {"alg": "ES256", "kid": "k1"} | (header or {})
    return jwt.encode(said, claims, key, algorithms=[said["alg"]])


async def shown(lab: Laboratory, proof: str, **more: str) -> Any:
    form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": proof}
    return await lab.refresh("x", **({"client_id": None} | form | more))


async def test_a61_a_client_proves_itself_with_its_key(lab: Laboratory) -> None:
    await lab.add(JOB)
    for audience in (ISSUER, f"{ISSUER}/oauth/token", [ISSUER]):
        refused(await shown(lab, assertion(lab, aud=audience)), "invalid_grant")
    once = assertion(lab)
    refused(await shown(lab, once, client_id="job"), "invalid_grant")
    refused(await shown(lab, once), "invalid_client", 401)
    refused(await shown(lab, assertion(lab), client_id="other"), "invalid_request")


def forged(lab: Laboratory) -> dict[str, str]:
    now = int(lab.clock.now)
    deep = base64.urlsafe_b64encode(b"[" * 4_000).decode().rstrip("=")
    public = KEY.as_pem(private=False)
    return {
        "another audience": assertion(lab, aud="https://other.example"),
        "an audience too many": assertion(lab, aud=[ISSUER, "https://other.example"]),
        "no audience": assertion(lab, aud=[]),
        "audience missing": assertion(lab, aud=...),
        "exp missing": assertion(lab, exp=...),
        "exp in an hour": assertion(lab, exp=now + 3_601),
        "exp past": assertion(lab, exp=now - 31),
        "exp text": assertion(lab, exp="soon"),
        "jti missing": assertion(lab, jti=...),
        "iss of another": assertion(lab, iss="other"),
        "sub of another": assertion(lab, sub="other"),
        "sub number": assertion(lab, sub=7),
        "nbf future": assertion(lab, nbf=now + 60),
        "iat future": assertion(lab, iat=now + 60, exp=now + 61),
        "kid path": assertion(lab, header={"kid": "../../x"}),
        "another key": assertion(lab, ECKey.generate_key("P-256")),
        "HS256 with our public key": _hmac(assertion(lab), public),
        "unsigned": _unsigned(assertion(lab)),
        "two parts": "x.y",
        "nonsense": "x.y.z",
        "deep": f"e30.{deep}.e30",
        "long": assertion(lab) + "A" * 9_000,
    }


async def test_a61_any_other_assertion_is_refused(quick: Laboratory) -> None:
    await quick.add(JOB)
    for what, proof in forged(quick).items():
        answer = await shown(quick, proof)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), what


async def test_a61_the_type_of_an_assertion_is_named(quick: Laboratory) -> None:
    await quick.add(JOB)
    answer = await quick.refresh("x", client_id="job", client_assertion=assertion(quick))
    refused(answer, "invalid_client", 401)


def _hmac(proof: str, secret: bytes) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k1"}').decode().rstrip("=")
    body = f"{head}.{proof.split('.')[1]}"
    mac = hmac.digest(secret, body.encode(), hashlib.sha256)
    return f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def _unsigned(proof: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none","kid":"k1"}').decode().rstrip("=")
    return f"{header}.{proof.split('.')[1]}."


async def test_s16_a_clock_that_is_set_back_a_little_refuses_no_token(quick: Laboratory) -> None:
    before = (await quick.tokens())["access_token"]
    quick.clock.now -= SKEW
    assert await quick.server.door.principal(before) is not None
    after = (await quick.tokens())["access_token"]
    assert await quick.server.door.principal(after) is not None
    quick.clock.now += SKEW
    for token in (before, after):
        assert await quick.server.door.principal(token) is not None
