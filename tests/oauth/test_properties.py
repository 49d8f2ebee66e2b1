"""Properties: redirects match byte for byte, forms are read once, scopes never grow."""

import contextlib
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_mcp.domain.principals import ADMIN_SCOPES, EVERY_SCOPE, Scope
from helpdesk_mcp.oauth import redirects
from helpdesk_mcp.oauth.redirects import BadRedirect
from helpdesk_mcp.oauth.scopes import BadScope, BadTarget, Resources, parse
from helpdesk_mcp.web.oauth_forms import BadForm, parsed

RESOURCES = Resources(mcp="https://desk.example/mcp", admin="https://desk.example/admin")
REGISTERED = (
    "https://app.example/callback",
    "https://app.example/callback?tenant=1",
    "http://127.0.0.1/cb",
    "http://[::1]:8000/cb",
    "http://localhost:3000/cb",
    "com.example.app:/cb",
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
near = st.sampled_from(REGISTERED)


@given(near, texts, st.integers(0, 60))
def test_a04_one_character_more_or_less_is_another_redirect(
    uri: str, piece: str, place: int
) -> None:
    changed = uri[:place] + piece + uri[place:]
    if redirects.matched(changed, REGISTERED, native=True):
        before, after = redirects.LOOPBACK.fullmatch(changed), changed in REGISTERED
        assert after or before is not None


@given(near, st.integers(0, 70))
def test_a04_a_redirect_cut_short_is_another(uri: str, place: int) -> None:
    cut = uri[:place] + uri[place + 1 :]
    if redirects.matched(cut, REGISTERED, native=False) and cut not in REGISTERED:
        match = redirects.LOOPBACK.fullmatch(cut)
        assert match is not None
        assert match["host"] in {"127.0.0.1", "[::1]"}
        assert match["after"] == "/cb"


@given(st.integers(-10, 100_000), st.sampled_from(["127.0.0.1", "[::1]", "localhost"]))
def test_a05_a_loopback_port_is_a_real_port(port: int, host: str) -> None:
    uri = f"http://{host}:{port}/cb"
    assert redirects.matched(uri, REGISTERED, native=True) == (1 <= port <= 65_535)


@given(texts)
def test_a81_any_text_is_registrable_or_refused(text: str) -> None:
    try:
        [kept] = redirects.check_registrable([text], native=True)
    except BadRedirect:
        return
    assert kept == text
    assert "#" not in kept
    assert "*" not in kept.split("/")[2] if kept.startswith("http") else True


@given(st.lists(st.tuples(texts, texts), max_size=20))
def test_a57_a_form_is_read_as_it_was_written_or_refused(fields: list[tuple[str, str]]) -> None:
    body = urlencode(fields).encode()
    try:
        assert parsed(body) == fields
    except BadForm:
        assert not body or any("\0" in name + value for name, value in fields)


@given(st.binary(max_size=200))
def test_a57_any_bytes_are_a_form_or_refused(body: bytes) -> None:
    with contextlib.suppress(BadForm):
        assert all("\0" not in name + value for name, value in parsed(body))


@given(st.lists(st.sampled_from([*Scope, "openid", "offline_access", "email"])))
def test_scopes_asked_for_are_the_scopes_found(words: list[str]) -> None:
    found = parse(" ".join(words), None)
    if words:
        assert found.scopes | found.identity == set(words)
    assert not found.scopes & RESOURCES.scopes(RESOURCES.mcp) & ADMIN_SCOPES


@given(texts)
def test_a15_any_text_is_a_scope_or_refused(text: str) -> None:
    try:
        found = parse(text, None)
    except BadScope:
        return
    assert found.scopes <= set(Scope)


@given(texts)
def test_a17_any_text_is_our_resource_or_refused(text: str) -> None:
    with pytest.raises(BadTarget):
        RESOURCES.canonical(text)


def test_no_scope_of_administration_belongs_to_the_mcp_resource() -> None:
    assert RESOURCES.scopes(RESOURCES.mcp) == EVERY_SCOPE
    assert RESOURCES.scopes(RESOURCES.admin) == ADMIN_SCOPES
    assert not EVERY_SCOPE & ADMIN_SCOPES
