"""A Zoho desk that the environment configures, after its refresh token was revoked."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.desks.tenants import principal

from helpdesk_demo.servicedesk_plus.process import SimulatorProcess, start_simulator
from helpdesk_mcp import settings
from helpdesk_mcp.back_office import open_store
from helpdesk_mcp.cli.examining import IN_SETTINGS, looked_at
from helpdesk_mcp.desks.kinds import opening
from helpdesk_mcp.desks.opener import FRESH, TenantDesks
from helpdesk_mcp.domain.errors import Denied, Unavailable
from helpdesk_mcp.environment import TENANT, desks_of, sources_of
from helpdesk_mcp.stores.tenants import Gate
from helpdesk_mcp.telemetry.metrics import Metrics


def control(desk: SimulatorProcess, method: str, name: str, **data: Any) -> Any:
    secret = {"X-Control-Secret": desk.ready.control_secret or ""}
    return httpx2.request(
        method, f"{desk.ready.control_url}{name}", json=data, headers=secret
    ).json()


def configured(desk: SimulatorProcess, folder: Path) -> settings.Settings:
    ready = desk.ready
    return settings.load(
        None,
        database_url=f"sqlite+aiosqlite:///{folder}/desk.sqlite3",
        helpdesk_base_url="",
        sdp_url=ready.url,
        sdp_client_id=ready.client_id,
        sdp_client_secret=ready.client_secret,
        sdp_refresh_token=ready.refresh_token,
        sdp_options={"accounts_url": ready.accounts_url},
    )


async def test_u13_it_is_suspended_with_the_reason_in_its_health_and_never_asked_again(
    tmp_path: Path,
) -> None:
    now = 0.0
    with start_simulator(tmp_path / "log", edition="cloud", tickets=8) as desk:
        found = configured(desk, tmp_path)
        control(desk, "POST", "tokens", action="revoke")
        async with open_store(found) as database:
            sources = sources_of(desks_of(found), Gate(database), database, None)
            opener = TenantDesks(sources, Metrics(), clock=lambda: now)
            async with opener.running(TENANT):
                [check] = opener.checks(TENANT).values()
                for _ in range(4):
                    with pytest.raises(Unavailable, match="revoked the refresh token"):
                        await check()
                    now += FRESH + 1
                    await opener.desks(principal(TENANT))  # others look as well
                with pytest.raises(Denied, match=r"revoked .* start the server again"):
                    async with opener.open(principal(TENANT)):
                        raise NotImplementedError
        asked = [one["path"] for one in control(desk, "GET", "requests")["requests"]]
        [configured_desk] = desks_of(found)
        opened = opening(configured_desk.connection, configured_desk.credential, Metrics())
        advice = IN_SETTINGS["servicedesk_plus_cloud"]
        [finding] = await looked_at("desk", opened, advice)
    assert "revoked the refresh token" in finding[2]
    assert "Renew SDP_CLIENT_ID, SDP_CLIENT_SECRET and SDP_REFRESH_TOKEN" in finding[2]
    assert [path for path in asked if "/oauth/" in path] == ["/oauth/v2/token"]
