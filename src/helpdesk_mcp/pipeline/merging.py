"""The answers of several desks as one: merged in order, each row and each id with its desk."""

import heapq
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

import anyio

from helpdesk_mcp.domain.desks import GrantedDesk
from helpdesk_mcp.domain.errors import Denied, HelpdeskError
from helpdesk_mcp.domain.pages import Failed, Gathered, Listing, Summary, start_of
from helpdesk_mcp.domain.people import Person, Queue
from helpdesk_mcp.pipeline.aiming import FREE, is_id
from helpdesk_mcp.pipeline.cursors import joined

BY_NAME = (Person, Queue)
"""What calls refer to by name: its id is told as the desk writes it."""
FOOTER = frozenset(field.name for field in fields(Listing))
Answers = Mapping[str, Gathered | HelpdeskError]
T = TypeVar("T", Listing, Summary)
Ask = Callable[[GrantedDesk], Awaitable[Gathered]]
After = Callable[[int], str | None]
"""Returns the cursor with which a list goes on after so many of its rows."""


async def ask_all(desks: tuple[GrantedDesk, ...], ask: Ask) -> dict[str, Gathered | HelpdeskError]:
    """Ask desks at once, by name in their order. One that fails does not keep the others."""
    found: dict[str, Gathered | HelpdeskError] = {}

    async def one(desk: GrantedDesk) -> None:
        try:
            found[desk.name] = await ask(desk)
        except HelpdeskError as error:
            found[desk.name] = error

    async with anyio.create_task_group() as tasks:
        for desk in desks:
            tasks.start_soon(one, desk)
    return {desk.name: found[desk.name] for desk in desks}


def summed(answers: Answers) -> Summary:
    """Return one summary of all desks. Raises the first error if no desk answered."""
    parts, failed = _sorted_out(answers, Summary)
    first = next(iter(parts.values()))
    seen = {desk: part.seen for desk, part in parts.items()}
    return replace(first.made(seen, tuple(one.desk for one in failed)), failed=failed)


def merged(
    answers: Answers,
    starts: Mapping[str, int],
    numbers: Mapping[str, int],
    most: int | None,
) -> tuple[Listing, After]:
    """Return one listing of at most so many rows, and how it goes on after so many of them.

    `starts` says where each desk was asked to begin, `numbers` what it is in cursors. Raises the
    first error if no desk answered.
    """
    lists, failed = _sorted_out(answers, Listing)
    kept = list(_in_order(lists))[:most]
    origins = tuple(desk for desk, _ in kept)
    silent = tuple(one.desk for one in failed)

    def after(count: int) -> str | None:
        going = _going(lists, Counter(origins[:count]))
        if not going:
            return None
        going |= {desk: starts.get(desk, 0) for desk in silent}  # asked for the same again
        return joined({numbers[desk]: start for desk, start in going.items()})

    first = next(iter(lists.values()))
    totals = [answer.total for answer in lists.values()]
    whole = replace(
        first,
        shown=len(kept),
        total=None if None in totals else sum(total or 0 for total in totals),
        next_cursor=after(len(kept)),
        start=0,
        order=None,
        origins=origins,
        failed=failed,
        **{_rows_of(first): tuple(qualified(row, desk) for desk, row in kept)},
    )
    return whole, after


def _sorted_out(answers: Answers, kind: type[T]) -> tuple[dict[str, T], tuple[Failed, ...]]:
    """Return what desks answered, and which failed. Raises the first error if all did."""
    parts = {desk: answer for desk, answer in answers.items() if isinstance(answer, kind)}
    errors = {desk: e for desk, e in answers.items() if isinstance(e, HelpdeskError)}
    if not parts:
        raise next(iter(errors.values()))
    return parts, tuple(Failed(desk=desk, error=error) for desk, error in errors.items())


def unable(desk: GrantedDesk) -> Failed:
    """Return what is told of a desk that was not asked because it does not offer this."""
    return Failed(desk=desk.name, error=Denied("It does not offer this.", reason="capability"))


def qualified(result: Any, desk: str) -> Any:
    """Return a result whose ids say which desk they are of: `it:17`."""
    if isinstance(result, tuple):
        return tuple(qualified(part, desk) for part in cast("tuple[Any, ...]", result))
    if not is_dataclass(result) or isinstance(result, type):
        return result
    changes: dict[str, Any] = {}
    for field in fields(result):
        value: Any = getattr(result, field.name)
        if isinstance(value, str) and (is_id(field.name) or field.name == "merged_into"):
            named = ",".join(f"{desk}:{part}" for part in value.split(","))
            changes[field.name] = value if _bare(result, field.name) else named
        elif field.name not in FREE and (isinstance(value, tuple) or is_dataclass(value)):
            changes[field.name] = qualified(value, desk)
    return replace(result, **changes) if changes else result


def _bare(result: object, name: str) -> bool:
    return name == "id" and isinstance(result, BY_NAME)


def _rows_of(listing: Listing) -> str:
    """Return the name of the field that holds a listing's rows."""
    return next(
        field.name
        for field in fields(listing)
        if field.name not in FOOTER and isinstance(getattr(listing, field.name), tuple)
    )


def _in_order(lists: Mapping[str, Listing]) -> Iterator[tuple[str, Any]]:
    """Yield rows with their desks: by their keys if all lists have some, else in turn."""
    keyed = all(listing.order is not None for listing in lists.values())
    streams: list[list[tuple[float, int, str, Any]]] = []
    for number, (desk, listing) in enumerate(lists.items()):
        rows: tuple[Any, ...] = getattr(listing, _rows_of(listing))
        keys: tuple[float, ...] = listing.order() if keyed else tuple(map(float, range(len(rows))))
        streams.append([(key, number, desk, row) for key, row in zip(keys, rows, strict=True)])
    for _, _, desk, row in heapq.merge(*streams, key=lambda item: item[:2]):
        yield desk, row


def _going(lists: Mapping[str, Listing], taken: Mapping[str, int]) -> dict[str, int]:
    """Return where each desk goes on that has more than was taken of it."""
    going: dict[str, int] = {}
    for desk, listing in lists.items():
        if taken.get(desk, 0) < len(getattr(listing, _rows_of(listing))):
            going[desk] = listing.start + taken.get(desk, 0)
        elif listing.next_cursor is not None:
            going[desk] = start_of(listing.next_cursor)
    return going
