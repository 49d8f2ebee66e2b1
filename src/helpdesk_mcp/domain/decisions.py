"""Approvals: who is asked about a ticket or a change, and what they said."""

from dataclasses import dataclass
from typing import Literal, Protocol

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.text import Line, Moment, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be approved."""

    kind: Literal["ticket", "change"]
    id: str

    @property
    def ticket_id(self) -> str | None:
        return self.id if self.kind == "ticket" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's approval. `level` counts from 1: a level is asked after the one before it."""

    id: str
    level: int | None = None
    approver: Line | None = None
    status: Line | None = None
    ticket_id: str | None = None
    change_id: str | None = None
    subject: Line | None = None
    asked: Moment | None = None
    decided: Moment | None = None
    comment: Prose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDraft:
    """Whom to ask, and what the mail to them says. Everybody in one level is asked at once."""

    approvers: tuple[str, ...]
    message: str
    subject: str | None = None


class ApprovalBook(Protocol):
    async def find(self, asked: Asked) -> tuple[Approval, ...]: ...

    async def pending(self, window: Window) -> Page[Approval]:
        """Return the approvals that wait for ourselves."""
        ...

    async def ask(self, asked: Asked, draft: ApprovalDraft) -> RecordReceipt:
        """Ask people to approve, by a mail from the desk."""
        ...

    async def decide(
        self, asked: Asked, approval_id: str, *, approve: bool, comment: str
    ) -> RecordReceipt:
        """Approve or reject as ourselves. Raises Denied if somebody else was asked."""
        ...


class Decisions(Desk, Protocol):
    """A desk on which people approve tickets and changes."""

    decisions: ApprovalBook
