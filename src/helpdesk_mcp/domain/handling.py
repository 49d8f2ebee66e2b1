"""What is done with a ticket as a whole: picked up, reopened, held, linked, merged, resolved."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.receipts import Receipt
from helpdesk_mcp.domain.text import Line, Moment, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why a ticket waits, until when, and which status it has after that."""

    reason: str
    until: datetime | None = None
    then: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Another ticket that belongs to this one, and why."""

    ticket_id: str
    subject: Line | None = None
    comment: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """How a ticket was solved. `text` is absent while nobody has written it."""

    ticket_id: str
    text: Prose | None = None
    by: Line | None = None
    at: Moment | None = None


class TicketActions(Protocol):
    """Every method raises NotFound for a ticket that is not there."""

    async def pick_up(self, ticket_id: str) -> Receipt:
        """Assign a ticket to ourselves."""
        ...

    async def reopen(self, ticket_id: str, reason: str) -> Receipt: ...

    async def hold(self, ticket_id: str, hold: Hold) -> Receipt: ...

    async def links(self, ticket_id: str) -> tuple[Link, ...]: ...

    async def link(self, ticket_id: str, others: tuple[str, ...], comment: str) -> Receipt: ...

    async def unlink(self, ticket_id: str, others: tuple[str, ...]) -> Receipt: ...

    async def merge(self, ticket_id: str, others: tuple[str, ...]) -> Receipt:
        """Make the others part of this one. They are gone after it, for good."""
        ...

    async def resolution(self, ticket_id: str) -> Resolution: ...

    async def resolve(self, ticket_id: str, text: str) -> Receipt:
        """Write the resolution. The status stays as it is."""
        ...


class TicketTrash(Protocol):
    """Where tickets can be taken out of again. Nothing here ever deletes for good."""

    async def put(self, ticket_id: str) -> Receipt: ...

    async def restore(self, ticket_id: str) -> Receipt: ...


class Handling(Desk, Protocol):
    """A desk on which tickets are handled as wholes."""

    handling: TicketActions


class Trash(Desk, Protocol):
    """A desk with a trash for tickets."""

    trash: TicketTrash
