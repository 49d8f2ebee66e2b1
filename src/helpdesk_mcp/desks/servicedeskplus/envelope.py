"""What an answer of ServiceDesk Plus says: its contents, or the one error that it means."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx2

from helpdesk_mcp.desks.servicedeskplus.auth import GOOD_TOKEN
from helpdesk_mcp.desks.servicedeskplus.refusals import (
    NO_TICKET,
    Told,
    elsewhere,
    no_scope,
    refusal,
    unreadable,
    web_page,
)
from helpdesk_mcp.desks.servicedeskplus.values import (
    Row,
    list_of,
    number_of,
    row_of,
    rows_of,
    text_of,
)
from helpdesk_mcp.domain.errors import HelpdeskError, Written

DONE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A page of a list, as it came."""

    items: tuple[Row, ...]
    total: int | None = None
    more: bool = False


def read(response: httpx2.Response, missing: str = NO_TICKET) -> Row:
    """Return an answer's contents. Raises the error that it means; a warning is an error."""
    doubt = doubt_of(response)
    if response.is_redirect:
        raise elsewhere(doubt)
    if response.status_code == HTTPStatus.UNAUTHORIZED and response.request.extensions.get(
        GOOD_TOKEN
    ):
        raise no_scope()
    if response.status_code == HTTPStatus.NO_CONTENT or (
        not response.content and response.is_success and doubt is not Written.NO
    ):
        return {}
    body = _object(response)
    if body is None:
        raise _not_data(response, doubt)
    told = _told(response.status_code, body.get("response_status"))
    if response.is_success and told.code in {DONE, None}:
        return body
    raise refusal(told, missing=missing, doubt=doubt)


def doubt_of(response: httpx2.Response) -> Written:
    """Return whether a write may have happened when its answer makes no sense."""
    return Written.NO if response.request.method == "GET" else Written.UNKNOWN


def one(body: Row, *keys: str) -> Row:
    """Return the single record of an answer, whatever it is called."""
    for key in keys:
        if isinstance(body.get(key), dict):
            return row_of(body[key])
    found = [row_of(v) for k, v in body.items() if k not in _FRAME and isinstance(v, dict)]
    if len(found) != 1:
        raise unreadable(Written.NO)
    return found[0]


def rows(body: Row) -> Rows:
    """Return the records of a list answer, whatever they are called."""
    found = [list_of(v) for k, v in body.items() if k not in _FRAME and isinstance(v, list)]
    if len(found) > 1 or (not found and body.keys() - _FRAME):
        raise unreadable(Written.NO)
    items = found[0] if found else []
    if not all(isinstance(item, dict) for item in items):
        raise unreadable(Written.NO)
    info = row_of(body.get("list_info"))
    return Rows(
        items=tuple(map(row_of, items)),
        total=number_of(info.get("total_count")),
        more=info.get("has_more_rows") in {True, "true"},
    )


_FRAME = frozenset({"response_status", "list_info"})


def _object(response: httpx2.Response) -> Row | None:
    try:
        value = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    return row_of(value) if isinstance(value, dict) else None


def _not_data(response: httpx2.Response, doubt: Written) -> HelpdeskError:
    """Return the error for an answer that is not JSON: a page, or a failure of some proxy."""
    status = response.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return refusal(Told(http=status, code=4004), doubt=doubt)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return refusal(Told(http=status, code=4015), doubt=doubt)
    if b"<html" in response.content[:2000].lower():
        return web_page()
    return unreadable(doubt)


def _told(http: int, status: Any) -> Told:
    """Read `response_status`, a list on successful lists and an object otherwise."""
    outer = row_of(next(iter(list_of(status)), status))
    code = number_of(outer.get("status_code"))
    if code in {DONE, None}:
        return Told(http=http, code=code)
    notes = rows_of(outer.get("messages"))
    inner = next(filter(None, (number_of(n.get("status_code")) for n in notes)), None)
    return Told(
        http=http,
        code=inner or code,
        fields=tuple(dict.fromkeys(name for note in notes for name in _fields(note))),
        text=" ".join(_text(note.get("message")) for note in notes).strip(),
        merged_into=next(filter(None, (_parent(note.get("message")) for note in notes)), None),
        title=text_of(outer.get("title")) or text_of(outer.get("status")) or "",
    )


def _fields(note: Row) -> list[str]:
    """Return the fields a message is about: the vendor's names, never what somebody wrote."""
    return [
        f for f in (*list_of(note.get("fields")), note.get("field")) if f and isinstance(f, str)
    ]


def _text(message: Any) -> str:
    """Return a message's words, which may stand in an object."""
    return text_of(row_of(message).get("message", message)) or ""


def _parent(message: Any) -> str | None:
    """Return the ticket that a merged one went into: told in an object."""
    parent = number_of(row_of(row_of(message).get("parent_request")).get("id"))
    return None if parent is None else str(parent)
