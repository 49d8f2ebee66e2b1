"""What templates want filled in, told before a ticket is refused for it.

A template shows itself as layouts of sections of fields. The technician's layout counts: it is the
one that calls over the API are judged by. Where a desk does not show it, the refusal names them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpdesk_mcp.desks.kept import Kept
from helpdesk_mcp.desks.servicedeskplus.customs import SILENT
from helpdesk_mcp.desks.servicedeskplus.link import Link
from helpdesk_mcp.desks.servicedeskplus.names import KEEP, Names
from helpdesk_mcp.desks.servicedeskplus.values import Row, rows_of, text_of

TECHNICIAN = "technician_layout"
MOST_TEMPLATES = 10
"""Templates beside the default one that are read: each is a call."""
GIVEN = frozenset({"template", "status", "created_time"})
"""What the desk fills in by itself, or we do, whatever its template says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The desk's own names of fields: those of the default template, and what others add to it."""

    usual: frozenset[str] = frozenset()
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


class Mandatory:
    def __init__(self, link: Link, names: Names) -> None:
        self._link = link
        self._names = names
        self._kept = Kept(self._load, seconds=KEEP)

    async def wanted(self) -> Wanted:
        """Return what must be given; nothing where the desk does not say."""
        return await self._kept.get()

    async def _load(self) -> Wanted:
        try:
            templates = await self._names.rows("template")
            default = next((row for row in templates if row.get("is_default") is True), None)
            usual = await self._of(default) if default is not None else frozenset[str]()
        except SILENT:
            return Wanted()
        others = [row for row in templates if row is not default][:MOST_TEMPLATES]
        more: dict[str, tuple[str, ...]] = {}
        for row in others:
            try:
                added = await self._of(row) - usual
            except SILENT:
                continue
            if added and (name := text_of(row.get("name"))):
                more[name] = tuple(sorted(added))
        return Wanted(usual=usual, more=more)

    async def _of(self, template: Row) -> frozenset[str]:
        path = f"request_templates/{text_of(template.get('id'))}"
        layouts = rows_of((await self._link.one(path)).get("layouts"))
        shown = [layout for layout in layouts if layout.get("name") == TECHNICIAN] or layouts[:1]
        fields = [f for one in shown for part in rows_of(one.get("sections")) for f in _in(part)]
        names = (text_of(field.get("name")) for field in fields if _must(field))
        return frozenset(name for name in names if name and name not in GIVEN)


def _in(section: Row) -> list[Row]:
    return rows_of(section.get("fields"))


def _must(field: Row) -> bool:
    """Read it of the field itself, or among its scopings: answers differ."""
    scopings = rows_of(field.get("scopings"))
    told = [one.get("value") for one in scopings if one.get("scope_name") == "mandatory"]
    return field.get("mandatory", next(iter(told), None)) in {True, "true"}
