"""Two processes of the product over one PostgreSQL, behind one public address."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from threading import Thread

from sqlalchemy.ext.asyncio import AsyncEngine
from tests.cli.servers import serving
from tests.oauth.client import Answer, OAuthClient
from tests.oauth.harness import World, world_at
from tests.outside.server import aged
from tests.outside.town import Ground
from tests.services.postgres import Database

from helpdesk_mcp.crypto.keyring import parse_keys
from helpdesk_mcp.oauth.keys import KeyRing
from helpdesk_mcp.stores.database import open_database
from helpdesk_mcp.stores.signing_keys import SqlSigningKeys
from helpdesk_mcp.stores.tenant_keys import DEPLOYMENT, SqlSeals


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """`world` speaks to the first process; `clients` speak to one each."""

    world: World
    clients: list[OAuthClient]
    doors: list[str]
    keys: KeyRing

    async def works(self, door: str, token: str) -> bool:
        """Return whether a token opens the MCP door of one of the processes."""
        answer: Answer = await self.world.call(token, at=f"{door}/mcp")
        assert answer.status in {200, 401}
        return answer.status == 200


@asynccontextmanager
async def paired(database: Database, folder: Path) -> AsyncGenerator[Pair]:
    ground = await Ground.prepared(database.application, database.owner, database.above)
    ports = [_free_port(), _free_port()]
    doors = [f"http://127.0.0.1:{port}" for port in ports]
    variables = {
        "DATABASE_URL": ground.url,
        "DATABASE_OWNER_URL": ground.owner,
        "HELPDESK_MASTER_KEY": ground.master_key,
        "PUBLIC_URL": doors[0],
        "READS_PER_MINUTE": "1000000",
    }
    outside = open_database(ground.above)
    try:
        with (
            serving(folder, **variables, MCP_PORT=str(ports[0])) as one,
            serving(folder, **variables, MCP_PORT=str(ports[1])) as two,
        ):
            for server in (one, two):
                Thread(target=_drain, args=(server.process,), daemon=True).start()
            async with world_at(doors[0], ground.people, lambda s: aged(outside, s)) as world:
                keys = _keys(outside, ground)
                clients = [_at(world.oauth, door) for door in doors]
                yield Pair(world=world, clients=clients, doors=doors, keys=keys)
    finally:
        await outside.dispose()


def _drain(process: Popen[str]) -> None:
    """Read what a server says, so that it never waits for us."""
    assert process.stdout is not None
    for _ in process.stdout:
        pass


def _at(client: OAuthClient, door: str) -> OAuthClient:
    """Return the client with every endpoint at the address of one process."""
    other = OAuthClient(client.issuer, client.http)
    other.metadata = {
        name: f"{door}{str(value).removeprefix(client.issuer)}"
        if name.endswith("_endpoint")
        else value
        for name, value in client.metadata.items()
    }
    return other


def _keys(database: AsyncEngine, ground: Ground) -> KeyRing:
    seals = SqlSeals(database, DEPLOYMENT, parse_keys(ground.master_key))
    return KeyRing(SqlSigningKeys(database), seals)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])
