"""Control: knobs, throttling, faults, the runner, and data that is the same for the same seed."""

import json
import shutil
import ssl
import subprocess
from collections.abc import Generator
from pathlib import Path
from time import perf_counter

import httpx2
import pytest
from tests.simulators.servicedesk_plus import ACCEPT, CONTROL_SECRET, NOW, cloud, config, onprem

from helpdesk_demo.servicedesk_plus.editions import Config
from helpdesk_demo.servicedesk_plus.process import (
    PortTaken,
    SimulatorDidNotStart,
    SimulatorProcess,
    start_simulator,
)
from helpdesk_demo.servicedesk_plus.seeding import new_site
from helpdesk_demo.servicedesk_plus.site import Simulator
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_row, as_rows, as_text

BLOCKED = "URL blocked as maximum access limit for the page is exceeded. Please try after sometime."


async def test_on_prem_locks_a_url_with_http_400() -> None:
    async with onprem(throttle_requests=2, throttle_window=60, throttle_lock=300) as desk:
        https = [(await desk.get("requests")).http for _ in range(3)]
        assert https == [200, 200, 400]
        blocked = await desk.get("requests")
        assert blocked.message["message"] == BLOCKED
        assert (await desk.get("technicians")).http == 200
        await desk.control("POST", "clock", offset=100)
        assert (await desk.get("requests")).http == 400
        await desk.control("POST", "clock", offset=400)
        assert (await desk.get("requests")).http == 200


@pytest.mark.parametrize("http", [429, 400])
async def test_the_cloud_throttles_all_calls_with_4015(http: int) -> None:
    async with cloud(throttle_requests=1, throttle_http=http) as desk:
        await desk.get("requests")
        assert (await desk.get("technicians")).code == (http, 4015)


async def test_a_status_fault_meets_the_calls_it_names() -> None:
    async with onprem() as desk:
        await desk.control(
            "POST", "faults", kind="status", method="GET", path="requests$", times=2, skip=1
        )
        https = [(await desk.get("requests")).http for _ in range(4)]
        assert https == [200, 503, 503, 200]
        await desk.control("POST", "faults", kind="status", http=500)
        assert (await desk.get("requests")).code == (500, 4004)
        await desk.control("POST", "faults", kind="status", http=400, code=4015)
        assert (await desk.get("requests")).code == (400, 4015)
        await desk.control("POST", "faults", kind="status")
        await desk.control("DELETE", "faults")
        assert (await desk.get("requests")).http == 200


async def test_a_fault_can_fail_before_or_after_the_work_is_done() -> None:
    async with onprem() as desk:
        count = len(desk.simulator.state.tables["requests"])
        new: Row = {"subject": "Committed?"}
        await desk.control("POST", "faults", kind="html", http=502)
        assert (await desk.post("requests", request=new)).raw.text.startswith("<!DOCTYPE")
        assert len(desk.simulator.state.tables["requests"]) == count
        await desk.control("POST", "faults", kind="commit_then_status", http=504)
        assert (await desk.post("requests", request=new)).http == 504
        assert len(desk.simulator.state.tables["requests"]) == count + 1


async def test_knobs_are_checked_and_reset_with_everything_else() -> None:
    async with onprem() as desk:
        headers = {"X-Control-Secret": CONTROL_SECRET}
        for wrong in ({"groups": "teams"}, {"no_such_knob": 1}):
            answer = await desk.http.request(
                "PATCH", "/__control__/knobs", content=json.dumps(wrong), headers=headers
            )
            assert answer.status_code == 400
        turned = await desk.control("PATCH", "knobs", priority_matrix=True, close_rules=["worklog"])
        assert (turned["priority_matrix"], turned["close_rules"]) == (True, ["worklog"])
        await desk.new_request()
        await desk.control("POST", "reset")
        knobs = await desk.control("GET", "knobs")
        assert knobs["priority_matrix"] is False
        tables = as_row((await desk.control("GET", "state"))["tables"])
        assert tables["requests"] == 60


