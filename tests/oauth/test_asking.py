"""The authorization endpoint: a request becomes a question, and a question has one answer."""

import asyncio

import pytest
from tests.oauth.laboratory import (
    ANA,
    BROWSER,
    CLIENT,
    DESKS,
    ISSUER,
    MCP,
    REDIRECT,
    Laboratory,
    consent,
    request,
)

from helpdesk_mcp.domain.principals import EVERY_SCOPE, Role, Scope
from helpdesk_mcp.oauth.flow import Leave, Question, Stop
from helpdesk_mcp.oauth.models import Client, Grant, Source, Standing
from helpdesk_mcp.oauth.secrets import digest

LOCAL = Client(
    id="local",
    name="A native app",
    source=Source.REGISTERED,
    redirect_uris=("http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost:3000/cb"),
    native=True,
)


async def answer(lab: Laboratory, **changes: str | None) -> Leave | Stop:
    found = await lab.flow.begin(request(**changes), browser=BROWSER)
    assert not isinstance(found, Question)
    return found


async def error(lab: Laboratory, **changes: str | None) -> str:
    """Return the error that goes back to the client, which always says who answers."""
    left = await answer(lab, **changes)
    assert isinstance(left, Leave), left
    given = dict(left.parameters)
    assert left.redirect_uri == REDIRECT
    assert given["iss"] == ISSUER
    return given["error"]


async def granted(lab: Laboratory, code: str) -> Grant:
    found = await lab.ledger.run(lambda records: records.codes.find(digest(code)))
    assert found is not None
    grant = await lab.ledger.run(lambda records: records.grants.find(found.grant))
    assert grant is not None
    return grant


async def test_a_good_request_is_asked_in_plain_facts(lab: Laboratory) -> None:
    question = await lab.asked(prompt="login", max_age="60", scope="openid tickets:read")
    again = await lab.flow.question(question.id, browser=BROWSER)
    assert again == question
    assert question.scopes == (Scope.TICKETS_READ,)
    assert question.identity == ("openid",)
    assert question.redirect_host == "app.example"
    assert not question.redirect_is_local
    assert (question.prompt, question.max_age) == (frozenset({"login"}), 60)


async def test_a01_an_unknown_client_gets_a_page(quick: Laboratory) -> None:
    stopped = await answer(quick, client_id="nobody<script>")
    assert isinstance(stopped, Stop)
    assert (stopped.status, stopped.error) == (400, "invalid_client")
    assert "add it again" in stopped.hint


@pytest.mark.parametrize("client_id", [None, "", "x" * 10_240, "app\0"])
async def test_a02_a_request_without_one_client_gets_a_page(
    quick: Laboratory, client_id: str | None
) -> None:
    assert isinstance(await answer(quick, client_id=client_id), Stop)


async def test_a02_a_repeated_client_gets_a_page(quick: Laboratory) -> None:
    twice = [*request(), ("client_id", CLIENT.id)]
    assert isinstance(await quick.flow.begin(twice, browser=BROWSER), Stop)


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/callback",
        "https://APP.example/callback",
        "https://app.example:443/callback",
        "https://app.example/callback/",
        "https://app.example/./callback",
        "https://app.example/x/../callback",
        "https://app.example%2Fcallback",
        "https://app.example/callback?x=1",
        "https://app.example/callback#frag",
        "https://user@app.example/callback",
        "https://app.example\\callback",
        "https://app.example/\tcallback",
        "https://аpp.example/callback",  # noqa: RUF001 -- a Cyrillic letter is the point
        "",
    ],
)
async def test_a03_a04_another_redirect_gets_a_page_and_no_redirect(
    quick: Laboratory, uri: str
) -> None:
    assert isinstance(await answer(quick, redirect_uri=uri), Stop)


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:51234/cb", "http://[::1]:9/cb", "http://localhost:5123/cb"]
)
async def test_a05_a06_a_native_client_returns_to_any_loopback_port(
    quick: Laboratory, uri: str
) -> None:
    await quick.add(LOCAL)
    question = await quick.asked(client_id="local", redirect_uri=uri)
    assert question.redirect_is_local


async def test_a06_localhost_with_another_port_is_for_native_clients_only(
    quick: Laboratory,
) -> None:
    await quick.add(
        Client(
            id="web",
            name="Web",
            source=Source.REGISTERED,
            redirect_uris=("http://localhost:3000/cb",),
        )
    )
    other = await answer(quick, client_id="web", redirect_uri="http://localhost:5123/cb")
    assert isinstance(other, Stop)
    await quick.asked(client_id="web", redirect_uri="http://localhost:3000/cb")


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:51234/other",
        "https://127.0.0.1:51234/cb",
        "http://127.0.0.1.evil.test/cb",
        "http://127.0.0.2:1/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:80@evil.test/cb",
    ],
)
async def test_a07_other_loopback_addresses_get_a_page(quick: Laboratory, uri: str) -> None:
    await quick.add(LOCAL)
    assert isinstance(await answer(quick, client_id="local", redirect_uri=uri), Stop)


