"""`desks connect-zoho` against a running accounts server."""

import json
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest

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


def connect(
    cloud: SimulatorProcess, code: str, *more: str, secret: str = ""
) -> subprocess.CompletedProcess[str]:
    ready = cloud.ready
    command = [sys.executable, "-m", "helpdesk_mcp", "desks", "connect-zoho"]
    told = [f"--client-id={ready.client_id}", f"--accounts-url={ready.accounts_url}", *more]
    return subprocess.run(  # noqa: S603 -- our own interpreter
        [*command, *told],
        input=f"{secret or ready.client_secret}\n{code}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_code_becomes_a_credential_that_works(cloud: SimulatorProcess) -> None:
    done = connect(cloud, code_of(cloud), "--json")
    assert done.returncode == 0, done.stderr
    credential = json.loads(done.stdout)
    assert credential.keys() == {"client_id", "client_secret", "refresh_token"}
    form = {"grant_type": "refresh_token", **credential}
    answer = httpx2.post(f"{cloud.ready.accounts_url}/oauth/v2/token", data=form)
    assert answer.json()["access_token"]


def test_it_says_what_to_do_and_what_to_set(cloud: SimulatorProcess) -> None:
    done = connect(cloud, code_of(cloud), "--data-center=eu", "--portal=itdesk")
    assert done.returncode == 0, done.stderr
    assert "https://api-console.zoho.eu" in done.stdout
    assert "SDPOnDemand.requests.ALL" in done.stdout
    assert "\nSDP_REFRESH_TOKEN=1000." in done.stdout
    assert "\nSDP_DATA_CENTER=eu\nSDP_PORTAL_NAME=itdesk\n" in done.stdout


def test_a_code_that_is_none_is_told_as_such(cloud: SimulatorProcess) -> None:
    done = connect(cloud, "1000.old")
    assert done.returncode == 2
    assert "works once" in done.stderr
    assert cloud.ready.client_secret not in done.stdout + done.stderr


def test_a_wrong_secret_is_told_as_such(cloud: SimulatorProcess) -> None:
    done = connect(cloud, code_of(cloud), secret="wrong")
    assert done.returncode == 1
    assert "secret" in done.stderr


def test_an_unknown_data_centre_names_the_nine(cloud: SimulatorProcess) -> None:
    done = connect(cloud, "x", "--data-center=mars")
    assert done.returncode == 2
    assert "us, eu, in, cn, au, jp, ca, uk, sa" in done.stderr
