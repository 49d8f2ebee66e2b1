"""Records of any kind in memory: one register that files, finds and changes them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from helpdesk_mcp.desks import memory_rules as rules
from helpdesk_mcp.domain.choices import Choice, find, folded, pick
from helpdesk_mcp.domain.errors import Denied, Invalid, NotFound
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.receipts import RecordReceipt, gone
from helpdesk_mcp.domain.registers import RecordFilter, differences, given

RecordT = TypeVar("RecordT")
DraftT = TypeVar("DraftT")
Person = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape(Generic[RecordT]):
    """What the records of a register are like. `defaults` are set on every new one."""

    record: Callable[..., RecordT]
    what: str
    searched: tuple[str, ...] = ("title",)
    status: str = "status"
    person: str = "owner"
    people: tuple[str, ...] = ("owner",)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    defaults: Mapping[str, str] = field(default_factory=dict[str, str])
    trash: bool = False


class MemoryRegister(Generic[RecordT, DraftT]):
    """Records by id, the newest first."""

    def __init__(self, shape: Shape[RecordT], *, person: Person, ids: Iterator[int]) -> None:
        self._shape = shape
        self._person = person
        self._ids = ids
        self._records: dict[str, RecordT] = {}
        self._trash: dict[str, RecordT] = {}

    async def find(self, which: RecordFilter, window: Window) -> Page[RecordT]:
        return self.page(which, window)

    def page(
        self, which: RecordFilter, window: Window, *, only: Callable[[RecordT], bool] | None = None
    ) -> Page[RecordT]:
        shape = self._shape
        statuses = {self._known(shape.status, word) for word in which.statuses}
        kind = which.kind and self._known("kind", which.kind)
        person = which.person and (self._person(which.person),)
        found = [
            record
            for record in reversed(self._records.values())
            if (not statuses or getattr(record, shape.status) in statuses)
            and (not kind or getattr(record, "kind", None) == kind)
            and (not person or getattr(record, shape.person) in person)
            and (not which.text or folded(which.text) in self._words(record))
            and (only is None or only(record))
        ]
        return rules.page(found, window)

    async def read(self, record_id: str) -> RecordT:
        return self.one(record_id)

    async def create(self, draft: DraftT) -> RecordReceipt:
        record = self.made(draft)
        record_id = str(getattr(record, "id", ""))
        self._records[record_id] = record
        return self._receipt(record_id, None, record, draft)

    def made(self, draft: DraftT) -> RecordT:
        """Return the record a draft would become; it is not filed yet."""
        now = {"created": datetime.now(UTC)} if "created" in self._names() else {}
        values = {**self._shape.defaults, **now, **self._values(draft)}
        return self._shape.record(id=str(next(self._ids)), **values)

    async def change(self, record_id: str, draft: DraftT) -> RecordReceipt:
        return self.write(record_id, draft)

    def write(self, record_id: str, draft: DraftT, **more: Any) -> RecordReceipt:
        before = self.one(record_id)
        values = {**self._values(draft), **more}
        if custom := values.get("custom"):
            values["custom"] = {**(getattr(before, "custom", None) or {}), **custom}
        after = _replaced(before, values)
        self._records[record_id] = after
        return self._receipt(record_id, before, after, draft, *more)

    async def delete(self, record_id: str, *, for_good: bool) -> RecordReceipt:
        record = self.one(record_id)
        if self._shape.trash:
            self._trash[record_id] = record
        elif not for_good:
            raise Denied(
                f"This desk has no trash for a {self._shape.what}: deleting is for good. Close it "
                "instead, or repeat with `for_good` if it must go.",
                reason="for_good",
            )
        del self._records[record_id]
        told = gone(in_trash=self._shape.trash)
        return RecordReceipt(record=self._shape.what, id=record_id, changes=(told,))

    def restored(self, record_id: str) -> RecordReceipt:
        if record_id not in self._trash:
            raise NotFound(f"There is no such {self._shape.what} in the trash.")
        self._records[record_id] = self._trash.pop(record_id)
        return RecordReceipt(record=self._shape.what, id=record_id)

    def one(self, record_id: str) -> RecordT:
        if (record := self._records.get(record_id)) is None:
            raise NotFound(f"There is no such {self._shape.what}.")
        return record

    def _receipt(
        self, record_id: str, before: object, after: object, draft: object, *more: str
    ) -> RecordReceipt:
        names = (*self._shape.defaults, *(f.name for f in fields(draft)), *more)  # pyright: ignore[reportArgumentType] -- drafts are dataclasses
        changes = differences(before, after, dict.fromkeys(names))
        return RecordReceipt(record=self._shape.what, id=record_id, changes=changes)

    def _values(self, draft: DraftT) -> dict[str, Any]:
        values = given(draft)
        for name in values.keys() & set(self._shape.people):
            values[name] = self._person(values[name])
        for name in values.keys() & self._shape.choices.keys():
            values[name] = self._known(name, values[name])
        return values

    def _known(self, name: str, word: str) -> str:
        offered = tuple(
            Choice(id=str(number), name=value)
            for number, value in enumerate(self._shape.choices.get(name, ()), 1)
        )
        if name == "priority":
            return pick(rules.PRIORITIES, word, "priority").name
        if not offered:
            raise Invalid(f"A {self._shape.what} has no {name}.", reason="unknown_value")
        return (find(offered, word) or pick(offered, word, name)).name

    def _words(self, record: RecordT) -> str:
        return folded(" ".join(str(getattr(record, n) or "") for n in self._shape.searched))

    def _names(self) -> set[str]:
        return set(getattr(self._shape.record, "__dataclass_fields__", ()))


def _replaced(record: RecordT, values: Mapping[str, Any]) -> RecordT:
    changed: Any = replace(record, **values)  # pyright: ignore[reportArgumentType, reportUnknownVariableType] -- records are dataclasses, which a type variable cannot say
    return changed  # pyright: ignore[reportUnknownVariableType] -- of the same type
