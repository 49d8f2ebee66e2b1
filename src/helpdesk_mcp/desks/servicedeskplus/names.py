"""Names to ids: every look-up of one desk, kept briefly, and read anew when a name is missed."""

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk_mcp.desks.kept import Kept
from helpdesk_mcp.desks.servicedeskplus import words
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query
from helpdesk_mcp.desks.servicedeskplus.options import Options
from helpdesk_mcp.desks.servicedeskplus.values import Row, id_of, text_of
from helpdesk_mcp.desks.servicedeskplus.wire import person_of
from helpdesk_mcp.domain.choices import Choice, find, folded, pick
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.people import Person

KEEP = 300.0
"""Seconds. Names change rarely, and a missed one is read anew at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """One list of names: where it is, and what a caller calls one of them."""

    path: str
    what: str


LOOKUPS: Mapping[str, Lookup] = {
    "priority": Lookup(path="priorities", what="priority"),
    "status": Lookup(path="statuses", what="status"),
    "group": Lookup(path="~groups", what="queue"),
    "site": Lookup(path="sites", what="site"),
    "category": Lookup(path="categories", what="category"),
    "urgency": Lookup(path="urgencies", what="urgency"),
    "impact": Lookup(path="impacts", what="impact"),
    "level": Lookup(path="levels", what="level"),
    "mode": Lookup(path="modes", what="mode"),
    "request_type": Lookup(path="request_types", what="request type"),
    "template": Lookup(path="request_templates", what="template"),
    "closure_code": Lookup(path="~closure_codes", what="closing code"),
    "technician": Lookup(path="technicians", what="person"),
    "subcategory": Lookup(path="subcategories", what="subcategory"),
    "item": Lookup(path="items", what="item"),
}
"""By the name that a request has for the field."""


class Names:
    """`find` for one field, `choices` for all that it offers, `me` for who we are."""

    def __init__(self, link: Link, options: Options) -> None:
        self.link = link
        self.options = options
        self._kept: dict[str, Kept[tuple[Row, ...]]] = {}
        self._me: str = ""

    async def rows(self, field: str, *, under: str = "") -> tuple[Row, ...]:
        """Return the look-up's rows that are in use; `under` is the id of the parent's row."""
        return tuple(
            row
            for row in await self._kept_rows(field, under).get()
            if row.get("inactive") is not True and row.get("deleted") is not True
        )

    async def choices(self, field: str, *, under: str = "") -> tuple[Choice, ...]:
        return tuple(_choice(row) for row in await self.rows(field, under=under))

    async def find(self, field: str, wanted: str, *, under: str = "") -> Choice:
        """Return what a caller's word means on this desk. Raises Invalid that lists what there is.

        A name that is not there may be new: then the list is read once more.
        """
        try:
            return self._pick(field, await self.choices(field, under=under), wanted)
        except Invalid as error:
            again = error.reason == "unknown_value" and self._forget(field, under)
            if not again:
                raise
        return self._pick(field, await self.choices(field, under=under), wanted)

    async def person(self, wanted: str) -> Choice:
        """Return a technician by id, name, e-mail or login; "me" is who we are."""
        if folded(wanted) != "me":
            return await self.find("technician", wanted)
        if not self.who_we_are:
            raise Invalid(
                "This desk does not say who we are: set `technician` in its settings, or name the "
                "person.",
                reason="who_am_i",
            )
        return await self.find("technician", self.who_we_are)

    @property
    def who_we_are(self) -> str:
        """Our own id or name, or nothing. The API has no way to ask: it is told or learned."""
        return self.options.technician or self._me

    def learned(self, record: Row, field: str) -> None:
        """Note from a record that we wrote ourselves who we are."""
        if not self._me:
            self._me = id_of(record.get(field)) or ""

    async def people(self) -> tuple[Person, ...]:
        return tuple(person_of(row) for row in await self.rows("technician"))

    def _pick(self, field: str, choices: tuple[Choice, ...], wanted: str) -> Choice:
        options = self.options
        if field == "priority":
            return words.priority(choices, wanted, options.priorities)
        if field == "status":
            return words.status(choices, wanted, options.statuses)
        if field == "site":
            return pick(choices, words.mapped(wanted, options.sites), "site")
        return pick(choices, wanted, LOOKUPS[field].what)

    def _kept_rows(self, field: str, under: str) -> Kept[tuple[Row, ...]]:
        key = f"{field}/{under}"
        if key not in self._kept:
            self._kept[key] = Kept(lambda: self._load(field, under), seconds=KEEP)
        return self._kept[key]

    async def _load(self, field: str, under: str) -> tuple[Row, ...]:
        path, parent = LOOKUPS[field].path, ""
        if field == "subcategory" and self.link.edition.is_cloud:
            path = f"categories/{under}/subcategories"
        elif under:
            parent = {"subcategory": "category", "item": "subcategory"}[field]
        if parent:  # one list holds the parts of every whole: it is read once
            every = await self._kept_rows(field, "").get()
            return tuple(row for row in every if id_of(row.get(parent)) == under)
        return (await self.link.every(path, Query(count=False))).items

    def _forget(self, field: str, under: str) -> bool:
        """Read a list anew next time, and the longer one that it may be a part of."""
        aged = [self._kept_rows(field, part).forget() for part in {under, ""}]
        return any(aged)


def known(choices: tuple[Choice, ...], wanted: str) -> Choice | None:
    """Return the choice of this id or name, if there is one."""
    return find(choices, wanted)


def _choice(row: Row) -> Choice:
    more = ("internal_name", "email_id", "login_name")
    return Choice(
        id=text_of(row.get("id")) or "",
        name=text_of(row.get("name")) or "",
        words=tuple(filter(None, (text_of(row.get(key)) for key in more))),
    )
