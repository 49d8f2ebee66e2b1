"""`helpdesk-mcp doctor`: what is wrong and how to mend it."""

import io
import socket
from pathlib import Path

import pytest
from tests.cli.conftest import Cli
from tests.cli.test_cli_init import ADDRESS, files, init
from tests.desks.test_revoked import control

from helpdesk_demo.servicedesk_plus.process import start_simulator
from helpdesk_mcp.cli import examining
from helpdesk_mcp.desks.servicedeskplus.scopes import asked_for
from helpdesk_mcp.domain.errors import Unavailable


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def test_without_a_desk_it_says_which_settings_are_missing(cli: Cli) -> None:
    ended = cli("doctor")
    assert ended.status == 1
    settings, database, desk = ended.out.splitlines()
    assert settings == "ok    settings   will listen on 127.0.0.1:8001"
    assert database == "ok    database   works; its schema will be brought up to date at start"
    assert desk.startswith("FAIL  help desk  No help desk is configured: set HELPDESK_BASE_URL")


def test_it_changes_nothing_in_the_database(cli: Cli) -> None:
    cli("doctor")
    assert "will be brought up to date" in cli("doctor").out
    cli("tokens", "list")
    assert "its schema is up to date" in cli("doctor").out


def test_an_unreachable_desk_comes_with_advice(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPDESK_BASE_URL", f"http://127.0.0.1:{closed_port()}/")
    monkeypatch.setenv("HELPDESK_USERNAME", "agent")
    monkeypatch.setenv("HELPDESK_PASSWORD", "canary-7261")
    ended = cli("doctor")
    assert ended.status == 1
    assert "Check HELPDESK_BASE_URL, and that this machine may reach it." in ended.out
    assert "canary" not in ended.out


def test_a_database_that_cannot_be_opened_comes_with_advice(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/missing/x.sqlite3")
    assert "Check DATABASE_URL, and that its directory exists" in cli("doctor").out


def test_bad_settings_are_the_only_finding(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCP_PORT", "x")
    ended = cli("doctor")
    assert ended.status == 1
    assert ended.out.startswith("FAIL  settings   Bad settings. MCP_PORT: ")
    assert len(ended.out.splitlines()) == 1


@pytest.mark.parametrize("theirs", [None, "", "yesterday"])
def test_a_desk_without_a_clock_is_no_problem(theirs: str | None) -> None:
    assert examining.compared(theirs, 0) == "the help desk does not tell the time"


def test_a_small_difference_of_the_clocks_is_none() -> None:
    assert examining.compared("Fri, 15 Jan 2027 08:00:00 GMT", 1_800_000_059) == (
        "agrees with the help desk's"
    )


@pytest.mark.parametrize("skew", [-61, 61, 86_400])
def test_clocks_that_differ_are_a_finding(skew: int) -> None:
    with pytest.raises(Unavailable) as caught:
        examining.compared("Fri, 15 Jan 2027 08:00:00 GMT", 1_800_000_000 - skew)
    assert (caught.value.reason, caught.value.message) == (
        "clock",
        f"It differs by {skew} s from the help desk's.",
    )


def test_a_token_that_may_do_everything_is_no_finding() -> None:
    assert examining.without(frozenset(asked_for().split(","))) == ""
    assert examining.without(frozenset()) == ""  # a desk without scopes, or one that was not asked


def test_a_scope_that_a_token_lacks_is_told_with_the_tools_that_need_it() -> None:
    said = examining.without(frozenset({"SDPOnDemand.requests.READ", "SDPOnDemand.setup.READ"}))
    assert said.startswith("its token may not do everything. ")
    assert "people:read lacks SDPOnDemand.users.READ" in said
    assert "get_users" in said
    assert "tickets:read" not in said


def test_each_desk_is_examined_by_its_name(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with start_simulator(tmp_path / "sdp.log", edition="onprem", tickets=20) as sdp:
        monkeypatch.setenv("SDP_BASE_URL", sdp.url)
        monkeypatch.setenv("SDP_API_KEY", sdp.ready.api_key)
        monkeypatch.setenv("HELPDESK_BASE_URL", f"http://127.0.0.1:{closed_port()}/")
        monkeypatch.setenv("HELPDESK_TOKEN", "canary-7261")
        ended = cli("doctor")
    assert ended.status == 1
    assert "FAIL  django-helpdesk" in ended.out
    assert "Check HELPDESK_BASE_URL" in ended.out
    assert "ok    servicedesk-plus answers in" in ended.out
    assert "canary" not in ended.out


def test_a_key_that_a_desk_refuses_comes_with_the_setting_to_check(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with start_simulator(tmp_path / "sdp.log", edition="onprem", tickets=20) as sdp:
        monkeypatch.setenv("SDP_URL", sdp.url)
        monkeypatch.setenv("SDP_API_KEY", "wrong-canary-7261")
        ended = cli("doctor")
    assert ended.status == 1
    assert "Check SDP_API_KEY" in ended.out
    assert "canary" not in ended.out


def test_the_desks_of_organisations_are_examined_with_what_their_tokens_lack(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DESK_NETWORKS", "127.0.0.1/32")
    init(cli, tmp_path, "--no-desk")
    _, credential = files(tmp_path)
    for name in ("it", "hr"):
        cli("desks", "add", name, "--address", ADDRESS, "--credential-file", credential)
    cli("desks", "suspend", "hr", "--reason", "It moves.")
    with start_simulator(tmp_path / "sdp.log", edition="cloud", tickets=8) as sdp:
        scopes = "SDPOnDemand.requests.ALL,SDPOnDemand.setup.READ"
        code = control(sdp, "POST", "codes", scopes=scopes)["code"]
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{sdp.ready.client_secret}\n{code}\n"))
        told = [f"--client-id={sdp.ready.client_id}", f"--accounts-url={sdp.ready.accounts_url}"]
        cli("desks", "connect-zoho", *told, f"--address={sdp.url}", "--desk=sdp")
        ended = cli("doctor")
    told = {line[:4].strip() + " " + line.split()[1]: line for line in ended.out.splitlines()}
    assert ended.status == 1
    assert "It is suspended: It moves." in told["FAIL acme/hr"]
    assert "`helpdesk-mcp desks resume hr --tenant acme`" in told["FAIL acme/hr"]
    assert "desks update it --tenant acme --address" in told["FAIL acme/it"]
    assert "people:read lacks SDPOnDemand.users.READ" in told["ok acme/sdp"]
    assert "get_users" in told["ok acme/sdp"]
    assert ended.out.count("acme/it") == 1
    assert "canary" not in ended.out
    assert cli("doctor", "--tenant", "globex").out.endswith("There is no such organisation.\n")


def test_a_build_that_tells_no_labels_of_custom_fields_is_told_with_what_to_set(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with start_simulator(tmp_path / "sdp.log", edition="onprem", tickets=8, build=14990) as sdp:
        monkeypatch.setenv("SDP_URL", sdp.url)
        monkeypatch.setenv("SDP_API_KEY", sdp.ready.api_key)
        ended = cli("doctor")
        monkeypatch.setenv("SDP_OPTIONS", '{"labels": {"udf_sline_1802": "Asset tag"}}')
        told = cli("doctor")
    assert ended.status == 0
    assert '`labels`: {"udf_sline_1802": "what people call it"}' in ended.out
    assert "names that it has: udf_pick_1803" in told.out


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ({"SDP_URL": "https://sdp.example"}, "Set SDP_API_KEY."),
        ({"SDP_API_KEY": "k"}, "Set SDP_URL."),
        ({"SDP_CLIENT_ID": "1000.A"}, "Set SDP_CLIENT_SECRET and SDP_REFRESH_TOKEN."),
        ({"HELPDESK_BASE_URL": "https://desk.example"}, "Set HELPDESK_USERNAME and HELPDESK_PASS"),
        (
            {"SDP_URL": "https://sdp.example", "SDP_API_KEY": "k", "SDP_OPTIONS": '{"x": 1}'},
            "Look at SDP_OPTIONS.",
        ),
    ],
    ids=str,
)
def test_a_desk_that_is_half_configured_is_told_by_its_variables(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], advice: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert advice in cli("doctor").out
