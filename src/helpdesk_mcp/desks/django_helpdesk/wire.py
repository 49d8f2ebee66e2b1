"""The desk's JSON, read tolerantly, and turned into our nouns."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from helpdesk_mcp.desks.django_helpdesk.notation import minutes_of, spent_in
from helpdesk_mcp.domain.comments import Attachment, Comment, Visibility
from helpdesk_mcp.domain.errors import Unavailable, Written

M = TypeVar("M", bound=BaseModel)


def _aware(value: Any) -> Any:
    """Read a time; one without an offset is UTC, which is what a desk without zones means."""
    if not isinstance(value, str) or not value:
        return value or None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _duration(value: Any) -> Any:
    """Read a duration; one that is none of ours is left out, as a comment is worth more."""
    return spent_in(value) if isinstance(value, str) else value


Spent = Annotated[timedelta | None, BeforeValidator(_duration)]
Moment = Annotated[datetime | None, BeforeValidator(_aware)]


class Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class WireFile(Wire):
    id: int
    followup: int | None = None
    file: str | None = None
    filename: str = ""
    mime_type: str | None = None
    size: int | None = None


class WireFollowUp(Wire):
    id: int
    ticket: int
    user: int | None = None
    title: str | None = None
    comment: str | None = None
    public: bool = False
    new_status: int | None = None
    time_spent: Spent = None
    followupattachment_set: tuple[WireFile, ...] = ()
    date: Moment = None
    email_recipients: tuple[str, ...] | None = None


class WireTicket(Wire):
    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    id: int
    queue: int
    title: str
    description: str | None = None
    resolution: str | None = None
    submitter_email: str | None = None
    assigned_to: int | None = None
    status: int
    on_hold: bool = False
    priority: int
    due_date: Moment = None
    merged_to: int | None = None
    followup_set: tuple[WireFollowUp, ...] = ()

    @property
    def custom(self) -> dict[str, Any]:
        extra = self.__pydantic_extra__ or {}
        return {
            key.removeprefix("custom_"): value
            for key, value in extra.items()
            if key.startswith("custom_")
        }

    @property
    def ordered(self) -> tuple[WireFollowUp, ...]:
        """The follow-ups, oldest first."""
        first = datetime.min.replace(tzinfo=UTC)
        return tuple(sorted(self.followup_set, key=lambda f: (f.date or first, f.id)))


class WireTickets(Wire):
    count: int
    results: tuple[WireTicket, ...]


class RowQueue(Wire):
    id: int
    title: str


class Row(Wire):
    """A row of the staff's ticket list: what is shown there, in words."""

    ticket: str = ""
    id: int
    priority: int
    title: str
    queue: RowQueue
    status: str
    created: Moment = None
    due_date: Moment = None
    assigned_to: str | None = None
    submitter: str | None = None
    last_followup: Moment = None

    @property
    def assignee(self) -> str | None:
        return None if self.assigned_to in {None, "", "None"} else self.assigned_to


class Rows(Wire):
    data: tuple[Row, ...]
    recordsTotal: int  # noqa: N815 -- the desk's name
    recordsFiltered: int  # noqa: N815 -- the desk's name


class FieldChoice(Wire):
    value: str | int
    display_name: str


class WireField(Wire):
    type: str = "string"
    required: bool = False
    read_only: bool = False
    label: str = ""
    max_length: int | None = None
    choices: tuple[FieldChoice, ...] | None = None


class WireActions(Wire):
    POST: dict[str, WireField]


class WireOptions(Wire):
    actions: WireActions


def read(model: type[M], data: Any, *, written: Written = Written.NO) -> M:
    """Read an answer. Raises Unavailable when it is not of the shape the desk promises."""
    try:
        return model.model_validate(data)
    except (ValidationError, ValueError) as error:
        raise Unavailable(
            "The help desk gave an answer that it should not give.",
            reason="protocol",
            written=written,
        ) from error


def modified(ticket: WireTicket, created: datetime | None = None) -> datetime | None:
    """Return when the ticket last changed, as far as the desk tells.

    Stock shows no date of change, and changes made through its API leave no trace but the new
    values. So: to the second this is the last thing that happened on the ticket; the fraction is
    a fingerprint of its values, so that a silent change changes it too.
    """
    dates = [f.date for f in ticket.followup_set if f.date] + ([created] if created else [])
    if not dates:
        return None
    return max(dates).astimezone(UTC).replace(microsecond=_fingerprint(ticket))


def _fingerprint(ticket: WireTicket) -> int:
    values = ticket.model_dump(mode="json", exclude={"followup_set"})
    values["followups"] = sorted((f.id, f.public, f.comment or "") for f in ticket.followup_set)
    digest = hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).digest()
    return int.from_bytes(digest[:4]) % 999_999 + 1


def attachment_of(file: WireFile, comment_id: int | None = None) -> Attachment:
    """Turn a file into ours. Its address stays here: it holds the ticket's secret key."""
    owner = comment_id if comment_id is not None else file.followup
    return Attachment(
        id=str(file.id),
        name=file.filename or "file",
        size=file.size,
        media_type=file.mime_type,
        comment_id=None if owner is None else str(owner),
    )


def comment_of(
    followup: WireFollowUp, people: Mapping[int, str], statuses: Mapping[int, str]
) -> Comment:
    user, status = followup.user, followup.new_status
    return Comment(
        id=str(followup.id),
        at=followup.date,
        author=None if user is None else people.get(user, f"user {user}"),
        visibility=Visibility.PUBLIC if followup.public else Visibility.INTERNAL,
        title=followup.title or None,
        body=followup.comment or None,
        new_status=None if status is None else statuses.get(status, str(status)),
        minutes=minutes_of(followup.time_spent),
        mailed_to=followup.email_recipients,
        attachments=tuple(attachment_of(f, followup.id) for f in followup.followupattachment_set)
        or None,
    )
