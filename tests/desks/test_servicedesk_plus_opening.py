"""From a connection to an open desk: addresses, credentials, certificates, proxies."""

import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.desks.proxies import self_signed
from tests.desks.servers import said, saying, silence

from helpdesk_demo.servicedesk_plus.process import start_simulator
from helpdesk_mcp.desks.reach import Reach, tls_context
from helpdesk_mcp.desks.servicedeskplus.editions import DATA_CENTERS, EditionName, base_url
from helpdesk_mcp.desks.servicedeskplus.opening import opened
from helpdesk_mcp.desks.servicedeskplus.options import Options
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


# Reference §1.2: two letters, where the API is, and the zone of the accounts server and console.
NINE = (
    ("us", "sdpondemand.manageengine.com", "zoho.com"),
    ("eu", "sdpondemand.manageengine.eu", "zoho.eu"),
    ("in", "sdpondemand.manageengine.in", "zoho.in"),
    ("cn", "servicedeskplus.cn", "zoho.com.cn"),
    ("au", "servicedeskplus.net.au", "zoho.com.au"),
    ("jp", "servicedeskplus.jp", "zoho.jp"),
    ("ca", "servicedeskplus.ca", "zohocloud.ca"),
    ("uk", "servicedeskplus.uk", "zoho.uk"),
    ("sa", "servicedeskplus.sa", "zoho.sa"),
)


def test_the_nine_data_centres_are_those_of_the_vendor() -> None:
    assert [(name, c.api, c.accounts, c.console) for name, c in DATA_CENTERS.items()] == [
        (name, f"https://{api}", f"https://accounts.{zone}", f"https://api-console.{zone}")
        for name, api, zone in NINE
    ]


@pytest.mark.parametrize(
    ("address", "center", "api", "zone"),
    [*(("", *row) for row in NINE), ("https://help.example", *NINE[1])],
)
async def test_tokens_come_from_the_accounts_server_of_the_data_centre_on_custom_domains_too(
    address: str, center: str, api: str, zone: str
) -> None:
    host = address.removeprefix("https://") or api
    assert base_url("cloud", address, center=center, portal="it") == (
        f"https://{host}/app/it/api/v3/"
    )
    async with saying(said(502)) as proxy:
        settings = {"data_center": center.upper(), "portal": "it", "proxy": proxy.url}
        made = connection(address, "servicedesk_plus_cloud", **settings)
        credential = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
        async with opened(made, credential, Metrics()) as desk:
            with pytest.raises(Unavailable):
                await desk.ping()
    assert {head.split(b"\r\n")[0] for head in proxy.asked} == {
        f"CONNECT accounts.{zone}:443 HTTP/1.1".encode()
    }


@pytest.mark.parametrize(("settings", "portal"), [({"portal_id": "7"}, b"7"), ({}, None)])
async def test_on_prem_every_request_carries_the_key_the_format_and_the_portal(
    settings: dict[str, str], portal: bytes | None
) -> None:
    body = b'{"response_status":[{"status_code":2000}],"list_info":{},"requests":[]}'
    async with saying(said(body=body, more="content-type: application/json\r\n")) as server:
        made = connection(server.url, **settings)
        async with opened(made, {"api_key": "KEY-1"}, Metrics()) as desk:
            await desk.ping()
    lines = [line.lower() for line in server.asked[0].split(b"\r\n")]
    headers = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
    assert headers[b"authtoken"] == b"key-1"
    assert headers[b"accept"] == b"application/vnd.manageengine.sdp.v3+json"
    assert headers.get(b"portalid") == portal


async def test_a_desk_has_fifteen_seconds_unless_it_is_told_otherwise() -> None:
    assert Options().timeout == 15
    async with saying(silence) as server:
        made = connection(server.url, timeout=0.1)
        async with opened(made, {"api_key": "k"}, Metrics()) as desk:
            with pytest.raises(Unavailable) as caught:
                await desk.ping()
    assert caught.value.facts() == {
        "code": "unavailable",
        "reason": "timeout",
        "message": caught.value.message,
        "retryable": True,
        "written": "no",
    }


async def test_a_redirect_to_another_host_is_refused_and_the_key_stays_here() -> None:
    async with saying(said()) as elsewhere:
        there = f"location: {elsewhere.url}api/v3/requests\r\n"
        async with (
            saying(said(302, b"", more=there)) as server,
            opened(connection(server.url), {"api_key": "k"}, Metrics()) as desk,
        ):
            with pytest.raises(Unavailable) as caught:
                await desk.ping()
        assert caught.value.reason == "origin"
        assert elsewhere.asked == []


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
    certificate, key = self_signed(tmp_path)
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


def test_desks_share_what_believes_the_public_authorities() -> None:
    shared = tls_context(Reach())
    assert shared is tls_context(Reach(proxy="http://127.0.0.1:1"))
    assert shared.verify_mode is ssl.CERT_REQUIRED
    assert shared.check_hostname
