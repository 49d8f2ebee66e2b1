"""Backups as files: written whole or not at all, for their owner only, and never over another."""

import os
from base64 import b64decode
from pathlib import Path
from typing import Any

import anyio.to_thread

from helpdesk_mcp.crypto.backup import Label, unpacked
from helpdesk_mcp.crypto.keyring import BadKey, Keyring
from helpdesk_mcp.crypto.sealing import Unreadable
from helpdesk_mcp.domain.errors import Conflict, Invalid


async def write_new(file: Path, data: bytes) -> None:
    """Write a new file. Raises Conflict if it is there, Invalid if it cannot be written."""
    await anyio.to_thread.run_sync(_write_new, file, data)


def _write_new(file: Path, data: bytes) -> None:
    if file.exists():
        raise Conflict(f"{file} is there already; give another name.", reason="taken")
    new = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)
    except OSError:
        raise Invalid(f"{file} cannot be written.", reason="backup") from None
    finally:
        new.unlink(missing_ok=True)


async def opened(file: Path, keyring: Keyring) -> tuple[Label, dict[str, list[dict[str, Any]]]]:
    """Return what a backup holds. Raises Invalid that says what is wrong with file or keys."""
    try:
        data = await anyio.to_thread.run_sync(file.read_bytes)
    except OSError:
        raise Invalid(f"{file} cannot be read.", reason="backup") from None
    try:
        label, rows = unpacked(keyring, data)
        for row in rows["tenant_keys"]:
            keyring.unwrap(row["master"], label.tenant, row["version"], b64decode(row["wrapped"]))
    except BadKey as error:
        raise Invalid(str(error), reason="keys") from None
    except Unreadable:
        raise Invalid(
            f"{file} is damaged, no backup of helpdesk-mcp, or sealed under other master keys.",
            reason="backup",
        ) from None
    return label, rows
