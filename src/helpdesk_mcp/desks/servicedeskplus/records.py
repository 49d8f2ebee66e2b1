"""Records of any module: found, read, filed, changed and deleted, from a table of their fields."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from helpdesk_mcp.desks.servicedeskplus.criteria import Clause, Leaf, any_of, holding, render
from helpdesk_mcp.desks.servicedeskplus.explaining import explained, sent
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query, number
from helpdesk_mcp.desks.servicedeskplus.lookups import Lookups
from helpdesk_mcp.desks.servicedeskplus.lost import found_again, not_twice, once
from helpdesk_mcp.desks.servicedeskplus.prose import clean, subject_of, to_html
from helpdesk_mcp.desks.servicedeskplus.record_fields import (
    Field,
    Module,
    plain,
    put,
    replaced,
    value_of,
)
from helpdesk_mcp.desks.servicedeskplus.refusals import Unfit
from helpdesk_mcp.desks.servicedeskplus.values import Row, id_of, moment, row_of, text_of
from helpdesk_mcp.domain.errors import Denied, HelpdeskError, Invalid, Unavailable, Written
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.receipts import RecordReceipt, gone
from helpdesk_mcp.domain.registers import RecordFilter, differences, given

RecordT = TypeVar("RecordT")
DraftT = TypeVar("DraftT")


class Records(Generic[RecordT, DraftT]):
    """The usual five operations on the records of one module."""

    def __init__(self, link: Link, lookups: Lookups, module: Module[RecordT]) -> None:
        self.link = link
        self.lookups = lookups
        self.module = module

    async def find(self, which: RecordFilter, window: Window) -> Page[RecordT]:
        return await self.listed(self.module.path, which, window)

    async def listed(self, path: str, which: RecordFilter, window: Window) -> Page[RecordT]:
        module = self.module
        query = Query(
            criteria=render(await self._clauses(which)),
            sort=module.sort,
            descending=bool(module.sort),
        )
        found = await self.link.rows(path, query, window)
        items = tuple(self.record(row) for row in found.items)
        return Page(items=items, start=window.start, total=found.total, more=found.more)

    async def read(self, record_id: str) -> RecordT:
        return self.record(await self.row(record_id))

    async def row(self, record_id: str) -> Row:
        return await self.link.one(self.place(record_id), missing=self.module.missing)

    async def create(self, draft: DraftT) -> RecordReceipt:
        values = await self.values(draft, {})
        record, told = await self._sent(values, self._filed)
        told += not_twice(record, self.module.what)
        self.lookups.names.learned(record, "created_by")
        record_id = id_of(record)
        if record_id is None:
            raise Unavailable(
                f"The {self.module.what} was filed, but the desk does not say under which id.",
                reason="protocol",
                written=Written.UNKNOWN,
            )
        now = await self._again(record_id)
        return self.receipt(record_id, None, now, draft, told or _untaken(values, now))

    async def change(self, record_id: str, draft: DraftT) -> RecordReceipt:
        before = await self.row(record_id)
        values = await self.values(draft, before)

        async def write(given: Row) -> Row:
            return await self._write("PUT", self.place(record_id), given)

        _, told = await self._sent(values, write)
        now = await self._again(record_id)
        return self.receipt(record_id, before, now, draft, told or _untaken(values, now))

    async def delete(self, record_id: str, *, for_good: bool) -> RecordReceipt:
        module, place = self.module, self.place(record_id)
        await self.row(record_id)
        if module.trash:
            place = f"{place}/{module.trash}"
        elif not for_good:
            raise Denied(
                f"This desk has no trash for a {module.what}: deleting is for good. Close it "
                "instead, or repeat with `for_good` if it must go.",
                reason="for_good",
            )
        await self.link.write("DELETE", place, missing=module.missing)
        return RecordReceipt(
            record=module.what, id=record_id, changes=(gone(in_trash=bool(module.trash)),)
        )

    def place(self, record_id: str) -> str:
        return f"{self.module.path}/{number(record_id, self.module.missing)}"

    def record(self, row: Row) -> RecordT:
        """Return a row as our noun; what the desk does not tell stays None."""
        values = {field.ours: value_of(row, field) for field in self.module.fields}
        return self.module.record(id=text_of(row.get("id")) or "", **values)

    def receipt(
        self,
        record_id: str,
        before: Row | None,
        now: Row,
        draft: object = None,
        warnings: tuple[str, ...] = (),
    ) -> RecordReceipt:
        """Return what differs in the fields of a draft, and in the status, which follows them."""
        names = dict.fromkeys((*(given(draft) if draft else ()), self.module.status))
        was = None if before is None else self._plain(before)
        return RecordReceipt(
            record=self.module.what,
            id=record_id,
            changes=differences(was, self._plain(now), names),
            warnings=warnings or None,
        )

    def _plain(self, row: Row) -> RecordT:
        """Return a row as our noun with its long texts as lines of a receipt."""
        record = self.record(row)
        long = [field.ours for field in self.module.fields if field.kind == "html"]
        return replaced(record, {name: plain(getattr(record, name)) for name in long})

    async def values(self, draft: DraftT, before: Row) -> Row:
        """Return what a draft sets in the vendor's terms. A part follows its whole."""
        wanted, values = given(draft), Row()
        for field in self.module.fields:
            if field.ours in wanted:
                so_far = {**before, **values}
                value = await self._written(field, wanted[field.ours], so_far)
                put(values, field, value)
        return values

    async def _sent(
        self, values: Row, send: Callable[[Row], Awaitable[Row]]
    ) -> tuple[Row, tuple[str, ...]]:
        module = self.module

        async def explain(error: Unfit) -> Invalid:
            return await explained(error, module.fields, self.lookups, module.seen_in)

        return await sent(send, values, explain)

    async def _write(self, method: str, path: str, values: Row) -> Row:
        data = {self.module.wrapper: values}
        return await self.link.write(method, path, data, missing=self.module.missing)

    async def _filed(self, values: Row) -> Row:
        """File once and return the record. When it is not clear whether that worked, look."""

        async def send() -> Row:
            made = await self._write("POST", self.module.path, values)
            return row_of(made.get(self.module.wrapper))

        async def look(since: datetime) -> list[Row]:
            return await found_again(self.link, self.module, values, since)

        return await once(self.link, self.module.path, send, look)

    async def _written(self, field: Field, value: Any, so_far: Row) -> Any:
        match field.kind:
            case "ref":
                return await self._reference(field, str(value), so_far)
            case "technician":
                return await self.lookups.technician(str(value))
            case "user":
                return await self.lookups.user(str(value))
            case "day":
                return moment(self._noon(value))
            case _:
                return _plainly(field, value)

    async def _reference(self, field: Field, word: str, so_far: Row) -> Row:
        under = ""
        if field.under:
            whole = next(f for f in self.module.fields if f.ours == field.under)
            under = id_of(row_of(so_far.get(whole.theirs))) or ""
            if not under:
                raise Invalid(f"Give the {field.under} too.", reason="custom_field")
        return await self.lookups.reference(
            field.lookup or field.theirs, word, seen_in=self.module.seen_in, under=under
        )

    def _noon(self, day: date) -> datetime:
        return datetime.combine(day, self.module.zone_day, self.lookups.names.options.zone)

    async def _clauses(self, which: RecordFilter) -> tuple[Clause, ...]:
        module, lookups = self.module, self.lookups
        found: list[Clause] = []
        if which.statuses:
            known = await lookups.ids(module.status, which.statuses, seen_in=module.seen_in)
            found.append(_any(module.status, known))
        if which.kind is not None and module.kind:
            one = await lookups.reference(module.kind, which.kind, seen_in=module.seen_in)
            found.append(_any(module.kind, (one,)))
        if which.person is not None:
            resolve = lookups.user if module.people == "user" else lookups.technician
            if (person := await resolve(which.person)) is None:
                raise Invalid("Name a person: this list cannot be searched for nobody.")
            found.append(_any(module.person, (person,)))
        if which.text:
            found += holding(which.text, module.searched)
        return tuple(found)

    async def _again(self, record_id: str) -> Row:
        try:
            return await self.row(record_id)
        except HelpdeskError as error:
            raise Unavailable(
                f"The write was done; reading {self.module.what} {record_id} again failed: "
                f"{error.message}",
                reason=error.reason,
                written=Written.PARTLY,
            ) from error


def _any(field: str, references: tuple[Row, ...]) -> Clause:
    ids = [identifier for one in references if (identifier := id_of(one))]
    if len(ids) == len(references):
        return any_of(field, ids)
    return (Leaf(field=f"{field}.name", values=tuple(one.get("name") for one in references)),)


def _untaken(sent: Row, now: Row) -> tuple[str, ...]:
    """Say what the desk answered with success and yet did not take over."""
    lost = [
        name
        for name, value in sent.items()
        if (wanted := id_of(value)) is not None and id_of(now.get(name)) != wanted
    ]
    return tuple(f"The desk did not take over `{name}`; its rules may forbid it." for name in lost)


def _plainly(field: Field, value: Any) -> Any:
    """Return a value that names nothing else on the desk."""
    match field.kind:
        case "title":
            return subject_of(str(value))
        case "html":
            return to_html(str(value))
        case "moment":
            return moment(value)
        case "text":
            return clean(str(value), field.ours).strip()
        case _:
            return value
