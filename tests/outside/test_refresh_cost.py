"""What a refresh asks of the database: each statement is a journey there and back."""

from tests.oauth.harness import Tokens, World
from tests.stores.statements import statements

DATABASES = ("sqlite", "postgresql")
MOST = 7
"""To begin or to enter by the door; client, token, grant and person; rotation and new token."""


async def test_a_refresh_costs_few_statements(world: World) -> None:
    client = await world.oauth.register()
    tokens = await world.tokens(world.oauth.ask(client))
    costs: list[list[str]] = []
    for _ in range(4):  # the signing keys are kept for seconds, and then asked for again
        with statements() as found:
            tokens = Tokens.of(await world.oauth.refresh(client, tokens.refresh))
        costs.append(found)
    least = min(costs, key=len)
    assert len(least) <= MOST, least
    [used_up] = [statement for statement in least if statement.startswith("UPDATE")]
    assert "used_at IS NULL" in used_up  # by one statement, or two could do it
