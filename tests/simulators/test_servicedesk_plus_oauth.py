"""The Zoho accounts server and what its tokens open (§2)."""

import pytest
from tests.simulators.servicedesk_plus import CONTROL_SECRET, NOW, Desk, cloud, onprem, refresh

from helpdesk_demo.servicedesk_plus.accounts import Accounts
from helpdesk_demo.servicedesk_plus.editions import (
    DATA_CENTERS,
    DEFAULT_SCOPES,
    Config,
    DataCenterName,
)
from helpdesk_demo.servicedesk_plus.knobs import Knobs
from helpdesk_demo.servicedesk_plus.values import as_text

MINUTE = 60_000


async def exchange(desk: Desk, code: str, **changes: str) -> dict[str, str]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": desk.simulator.config.client_id,
        "client_secret": desk.simulator.config.client_secret,
        **changes,
    }
    answer = await desk.http.post("/oauth/v2/token", data=form)
    assert answer.status_code == 200
    return answer.json()


async def code_for(desk: Desk, scopes: str = DEFAULT_SCOPES) -> str:
    return as_text((await desk.control("POST", "codes", scopes=scopes))["code"])


async def test_a_self_clients_code_gives_both_tokens_once() -> None:
    async with cloud() as desk:
        code = await code_for(desk, "SDPOnDemand.requests.ALL,SDPOnDemand.setup.READ")
        tokens = await exchange(desk, code)
        assert tokens["scope"] == "SDPOnDemand.requests.ALL SDPOnDemand.setup.READ"
        assert tokens["api_domain"] == "https://www.zohoapis.com"
        assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
        assert tokens["refresh_token"] != tokens["access_token"]
        assert await exchange(desk, code) == {"error": "invalid_code"}


async def test_a_code_lives_for_minutes() -> None:
    async with cloud() as desk:
        code = await code_for(desk)
        await desk.control("POST", "clock", offset=200)
        assert await exchange(desk, code) == {"error": "invalid_code"}


async def test_a_refresh_answer_has_no_refresh_token() -> None:
    async with cloud() as desk:
        answer = await refresh(desk)
        assert answer.json().keys() == {
            "access_token",
            "scope",
            "api_domain",
            "token_type",
            "expires_in",
        }


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "1000.OTHER"}, "invalid_client"),
        ({"client_secret": "wrong"}, "invalid_client_secret"),
        ({"refresh_token": "1000.gone"}, "invalid_code"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
async def test_mistakes_come_back_with_http_200(changes: dict[str, str], error: str) -> None:
    async with cloud() as desk:
        answer = await refresh(desk, **changes)
        assert (answer.status_code, answer.json()) == (200, {"error": error})


async def test_query_parameters_work_as_well_as_a_form() -> None:
    async with cloud() as desk:
        config = desk.simulator.config
        answer = await desk.http.post(
            "/oauth/v2/token",
            params={
                "grant_type": "refresh_token",
                "refresh_token": config.refresh_token,
                "client_id": config.client_id,
                "client_secret": config.client_secret,
            },
        )
        assert "access_token" in answer.json()


async def test_a_client_of_one_data_centre_is_unknown_to_the_others() -> None:
    async with cloud() as desk:
        config = desk.simulator.config
        form = {
            "grant_type": "refresh_token",
            "refresh_token": config.refresh_token,
            "client_id": config.client_id,
            "client_secret": config.client_secret,
        }
        for name in DATA_CENTERS:
            answer = (await desk.http.post(f"/accounts/{name}/oauth/v2/token", data=form)).json()
            assert ("access_token" in answer) is (name == "us"), name


@pytest.mark.parametrize("name", list(DATA_CENTERS))
def test_all_nine_data_centres_give_their_own_api_domain(name: DataCenterName) -> None:
    accounts = Accounts(Config(edition="cloud", data_center=name))
    form = {
        "grant_type": "refresh_token",
        "refresh_token": accounts.config.refresh_token,
        "client_id": accounts.config.client_id,
        "client_secret": accounts.config.client_secret,
    }
    domain = as_text(accounts.token(form, NOW, Knobs()).body["api_domain"])
    assert domain.startswith("https://www.zohoapis.")
    assert len(DATA_CENTERS) == 9


async def test_a_server_based_client_is_sent_back_with_a_code() -> None:
    async with cloud() as desk:
        back = "https://helpdesk.example/callback"
        answer = await desk.http.get(
            "/oauth/v2/auth",
            params={
                "response_type": "code",
                "client_id": desk.simulator.config.client_id,
                "scope": "SDPOnDemand.requests.READ",
                "redirect_uri": back,
                "access_type": "offline",
                "prompt": "consent",
                "state": "s1",
            },
        )
        assert answer.status_code == 302
        sent = answer.next_request
        assert sent is not None
        params = sent.url.params
        assert params["location"] == "us"
        assert params["accounts-server"] == "https://accounts.zoho.com"
        code, other = params["code"], "https://elsewhere.example/"
        assert await exchange(desk, code, redirect_uri=other) == {"error": "invalid_redirect_uri"}


DENIED = {
    "error_description": "You have made too many requests continuously."
    " Please try again after some time.",
    "error": "Access Denied",
    "status": "failure",
}


async def test_the_sixth_refresh_of_a_minute_is_denied() -> None:
    async with cloud() as desk:
        await desk.control("POST", "tokens", action="forget_limits")
        for _ in range(5):
            assert (await refresh(desk)).status_code == 200
        denied = await refresh(desk)
        assert (denied.status_code, denied.json()) == (400, DENIED)
        await desk.control("POST", "clock", offset=61)
        assert (await refresh(desk)).status_code == 200


def test_the_eleventh_token_of_ten_minutes_is_denied_until_they_are_over() -> None:
    config = Config(edition="cloud")
    accounts = Accounts(config)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": config.refresh_token,
        "client_id": config.client_id,
        "client_secret": config.client_secret,
    }
    https = [accounts.token(form, NOW + at * 30_000, Knobs()).http for at in range(12)]
    assert https == [200] * 10 + [400] * 2
    assert accounts.token(form, NOW + 10 * MINUTE - 1, Knobs()).body["error"] == "Access Denied"
    assert accounts.token(form, NOW + 10 * MINUTE, Knobs()).http == 200


