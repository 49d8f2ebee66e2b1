"""Custom fields of requests and assets: where a desk tells their labels and wants them written.

Three places tell: the form's description (`_metainfo`), the set-up (`udf_fields`), and the
administrator's `labels`. A build that has neither of the first is looked at: its newest record
holds the names, and nobody but the administrator knows what they are called.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk_mcp.desks.kept import Kept
from helpdesk_mcp.desks.servicedeskplus.custom_values import Custom, described, kind_of, written
from helpdesk_mcp.desks.servicedeskplus.link import NO_ROUTE, Link, Query
from helpdesk_mcp.desks.servicedeskplus.names import KEEP
from helpdesk_mcp.desks.servicedeskplus.options import Options
from helpdesk_mcp.desks.servicedeskplus.values import Row, name_of, row_of, text_of
from helpdesk_mcp.domain.choices import Choice, pick
from helpdesk_mcp.domain.errors import Denied, Invalid, NotFound, Unavailable
from helpdesk_mcp.domain.pages import Window

HOLDER = "udf_fields"
SILENT = (NotFound, Invalid, Denied)
"""What a desk answers that has no such route, or does not let our credential see it."""
NO_FORM = NO_ROUTE | {"wrong_id", "desk_refused"}
"""How a build refuses a word where it expects the number of a request."""
UNTOLD = (
    "This desk does not tell the labels of its custom fields. Until an administrator names them in "
    "the desk's `labels` setting, use the names that it has: {names}."
)
WITH_SCOPE = "A token with the scope SDPOnDemand.setup.READ sees them."
EXAMPLE = '`labels`: {{"{name}": "what people call it"}}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The custom fields. `told` says whether the desk named them; `beside` where they stand."""

    fields: tuple[Custom, ...]
    told: bool = True
    beside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose fields: where its records are, and what the set-up calls one."""

    path: str
    module: str


REQUESTS = Owner(path="requests", module="request")
ASSETS = Owner(path="assets", module="asset")
OWN_NAME = re.compile(r"(?:udf|txt|num|date|dt|bool|dbl|ref)_[a-z0-9_]{1,80}")
"""What the vendor calls a field: taken as it is where nobody tells which there are."""


class Customs:
    def __init__(self, link: Link, options: Options, owner: Owner = REQUESTS) -> None:
        self._link = link
        self._options = options
        self._owner = owner
        self._kept = Kept(self._load, seconds=KEEP)

    async def definitions(self) -> tuple[Custom, ...]:
        return (await self._kept.get()).fields

    async def labels(self) -> dict[str, str]:
        return {custom.name: custom.label for custom in await self.definitions()}

    async def unnamed(self) -> str | None:
        """Say what an administrator can do where nobody names some of the fields; else nothing."""
        known = await self._kept.get()
        names = [custom.name for custom in known.fields if custom.label == custom.name]
        if known.told or not names:
            return None
        advice = UNTOLD.format(names=", ".join(names[:20]))
        scope = f" {WITH_SCOPE}" if self._link.edition.is_cloud else ""
        return f"{advice} {EXAMPLE.format(name=names[0])}.{scope}"

    async def field(self, word: str) -> Custom:
        """Return the field of this label or name. Raises Invalid that names those there are."""
        told = await self._kept.get()
        known = {custom.name: custom for custom in told.fields}
        if not told.told and word not in known and OWN_NAME.fullmatch(word):
            return Custom(name=word, label=word, kind=kind_of(word))
        offered = [Choice(id=name, name=custom.label) for name, custom in known.items()]
        try:
            return known[pick(offered, word, "field").id]
        except Invalid as error:
            advice = await self.unnamed()
            if advice is None or error.reason != "unknown_value":
                raise
            raise Invalid(f"{error.message} {advice}", reason=error.reason) from error

    async def written(self, given: Mapping[str, Any]) -> Row:
        """Return values as a record takes them, by the desk's own names. Raises Invalid."""
        found: Row = {}
        for word, value in given.items():
            custom = await self.field(word)
            found[custom.name] = written(custom, value, self._options)
        beside = (await self._kept.get()).beside
        return found if beside or not found else {HOLDER: found}

    async def path(self, custom: Custom) -> str:
        """Return how a condition names a field."""
        beside = (await self._kept.get()).beside
        return custom.name if beside else f"{HOLDER}.{custom.name}"

    async def _load(self) -> Known:
        for ask in (self._from_form, self._from_setup):
            try:
                return await ask()
            except SILENT:
                continue
            except Unavailable as error:
                if error.reason != "web_page":  # what the Cloud answers for an unknown route
                    raise
        return await self._seen()

    async def _from_form(self) -> Known:
        """Read the description of the form, which the vendor's own pages are drawn from."""

        async def ask(route: str) -> Row:
            return await self._link.one(f"{self._owner.path}/{route}")

        told = row_of((await self._link.by_route("metainfo", ask, retry=NO_FORM)).get("fields"))
        beside: Row = {name: told[name] for name in standing_out(told)}
        fields = row_of(row_of(told.get(HOLDER)).get("fields")) or beside
        if not fields and HOLDER not in told:
            raise NotFound("The desk does not describe its custom fields.", reason="no_route")
        customs = tuple(self._described(name, row_of(row)) for name, row in fields.items())
        return Known(fields=customs, beside=bool(beside) and fields is beside)

    async def _from_setup(self) -> Known:
        """Read the set-up's list, which wants a right to see the set-up."""
        name = self._owner.module
        module = {"field": "module.name", "condition": "is", "value": name}
        query = Query(criteria=module, count=False)
        if not self._link.edition.is_cloud:
            query = Query(beside={"module": {"name": name}}, count=False)
        found = await self._link.every(HOLDER, query)
        customs = tuple(
            self._described(key, row)
            for row in found.items
            if (key := text_of(row.get("field_key")))
            and (name_of(row.get("module")) or name) == name
        )
        if not customs and found.items:
            raise NotFound("The desk does not describe its custom fields.", reason="no_route")
        return Known(fields=customs, beside=await self._stand_out())

    async def _seen(self) -> Known:
        """Look at the newest record: it holds the names, and whoever set `labels` their words."""
        newest = await self._newest()
        beside = standing_out(newest)
        names = dict.fromkeys((*self._options.labels, *row_of(newest.get(HOLDER)), *beside))
        labels = self._options.labels
        customs = tuple(
            Custom(name=name, label=labels.get(name, name), kind=kind_of(name)) for name in names
        )
        return Known(fields=customs, told=False, beside=bool(beside))

    async def _stand_out(self) -> bool:
        return bool(standing_out(await self._newest()))

    async def _newest(self) -> Row:
        path = self._owner.path
        try:
            newest = await self._link.rows(path, Query(count=False), Window(size=1))
            for row in newest.items:
                return await self._link.one(f"{path}/{text_of(row.get('id'))}")
        except SILENT:
            pass  # what is read by its id may not be in a list for us: it is shown by its own names
        return {}

    def _described(self, name: str, row: Row) -> Custom:
        return described(name, row, self._options.labels.get(name))


def standing_out(row: Row) -> list[str]:
    """Return custom fields that stand beside the others: since build 15200 some do (§1.4)."""
    return [name for name in row if name.startswith("udf_") and name != HOLDER]
