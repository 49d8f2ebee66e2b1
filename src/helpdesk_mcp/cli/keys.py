"""`keys`: the master keys that everything sealed stands on."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import anyio
from cyclopts import App, Parameter

from helpdesk_mcp import settings
from helpdesk_mcp.back_office import open_store
from helpdesk_mcp.cli.printing import say, table
from helpdesk_mcp.crypto.keyring import BadKey, new_line, read_keys
from helpdesk_mcp.domain.errors import Conflict, Invalid
from helpdesk_mcp.environment import key_file, keyring_of
from helpdesk_mcp.stores.master_keys import MasterKeys

app = App(name="keys")


@app.command
def generate(
    *,
    output: Path | None = None,
    show: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Add a new random master key to the key file, which is made if it is not there.

    Give every replica the file, then run `helpdesk-mcp keys rotate`.

    Parameters
    ----------
    output
        The file.
    show
        Print a key for a secret store instead of writing it to a file.

    """
    if show:
        sys.stdout.write(new_line(1) + "\n")
        return
    file = output or key_file(settings.load())
    version = add_key(file)
    say(f"Version {version} of the master key is in {file}. Keep a copy where the database is not.")


@app.command
def status() -> None:
    """Show each version: whether it is here, whether it seals, how many data keys it wraps."""

    async def read() -> list[tuple[str, ...]]:
        async with _master_keys() as keys:
            return [
                (
                    str(one.version),
                    "yes" if one.here else "MISSING",
                    "yes" if one.seals else "",
                    str(one.wraps),
                    "" if one.wraps or one.seals or not one.here else "may be removed",
                )
                for one in await keys.status()
            ]

    table(("version", "here", "seals", "wraps", ""), anyio.run(read))


@app.command
def rotate() -> None:
    """Let the newest master key seal, and wrap every data key anew under it.

    May be stopped and begun again, and run on two machines at once.
    """

    async def work() -> int:
        async with _master_keys() as keys:
            await keys.admit()
            return await keys.rotate()

    say(f"{anyio.run(work)} data keys are wrapped anew.")
    status()


@app.command
def verify() -> None:
    """Open every sealed value. Exits 1 and names the places of those that cannot be read."""

    async def work() -> tuple[int, tuple[str, ...]]:
        async with _master_keys() as keys:
            found = await keys.verify()
            return found.readable, found.unreadable

    readable, unreadable = anyio.run(work)
    for place in unreadable:
        say(f"UNREADABLE  {place}")
    say(f"{readable} sealed values are readable, {len(unreadable)} are not.")
    if unreadable:
        raise SystemExit(1)


def add_key(file: Path) -> int:
    """Add a random key to a file, whole or not at all, and return its version."""
    if file.is_dir():
        raise Invalid("Keys in a directory are added by whoever fills it: print one with --show.")
    before, version = "", 1
    if file.exists():
        try:
            version = read_keys(file).newest + 1
        except BadKey as error:
            raise Invalid(str(error), reason="keys") from None
        before = file.read_text("utf-8").rstrip("\n") + "\n"
    text = before or "# helpdesk-mcp master keys: version and 32 random bytes. Keep them secret.\n"
    new = file.with_name(f".{file.name}.new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(f"{text}{new_line(version)}\n")
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)
    except FileExistsError:
        raise Conflict(f"Somebody else is adding a key; if not, remove {new}.") from None
    except OSError:
        raise Invalid(f"{file} cannot be written.") from None
    return version


@asynccontextmanager
async def _master_keys() -> AsyncGenerator[MasterKeys]:
    found = settings.load()
    if (keyring := keyring_of(found)) is None:
        raise Invalid("There is no master key: run `helpdesk-mcp keys generate`.", reason="keys")
    async with open_store(found) as database:
        yield MasterKeys(database, keyring)
