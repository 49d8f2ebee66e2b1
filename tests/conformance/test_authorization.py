"""The official suite's scenarios for authorization servers, on every date; a script signs in."""

from pathlib import Path

import pytest
from tests.conformance.authorization import DATES, judgements
from tests.oauth.client import LOOPBACK
from tests.oauth.harness import World
from tests.oauth.person import answered


@pytest.mark.parametrize("date", DATES)
async def test_both_scenarios_pass_without_a_warning(
    date: str, world: World, tmp_path: Path
) -> None:
    client = await world.oauth.register(redirect_uris=[LOOPBACK])
    browser = world.browser()

    async def visit(url: str) -> str:
        return await answered(browser, url, world.people["ana"])

    found = await judgements(
        world.issuer,
        client.id,
        date=date,
        resource=world.resource,
        out=tmp_path / "out",
        visit=visit,
    )

    assert {"authorization-server-metadata", "authorization-code-grant"} <= found.keys()
    assert set(found.values()) == {"SUCCESS"}, found
