"""Tools for assets: what there is, who uses it, in which state it is."""

from typing import Annotated

from pydantic import Field

from helpdesk_mcp.domain.assets import Asset, AssetDraft, Assets
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.pages import footer
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import Receipt, RecordReceipt
from helpdesk_mcp.domain.registers import RecordFilter, differences, given
from helpdesk_mcp.tools.drafts import something
from helpdesk_mcp.tools.params import (
    Cursor,
    Day,
    PageSize,
    Query,
    RecordId,
    Subject,
    TicketId,
    Word,
    Words,
    names,
)
from helpdesk_mcp.tools.problems import Forever
from helpdesk_mcp.tools.record_results import (
    AssetHistory,
    AssetList,
    RecordStatistics,
    statistics,
)
from helpdesk_mcp.tools.results import window

ID = {"id": "asset_id"}
SEARCH = {"search_term": "query", "search": "query", "limit": "page_size"}
FOUND = {"query": Holds.PROSE, "user": Holds.PERSON}
RENAMED = {"asset_tag": "tag", "warranty_expiry": "warranty", "acquisition_date": "acquired"}
HELD = {"user": Holds.PERSON, "custom": Holds.PROSE}
User = Annotated[Word, Field(description="Name, e-mail or id; none takes it back")]
State = Annotated[Word, Field(description="As the desk names it: In Use, In Store, In Repair")]
Custom = Annotated[dict[str, str | int | float | bool], Field(max_length=50)]


@operation(
    Scope.ASSETS_READ,
    Effect.READ,
    title="List assets",
    listed=False,
    target="",
    renamed={**SEARCH, "product_type": "kind"},
    holds=FOUND,
)
async def list_assets(
    desk: Assets,
    query: Query | None = None,
    state: Words | None = None,
    kind: Annotated[Word, Field(description="Product type: Workstation, Printer")] | None = None,
    user: Word | None = None,
    cursor: Cursor | None = None,
    page_size: PageSize = 20,
) -> AssetList:
    """List assets; `query` is looked for in name, tag and serial number."""
    which = RecordFilter(text=query, statuses=names(state), kind=kind, person=user)
    found = await desk.assets.find(which, window(cursor, None, page_size))
    return AssetList(assets=found.items, **footer(found))


@operation(
    Scope.ASSETS_READ,
    Effect.READ,
    title="List computers",
    listed=False,
    target="",
    renamed=SEARCH,
    holds=FOUND,
)
async def list_asset_computers(
    desk: Assets,
    query: Query | None = None,
    state: Words | None = None,
    user: Word | None = None,
    cursor: Cursor | None = None,
    page_size: PageSize = 20,
) -> AssetList:
    """List the assets that are computers."""
    which = RecordFilter(text=query, statuses=names(state), person=user)
    found = await desk.assets.computers(which, window(cursor, None, page_size))
    return AssetList(assets=found.items, **footer(found))


@operation(
    Scope.ASSETS_READ,
    Effect.READ,
    title="Get an asset",
    listed=False,
    target="asset_id",
    renamed=ID,
)
async def get_asset(desk: Assets, asset_id: RecordId) -> Asset:
    """Read an asset: product, state, user, place, warranty."""
    return await desk.assets.read(asset_id)


@operation(
    Scope.ASSETS_WRITE,
    Effect.WRITE,
    title="Create an asset",
    listed=False,
    target="",
    renamed=RENAMED,
    holds=HELD,
)
async def create_asset(
    desk: Assets,
    name: Subject,
    product: Word,
    tag: Word | None = None,
    serial_number: Word | None = None,
    state: State | None = None,
    user: User | None = None,
    department: Word | None = None,
    site: Word | None = None,
    location: Word | None = None,
    acquired: Day | None = None,
    warranty: Day | None = None,
    custom: Custom | None = None,
    dry_run: Annotated[bool, Field(description="Only check; nothing is written")] = False,
) -> RecordReceipt:
    """Register an asset. It needs a tag or a serial number."""
    draft = AssetDraft(
        name=name,
        product=product,
        tag=tag,
        serial_number=serial_number,
        state=state,
        user=user,
        department=department,
        site=site,
        location=location,
        acquired=acquired,
        warranty=warranty,
        custom=dict(custom) if custom else None,
    )
    if dry_run:
        await desk.assets.check(identified(draft))
        changes = differences(None, draft, given(draft))
        return RecordReceipt(record="asset", id="", changes=changes)
    return await desk.assets.create(identified(draft))


