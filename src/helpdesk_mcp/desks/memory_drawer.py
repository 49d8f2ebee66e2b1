"""The desk in memory with a drawer, for tickets that are merged or thrown away."""

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict, Unpack

from helpdesk_mcp.desks.memory import Held, MemoryDesk
from helpdesk_mcp.domain.knowledge import Article
from helpdesk_mcp.domain.people import Person, Queue
from helpdesk_mcp.domain.tickets import Ticket


class Options(TypedDict, total=False):
    """What a desk in memory may be made of."""

    queues: tuple[Queue, ...]
    people: tuple[Person, ...]
    articles: tuple[Article, ...]
    now: Callable[[], datetime]


class Drawer(MemoryDesk):
    """Lets the parts of the whole desk at what a desk keeps to itself."""

    def __init__(self, **options: Unpack[Options]) -> None:
        super().__init__(**options)
        self._drawer: dict[str, Held] = {}

    def take_out(self, ticket_id: str) -> None:
        self._drawer[ticket_id] = self._held.pop(ticket_id)

    def put_back(self, ticket_id: str) -> None:
        self._held[ticket_id] = self._drawer.pop(ticket_id)

    def put_in(self, ticket: Ticket) -> None:
        self._held[ticket.id].ticket = ticket

    def write(self, article: Article | None, article_id: str = "") -> None:
        kept = [one for one in self._articles if one.id != (article.id if article else article_id)]
        self._articles = tuple(kept if article is None else [*kept, article])

    def assignable(self, word: str) -> str | None:
        return self._person(word)
