"""Master keys by version, and what is derived from them: a key-encrypting key for each tenant.

Master keys are written as lines of `version base64`, in a file, in a directory with one file a
version (a mounted Kubernetes Secret), or in one variable with commas between.
"""

import base64
import binascii
import itertools
import re
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from helpdesk_mcp.crypto.sealing import KEY_BYTES, Place, SecretKey, new_key, seal, unseal

MOST_VERSIONS: Final = 2**32 - 1
LINE: Final = re.compile(r"(?:(\d{1,10})[ :=])?\s*([A-Za-z0-9+/_-]+={0,2})")
VERSIONED_NAME: Final = re.compile(r"(?:.*[^0-9])?(\d{1,10})(?:\.key)?")
FEWEST_DISTINCT: Final = 16
"""Of 32 random bytes, some 30 differ; fewer than 16 do not happen by chance."""
GENERATE: Final = "Make one with `helpdesk-mcp keys generate`."
TOO_OPEN: Final = stat.S_IRWXO | stat.S_IWGRP
"""Rights on a key file that let others read or change it."""


class BadKey(Exception):
    """Keys that must not be used. The text says why and which command helps; never the key."""


class Keyring:
    """The master keys of a deployment. Shows nothing of them."""

    def __init__(
        self,
        keys: Mapping[int, SecretKey],
        reread: Callable[[], Mapping[int, SecretKey]] | None = None,
    ) -> None:
        if not keys:
            raise BadKey(f"There is no master key. {GENERATE}")
        self._keys = dict(keys)
        self._reread = reread

    def __repr__(self) -> str:
        return f"Keyring(versions={self.versions})"

    @property
    def versions(self) -> tuple[int, ...]:
        return tuple(sorted(self._keys))

    @property
    def newest(self) -> int:
        return max(self._keys)

    def has(self, version: int) -> bool:
        """Return whether a version is here; for one that is not, look into the file again."""
        if version not in self._keys and self._reread is not None:
            with suppress(BadKey):
                self._keys |= self._reread()
        return version in self._keys

    def check(self, version: int) -> bytes:
        """Return the key-check value: it tells a wrong key from the right one, and no more."""
        return _derived(self._keys[version].value, salt=b"", info=b"helpdesk-mcp/check/v1")[:8]

    def wrap(self, version: int, tenant: str, data_key: SecretKey) -> bytes:
        """Return a tenant's data key, sealed under a master version."""
        return seal(self._key_for(version, tenant), _home(tenant, data_key.version), data_key.value)

    def unwrap(self, version: int, tenant: str, data_version: int, wrapped: bytes) -> SecretKey:
        """Return a tenant's data key. Raises Unreadable, or BadKey for a version we lack."""
        value = unseal(self._key_for(version, tenant), _home(tenant, data_version), wrapped)
        return SecretKey(version=data_version, value=value)

    def _key_for(self, version: int, tenant: str) -> SecretKey:
        if not self.has(version):
            raise BadKey(
                f"Version {version} of the master key is missing; it still seals data. "
                "Put it back, then run `helpdesk-mcp keys status`."
            )
        value = _derived(
            self._keys[version].value, salt=tenant.encode(), info=b"helpdesk-mcp/kek/v1"
        )
        return SecretKey(version=version, value=value)


def parse_keys(text: str) -> Keyring:
    """Return the keys that a variable holds. Raises BadKey."""
    return Keyring(_parsed(text))


def _parsed(text: str) -> dict[int, SecretKey]:
    keys: dict[int, SecretKey] = {}
    lines = (line.split("#")[0].strip() for line in re.split(r"[\n,;]", text))
    for line in filter(None, lines):
        if (match := LINE.fullmatch(line)) is None:
            raise BadKey(f"A master key is 32 random bytes in base64. {GENERATE}")
        _add(keys, int(match[1] or 1), match[2])
    return keys


def read_keys(path: Path) -> Keyring:
    """Return the keys of a file, or of a directory with a file for each version. Raises BadKey.

    A version that is added to them later is found when it is first needed.
    """
    return Keyring(_read(path), lambda: _read(path))


def _read(path: Path) -> dict[int, SecretKey]:
    keys: dict[int, SecretKey] = {}
    try:
        if not path.is_dir():
            return _parsed(_private_text(path))
        for file in sorted(path.iterdir()):
            if file.is_file() and (match := VERSIONED_NAME.fullmatch(file.name)):
                _add(keys, int(match[1]), _private_text(file).strip())
    except (OSError, UnicodeDecodeError):
        raise BadKey(f"The file of the master keys cannot be read. {GENERATE}") from None
    return keys


def new_line(version: int) -> str:
    """Return a new random key as a line of a key file."""
    return f"{version} {base64.b64encode(new_key(version).value).decode()}"


def _add(keys: dict[int, SecretKey], version: int, text: str) -> None:
    if version in keys:
        raise BadKey(f"Version {version} of the master key is given twice.")
    if not 0 < version <= MOST_VERSIONS:
        raise BadKey("Versions of the master key begin at 1.")
    keys[version] = SecretKey(version=version, value=_strong(version, text))


def _strong(version: int, text: str) -> bytes:
    """Return the key's bytes if they can be random. Raises BadKey."""
    try:
        value = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        value = b""
    if len(value) != KEY_BYTES:
        raise BadKey(f"Version {version} of the master key is not 32 bytes in base64. {GENERATE}")
    readable = all(32 <= byte < 127 for byte in value)  # noqa: PLR2004 -- printable ASCII
    steps = {(b - a) % 256 for a, b in itertools.pairwise(value)}
    if len(set(value)) < FEWEST_DISTINCT or readable or len(steps) == 1:
        raise BadKey(
            f"Version {version} of the master key is not random: it looks like a default or a "
            f"password. {GENERATE}"
        )
    return value


def _private_text(path: Path) -> str:
    mode = path.stat().st_mode
    if mode & TOO_OPEN:
        raise BadKey(
            f"Others on this machine can read or change {path.name}. "
            f"Close it: chmod 600 {path.name} (in Kubernetes: defaultMode: 0400)."
        )
    return path.read_text("utf-8")


def _home(tenant: str, data_version: int) -> Place:
    return Place(table="tenant_keys", column="wrapped", tenant=tenant, row=str(data_version))


def _derived(master: bytes, *, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt or None, info=info).derive(master)
