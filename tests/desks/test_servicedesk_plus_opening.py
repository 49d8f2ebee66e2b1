"""From a connection to an open desk: addresses, credentials, certificates, proxies."""

import shutil
import ssl
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helpdesk_demo.servicedesk_plus.process import start_simulator
from helpdesk_mcp.desks.reach import Reach, tls_context
from helpdesk_mcp.desks.servicedeskplus.editions import DATA_CENTERS, EditionName, base_url
from helpdesk_mcp.desks.servicedeskplus.opening import opened
from helpdesk_mcp.domain.errors import Invalid, Unavailable
from helpdesk_mcp.domain.tenants import Connection
from helpdesk_mcp.telemetry.metrics import Metrics

ADDRESSES: tuple[tuple[EditionName, str, str, str], ...] = (
    ("onprem", "https://host:8443", "", "https://host:8443/api/v3/"),
    ("onprem", "https://host:8443/", "", "https://host:8443/api/v3/"),
    ("onprem", "https://host:8443/api/v3", "", "https://host:8443/api/v3/"),
    ("onprem", "https://host/sdp/api/v3/", "", "https://host/sdp/api/v3/"),
    ("cloud", "", "itdesk", "https://servicedeskplus.jp/app/itdesk/api/v3/"),
    ("cloud", "", "", "https://servicedeskplus.jp/api/v3/"),
    ("cloud", "https://help.example", "it", "https://help.example/app/it/api/v3/"),
    ("cloud", "https://help.example/app/hr", "it", "https://help.example/app/hr/api/v3/"),
)


@pytest.mark.parametrize(("edition", "address", "portal", "wanted"), ADDRESSES)
def test_an_address_is_understood_in_every_form(
    edition: EditionName, address: str, portal: str, wanted: str
) -> None:
    assert base_url(edition, address, center="jp", portal=portal) == wanted


@pytest.mark.parametrize("address", ["", "host:8443", "https://"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        base_url("onprem", address)


def test_a_portal_is_one_word() -> None:
    with pytest.raises(Invalid):
        base_url("cloud", "", portal="it/../../admin")


def test_the_nine_data_centres_are_those_of_the_vendor() -> None:
    assert {name: center.accounts for name, center in DATA_CENTERS.items()} == {
        "us": "https://accounts.zoho.com",
        "eu": "https://accounts.zoho.eu",
        "in": "https://accounts.zoho.in",
        "cn": "https://accounts.zoho.com.cn",
        "au": "https://accounts.zoho.com.au",
        "jp": "https://accounts.zoho.jp",
        "ca": "https://accounts.zohocloud.ca",
        "uk": "https://accounts.zoho.uk",
        "sa": "https://accounts.zoho.sa",
    }


def connection(address: str, kind: str = "servicedesk_plus", **settings: Any) -> Connection:
    return Connection(
        id="d", tenant="default", name="d", kind=kind, address=address, settings=settings
    )


async def refused(made: Connection, **credential: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        async with opened(made, credential, Metrics()):
            pass
    return caught.value


async def test_what_is_missing_or_wrong_is_named() -> None:
    here = "https://desk.example"
    assert "SDP_API_KEY" in (await refused(connection(here))).message
    cloud = connection("", "servicedesk_plus_cloud")
    assert "connect-zoho" in (await refused(cloud, client_id="c")).message
    assert "frob" in (await refused(connection(here, frob=1), api_key="k")).message
    assert "timeout" in (await refused(connection(here, timeout="x"), api_key="k")).message
    assert "PEM" in (await refused(connection(here, ca="/nowhere"), api_key="k")).message
    mars = connection("", "servicedesk_plus_cloud", data_center="mars")
    assert "us, eu" in (await refused(mars, client_id="c")).message


@pytest.mark.parametrize(
    ("settings", "tenants", "zone"),
    [
        ({}, "", "UTC"),
        ({}, "Europe/Madrid", "Europe/Madrid"),
        ({"time_zone": "Asia/Tokyo"}, "Europe/Madrid", "Asia/Tokyo"),
    ],
)
async def test_days_are_counted_in_the_desks_zone_or_else_in_its_tenants(
    settings: dict[str, str], tenants: str, zone: str
) -> None:
    made = replace(connection("https://desk.example", **settings), zone=tenants)
    async with opened(made, {"api_key": "k"}, Metrics()) as desk:
        assert str(await desk.zone()) == zone


async def test_u18_a_desk_with_its_own_certificate_is_believed_only_if_told_so(
    tmp_path: Path,
) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl program to make a certificate")
    certificate, key = tmp_path / "desk.pem", tmp_path / "desk.key"
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, "req", *options, *names, *files], check=True, capture_output=True)  # noqa: ASYNC221, S603
    served = [f"--certificate={certificate}", f"--key={key}", f"--client-ca={certificate}"]
    with start_simulator(tmp_path / "log", edition="onprem", tickets=8, options=served) as process:
        api_key, pem = process.ready.api_key, certificate.read_text()
        mine = {"client_certificate": pem}
        secret = {"api_key": api_key, "client_key": key.read_text()}
        for settings, credential, works in (
            ({}, {"api_key": api_key}, False),
            ({"ca": str(certificate)}, {"api_key": api_key}, False),
            ({"ca": str(certificate), **mine}, secret, True),
            ({"ca": pem, **mine}, secret, True),
        ):
            made = connection(process.url, **settings)
            async with opened(made, credential, Metrics()) as desk:
                if works:
                    await desk.ping()
                    continue
                with pytest.raises(Unavailable) as caught:
                    await desk.ping()
                assert caught.value.reason in {"unreachable", "protocol"}


def test_u18_there_is_no_way_to_leave_the_check_out() -> None:
    context = tls_context(Reach())
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
