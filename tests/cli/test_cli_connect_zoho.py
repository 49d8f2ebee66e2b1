"""`desks connect-zoho` against a running accounts server."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import httpx2
import pytest
from tests.cli.conftest import Cli, Ended
from tests.cli.test_cli_init import init

from helpdesk_demo.servicedesk_plus.process import SimulatorProcess, start_simulator


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Generator[SimulatorProcess]:
    log: Path = tmp_path_factory.mktemp("simulator") / "log"
    with start_simulator(log, edition="cloud", tickets=8) as running:
        yield running


def code_of(cloud: SimulatorProcess) -> str:
    """Do what "Generate Code" of the API console does."""
    answer = httpx2.post(
        f"{cloud.ready.control_url}codes",
        json={},
        headers={"X-Control-Secret": cloud.ready.control_secret or ""},
    )
    return str(answer.json()["code"])


Connect = Callable[..., Ended]


@pytest.fixture
def connect(cloud: SimulatorProcess, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Run the command in this process, with what is typed."""

    def run(code: str, *more: str, secret: str = "") -> Ended:
        ready = cloud.ready
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{secret or ready.client_secret}\n{code}\n"))
        told = [f"--client-id={ready.client_id}", f"--accounts-url={ready.accounts_url}", *more]
        return cli("desks", "connect-zoho", *told)

    return run


def test_a_code_becomes_a_credential_that_works(cloud: SimulatorProcess) -> None:
    """Another process hands it on: nothing but the credential is on its standard output."""
    ready = cloud.ready
    command = [sys.executable, "-m", "helpdesk_mcp", "desks", "connect-zoho", "--json"]
    told = [f"--client-id={ready.client_id}", f"--accounts-url={ready.accounts_url}"]
    done = subprocess.run(  # noqa: S603 -- our own interpreter
        [*command, *told],
        input=f"{ready.client_secret}\n{code_of(cloud)}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    credential = json.loads(done.stdout)
    assert credential.keys() == {"client_id", "client_secret", "refresh_token"}
    form = {"grant_type": "refresh_token", **credential}
    answer = httpx2.post(f"{cloud.ready.accounts_url}/oauth/v2/token", data=form)
    assert answer.json()["access_token"]


def test_it_says_what_to_do_and_what_to_set(cloud: SimulatorProcess, connect: Connect) -> None:
    done = connect(code_of(cloud), "--data-center=eu", "--portal=itdesk")
    assert done.status == 0, done.err
    assert "https://api-console.zoho.eu" in done.out
    assert "SDPOnDemand.requests.ALL" in done.out
    assert "\nSDP_REFRESH_TOKEN=1000." in done.out
    assert "\nSDP_DATA_CENTER=eu\nSDP_PORTAL_NAME=itdesk\n" in done.out


def test_a_code_that_is_none_is_told_as_such(cloud: SimulatorProcess, connect: Connect) -> None:
    done = connect("1000.old")
    assert done.status == 2
    assert "works once" in done.err
    assert cloud.ready.client_secret not in done.out + done.err


def test_a_wrong_secret_is_told_as_such(cloud: SimulatorProcess, connect: Connect) -> None:
    done = connect(code_of(cloud), secret="wrong")
    assert done.status == 1
    assert "secret" in done.err


def test_an_unknown_data_centre_names_the_nine(connect: Connect) -> None:
    done = connect("x", "--data-center=mars")
    assert done.status == 2
    assert "us, eu, in, cn, au, jp, ca, uk, sa" in done.err


def test_a_credential_is_kept_sealed_as_a_tenants_desk_and_replaced_later(
    cloud: SimulatorProcess,
    connect: Connect,
    cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DESK_NETWORKS", "127.0.0.1/32")
    init(cli, tmp_path, "--no-desk")
    secret = cloud.ready.client_secret
    done = None
    for known in ("kept", "replaced"):
        done = connect(code_of(cloud), f"--address={cloud.url}", "--portal=itdesk", "--desk=sdp")
        assert done.status == 0, done
        assert f"The credential of sdp is {known}, sealed." in done.out
        assert "It answers in" in done.out
        assert "REFRESH_TOKEN" not in done.out
        assert secret not in done.out + done.err
        cli("desks", "suspend", "sdp", "--reason", "Zoho has revoked the refresh token.")
    assert done is not None
    assert "still suspended: `helpdesk-mcp desks resume sdp`" in done.out
    assert cli("desks", "resume", "sdp").status == 0
    assert "servicedesk_plus_cloud" in cli("desks", "list").out
    assert secret.encode() not in (tmp_path / "cli.sqlite3").read_bytes()


def test_nothing_is_asked_where_the_credential_could_not_be_kept(cli: Cli, tmp_path: Path) -> None:
    none = cli("desks", "connect-zoho", "--desk=sdp")
    assert (none.status, "helpdesk-mcp init" in none.err) == (2, True)
    init(cli, tmp_path)
    other = cli("desks", "connect-zoho", "--desk=it")
    assert (other.status, "another kind" in other.err) == (2, True)
    both = cli("desks", "connect-zoho", "--desk=sdp", "--json")
    assert (both.status, "one of them" in both.err) == (2, True)