@operation(
    Scope.ASSETS_WRITE,
    Effect.WRITE,
    title="Change an asset",
    idempotent=True,
    listed=False,
    target="asset_id",
    renamed={**ID, **RENAMED},
    holds=HELD,
)
async def update_asset(
    desk: Assets,
    asset_id: RecordId,
    name: Subject | None = None,
    product: Word | None = None,
    tag: Word | None = None,
    serial_number: Word | None = None,
    state: State | None = None,
    user: User | None = None,
    department: Word | None = None,
    site: Word | None = None,
    location: Word | None = None,
    acquired: Day | None = None,
    warranty: Day | None = None,
    custom: Custom | None = None,
) -> RecordReceipt:
    """Change fields of an asset; what is not given stays."""
    draft = AssetDraft(
        name=name,
        product=product,
        tag=tag,
        serial_number=serial_number,
        state=state,
        user=user,
        department=department,
        site=site,
        location=location,
        acquired=acquired,
        warranty=warranty,
        custom=dict(custom) if custom else None,
    )
    return await desk.assets.change(asset_id, something(draft))


@operation(
    (Scope.ASSETS_WRITE, Scope.TICKETS_DELETE),
    Effect.DESTROY,
    title="Delete an asset",
    listed=False,
    target="asset_id",
    renamed=ID,
)
async def delete_asset(
    desk: Assets, asset_id: RecordId, for_good: Forever = False
) -> RecordReceipt:
    """Delete an asset. To keep its history, set its state to Disposed instead."""
    return await desk.assets.delete(asset_id, for_good=for_good)


@operation(
    Scope.ASSETS_WRITE,
    Effect.WRITE,
    title="Give out an asset",
    idempotent=True,
    listed=False,
    target="asset_id",
    renamed={**ID, "user_id": "user", "user_email": "user"},
    holds={"user": Holds.PERSON},
)
async def assign_asset(desk: Assets, asset_id: RecordId, user: User) -> RecordReceipt:
    """Give an asset to somebody, or to nobody (none)."""
    return await desk.assets.change(asset_id, AssetDraft(user=user))


@operation(
    Scope.ASSETS_WRITE,
    Effect.WRITE,
    title="Change an asset's state",
    idempotent=True,
    listed=False,
    target="asset_id",
    renamed=ID,
)
async def update_asset_state(desk: Assets, asset_id: RecordId, state: State) -> RecordReceipt:
    """Say in which state an asset is."""
    return await desk.assets.change(asset_id, AssetDraft(state=state))


@operation(
    (Scope.ASSETS_WRITE, Scope.TICKETS_WRITE),
    Effect.WRITE,
    title="Link an asset to a ticket",
    idempotent=True,
    listed=False,
    target="asset_id",
    renamed={**ID, "request_id": "ticket_id"},
)
async def link_asset_to_ticket(desk: Assets, asset_id: RecordId, ticket_id: TicketId) -> Receipt:
    """Put an asset on a ticket, beside those that are already there."""
    return await desk.assets.tie(asset_id, ticket_id)


@operation(
    Scope.ASSETS_READ,
    Effect.READ,
    title="Get an asset's history",
    listed=False,
    target="asset_id",
    renamed=ID,
)
async def get_asset_history(
    desk: Assets, asset_id: RecordId, cursor: Cursor | None = None, page_size: PageSize = 20
) -> AssetHistory:
    """Read what happened to an asset, newest first: the tickets it was on, its changes."""
    found = await desk.assets.history(asset_id, window(cursor, None, page_size))
    return AssetHistory(asset_id=asset_id, events=found.items, **footer(found))


@operation(Scope.ASSETS_READ, Effect.READ, title="Asset statistics", listed=False, target="")
async def get_asset_statistics(desk: Assets, state: Words | None = None) -> RecordStatistics:
    """Count assets by state, type, product and site."""
    which = RecordFilter(statuses=names(state))
    return await statistics(desk.assets, which, ("state", "kind", "product", "site"))


def identified(draft: AssetDraft) -> AssetDraft:
    if not (draft.tag or draft.serial_number):
        raise Invalid("Give a tag or a serial number: an asset is known by it.", reason="asset")
    return draft


TOOLS = (
    list_assets,
    list_asset_computers,
    get_asset,
    create_asset,
    update_asset,
    delete_asset,
    assign_asset,
    update_asset_state,
    link_asset_to_ticket,
    get_asset_history,
    get_asset_statistics,
)