async def test_what_was_asked_can_be_read_back_without_secrets() -> None:
    async with cloud() as desk:
        await desk.post("requests", request={"subject": "Seen"})
        seen = as_rows((await desk.control("GET", "requests"))["requests"])
        assert seen[-1]["input"] == {"request": {"subject": "Seen"}}
        assert (seen[-1]["method"], seen[-1]["http"]) == ("POST", 201)
        text = json.dumps(seen)
        assert desk.simulator.config.refresh_token not in text
        assert desk.simulator.config.client_secret not in text
        await desk.control("DELETE", "requests")
        assert (await desk.control("GET", "requests"))["requests"] == []


async def test_without_a_secret_there_is_no_control_endpoint() -> None:
    simulator = Simulator(Config(edition="onprem", tickets=8))
    transport = httpx2.ASGITransport(app=simulator)
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk.example") as http:
        answer = await http.post("/__control__/reset", headers={"X-Control-Secret": ""})
        assert answer.headers["content-type"].startswith("text/html")


async def test_another_build_has_other_routes() -> None:
    async with onprem() as desk:
        assert (await desk.get("support_groups")).http == 200
        await desk.control("POST", "build", build=14990)
        assert (await desk.get("support_groups")).code == (404, 4007)
        assert (await desk.get("groups")).http == 200
        assert (await desk.get("cmdb")).code == (404, 4007)


def test_the_same_seed_makes_the_same_site() -> None:
    one, same = new_site(config("onprem")), new_site(config("onprem"))
    assert one.tables == same.tables
    other = new_site(Config(edition="onprem", seed=8, tickets=60, started=NOW))
    assert one.tables["requests"] != other.tables["requests"]


def test_three_thousand_tickets_are_made_in_a_second() -> None:
    new_site(config("onprem"))
    began = perf_counter()
    site = new_site(Config(edition="onprem", tickets=3000, started=NOW))
    assert perf_counter() - began < 1.5
    rows = site.tables["requests"].values()
    assert len(rows) == 3000
    assert {as_text(row["status"]) for row in rows} == set(site.tables["statuses"])
    subjects = " ".join(as_text(row["subject"]) for row in rows)
    assert "VPN drops" in subjects
    assert "pedido" in subjects
    names = [row["name"] for row in site.tables["priorities"].values()]
    assert "Urgent" not in names
    assert "Madrid" in [row["name"] for row in site.tables["sites"].values()]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Generator[SimulatorProcess]:
    log = tmp_path_factory.mktemp("simulator") / "log"
    with start_simulator(log, edition="onprem", tickets=60, seed=7) as process:
        yield process


def client(process: SimulatorProcess, **headers: str) -> httpx2.Client:
    known = {"authtoken": process.ready.api_key, "Accept": ACCEPT, **headers}
    return httpx2.Client(base_url=process.ready.origin, headers=known, timeout=10)


def order(process: SimulatorProcess, name: str, /, **data: Json) -> None:
    headers = {"X-Control-Secret": process.ready.control_secret or ""}
    answer = httpx2.post(f"{process.ready.control_url}{name}", json=data, headers=headers)
    assert answer.status_code == 200, answer.text


def count_of(process: SimulatorProcess, http: httpx2.Client) -> int:
    info: Json = {"list_info": {"row_count": 1, "get_total_count": True}}
    answer = http.get(f"{process.api_url}/requests", params={"input_data": json.dumps(info)}).json()
    return answer["list_info"]["total_count"]


@pytest.mark.parametrize(
    ("kind", "commits"),
    [("drop", False), ("half_body", True), ("commit_then_drop", True)],
)
def test_a_connection_breaks_with_or_without_the_work_done(
    running: SimulatorProcess, kind: str, *, commits: bool
) -> None:
    with client(running) as http:
        before = count_of(running, http)
        order(running, "faults", kind=kind, method="POST", path="requests$")
        form = {"input_data": json.dumps({"request": {"subject": "Landed?"}})}
        with pytest.raises(httpx2.TransportError):
            http.post(f"{running.api_url}/requests", data=form)
        assert count_of(running, http) == before + commits