def test_the_twenty_first_refresh_token_deletes_the_oldest() -> None:
    config = Config(edition="cloud")
    accounts = Accounts(config)
    for _ in range(20):
        form = {
            "grant_type": "authorization_code",
            "code": accounts.new_code("SDPOnDemand.requests.READ", NOW),
            "client_id": config.client_id,
            "client_secret": config.client_secret,
        }
        accounts.token(form, NOW, Knobs())
    assert len(accounts.grants) == 20
    assert config.refresh_token not in [grant.token for grant in accounts.grants]


def test_the_thirty_first_live_token_deletes_the_oldest() -> None:
    config = Config(edition="cloud")
    accounts, knobs = Accounts(config), Knobs(tokens_per_ten_minutes=99, refreshes_per_minute=99)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": config.refresh_token,
        "client_id": config.client_id,
        "client_secret": config.client_secret,
    }
    tokens = [as_text(accounts.token(form, NOW, knobs).body["access_token"]) for _ in range(31)]
    assert accounts.scopes_of(tokens[0], NOW) is None
    assert accounts.scopes_of(tokens[1], NOW) is not None


async def test_an_expired_token_is_a_401_and_a_new_one_works() -> None:
    async with cloud() as desk:
        await desk.control("POST", "tokens", action="expire")
        expired = await desk.get("requests")
        assert expired.code == (401, 4022)
        desk.turn(expired_token="html")
        page = await desk.get("requests")
        assert (page.http, page.raw.headers["content-type"]) == (401, "text/html; charset=utf-8")
        token = (await refresh(desk)).json()["access_token"]
        desk.http.headers["Authorization"] = f"Bearer {token}"
        assert (await desk.get("requests")).http == 200


async def test_a_token_expires_by_the_clock() -> None:
    async with cloud() as desk:
        await desk.control("POST", "clock", offset=3599)
        assert (await desk.get("requests")).http == 200
        await desk.control("POST", "clock", offset=3601)
        assert (await desk.get("requests")).http == 401


async def test_a_revoked_refresh_token_takes_its_access_tokens_with_it() -> None:
    async with cloud() as desk:
        token = desk.simulator.config.refresh_token
        revoked = await desk.http.post("/oauth/v2/token/revoke", params={"token": token})
        assert revoked.json() == {"status": "success"}
        assert (await desk.get("requests")).http == 401
        assert (await refresh(desk)).json() == {"error": "invalid_code"}


async def test_a_missing_scope_is_a_401_that_a_new_token_does_not_cure() -> None:
    async with cloud() as desk:
        tokens = await exchange(desk, await code_for(desk, "SDPOnDemand.requests.READ"))
        desk.http.headers["Authorization"] = f"Zoho-oauthtoken {tokens['access_token']}"
        assert (await desk.get("requests")).http == 200
        expired = await desk.send("GET", "requests", headers={"Authorization": "Bearer gone"})
        for path in ("request_templates", "users", "problems"):
            answer = await desk.get(path)
            assert (answer.http, answer.body) == (401, expired.body)
        assert (await desk.post("requests", request={"subject": "x"})).http == 401
        desk.turn(missing_scope="4002")
        assert (await desk.get("users")).code == (401, 4002)


async def test_on_prem_has_no_accounts_server_and_takes_no_token() -> None:
    async with onprem() as desk:
        answer = await desk.http.post("/oauth/v2/token", data={"grant_type": "refresh_token"})
        assert answer.headers["content-type"].startswith("text/html")
        headers = {"authtoken": "", "Authorization": "Zoho-oauthtoken x"}
        assert (await desk.send("GET", "requests", headers=headers)).code == (400, 401)


async def test_the_control_endpoint_needs_its_secret() -> None:
    async with cloud() as desk:
        answer = await desk.http.post("/__control__/reset")
        assert answer.status_code == 403
        headers = {"X-Control-Secret": CONTROL_SECRET}
        assert (await desk.http.get("/__control__/nothing", headers=headers)).status_code == 404
