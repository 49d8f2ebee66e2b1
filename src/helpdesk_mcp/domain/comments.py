"""What people say on a ticket, and the files they add to it."""

from dataclasses import dataclass
from enum import StrEnum

from helpdesk_mcp.domain.text import Line, Moment, Prose


class Visibility(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file on a ticket, without its bytes. `size` is in bytes."""

    id: str
    name: Line
    size: int | None = None
    media_type: Line | None = None
    comment_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    id: str
    at: Moment | None = None
    author: Line | None = None
    visibility: Visibility = Visibility.PUBLIC
    title: Line | None = None
    body: Prose | None = None
    new_status: Line | None = None
    minutes: float | None = None
    mailed_to: tuple[Line, ...] | None = None
    attachments: tuple[Attachment, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file on its way in: bytes, never a path on the server."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file on its way out, with its bytes."""

    attachment: Attachment
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentDraft:
    """A comment to write. `status` is the desk's status name or id; `minutes` the time spent.

    `notify_assignee` asks the desk to mail whoever the ticket is assigned to.
    """

    body: str
    visibility: Visibility
    title: str | None = None
    status: str | None = None
    minutes: float | None = None
    uploads: tuple[Upload, ...] = ()
    notify_assignee: bool = False