@pytest.mark.parametrize(("kind", "commits"), [("hang", False), ("commit_then_hang", True)])
def test_an_answer_that_never_comes_is_timed_out_by_the_client(
    running: SimulatorProcess, kind: str, *, commits: bool
) -> None:
    with client(running) as http:
        before = count_of(running, http)
        order(running, "faults", kind=kind, method="POST", seconds=30)
        form = {"input_data": json.dumps({"request": {"subject": "Landed?"}})}
        with pytest.raises(httpx2.ReadTimeout):
            http.post(f"{running.api_url}/requests", data=form, timeout=0.3)
        assert count_of(running, http) == before + commits


def test_latency_is_a_knob(running: SimulatorProcess) -> None:
    headers = {"X-Control-Secret": running.ready.control_secret or ""}
    with client(running) as http:
        for latency in (0.2, 0):
            answer = http.patch(
                f"{running.ready.control_url}knobs", json={"latency": latency}, headers=headers
            )
            assert answer.status_code == 200
            began = perf_counter()
            http.get(f"{running.api_url}/requests")
            assert perf_counter() - began >= latency


def test_the_cloud_runs_as_a_process_and_ends_in_order(tmp_path: Path) -> None:
    options = ["--data-center=eu", "--portal=mesa", "--now=2026-11-20T10:00:00+00:00"]
    with start_simulator(tmp_path / "log", edition="cloud", tickets=20, options=options) as process:
        ready = process.ready
        assert process.api_url == f"{ready.origin}/app/mesa/api/v3"
        form = {
            "grant_type": "refresh_token",
            "refresh_token": ready.refresh_token,
            "client_id": ready.client_id,
            "client_secret": ready.client_secret,
        }
        token = httpx2.post(f"{ready.accounts_url}/oauth/v2/token", data=form).json()
        assert token["api_domain"] == "https://www.zohoapis.eu"
        headers = {"Authorization": f"Zoho-oauthtoken {token['access_token']}", "Accept": ACCEPT}
        answer = httpx2.get(f"{process.api_url}/requests", headers=headers)
        assert len(answer.json()["requests"]) == 10
        assert process.running
        assert process.stop() == 0
    assert not process.running


def test_it_serves_tls_and_asks_for_a_client_certificate(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl program to make a certificate")
    certificate, key = tmp_path / "desk.pem", tmp_path / "desk.key"
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, "req", *options, *names, *files], check=True, capture_output=True)  # noqa: S603
    served = [f"--certificate={certificate}", f"--key={key}", f"--client-ca={certificate}"]
    with start_simulator(tmp_path / "log", edition="onprem", tickets=8, options=served) as process:
        headers = {"authtoken": process.ready.api_key, "Accept": ACCEPT}
        trust = ssl.create_default_context(cafile=str(certificate))
        with (
            httpx2.Client(verify=trust, headers=headers) as http,
            pytest.raises(httpx2.TransportError),
        ):
            http.get(f"{process.api_url}/requests")
        trust.load_cert_chain(certificate, key)
        with httpx2.Client(verify=trust, headers=headers) as http:
            assert http.get(f"{process.api_url}/requests").status_code == 200


def test_a_taken_port_is_named(running: SimulatorProcess, tmp_path: Path) -> None:
    port = int(running.ready.origin.rpartition(":")[2])
    with pytest.raises(PortTaken, match=str(port)):
        start_simulator(tmp_path / "log", edition="onprem", port=port)


def test_a_wrong_option_is_told(tmp_path: Path) -> None:
    with pytest.raises(SimulatorDidNotStart, match="no-such-option"):
        start_simulator(tmp_path / "log", edition="onprem", options=["--no-such-option"])


def test_secrets_stay_out_of_the_repr(running: SimulatorProcess) -> None:
    shown = repr(running)
    assert running.ready.api_key not in shown
    assert (running.ready.control_secret or "?") not in shown
    assert isinstance(running.pid, int)


def test_a_killed_simulator_answers_no_more(tmp_path: Path) -> None:
    process = start_simulator(tmp_path / "log", edition="onprem", tickets=8)
    assert process.kill() != 0
    with pytest.raises(httpx2.TransportError):
        httpx2.get(process.api_url)