async def test_a08_a_redirect_may_be_left_out_where_one_is_registered(quick: Laboratory) -> None:
    await quick.add(LOCAL)
    assert (await quick.asked(redirect_uri=None)).redirect_uri == REDIRECT
    assert isinstance(await answer(quick, client_id="local", redirect_uri=None), Stop)


async def test_a09_a_repeated_parameter_is_refused(quick: Laboratory) -> None:
    redirect = await quick.flow.begin([*request(), ("redirect_uri", REDIRECT)], browser=BROWSER)
    assert isinstance(redirect, Stop)
    scope = await quick.flow.begin([*request(), ("scope", "tickets:read")], browser=BROWSER)
    assert isinstance(scope, Leave)
    assert dict(scope.parameters)["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("response_type", "expected"),
    [
        ("token", "unsupported_response_type"),
        ("id_token", "unsupported_response_type"),
        ("code token", "unsupported_response_type"),
        (None, "invalid_request"),
    ],
)
async def test_a10_only_codes_are_given(
    quick: Laboratory, response_type: str | None, expected: str
) -> None:
    assert await error(quick, response_type=response_type) == expected


async def test_a11_answers_go_by_query_or_form(quick: Laboratory) -> None:
    for mode in ("fragment", "web_message"):
        assert await error(quick, response_mode=mode) == "invalid_request"
    question = await quick.asked(response_mode="form_post")
    left = await quick.flow.approve(question.id, consent(), browser=BROWSER)
    assert isinstance(left, Leave)
    assert left.form_post


@pytest.mark.parametrize("method", ["plain", None, "s256", "S512"])
async def test_a12_a13_pkce_is_required_with_s256(quick: Laboratory, method: str | None) -> None:
    assert await error(quick, code_challenge=None) == "invalid_request"
    assert await error(quick, code_challenge_method=method) == "invalid_request"


@pytest.mark.parametrize(
    "challenge", ["abc", "x" * 42, "x" * 44, "x" * 129, "x" * 42 + "+", "x" * 42 + "=", "é" * 43]
)
async def test_a14_a_challenge_is_43_characters(quick: Laboratory, challenge: str) -> None:
    assert await error(quick, code_challenge=challenge) == "invalid_request"


@pytest.mark.parametrize(
    "scope",
    [
        "tickets:read nonsense",
        " ".join(f"s{n}" for n in range(200)),
        'tickets:read "',
        "tickets\\read",
        "tickets:read\ttickets:write",
    ],
)
async def test_a15_scopes_that_do_not_exist_are_refused(quick: Laboratory, scope: str) -> None:
    assert await error(quick, scope=scope) == "invalid_scope"


async def test_a15_a_client_asks_within_its_registration(quick: Laboratory) -> None:
    few = frozenset({"tickets:read", "openid"})
    await quick.add(
        Client(
            id="few",
            name="Few",
            source=Source.REGISTERED,
            redirect_uris=(REDIRECT,),
            scopes=few,
        )
    )
    assert await error(quick, client_id="few", scope="people:read") == "invalid_scope"
    question = await quick.asked(client_id="few", scope=None)
    assert (question.scopes, question.identity) == ((Scope.TICKETS_READ,), ("openid",))


async def test_a15_an_empty_scope_means_reading(quick: Laboratory) -> None:
    question = await quick.asked(scope="")
    assert question.scopes
    assert all(scope.endswith(":read") for scope in question.scopes)


async def test_a16_a_role_caps_what_is_granted(lab: Laboratory) -> None:
    lab.town.people["acme", ANA] = Standing(role=Role.AUDITOR)
    question = await lab.asked(scope="openid admin tickets:read tickets:write")
    assert Scope.ADMIN not in question.scopes
    left = await lab.flow.approve(question.id, consent(), browser=BROWSER)
    assert isinstance(left, Leave)
    grant = await granted(lab, dict(left.parameters)["code"])
    assert grant.scopes == {Scope.TICKETS_READ}
    assert (grant.tenant, grant.user, grant.desks, grant.resource) == ("acme", ANA, DESKS, MCP)


@pytest.mark.parametrize(
    "resource",
    [
        "https://other.example/mcp",
        "https://desk.example/t/other/mcp",
        f"{MCP}#x",
        "/mcp",
        "https://[bad/mcp",
    ],
)
async def test_a17_a_resource_elsewhere_is_refused(quick: Laboratory, resource: str) -> None:
    assert await error(quick, resource=resource) == "invalid_target"


async def test_a17_two_resources_are_refused(quick: Laboratory) -> None:
    left = await quick.flow.begin([*request(), ("resource", MCP)], browser=BROWSER)
    assert isinstance(left, Leave)
    assert dict(left.parameters)["error"] == "invalid_target"


@pytest.mark.parametrize("resource", ["https://DESK.example/mcp", f"{MCP}/", None])
async def test_a17_a18_other_spellings_and_no_resource_mean_ours(
    quick: Laboratory, resource: str | None
) -> None:
    assert (await quick.asked(resource=resource)).resource == MCP


