"""The vendor's records turned into our nouns. Pure functions, each tolerant of what is missing."""

from collections.abc import Mapping

from helpdesk_mcp.desks.servicedeskplus.prose import unwrapped
from helpdesk_mcp.desks.servicedeskplus.values import (
    Row,
    id_of,
    moment_of,
    name_of,
    number_of,
    row_of,
    rows_of,
    text_of,
)
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.comments import Attachment, Comment, Visibility
from helpdesk_mcp.domain.knowledge import Article
from helpdesk_mcp.domain.people import Person, Queue
from helpdesk_mcp.domain.tickets import Ticket

ROW_FIELDS = (
    "subject",
    "status",
    "priority",
    "group",
    "technician",
    "requester",
    "created_time",
    "last_updated_time",
    "due_by_time",
    "completed_time",
    "is_overdue",
    "site",
    "category",
)
"""What a row of a list is asked to hold."""
REFERENCES = (
    "site",
    "category",
    "subcategory",
    "item",
    "urgency",
    "impact",
    "level",
    "mode",
    "request_type",
    "template",
    "service_category",
    "department",
)
"""Fields of a request that name something set up in the desk, and that `custom` shows."""


def ticket_of(row: Row, labels: Mapping[str, str], web: str = "") -> Ticket:
    """Return a request as a ticket. `labels` names custom fields; `web` is the address of pages."""
    status = row_of(row.get("status"))
    created = moment_of(row.get("created_time"))
    identifier = text_of(row.get("id")) or ""
    number = text_of(row.get("display_id"))
    requester = row_of(row.get("requester"))
    return Ticket(
        id=identifier,
        number=number if number != identifier else None,
        subject=text_of(row.get("subject")),
        status=name_of(status),
        priority=name_of(row.get("priority")),
        queue=name_of(row.get("group")),
        assignee=name_of(row.get("technician")),
        requester=text_of(requester.get("email_id")) or name_of(requester),
        created=created,
        modified=moment_of(row.get("last_updated_time")) or created,
        due=moment_of(row.get("due_by_time")),
        completed=moment_of(row.get("completed_time")),
        overdue=late if isinstance(late := row.get("is_overdue"), bool) else None,
        on_hold=is_on_hold(status) if status else None,
        custom=custom_of(row, labels) or None,
        attachments=tuple(map(attachment_of, rows_of(row.get("attachments")))) or None,
        url=page_of(identifier, web),
        description=unwrapped(text_of(row.get("description"))),
        resolution=unwrapped(text_of(row_of(row.get("resolution")).get("content"))),
    )


def page_of(identifier: str, web: str) -> str | None:
    """Return the address of a request's page: `web` holds `{id}`."""
    return web.replace("{id}", identifier) if web and identifier else None


def is_on_hold(status: Row) -> bool:
    names = (text_of(status.get("internal_name")), text_of(status.get("name")))
    return any(folded(name or "").replace(" ", "") in {"onhold", "enespera"} for name in names)


def custom_of(row: Row, labels: Mapping[str, str]) -> dict[str, str]:
    """Return what else a request holds: its classification, then its custom fields by label."""
    found = {name: name_of(row.get(name)) for name in REFERENCES}
    found["in_trash"] = "true" if row.get("is_trashed") is True else None
    extra = row_of(row.get("udf_fields")) | {
        name: value for name, value in row.items() if name.startswith("udf_") and name in labels
    }
    for name, value in extra.items():
        found[labels.get(name, name)] = _custom_text(value)
    return {name: value for name, value in found.items() if value is not None}


def _custom_text(value: object) -> str | None:
    """Return a custom field's value as text: a moment as a day, a choice by its name."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        at = moment_of(value)
        return at.isoformat(timespec="minutes") if at else name_of(value)
    if isinstance(value, list):
        parts = [name_of(part) or text_of(part) for part in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- the vendor's JSON
        return ", ".join(part for part in parts if part) or None
    return text_of(value)


def attachment_of(row: Row) -> Attachment:
    size = row_of(row.get("size")).get("value", row.get("size"))
    return Attachment(
        id=text_of(row.get("id")) or text_of(row.get("file_id")) or "",
        name=text_of(row.get("name")) or text_of(row.get("file_name")) or "file",
        size=number_of(size),
        media_type=text_of(row.get("content_type")),
    )


def note_of(row: Row) -> Comment:
    """Return a note. Its author goes by one name or another (reference §1.4)."""
    shown = row.get("show_to_requester") is True
    return Comment(
        id=text_of(row.get("id")) or "",
        at=moment_of(row.get("added_time")) or moment_of(row.get("created_time")),
        author=name_of(row.get("added_by")) or name_of(row.get("created_by")),
        visibility=Visibility.PUBLIC if shown else Visibility.INTERNAL,
        body=unwrapped(text_of(row.get("description"))),
        attachments=tuple(map(attachment_of, rows_of(row.get("attachments")))) or None,
    )


def mail_of(item: Row, body: Row) -> Comment:
    """Return a mail of the conversation; `body` is empty where it could not be fetched."""
    sender = name_of(item.get("sent_by")) or name_of(item.get("from"))
    to = [text_of(one.get("email_id")) or name_of(one) for one in rows_of(body.get("to"))]
    merged = text_of(body.get("merged_request_id"))
    subject = text_of(item.get("subject"))
    return Comment(
        id=f"mail-{text_of(item.get('id'))}",
        at=moment_of(item.get("sent_time")),
        author=sender or text_of(item.get("from")),
        title=f"Merged from ticket {merged}: {subject}" if merged else subject,
        body=unwrapped(text_of(body.get("description"))),
        mailed_to=tuple(one for one in to if one) or None,
        attachments=tuple(map(attachment_of, rows_of(body.get("attachments")))) or None,
    )


def person_of(row: Row) -> Person:
    return Person(
        id=text_of(row.get("id")) or "",
        username=text_of(row.get("login_name")),
        name=text_of(row.get("name")),
        email=text_of(row.get("email_id")),
    )


def queue_of(row: Row) -> Queue:
    return Queue(id=text_of(row.get("id")) or "", name=text_of(row.get("name")) or "")


def article_of(row: Row, *, whole: bool) -> Article:
    """Return a solution as an article, with its text if it is read and not listed."""
    return Article(
        id=text_of(row.get("id")) or "",
        title=text_of(row.get("title")) or "",
        category=name_of(row.get("topic")),
        answer=unwrapped(text_of(row.get("description"))) if whole else None,
    )


def same_reference(row: Row, field: str, sent: Row) -> bool:
    """Whether a record now holds the reference that was sent, by id where both have one."""
    wanted = id_of(sent)
    return wanted is None or id_of(row.get(field)) == wanted
