"""What this desk has to choose from: queues, people, statuses, priorities, fields."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.pages import (
    TicketPage,
    feed_slugs,
    form_choices,
    ticket_page,
)
from helpdesk_mcp.desks.django_helpdesk.rows import rows
from helpdesk_mcp.desks.django_helpdesk.wire import WireField, WireOptions, read
from helpdesk_mcp.desks.kept import Kept
from helpdesk_mcp.domain.choices import (
    PRIORITY_WORDS,
    STATUS_WORDS,
    Choice,
    find,
    folded,
    pick,
)
from helpdesk_mcp.domain.errors import Conflict, Invalid, NotFound
from helpdesk_mcp.domain.people import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    statuses: tuple[Choice, ...]
    priorities: tuple[Choice, ...]
    fields: dict[str, WireField]
    """By the desk's names; custom fields without their prefix are in `custom`."""
    custom: dict[str, WireField]

    def status_names(self) -> dict[int, str]:
        return {int(status.id): status.name for status in self.statuses}

    def priority_name(self, number: int | str) -> str:
        return next((p.name for p in self.priorities if p.id == str(number)), str(number))


class Directory:
    """Looked up once a minute, and again when a caller's word is not found in it."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._definitions = Kept(self._load_definitions)
        self._queues = Kept(self._load_queues)
        self._people = Kept(self._load_people)
        self._sample = Kept(self._load_sample)

    async def definitions(self) -> Definitions:
        return await self._definitions.get()

    async def queues(self) -> tuple[Queue, ...]:
        return await self._queues.get()

    async def people(self) -> tuple[Choice, ...]:
        """Return those a ticket can be assigned to: username as name, full name as a word."""
        return await self._people.get() if await self._link.has_pages() else ()

    async def people_names(self) -> dict[int, str]:
        """Return how each person is called, by id: by full name where there is one."""
        return {int(p.id): p.words[0] if p.words else p.name for p in await self.people()}

    async def sample(self) -> TicketPage | None:
        """Return the page of some ticket, None on an empty desk."""
        return await self._sample.get()

    async def status(self, word: str) -> Choice:
        return await self._pick(self._definitions.forget, word, "status")

    async def priority(self, word: str) -> Choice:
        return await self._pick(self._definitions.forget, word, "priority")

    async def queue(self, word: str) -> Choice:
        if not await self._link.has_pages():
            return _number(word, "queue")
        return await self._pick(self._queues.forget, word, "queue")

    async def person(self, word: str) -> Choice:
        """Return whom `me`, an id, a username, a full name or an e-mail means."""
        if not await self._link.has_pages():
            return _number(word, "person")
        wanted = self._link.username if folded(word) == "me" else word
        return await self._pick(self._forget_people, wanted, "person")

    async def queue_name(self, number: int) -> str:
        if not await self._link.has_pages():
            return str(number)
        found = find(_queue_choices(await self.queues()), str(number))
        return str(number) if found is None else found.name

    async def _pick(self, forget: Callable[[], bool], word: str, what: str) -> Choice:
        try:
            return pick(await self._offered(what), word, what)
        except Invalid:
            if not forget():
                raise
            return pick(await self._offered(what), word, what)

    def _forget_people(self) -> bool:
        self._sample.forget()
        return self._people.forget()

    async def _offered(self, what: str) -> Iterable[Choice]:
        if what == "queue":
            return _queue_choices(await self.queues())
        if what == "person":
            return await self.people()
        known = await self.definitions()
        return known.statuses if what == "status" else known.priorities

    async def _load_definitions(self) -> Definitions:
        offered = read(WireOptions, await self._link.options("api/tickets/")).actions.POST
        custom = {
            name.removeprefix("custom_"): field
            for name, field in offered.items()
            if name.startswith("custom_")
        }
        return Definitions(
            statuses=tuple(_choices(offered.get("status"), STATUS_WORDS)),
            priorities=tuple(_choices(offered.get("priority"), PRIORITY_WORDS)),
            fields={k: f for k, f in offered.items() if not k.startswith("custom_")},
            custom=custom,
        )

    async def _load_queues(self) -> tuple[Queue, ...]:
        offered = form_choices(await self._link.page("tickets/submit/"), "queue")
        try:
            slugs = feed_slugs(await self._link.page("rss/"))
        except NotFound:
            slugs = {}
        if len(offered) == len(slugs) == 1:  # a single queue stands in the form without its name
            offered = (replace(offered[0], name=next(iter(slugs))),)
        queues = [Queue(id=q.id, name=q.name, slug=slugs.get(q.name)) for q in offered]
        return tuple(
            [queue if queue.name and queue.slug else await self._named(queue) for queue in queues]
        )

    async def _named(self, queue: Queue) -> Queue:
        """Learn name and slug from a ticket that waits in the queue: `12 [it-12]`."""
        found = await rows(
            self._link, {"filtering": {"queue__id__in": [int(queue.id)]}}, start=0, length=1
        )
        if not found.data:
            return replace(queue, name=queue.name or f"Queue {queue.id}")
        row = found.data[0]
        slug = row.ticket.partition("[")[2].removesuffix(f"-{row.id}]") or None
        return replace(queue, name=queue.name or row.queue.title, slug=queue.slug or slug)

    async def _load_people(self) -> tuple[Choice, ...]:
        page = await self.sample()
        if page is not None:
            return page.people
        return form_choices(await self._link.page("tickets/submit/"), "assigned_to")

    async def _load_sample(self) -> TicketPage | None:
        # Merged tickets have no form to learn from; they are duplicates, the last of the statuses.
        found = await rows(self._link, {"sorting": "status"}, start=0, length=1)
        try:
            return ticket_page(await self._link.page(f"tickets/{found.data[0].id}/"))
        except (IndexError, Conflict):
            return None


def _queue_choices(queues: Iterable[Queue]) -> tuple[Choice, ...]:
    return tuple(Choice(id=q.id, name=q.name, words=(q.slug,) if q.slug else ()) for q in queues)


def _number(word: str, what: str) -> Choice:
    """Without staff pages the desk tells no names: only ids can be used."""
    if not (word.isascii() and word.isdigit()):
        raise Invalid(
            f"With this login the help desk tells no names: give the {what}'s id.",
            reason="unknown_value",
        )
    return Choice(id=word, name=word)


def _choices(field: WireField | None, table: dict[str, tuple[str, ...]]) -> Iterable[Choice]:
    for choice in (field.choices if field else None) or ():
        plain = choice.display_name.lstrip("0123456789").removeprefix(".").strip()
        name = plain or choice.display_name
        yield Choice(
            id=str(choice.value), name=name, words=(choice.display_name, *_words(name, table))
        )


def _words(name: str, table: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return other words for a name, whichever of the known languages the desk speaks."""
    own = folded(name)
    for key, words in table.items():
        if own == key or own in words:
            return (key, *words)
    return ()
