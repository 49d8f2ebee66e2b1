"""A file that only a deployment with the same master key can read.

A line of JSON says whose it is and which master key opens it; behind it is one sealed record. Its
key is random, and wrapped in that line like a data key, in the place of a version that none has.
"""

import base64
import json
import zlib
from dataclasses import asdict, dataclass
from typing import Any, cast

from helpdesk_mcp.crypto.keyring import BadKey, Keyring
from helpdesk_mcp.crypto.sealing import Place, Unreadable, new_key, seal, unseal

FORMAT = "helpdesk-mcp backup 1"
NO_VERSION = 0
"""Versions of data keys begin at 1, so that no file's key can pass for one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What stands on a backup in the clear; it is authenticated with the rest."""

    tenant: str
    slug: str
    made_at: float


def packed(keyring: Keyring, label: Label, content: object) -> bytes:
    """Return a backup of something that JSON can say, sealed under the newest master key."""
    key = new_key(NO_VERSION)
    wrapped = keyring.wrap(keyring.newest, label.tenant, key)
    head = {
        "format": FORMAT,
        **asdict(label),
        "master": keyring.newest,
        "key": base64.b64encode(wrapped).decode(),
    }
    line = json.dumps(head).encode()
    plain = zlib.compress(json.dumps(content).encode())
    return line + b"\n" + seal(key, _place(label, line), plain)


def unpacked(keyring: Keyring, data: bytes) -> tuple[Label, Any]:
    """Return a backup's label and content.

    Raises Unreadable if it is damaged or none, BadKey for a master key that is not here.
    """
    line, _, record = data.partition(b"\n")
    label, master, wrapped = _head(line)
    if not keyring.has(master):
        raise BadKey(
            f"This backup is sealed under version {master} of the master key, which is not here. "
            "Put that version back beside the others, then restore."
        )
    key = keyring.unwrap(master, label.tenant, NO_VERSION, wrapped)
    return label, json.loads(zlib.decompress(unseal(key, _place(label, line), record)))


def _head(line: bytes) -> tuple[Label, int, bytes]:
    try:
        head = cast("dict[str, Any]", json.loads(line))
        if head["format"] != FORMAT:
            raise Unreadable
        label = Label(
            tenant=str(head["tenant"]), slug=str(head["slug"]), made_at=float(head["made_at"])
        )
        return label, int(head["master"]), base64.b64decode(head["key"])
    except (ValueError, TypeError, KeyError, RecursionError):  # it may be any file
        raise Unreadable from None


def _place(label: Label, line: bytes) -> Place:
    return Place(table="backup", column="content", tenant=label.tenant, row=line.decode())
