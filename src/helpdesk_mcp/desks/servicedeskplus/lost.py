"""A record whose answer was lost: looked for among the newest, and never filed a second time."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from helpdesk_mcp.desks.servicedeskplus.criteria import Leaf, render
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query
from helpdesk_mcp.desks.servicedeskplus.record_fields import Module, plain
from helpdesk_mcp.desks.servicedeskplus.values import Row, id_of, moment_of, text_of
from helpdesk_mcp.domain.errors import HelpdeskError, Unavailable, Written
from helpdesk_mcp.domain.pages import Window

SLACK = timedelta(seconds=5)
ALIKE = 20
"""Records of one title that are looked at."""
LOST = "(found again)"
"""Marks a row that was found after its answer was lost; no field of the vendor's is called so."""
Look = Callable[[datetime], Awaitable[list[Row]]]
"""Returns what was made since and is what was sent, the newest first."""


async def once(link: Link, place: str, send: Callable[[], Awaitable[Row]], look: Look) -> Row:
    """File a record and return it; where it is not clear whether it was filed, look for it.

    One that we have been told of before is another. Raises Unavailable, which then knows more.
    """
    began = time.monotonic()
    try:
        row = await send()
    except Unavailable as error:
        if error.written is not Written.UNKNOWN:
            raise
        row = await _found(link, place, look, began, error)
    link.filed.append(f"{place}/{id_of(row)}")
    return row


async def _found(link: Link, place: str, look: Look, began: float, error: Unavailable) -> Row:
    took = timedelta(seconds=time.monotonic() - began)
    try:
        alike = await look(await link.now() - took - SLACK)
    except HelpdeskError:
        raise error from None
    for row in alike:
        if f"{place}/{id_of(row)}" not in link.filed:
            return {**row, LOST: True}
    ended = error.reason == "desk_error"  # else it may yet come
    written = Written.NO if ended else Written.UNKNOWN
    raise Unavailable(error.message, reason=error.reason, written=written) from error


def not_twice(row: Row, what: str, *, done: str = "opened") -> tuple[str, ...]:
    """Return what is said of a row that was found again."""
    if not row.get(LOST):
        return ()
    return (f"The desk's answer was lost or an error, but the {what} is there: not {done} twice.",)


async def found_again(link: Link, module: Module[Any], values: Row, since: datetime) -> list[Row]:
    """Return the records of a module that were made since and are what was sent.

    Raises Unavailable where the desk does not tell when one was made.
    """
    titles = [field.theirs for field in module.fields if field.kind == "title"]
    query = Query(
        criteria=render([(Leaf(field=name, values=(values.get(name),)),) for name in titles]),
        sort=module.sort,
        descending=bool(module.sort),
        count=False,
    )
    found: list[tuple[datetime, Row]] = []
    for listed in (await link.rows(module.path, query, Window(size=ALIKE))).items:
        if (told := moment_of(listed.get("created_time"))) is not None and told < since:
            continue
        row = await link.one(f"{module.path}/{id_of(listed)}", missing=module.missing)
        if not _is_alike(values, row, module):
            continue
        if (made := moment_of(row.get("created_time"))) is None:
            raise Unavailable("The desk does not tell when it was made.", reason="protocol")
        if made >= since:
            found.append((made, row))
    return [row for _, row in sorted(found, key=lambda one: one[0], reverse=True)]


def _is_alike(values: Row, row: Row, module: Module[Any]) -> bool:
    """Whether a record names what was sent, and says it where it has no title."""
    titled = any(field.kind == "title" for field in module.fields)
    for field in module.fields:
        sent, told = values.get(field.theirs), row.get(field.theirs)
        if sent is None:
            continue
        if id_of(sent) != id_of(told):
            return False
        says = field.kind == "title" or (field.kind == "html" and not titled)
        if says and plain(text_of(sent)) != plain(text_of(told)):
            return False
    return True