async def test_a19_no_prompt_is_refused_with_its_own_error(quick: Laboratory) -> None:
    for word in ("login_required", "consent_required"):
        question = await quick.asked(prompt="none")
        left = await quick.flow.refuse(question.id, browser=BROWSER, error=word)
        assert isinstance(left, Leave)
        assert dict(left.parameters) == {"error": word, "state": "st", "iss": ISSUER}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"request": "x"}, "request_not_supported"),
        ({"request_uri": "http://169.254.169.254"}, "request_uri_not_supported"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"nonce": "n" * 1_025}, "invalid_request"),
    ],
)
async def test_a21_other_parameters_are_judged_too(
    quick: Laboratory, changes: dict[str, str], expected: str
) -> None:
    assert await error(quick, **changes) == expected


async def test_a22_a_state_comes_back_as_it_was_and_a_long_one_never(quick: Laboratory) -> None:
    state = "a\r\nb\"'<script>é"
    question = await quick.asked(state=state)
    left = await quick.flow.refuse(question.id, browser=BROWSER)
    assert isinstance(left, Leave)
    assert dict(left.parameters)["state"] == state
    long = await answer(quick, state="s" * 2_049)
    assert isinstance(long, Leave)
    assert dict(long.parameters).keys() == {"error", "error_description", "iss"}


async def test_a35_another_browser_cannot_see_or_answer_a_question(lab: Laboratory) -> None:
    question = await lab.asked()
    for found in (
        await lab.flow.question(question.id, browser="another"),
        await lab.flow.approve(question.id, consent(), browser="another"),
        await lab.flow.refuse(question.id, browser="another"),
        await lab.flow.approve("unknown", consent(), browser=BROWSER),
    ):
        assert isinstance(found, Stop)
        assert found.status == 403
    assert "oauth.consent.granted" not in lab.events()


async def test_a39_two_answers_at_once_give_one_code(lab: Laboratory) -> None:
    question = await lab.asked()
    answers = await asyncio.gather(
        *(lab.flow.approve(question.id, consent(), browser=BROWSER) for _ in range(4))
    )
    assert sorted(type(found).__name__ for found in answers) == ["Leave", "Stop", "Stop", "Stop"]
    assert lab.events() == ["oauth.consent.granted"]


async def test_a_question_is_too_old_after_ten_minutes(lab: Laboratory) -> None:
    question = await lab.asked()
    lab.clock.now += 601
    assert isinstance(await lab.flow.approve(question.id, consent(), browser=BROWSER), Stop)


async def test_a38_a_consent_is_remembered_for_exactly_that_request(lab: Laboratory) -> None:
    first = await lab.asked()
    assert await lab.flow.remembered(first.id, browser=BROWSER, user=ANA) is None
    narrow = frozenset({Scope.TICKETS_READ})
    await lab.flow.approve(first.id, consent(narrow), browser=BROWSER)
    again = await lab.asked()
    earlier = await lab.flow.remembered(again.id, browser=BROWSER, user=ANA)
    assert earlier is not None
    assert (earlier.scopes, earlier.desks, earlier.tenant) == (narrow, DESKS, "acme")
    assert await lab.flow.remembered(again.id, browser=BROWSER, user="bob") is None
    wider = await lab.asked(scope="tickets:read tickets:write people:read")
    assert await lab.flow.remembered(wider.id, browser=BROWSER, user=ANA) is None
    changed = Client(
        id=CLIENT.id,
        name=CLIENT.name,
        source=CLIENT.source,
        redirect_uris=CLIENT.redirect_uris,
        document="another text",
    )
    await lab.add(changed)
    later = await lab.asked()
    assert await lab.flow.remembered(later.id, browser=BROWSER, user=ANA) is None


async def test_a38_a_consent_for_a_program_on_this_machine_is_never_remembered(
    quick: Laboratory,
) -> None:
    await quick.add(LOCAL)
    for _ in range(2):
        question = await quick.asked(client_id="local", redirect_uri="http://127.0.0.1:1/cb")
        assert await quick.flow.remembered(question.id, browser=BROWSER, user=ANA) is None
        await quick.flow.approve(question.id, consent(), browser=BROWSER)


async def test_who_does_not_belong_to_the_tenant_grants_nothing(lab: Laboratory) -> None:
    question = await lab.asked()
    stranger = consent(EVERY_SCOPE, user="mallory")
    left = await lab.flow.approve(question.id, stranger, browser=BROWSER)
    assert isinstance(left, Leave)
    assert dict(left.parameters)["error"] == "access_denied"


async def test_a_client_made_for_another_tenant_is_granted_nothing(quick: Laboratory) -> None:
    await quick.add(
        Client(
            id="theirs",
            name="Theirs",
            source=Source.ADMINISTRATOR,
            redirect_uris=(REDIRECT,),
            tenant="globex",
        )
    )
    question = await quick.asked(client_id="theirs")
    left = await quick.flow.approve(question.id, consent(), browser=BROWSER)
    assert isinstance(left, Leave)
    assert dict(left.parameters)["error"] == "access_denied"
