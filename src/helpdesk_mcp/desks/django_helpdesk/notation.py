"""How stock django-helpdesk writes things: comments, durations, statuses, files, text."""

import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import PurePosixPath

from helpdesk_mcp.domain.choices import Choice, folded
from helpdesk_mcp.domain.comments import Upload
from helpdesk_mcp.domain.errors import Invalid

RESOLVED = 3
CLOSED = 4
USUAL_EXTENSIONS = (".txt", ".asc", ".pdf", ".doc", ".docx", ".odt", ".jpg", ".png", ".eml")
"""What a stock desk accepts; a ticket's page tells what this desk accepts."""

# Names that the translations of django-helpdesk give to "On Hold".
ON_HOLD = frozenset(
    folded(word)
    for word in (
        *("On Hold", "En espera", "Mantener", "En attente", "Em espera", "Zurückgehalten"),
        *("Sospeso", "På vent", "Pidossa", "Pozdrženo", "Wstrzymaj", "Beklemede"),
    )
)
# What opens or closes a tag, and the words that stock itself puts in the place of a tag.
_TEMPLATE_MARK = re.compile(r"\{(?=[{%#])|(?<=%)\}|(?<=X)-(?=HELPDESK-COMMENT-)")
_DURATION = re.compile(r"(?:(\d+) )?(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_REFERENCE = re.compile(r"(?:[^&]|\b|^)#(\d+)\b")


def literal(text: str) -> str:
    """Write text so that a comment shows exactly it: comments are Django templates here."""
    return _TEMPLATE_MARK.sub(lambda mark: f'{{{{ "{mark[0]}" }}}}', text)


def clean(text: str, what: str) -> str:
    """Refuse text that the desk cannot store, before anything is sent."""
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise Invalid(f"The {what} holds characters that cannot be stored.", reason="characters")
    return text


def references(text: str, ticket_id: str) -> tuple[str, ...]:
    """Return the other tickets a comment names as `#12`: the desk leaves a note on each."""
    found = dict.fromkeys(_REFERENCE.findall(text))
    return tuple(number for number in found if number != ticket_id)


def duration(minutes: float) -> str:
    """Write minutes as H:MM:SS. Anything shorter is read as minutes and seconds."""
    seconds = _whole_seconds(minutes)
    return f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


def hours_and_minutes(minutes: float) -> str:
    """Write minutes as H:MM, what the ticket's form reads. Seconds are rounded away."""
    whole = round(_whole_seconds(minutes) / 60)
    return f"{whole // 60}:{whole % 60:02d}"


def _whole_seconds(minutes: float) -> int:
    if not 0 <= minutes < 60_000:  # noqa: PLR2004 -- a thousand hours
        raise Invalid("The time spent is between 0 and 60000 minutes.", reason="time_spent")
    return round(minutes * 60)


def spent_in(text: str) -> timedelta | None:
    """Read a duration as the desk's API writes it: "4 04:00:00" is four days and four hours."""
    if (match := _DURATION.fullmatch(text)) is None:
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def minutes_of(spent: timedelta | None) -> float | None:
    return None if spent is None else round(spent.total_seconds() / 60, 2)


def status_of(text: str, statuses: Iterable[Choice]) -> tuple[Choice | None, bool | None]:
    """Read "Open - On Hold - Open dependencies": the status, and whether the ticket is on hold."""
    named = sorted(statuses, key=lambda choice: -len(choice.name))
    for status in named:
        if text == status.name:
            return status, False
        if text.startswith(f"{status.name} - "):
            suffixes = text[len(status.name) + 3 :].split(" - ")
            return status, len(suffixes) > 1 or folded(suffixes[0]) in ON_HOLD
    return None, None


def check_files(uploads: Iterable[Upload], extensions: tuple[str, ...] | None) -> None:
    """Refuse a file the desk would refuse: it does so only after it has stored the comment."""
    for upload in uploads:
        extension = PurePosixPath(upload.name).suffix.lower()
        if extensions is not None and extension not in {"", *extensions}:
            allowed = ", ".join(extensions)
            raise Invalid(
                f"The help desk does not take {extension} files. Allowed: {allowed}.",
                reason="attachment_type",
            )
        if not upload.content:
            raise Invalid("The file is empty.", reason="attachment_empty")
