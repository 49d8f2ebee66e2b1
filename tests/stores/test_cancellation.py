"""Who is cancelled in the middle of a statement keeps nobody out, and no process from ending."""

import subprocess
import sys
from pathlib import Path

CANCELLED = """
import sys

import anyio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.stores.database import open_database


async def write(database: AsyncEngine) -> None:
    async with database.begin() as transaction:
        await transaction.execute(text("CREATE TABLE IF NOT EXISTS x (a)"))
        await transaction.execute(text("INSERT INTO x VALUES (1)"))
        await transaction.execute(text("SELECT * FROM x"))


async def cancel(scope: anyio.CancelScope, steps: int) -> None:
    for _ in range(steps):
        await anyio.lowlevel.checkpoint()
    scope.cancel()


async def main() -> None:
    database = open_database(sys.argv[1])
    for steps in range(100):
        async with anyio.create_task_group() as tasks:
            with anyio.CancelScope() as scope:
                tasks.start_soon(cancel, scope, steps % 50)
                await write(database)
        with anyio.fail_after(3):
            await write(database)
    print("written", flush=True)


anyio.run(main)
print("ended", flush=True)
"""


def test_a_cancelled_statement_holds_up_neither_others_nor_the_end(tmp_path: Path) -> None:
    ended = subprocess.run(  # noqa: S603 -- our own interpreter
        (sys.executable, "-c", CANCELLED, f"sqlite+aiosqlite:///{tmp_path}/store.sqlite3"),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "written\nended\n"), ended.stderr[-2_000:]
