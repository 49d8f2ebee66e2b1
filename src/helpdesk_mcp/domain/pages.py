"""A page of anything, and the opaque cursor that leads to the next one."""

import base64
import binascii
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypedDict, TypeVar

from pydantic import Field

from helpdesk_mcp.domain.errors import Invalid

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list: `start` counts from 0, `size` is the most that may come back."""

    start: int = 0
    size: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One part of a list. `total` is None where the desk does not say."""

    items: tuple[T, ...]
    start: int = 0
    total: int | None = None
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A desk that did not answer, where others did."""

    desk: str
    error: Annotated[Any, Field(exclude=True)]
    """A HelpdeskError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """An answer that several desks can give as one. `failed` are those that did not."""

    failed: Annotated[tuple[Failed, ...], Field(exclude=True)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Gathered):
    """Counts, which add up.

    Not part of the answer are `seen`, what it was counted from, and `made`: a function that
    returns one such answer from what several desks showed, by their names, and from the names of
    those that showed nothing.
    """

    seen: Annotated[Any, Field(exclude=True)] = None
    made: Annotated[Any, Field(exclude=True)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Gathered):
    """The footer of every list an agent gets. `total` is absent where the desk does not say.

    `next_cursor` is present exactly when there is more. `cut` says what was left out to keep the
    answer within its size. Not part of the answer are `start`, where the page begins, and what
    is needed where several desks were asked at once: `order`, a function that returns the key by
    which each row is sorted; and `origins`, the desk of each row.
    """

    shown: int
    total: int | None = None
    next_cursor: str | None = None
    cut: str | None = None
    start: Annotated[int, Field(exclude=True)] = 0
    order: Annotated[Any, Field(exclude=True)] = None
    origins: Annotated[tuple[str, ...], Field(exclude=True)] = ()


class Footer(TypedDict):
    shown: int
    total: int | None
    next_cursor: str | None
    start: int


def footer(page: Page[T]) -> Footer:
    """Return the footer of a listing that holds all of a page."""
    shown = len(page.items)
    following = cursor_at(page.start + shown) if page.more else None
    return Footer(shown=shown, total=page.total, next_cursor=following, start=page.start)


def cursor_at(start: int) -> str:
    """Return the cursor for the item at `start`. Opaque to clients (MCP, pagination)."""
    return base64.urlsafe_b64encode(f"o{start}".encode()).decode().rstrip("=")


def start_of(cursor: str) -> int:
    """Return where a cursor points. Raises Invalid for anything `cursor_at` did not make."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    digits = text[1:]
    known = digits.isdigit() and len(digits) <= 9  # noqa: PLR2004 -- a billion items
    if not known or cursor_at(int(digits)) != cursor:
        raise Invalid("This cursor is not one of ours; start again without it.", reason="cursor")
    return int(digits)
