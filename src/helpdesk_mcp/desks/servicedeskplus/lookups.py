"""Names of the modules beside tickets to what the desk takes for them: an id where it can be had.

Some lists of names have routes of their own, some only on one edition, some on none. Where there is
no list, a name is looked for among the records that carry it, and else sent as it is: then the desk
decides.
"""

from collections.abc import Mapping

from helpdesk_mcp.desks.kept import Kept
from helpdesk_mcp.desks.servicedeskplus.criteria import holding, render
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query, number
from helpdesk_mcp.desks.servicedeskplus.names import KEEP, LOOKUPS, Names
from helpdesk_mcp.desks.servicedeskplus.values import Row, id_of, row_of, text_of
from helpdesk_mcp.desks.servicedeskplus.wire import person_of
from helpdesk_mcp.domain.choices import Choice, find, folded, pick
from helpdesk_mcp.domain.errors import Invalid, NotFound
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.people import Person

PATHS: Mapping[str, str] = {
    "change_type": "change_types",
    "risk": "change_risks",
    "reason_for_change": "reason_for_changes",
    "department": "departments",
    "project_type": "project_types",
    "product": "products",
    "product_type": "product_types",
    "state": "asset_states",
    "worklog_type": "worklog_types",
    "topic": "topics",
    "relationship_type": "relationship_types",
}
"""Where the lists of names are that tickets do not need (reference §5)."""
SAMPLE = 100
"""Records in which a name is looked for that has no list."""


class Lookups:
    def __init__(self, link: Link, names: Names) -> None:
        self.link = link
        self.names = names
        self._kept: dict[str, Kept[tuple[Choice, ...]]] = {}

    async def reference(self, field: str, word: str, *, seen_in: str = "", under: str = "") -> Row:
        """Return what to send for a word: {"id": …}, or {"name": …} where nobody lists the ids."""
        if field in LOOKUPS and field != "status":
            return {"id": (await self.names.find(field, word, under=under)).id}
        if field in PATHS:
            try:
                offered = await self._listed(field)
            except NotFound:  # not in this edition or build
                offered = ()
            if offered:
                return {"id": pick(offered, word, field.replace("_", " ")).id}
        return await self._seen(field, word, seen_in)

    async def ids(
        self, field: str, words: tuple[str, ...], *, seen_in: str = ""
    ) -> tuple[Row, ...]:
        return tuple([await self.reference(field, word, seen_in=seen_in) for word in words])

    async def offered(self, field: str, seen_in: str = "") -> tuple[str, ...]:
        """Return the names a field takes, as far as the desk lists them or records show them."""
        if field in LOOKUPS and field != "status":
            choices = await self.names.choices(field)
        elif field in PATHS:
            choices = await self._listed(field)
        else:
            choices = await self._carried(field, seen_in)
        return tuple(choice.name for choice in choices)

    async def technician(self, word: str) -> Row | None:
        if folded(word) == "none":
            return None
        if folded(word) == "me":
            await self.learn_who_we_are()
        return {"id": (await self.names.person(word)).id}

    async def user(self, word: str) -> Row | None:
        """Return a user by id, e-mail or name: people who ask, and who use assets."""
        plain = word.strip()
        if folded(plain) == "none":
            return None
        if plain.isascii() and plain.isdigit():
            return {"id": number(plain, "There is no such person.")}
        key = "email_id" if "@" in plain else "name"
        criteria = {"field": key, "condition": "is", "value": plain}
        found = await self.link.rows("~users", Query(criteria=criteria), Window(size=2))
        if len(found.items) != 1:
            raise Invalid(
                "Give the person's e-mail address: no or several people have this name.",
                reason="person",
            )
        return {"id": text_of(found.items[0].get("id"))}

    async def learn_who_we_are(self) -> None:
        """Ask for what is ours: any of it tells who we are. The API has no other way."""
        for path, view, field in _OURS:
            if self.names.who_we_are:
                return
            query = Query(filter_by={"name": view} if view else None, count=False)
            try:
                mine = await self.link.rows(path, query, Window(size=1))
            except (Invalid, NotFound):
                continue  # not every desk has this view
            for row in mine.items:
                self.names.learned(row, field)

    async def _listed(self, field: str) -> tuple[Choice, ...]:
        if field not in self._kept:
            self._kept[field] = Kept(lambda: self._load(field), seconds=KEEP)
        return await self._kept[field].get()

    async def _load(self, field: str) -> tuple[Choice, ...]:
        found = await self.link.every(PATHS[field], Query(count=False))
        return tuple(map(_choice, found.items))

    async def _seen(self, field: str, word: str, path: str) -> Row:
        """Look for a name among the records that carry it; a name in English or Spanish."""
        if not path:
            return {"name": word.strip()}
        seen = await self._carried(field, path)
        if (known := find(seen, word)) is not None:
            return {"id": known.id}
        if field == "status":
            return await self._status(word, seen)
        return {"name": word.strip()}

    async def _carried(self, field: str, path: str) -> tuple[Choice, ...]:
        if not path:
            return ()
        rows = (await self.link.rows(path, Query(count=False), Window(size=SAMPLE))).items
        choices = {id_of(r.get(field)): _choice(row_of(r.get(field))) for r in rows}
        return tuple(choice for key, choice in choices.items() if key)

    async def _status(self, word: str, seen: tuple[Choice, ...]) -> Row:
        """Statuses of tickets serve problems and changes on most desks, and projects on none."""
        try:
            choice = await self.names.find("status", word)
        except Invalid:
            return {"name": word.strip()}
        same = find(seen, choice.name)
        return {"id": same.id} if same else {"name": choice.name}


async def requesters(link: Link, text: str, window: Window) -> Page[Person]:
    """Return users by name: whoever has this id, or this text in name or address."""
    if text.isascii() and text.isdigit():
        return await _one_user(link, text)
    query = Query(criteria=render(holding(text, ("name", "email_id"))), sort="name")
    found = await link.rows("~users", query, window)
    people = tuple(map(person_of, found.items))
    return Page(items=people, start=window.start, total=found.total, more=found.more)


async def _one_user(link: Link, identifier: str) -> Page[Person]:
    try:
        row = await link.one(f"~users/{number(identifier)}")
    except NotFound:
        return Page(items=(), start=0, total=0)
    return Page(items=(person_of(row),), start=0, total=1)


_OURS = (
    ("requests", "My_Open_Requests", "technician"),
    ("approvals", "", "approver"),
)


def _choice(row: Row) -> Choice:
    more = ("api_name", "display_name", "internal_name")
    return Choice(
        id=text_of(row.get("id")) or "",
        name=text_of(row.get("name")) or "",
        words=tuple(filter(None, (text_of(row.get(key)) for key in more))),
    )
