"""Assets in ServiceDesk Plus: computers among them, on tickets, and what the desk tells of them."""

from collections.abc import Mapping
from typing import Any

from helpdesk_mcp.desks.servicedeskplus import customs
from helpdesk_mcp.desks.servicedeskplus.criteria import any_of, render
from helpdesk_mcp.desks.servicedeskplus.customs import HOLDER, Customs, standing_out
from helpdesk_mcp.desks.servicedeskplus.half_done import after
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query, number
from helpdesk_mcp.desks.servicedeskplus.lookups import Lookups
from helpdesk_mcp.desks.servicedeskplus.record_fields import Field, Module
from helpdesk_mcp.desks.servicedeskplus.records import Records
from helpdesk_mcp.desks.servicedeskplus.values import (
    Row,
    id_of,
    moment_of,
    name_of,
    row_of,
    rows_of,
    text_of,
)
from helpdesk_mcp.domain.assets import Asset, AssetDraft, AssetEvent, Contract
from helpdesk_mcp.domain.errors import Denied, Invalid, NotFound
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.receipts import Change, Receipt
from helpdesk_mcp.domain.registers import RecordFilter

ASSETS = Module(
    record=Asset,
    path="assets",
    wrapper="asset",
    what="asset",
    searched=("name", "asset_tag", "serial_number"),
    status="state",
    person="user",
    people="user",
    kind="product_type",
    fields=(
        Field(ours="name", theirs="name", kind="title"),
        Field(ours="tag", theirs="asset_tag"),
        Field(ours="serial_number", theirs="serial_number"),
        Field(ours="product", theirs="product", kind="ref"),
        Field(ours="kind", theirs="product_type", kind="ref"),
        Field(ours="state", theirs="state", kind="ref"),
        Field(ours="user", theirs="user", kind="user"),
        Field(ours="department", theirs="department", kind="ref"),
        Field(ours="site", theirs="site", kind="ref"),
        Field(ours="location", theirs="location"),
        Field(ours="acquired", theirs="acquisition_date", kind="day"),
        Field(ours="warranty", theirs="warranty_expiry", kind="day"),
        Field(ours="created", theirs="created_time", kind="moment"),
        Field(ours="modified", theirs="last_updated_time", kind="moment"),
        Field(ours="custom", theirs=HOLDER, kind="custom"),
    ),
)
CONTRACTS = Module(
    record=Contract,
    path="contracts",
    wrapper="contract",
    what="contract",
    searched=("name",),
    sort="",
    fields=(
        Field(ours="name", theirs="name"),
        Field(ours="number", theirs="custom_id"),
        Field(ours="vendor", theirs="vendor", kind="ref"),
        Field(ours="kind", theirs="type", kind="ref"),
        Field(ours="status", theirs="status", kind="ref"),
        Field(ours="cost", theirs="cost", kind="number"),
        Field(ours="start", theirs="active_from", kind="moment"),
        Field(ours="end", theirs="active_till", kind="moment"),
        Field(ours="owner", theirs="owner", kind="technician"),
        Field(ours="description", theirs="description", kind="html"),
    ),
)


