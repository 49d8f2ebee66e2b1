"""The configuration database of ServiceDesk Plus: items live at the address of their type."""

from dataclasses import replace
from datetime import datetime

from helpdesk_mcp.desks.servicedeskplus.half_done import after
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query
from helpdesk_mcp.desks.servicedeskplus.lookups import Lookups
from helpdesk_mcp.desks.servicedeskplus.lost import once
from helpdesk_mcp.desks.servicedeskplus.record_fields import Field, Module
from helpdesk_mcp.desks.servicedeskplus.records import Records
from helpdesk_mcp.desks.servicedeskplus.values import Row, id_of, name_of, row_of, text_of
from helpdesk_mcp.domain.choices import Choice, pick
from helpdesk_mcp.domain.configuration import ConfigurationItem, ItemDraft, ItemType, Relation
from helpdesk_mcp.domain.errors import Unavailable, Written
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.receipts import Change, RecordReceipt
from helpdesk_mcp.domain.registers import RecordFilter

NO_ITEM = "There is no such configuration item."
FIELDS = (
    Field(ours="name", theirs="name", kind="title"),
    Field(ours="description", theirs="description", kind="html"),
    Field(ours="site", theirs="site", kind="ref"),
    Field(ours="department", theirs="department", kind="ref"),
    Field(ours="managed_by", theirs="managed_by", kind="ref", lookup="group"),
    Field(ours="asset", theirs="asset", kind="ref"),
    Field(ours="business_impact", theirs="business_impact"),
    Field(ours="address", theirs="ip_address"),
    Field(ours="created", theirs="created_time", kind="moment"),
    Field(ours="modified", theirs="last_updated_time", kind="moment"),
)


class ConfigurationHere:
    def __init__(self, link: Link, lookups: Lookups) -> None:
        self.link = link
        self.lookups = lookups

    async def kinds(self) -> tuple[ItemType, ...]:
        found = await self.link.every("ci_types", Query(count=False))
        return tuple(
            ItemType(
                id=text_of(row.get("id")) or "",
                name=text_of(row.get("display_name")) or text_of(row.get("name")),
                api_name=text_of(row.get("api_name")),
            )
            for row in found.items
        )

    async def find(self, which: RecordFilter, window: Window) -> Page[ConfigurationItem]:
        if which.kind is None:
            return await self._items("cmdb").find(which, window)
        place = await self._place(which.kind)
        return await self._items(place).find(RecordFilter(text=which.text), window)

    async def read(self, record_id: str) -> ConfigurationItem:
        item = await self._items("cmdb").read(record_id)
        path = f"{self._items('cmdb').place(record_id)}/ci_relationships"
        found = await self.link.every(path, Query(count=False))
        return replace(item, relations=tuple(map(_relation, found.items)))

    async def create(self, draft: ItemDraft) -> RecordReceipt:
        place = await self._place(draft.kind or "")
        return await self._items(place).create(draft)

    async def change(self, record_id: str, draft: ItemDraft) -> RecordReceipt:
        row = await self._items("cmdb").row(record_id)
        place = await self._place(name_of(row.get("ci_type")) or "")
        return await self._items(place).change(record_id, draft)

    async def relate(self, item_id: str, kind: str, other_id: str) -> RecordReceipt:
        items, item = self._items("cmdb"), await self.read(item_id)
        other = await items.row(other_id)
        reference = await self.lookups.reference("relationship_type", kind)
        data = {
            "ci_relationship": {
                "relationship_type": reference,
                "ci": {"id": text_of(other.get("id"))},
            }
        }
        path = f"{items.place(item_id)}/ci_relationships"
        before = {one.id for one in item.relations or ()}

        async def send() -> Row:
            return await self.link.write("POST", path, data, missing=NO_ITEM)

        async def look(_: datetime) -> list[Row]:
            now = (await self.read(item_id)).relations or ()
            other_id = text_of(other.get("id"))
            return [{"id": r.id} for r in now if r.item_id == other_id and r.id not in before]

        await once(self.link, path, send, look)
        with after("The relation was sent."):
            now = await self.read(item_id)
        made = [one for one in now.relations or () if one.item_id == text_of(other.get("id"))]
        if not made:
            raise Unavailable(
                "The desk did not keep the relation.", reason="protocol", written=Written.UNKNOWN
            )
        told = Change(field="relation", after=f"{made[-1].kind} {made[-1].item}")
        return RecordReceipt(record="configuration item", id=item_id, changes=(told,))

    def _items(self, place: str) -> Records[ConfigurationItem, ItemDraft]:
        """Return the items at an address; a body is keyed by its last word (reference §5)."""
        return _Items(self.link, self.lookups, place)

    async def _place(self, kind: str) -> str:
        """Return the plural that a type's items live under."""
        found = await self.link.every("ci_types", Query(count=False))
        choices = tuple(map(_kind, found.items))
        chosen = pick(choices, kind, "type")
        row = next(row for row in found.items if text_of(row.get("id")) == chosen.id)
        api_name = text_of(row.get("api_name")) or chosen.name
        return text_of(row.get("api_plural_name")) or f"{api_name}s"


class _Items(Records[ConfigurationItem, ItemDraft]):
    def __init__(self, link: Link, lookups: Lookups, place: str) -> None:
        module = Module(
            record=ConfigurationItem,
            path=place,
            wrapper=place,
            what="configuration item",
            searched=("name",),
            sort="",
            fields=FIELDS,
            status="kind",
        )
        super().__init__(link, lookups, module)

    def record(self, row: Row) -> ConfigurationItem:
        item = super().record(row)
        kind = row_of(row.get("ci_type"))
        name = text_of(kind.get("display_name")) or name_of(kind)
        return replace(item, kind=name)


def _kind(row: Row) -> Choice:
    words = (row.get("api_name"), row.get("api_plural_name"), row.get("display_name"))
    return Choice(
        id=text_of(row.get("id")) or "",
        name=text_of(row.get("name")) or "",
        words=tuple(word for word in map(text_of, words) if word),
    )


def _relation(row: Row) -> Relation:
    other = row_of(row.get("ci"))
    return Relation(
        id=text_of(row.get("id")) or "",
        kind=name_of(row.get("relationship_type")),
        item_id=id_of(other),
        item=name_of(other),
        inverse=row.get("inverse_relationship") is True,
    )
