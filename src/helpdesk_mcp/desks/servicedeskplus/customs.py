"""Custom fields of requests: found by label or name, read as text, written in their own kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from helpdesk_mcp.desks.kept import Kept
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query
from helpdesk_mcp.desks.servicedeskplus.names import KEEP
from helpdesk_mcp.desks.servicedeskplus.options import Options
from helpdesk_mcp.desks.servicedeskplus.prose import clean
from helpdesk_mcp.desks.servicedeskplus.values import (
    Row,
    list_of,
    moment,
    name_of,
    row_of,
    text_of,
)
from helpdesk_mcp.domain.choices import Choice, pick
from helpdesk_mcp.domain.errors import Denied, Invalid, NotFound
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.tickets import TicketField

KINDS = {
    "date": ("date", "dt_"),
    "number": ("numeric", "long", "num_", "dbl_", "double", "decimal"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """One field as it is set up. `kind` is text, date, number, boolean or choice."""

    name: str
    label: str
    kind: str = "text"
    choices: tuple[str, ...] = ()

    @property
    def field(self) -> TicketField:
        return TicketField(
            name=self.name, label=self.label, kind=self.kind, choices=self.choices or None
        )


class Customs:
    def __init__(self, link: Link, options: Options) -> None:
        self._link = link
        self._options = options
        self._kept = Kept(self._load, seconds=KEEP)

    async def definitions(self) -> tuple[Custom, ...]:
        return await self._kept.get()

    async def labels(self) -> dict[str, str]:
        return {custom.name: custom.label for custom in await self.definitions()}

    async def written(self, given: Mapping[str, Any]) -> Row:
        """Return values as the desk takes them, by its own names. Raises Invalid."""
        known = {custom.name: custom for custom in await self.definitions()}
        offered = [Choice(id=name, name=custom.label) for name, custom in known.items()]
        found: Row = {}
        for word, value in given.items():
            custom = known[pick(offered, word, "field").id]
            found[custom.name] = _written(custom, value, self._options)
        return found

    async def _load(self) -> tuple[Custom, ...]:
        """Ask the desk for its fields; a build that does not tell is looked at (reference §4.1)."""
        try:
            told = await self._link.one("requests/_metainfo")
        except (NotFound, Invalid, Denied):
            return tuple(self._named(name) for name in await self._seen())
        fields = row_of(row_of(row_of(told.get("fields")).get("udf_fields")).get("fields"))
        return tuple(
            _described(name, row_of(field), self._options.labels) for name, field in fields.items()
        )

    def _named(self, name: str) -> Custom:
        return Custom(name=name, label=self._options.labels.get(name, name), kind=_kind(name))

    async def _seen(self) -> list[str]:
        """Return the names of custom fields that the newest request holds, and those labelled."""
        newest = await self._link.rows("requests", Query(count=False), Window(size=1))
        held: Row = {}
        for row in newest.items:
            whole = await self._link.one(f"requests/{text_of(row.get('id'))}")
            held = row_of(whole.get("udf_fields"))
        return list(dict.fromkeys((*self._options.labels, *held)))


def _described(name: str, field: Row, labels: Mapping[str, str]) -> Custom:
    values = [text_of(v) or name_of(v) for v in list_of(field.get("allowed_values"))]
    choices = tuple(value for value in values if value)
    told = f"{name} {text_of(field.get('type')) or ''}"
    return Custom(
        name=text_of(field.get("name")) or name,
        label=labels.get(name) or text_of(field.get("label")) or name,
        kind="choice" if choices else _kind(told),
        choices=choices,
    )


def _kind(told: str) -> str:
    """Return the kind of a field from its name and the type the desk gives it, as it differs."""
    plain = told.casefold()
    if "bool" in plain or "checkbox" in plain:
        return "boolean"
    return next((kind for kind, words in KINDS.items() if any(w in plain for w in words)), "text")


def _written(custom: Custom, value: Any, options: Options) -> Any:
    if value in ("", "none"):
        return None
    if custom.kind == "date":
        return moment(_moment(custom, str(value), options))
    if custom.kind == "number":
        return _number(custom, value)
    if custom.kind == "boolean":
        return _flag(custom, value)
    text = clean(str(value), "field")
    if custom.choices:
        return pick([Choice(id=c, name=c) for c in custom.choices], text, custom.name).name
    return text


def _moment(custom: Custom, value: str, options: Options) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise Invalid(
            f"`{custom.name}` is a day or a moment: 2026-12-31T15:00.", reason="custom_field"
        ) from error
    if len(value) <= len("2026-12-31"):
        at = datetime.combine(at.date(), time(12))
    return at if at.tzinfo else at.replace(tzinfo=options.zone)


def _number(custom: Custom, value: Any) -> str:
    text = str(value).strip()
    if isinstance(value, bool) or not text.removeprefix("-").replace(".", "", 1).isdigit():
        raise Invalid(f"`{custom.name}` is a number.", reason="custom_field")
    return text.removesuffix(".0")


def _flag(custom: Custom, value: Any) -> bool:
    known = {"true": True, "false": False}.get(str(value).casefold())
    if known is None:
        raise Invalid(f"`{custom.name}` is true or false.", reason="custom_field")
    return known
