"""Bytes to input: where input_data may stand, in which encoding, and what else is refused."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Upload
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.knobs import Knobs
from helpdesk_demo.servicedesk_plus.routing import Route
from helpdesk_demo.servicedesk_plus.values import Json, Row, parse_json

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_INPUT = "input_data"
_UNREADABLE = "Unable to parse the given data for input_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a request carried, before a route says what it may carry."""

    query: str
    content_type: str
    body: bytes
    form: Mapping[str, str] = field(default_factory=dict[str, str])
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    data: Row | None
    in_query: bool
    query: Mapping[str, str]
    form: Mapping[str, str]
    uploads: tuple[Upload, ...]


async def read(request: Request) -> Sent:
    """Read the whole request; a multipart body is taken apart."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    query = request.url.query
    body = await request.body()
    if kind != MULTIPART:
        return Sent(query=query, content_type=kind, body=body)
    form: dict[str, str] = {}
    uploads: list[Upload] = []
    async with request.form() as parts:
        for name, part in parts.multi_items():
            if isinstance(part, UploadFile):
                uploads.append(await _upload(name, part))
            else:
                form[name] = part
    return Sent(query=query, content_type=kind, body=body, form=form, uploads=tuple(uploads))


def decode(sent: Sent, route: Route, knobs: Knobs) -> Decoded:
    """Check what was sent against what the route takes; anything else is refused."""
    query = _fields(sent.query, (_INPUT, *route.query))
    form, data = _form(sent, route, knobs)
    in_query = _INPUT in query
    if in_query and (_INPUT in form or data is not None):
        raise Refused(4001, errors.EXTRA_PARAMETER)
    text = query.get(_INPUT, form.get(_INPUT))
    if text is not None:
        data = _object(text, knobs)
    _check_presence(route, data)
    return Decoded(data=data, in_query=in_query, query=query, form=form, uploads=sent.uploads)


def _form(sent: Sent, route: Route, knobs: Knobs) -> tuple[Mapping[str, str], Row | None]:
    """Return the form's fields, or the object of a bare JSON body where the knob allows it."""
    if route.method == "GET" and sent.body:
        # Reads take input_data from the address only [DOC].
        raise Refused(4001, errors.EXTRA_PARAMETER)
    if sent.content_type == MULTIPART:
        if not route.files:
            raise Refused(4013)
        _refuse_extra(sent.form, (_INPUT, *route.form))
        return sent.form, None
    if not sent.body:
        return {}, None
    if sent.content_type == "application/json" and knobs.json_bodies == "accept":
        return {}, _object(sent.body.decode(), knobs)
    if sent.content_type != FORM:
        raise Refused(4013)
    return _fields(sent.body.decode("latin-1"), (_INPUT, *route.form)), None


def _fields(text: str, allowed: tuple[str, ...]) -> dict[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict")
    except ValueError as error:
        raise Refused(4001, _UNREADABLE) from error
    values = dict(pairs)
    if len(values) != len(pairs):
        raise Refused(4001, errors.EXTRA_PARAMETER)
    _refuse_extra(values, allowed)
    return values


def _refuse_extra(values: Mapping[str, str], allowed: tuple[str, ...]) -> None:
    if not set(values) <= set(allowed):
        raise Refused(4001, errors.EXTRA_PARAMETER)


def _object(text: str, knobs: Knobs) -> Row:
    try:
        value = parse_json(text)
    except ValueError as error:
        if not knobs.lenient_json:
            raise Refused(4001, _UNREADABLE) from error
        value = _lenient(text)
    if not isinstance(value, dict):
        raise Refused(4001, _UNREADABLE)
    return value


def _lenient(text: str) -> Json:
    """Read a Python literal, as two published clients send and the vendor takes [3P]."""
    try:
        value: Json = ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise Refused(4001, _UNREADABLE) from error
    return value


def _check_presence(route: Route, data: Row | None) -> None:
    if route.input == "none" and data:
        # Some calls refuse input_data altogether (reference §1.3 [LIVE]).
        raise Refused(4000, errors.EXTRA_PARAMETER, http=400)
    if route.input == "required" and data is None:
        if route.method == "DELETE":
            raise Refused(4004, "Internal Error")
        raise errors.missing(_INPUT)


async def _upload(name: str, part: UploadFile) -> Upload:
    return Upload(
        part=name,
        name=part.filename or "",
        content_type=part.content_type or "application/octet-stream",
        data=await part.read(),
    )
