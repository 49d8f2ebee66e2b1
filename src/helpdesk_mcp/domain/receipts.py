"""What a write really did: before and after, mail, history. Never what was hoped."""

from dataclasses import dataclass

from helpdesk_mcp.domain.text import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field, before and after, as the desk shows it. Read back after the write."""

    field: str
    before: Line | None = None
    after: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Whether the desk mailed anybody. `sent` is None where the desk does not tell.

    "Sent" means that the desk handed the message to its mail system; delivery is not known.
    """

    sent: bool | None = None
    to: tuple[Line, ...] | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The outcome of one write on one ticket, as read back from the desk."""

    ticket_id: str
    changes: tuple[Change, ...] = ()
    mail: Mail | None = None
    history: bool | None = None
    """Whether the desk's own history of the ticket shows this write."""
    comment_id: str | None = None
    attachment_id: str | None = None
    url: str | None = None
    warnings: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReceipt:
    """The outcome of one write on anything but a ticket itself, as read back from the desk.

    `record` says what `id` identifies ("problem", "worklog"); `ticket_id` is the ticket it belongs
    to, where it belongs to one.
    """

    record: str
    id: str
    ticket_id: str | None = None
    changes: tuple[Change, ...] = ()
    mail: Mail | None = None
    url: str | None = None
    warnings: tuple[str, ...] | None = None


def gone(*, in_trash: bool) -> Change:
    """Say where a record went that was deleted."""
    return Change(field="trash" if in_trash else "deleted", after="yes" if in_trash else "for good")
