"""Arguments as the audit keeps them: readable where harmless, else masked, keyed or removed."""

import hashlib
import hmac
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, cast
from uuid import UUID

from helpdesk_mcp.domain.audit import AuditKeys
from helpdesk_mcp.domain.operations import Holds
from helpdesk_mcp.pipeline.masking import mask_text

__all__ = ["Fingerprints", "Redactor", "fingerprint", "mask_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redactor:
    """Turns arguments into what may be stored; whatever the input, it does not raise."""

    key: bytes = field(repr=False)

    def arguments(
        self, values: Mapping[str, object], kinds: Mapping[str, Holds]
    ) -> dict[str, object]:
        """Return a small JSON object: bounded in length, width, depth and number of values."""
        return _Walk(self.key, kinds).mapping(
            cast("Mapping[object, object]", values), Holds.PLAIN, 0
        )


def fingerprint(key: bytes, value: str) -> str:
    """Return 32 hexadecimal digits that only the holder of the key can compare with a value."""
    if len(value) <= _LONGEST_NORMALISED:
        value = unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold())
    return hmac.new(key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprints:
    """The fingerprints of values in one tenant's trail: how what is not kept is searched for."""

    keys: AuditKeys
    tenant: str

    async def of(self, value: str) -> tuple[str, ...]:
        """Return what stands for the value in new events, then in those under another key."""
        return tuple(fingerprint(key, value) for key in await self.keys.every(self.tenant))


class _Walk:
    """One pass over the arguments of one call, with a budget of values it may keep."""

    def __init__(self, key: bytes, kinds: Mapping[str, Holds]) -> None:
        self._key = key
        self._kinds = kinds
        self._left = _MAX_VALUES

    def mapping(
        self, values: Mapping[object, object], kind: Holds, depth: int
    ) -> dict[str, object]:
        kept: dict[str, object] = {}
        for name, value in list(values.items())[:_MAX_ITEMS]:
            text = name if isinstance(name, str) else _shown(name)
            own = self._kinds.get(text, kind)
            kept[_short(text, _MAX_KEY)] = self._value(value, own, depth + 1)
        if len(values) > _MAX_ITEMS:
            kept["…"] = f"[{len(values) - _MAX_ITEMS} more]"
        return kept

    def _value(self, value: object, kind: Holds, depth: int) -> object:
        self._left -= 1
        if self._left < 0 or depth > _MAX_DEPTH:
            return "[removed: too deep or too many]"
        if isinstance(value, bytes | bytearray):
            return f"[removed: {len(value)} bytes]"
        if isinstance(value, Mapping) and kind is not Holds.SECRET:
            return self.mapping(cast("Mapping[object, object]", value), kind, depth)
        if isinstance(value, list | tuple | set | frozenset) and kind is not Holds.SECRET:
            return self._sequence(list(cast("list[object]", value)), kind, depth)
        return self._leaf(cast("object", value), kind)

    def _sequence(self, values: list[object], kind: Holds, depth: int) -> list[object]:
        kept = [self._value(value, kind, depth + 1) for value in values[:_MAX_ITEMS]]
        return kept + ([f"[{len(values) - _MAX_ITEMS} more]"] if len(values) > _MAX_ITEMS else [])

    def _leaf(self, value: object, kind: Holds) -> object:
        if value is None or (isinstance(value, bool) and kind is not Holds.SECRET):
            return value
        if kind is Holds.PLAIN:
            return _plain(value)
        text = value if isinstance(value, str) else _shown(value)
        match kind:
            case Holds.PERSON:
                return f"person:hmac-sha256:{fingerprint(self._key, text)}"
            case Holds.PROSE:
                return f"text:{len(text)}:hmac-sha256:{fingerprint(self._key, text)}"
            case Holds.SECRET:
                return f"[removed: {len(text.encode('utf-8', 'surrogatepass'))} bytes]"


def _plain(value: object) -> object:
    if isinstance(value, str):
        return _short(value, _MAX_CHARACTERS)
    if isinstance(value, int) and abs(value) < _SMALL:
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    return _short(_shown(value), _MAX_CHARACTERS)


def _shown(value: object) -> str:
    """Spell out only types whose text is known to be short and safe."""
    if isinstance(value, Enum):
        return _shown(cast("Any", value).value)
    if isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER:
        return f"[removed: integer of {value.bit_length()} bits]"
    if isinstance(value, str | int | float | Decimal | date | time | timedelta | UUID):
        return str(value)
    return f"[removed: {type(value).__name__}]"


def _short(text: str, most: int) -> str:
    """Mask, then cut: a cut before masking could hide half an address from the rules."""
    part = text[:_MAX_MASKED]
    if len(part) < len(text):
        part = part[: max(part.rfind(" "), part.rfind("\n")) + 1] or part
    masked = mask_text(part.encode("utf-8", "replace").decode())
    if len(masked) <= most and len(part) == len(text):
        return masked
    return masked[:most] + "…"


_MAX_CHARACTERS: Final = 200
_MAX_KEY: Final = 64
_MAX_ITEMS: Final = 50
_MAX_DEPTH: Final = 6
_MAX_VALUES: Final = 500
_MAX_MASKED: Final = 4_000
_LONGEST_NORMALISED: Final = 1_000
_LONGEST_INTEGER: Final = 128
_SMALL: Final = 10**8
