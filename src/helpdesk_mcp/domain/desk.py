"""What a help desk can do. A desk implements the capabilities it has, and no others."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Protocol

from helpdesk_mcp.domain.comments import Comment, CommentDraft, Download, Upload
from helpdesk_mcp.domain.criteria import Criteria, as_filter
from helpdesk_mcp.domain.knowledge import Article
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.people import Person, Queue
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import Receipt
from helpdesk_mcp.domain.tickets import (
    Ticket,
    TicketChange,
    TicketDraft,
    TicketFields,
    TicketFilter,
)


class Desk(Protocol):
    """Any help desk. Every method may raise Unavailable; unknown ids raise NotFound."""

    async def ping(self) -> None:
        """Return when the desk answers and accepts our credential; raise Unavailable if not."""
        ...

    async def clock(self) -> str | None:
        """Return the desk's time as an HTTP date (RFC 9110 §5.6.7), or None if it has none."""
        return None

    async def zone(self) -> tzinfo | None:
        """Return the time zone in which the desk counts days, or None where nobody said."""
        return None

    async def capabilities(self) -> frozenset[type]:
        """Return which of its capabilities this desk, with this credential, really offers."""
        return frozenset(type(self).__mro__)

    async def lacking(self) -> Mapping[Scope, tuple[str, ...]]:
        """Return which of our scopes the desk's own token cannot serve, and what it lacks."""
        return {}


def capability_names(offered: Iterable[type]) -> tuple[str, ...]:
    """Return the names of the ports among what a desk offers, without the desk's own classes."""
    ports = (one for one in offered if one.__module__.startswith("helpdesk_mcp.domain."))
    return tuple(sorted(port.__name__ for port in ports if port is not Desk))


class Tickets(Desk, Protocol):
    async def tickets(self, which: TicketFilter, window: Window) -> Page[Ticket]:
        """Return matching tickets, newest first unless the filter says otherwise."""
        ...

    async def tickets_where(self, criteria: Criteria, window: Window) -> Page[Ticket]:
        """Return tickets that meet typed conditions.

        Raises Invalid that names a condition this desk cannot judge: none is ever left out.
        """
        return await self.tickets(as_filter(criteria), window)

    async def ticket(self, ticket_id: str) -> Ticket: ...

    async def create_ticket(self, draft: TicketDraft) -> Receipt: ...

    async def change_ticket(
        self, ticket_id: str, change: TicketChange, *, expected: str | None = None
    ) -> Receipt:
        """Change a ticket. `expected` is the `modified` the caller saw: Conflict if it moved on."""
        ...

    async def close_ticket(
        self,
        ticket_id: str,
        resolution: str,
        *,
        notify: bool,
        minutes: float | None = None,
        code: str | None = None,
    ) -> Receipt:
        """Close with a resolution. `notify` asks the desk to mail it to the requester.

        Raises Invalid before anything is written if the desk has no such closing `code`.
        """
        ...


class Comments(Desk, Protocol):
    async def comments(self, ticket_id: str, window: Window) -> Page[Comment]:
        """Return a ticket's conversation, oldest first."""
        ...

    async def add_comment(self, ticket_id: str, draft: CommentDraft) -> Receipt: ...


class Attachments(Desk, Protocol):
    async def attach(self, ticket_id: str, upload: Upload, *, public: bool) -> Receipt: ...

    async def attachment(self, ticket_id: str, attachment_id: str) -> Download: ...


class Queues(Desk, Protocol):
    async def queues(self) -> tuple[Queue, ...]: ...


class People(Desk, Protocol):
    async def people(self, text: str | None, window: Window) -> Page[Person]:
        """Return people a ticket can be assigned to, those matching `text` if it is given."""
        ...


class Requesters(Desk, Protocol):
    async def requesters(self, text: str | None, window: Window) -> Page[Person]:
        """Return people who may open tickets, those with this id or matching `text`."""
        ...


class Fields(Desk, Protocol):
    async def fields(self) -> TicketFields: ...


class Knowledge(Desk, Protocol):
    async def articles(self, text: str, window: Window) -> Page[Article]: ...

    async def article(self, article_id: str) -> Article: ...