class AssetsHere(Records[Asset, AssetDraft]):
    def __init__(self, link: Link, lookups: Lookups) -> None:
        super().__init__(link, lookups, ASSETS)
        self._customs = Customs(link, lookups.names.options, customs.ASSETS)
        self._labels: Mapping[str, str] = {}

    async def listed(self, path: str, which: RecordFilter, window: Window) -> Page[Asset]:
        self._labels = await self._customs.labels()
        return await super().listed(path, which, window)

    async def row(self, record_id: str) -> Row:
        row = await super().row(record_id)
        self._labels = await self._customs.labels()
        return row

    def record(self, row: Row) -> Asset:
        """Show custom fields by their labels: build 15200 puts them beside the others (§1.4)."""
        beside = {name: row[name] for name in standing_out(row)}
        found = {**row_of(row.get(HOLDER)), **beside}
        named = {self._labels.get(name, name): value for name, value in found.items()}
        return super().record({**row, HOLDER: named})

    async def values(self, draft: AssetDraft, before: Row) -> Row:
        values = await super().values(draft, before)
        custom: dict[str, Any] = values.pop(HOLDER, {})
        return {**values, **await self._customs.written(custom)}

    async def computers(self, which: RecordFilter, window: Window) -> Page[Asset]:
        path = "asset_computers" if self.link.edition.is_cloud else "workstations"
        return await self.listed(path, which, window)

    async def check(self, draft: AssetDraft) -> None:
        """Resolve every name, and look whether the tag is taken; nothing is written."""
        await self.values(draft, {})
        for theirs, value in (("asset_tag", draft.tag), ("serial_number", draft.serial_number)):
            if value is None:
                continue
            criteria = {"field": theirs, "condition": "is", "value": value.strip()}
            if (await self.link.rows("assets", Query(criteria=criteria), Window(size=1))).items:
                raise Invalid(f"Another asset has this {theirs}.", reason="exists")

    async def tie(self, asset_id: str, ticket_id: str) -> Receipt:
        """Name the asset among those of the ticket: the list is written as a whole."""
        identifier = number(asset_id, self.module.missing)
        asset = await self.row(asset_id)
        path = f"requests/{await self.link.ticket(ticket_id)}"
        before = await self._on(path)
        if identifier not in before:
            kept = [{"id": known} for known in (*before, identifier)]
            await self.link.write("PUT", path, {"request": {"assets": kept}})
        with after("The desk was told to name the asset on the ticket."):
            added = (await self._on(path)).keys() - before.keys()
        told = tuple(Change(field="asset", after=text_of(asset.get("name"))) for _ in added)
        lost = () if told or identifier in before else ("The desk did not take the asset over.",)
        return Receipt(ticket_id=ticket_id, changes=told, warnings=lost or None)

    async def history(self, asset_id: str, window: Window) -> Page[AssetEvent]:
        """Return the desk's history, or where it has no route for it, the tickets it was on."""
        await self.row(asset_id)
        try:
            found = await self.link.rows(f"{self.place(asset_id)}/history", Query(), window)
            events = tuple(map(_event, found.items))
        except NotFound:
            found, events = await self._tickets(number(asset_id), window)
        return Page(items=events, start=window.start, total=found.total, more=found.more)

    async def _tickets(self, asset_id: str, window: Window) -> Any:
        query = Query(
            criteria=render((any_of("assets", (asset_id,)),)), sort="created_time", descending=True
        )
        try:
            found = await self.link.rows("requests", query, window)
        except Invalid as error:
            raise Denied(
                "This desk does not tell an asset's history over its API. A person sees it on the "
                "asset's page.",
                reason="capability",
            ) from error
        return found, tuple(map(_on_ticket, found.items))

    async def _on(self, path: str) -> dict[str, str]:
        row = await self.link.one(path)
        assets = rows_of(row.get("assets"))
        return {identifier: name_of(one) or "" for one in assets if (identifier := id_of(one))}


def _event(row: Row) -> AssetEvent:
    return AssetEvent(
        at=moment_of(row.get("time")) or moment_of(row.get("created_time")),
        what=text_of(row.get("description")) or text_of(row.get("operation")),
        by=name_of(row.get("by")) or name_of(row.get("performed_by")),
    )


def _on_ticket(row: Row) -> AssetEvent:
    return AssetEvent(
        at=moment_of(row.get("created_time")),
        what=text_of(row.get("subject")),
        by=name_of(row.get("requester")),
        ticket_id=text_of(row.get("id")),
    )


class ContractsHere(Records[Contract, Contract]):
    def __init__(self, link: Link, lookups: Lookups) -> None:
        super().__init__(link, lookups, CONTRACTS)
