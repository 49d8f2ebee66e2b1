"""Records beside tickets: found, read, filed, changed and deleted in one way on every desk."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Protocol, TypeVar

from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.receipts import Change, RecordReceipt

RecordT = TypeVar("RecordT")
DraftT_contra = TypeVar("DraftT_contra", contravariant=True)
LONGEST_SHOWN = 120
"""Characters of a text in a receipt; the record itself has all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFilter:
    """Which records. Words are the caller's: the desk resolves names, and refuses unknown ones.

    `text` is looked for in the title or name. Several values of one field mean any of them.
    `person` is who it is assigned to, or who uses an asset; `kind` the type of a change or asset.
    """

    text: str | None = None
    statuses: tuple[str, ...] = ()
    person: str | None = None
    kind: str | None = None


class Register(Protocol[RecordT, DraftT_contra]):
    """The records of one kind. A draft holds what to set: None leaves a field as it is."""

    async def find(self, which: RecordFilter, window: Window) -> Page[RecordT]:
        """Return matching records, newest first, without their long texts."""
        ...

    async def read(self, record_id: str) -> RecordT: ...

    async def create(self, draft: DraftT_contra) -> RecordReceipt: ...

    async def change(self, record_id: str, draft: DraftT_contra) -> RecordReceipt: ...

    async def delete(self, record_id: str, *, for_good: bool) -> RecordReceipt:
        """Put a record in the trash. Where the desk has none, refuse unless `for_good`."""
        ...


def given(draft: Any) -> dict[str, Any]:
    """Return what a draft sets, by field."""
    values = {field.name: getattr(draft, field.name) for field in fields(draft)}
    return {name: value for name, value in values.items() if value is not None}


def differences(before: object, after: object, names: Iterable[str]) -> tuple[Change, ...]:
    """Return which of the named fields differ; `before` may be None for a new record."""
    pairs = [(name, getattr(before, name, None), getattr(after, name, None)) for name in names]
    return tuple(
        Change(field=name, before=shown(old), after=shown(new))
        for name, old, new in pairs
        if old != new
    )


def shown(value: object) -> str | None:
    """Return a value as it stands in a receipt."""
    match value:
        case None:
            return None
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case datetime():
            return value.isoformat(timespec="seconds")
        case tuple():
            return ", ".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- any values, shown as text
        case _:
            text = str(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1].rstrip() + "…"
