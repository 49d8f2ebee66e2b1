"""Tools for the configuration database and for contracts."""

from typing import Annotated, TypedDict, Unpack

from pydantic import Field

from helpdesk_mcp.domain.assets import Contract, Contracts
from helpdesk_mcp.domain.configuration import Configuration, ConfigurationItem, ItemDraft
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.pages import footer
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.registers import RecordFilter
from helpdesk_mcp.tools.drafts import something
from helpdesk_mcp.tools.params import Body, Cursor, PageSize, Query, RecordId, Subject, Word
from helpdesk_mcp.tools.record_results import ContractList, ItemList, ItemTypeList, brief
from helpdesk_mcp.tools.results import window

HELD = {"description": Holds.PROSE, "business_impact": Holds.PROSE}
Kind = Annotated[Word, Field(description="Type; see list_item_types")]
Impact = Annotated[str, Field(min_length=1, max_length=250)]


class ItemFields(TypedDict, total=False):
    site: Word | None
    department: Word | None
    managed_by: Word | None
    business_impact: Impact | None
    address: Word | None


class NewItem(ItemFields, total=False):
    managed_by: Annotated[Word, Field(description="A group")] | None
    address: Annotated[Word, Field(description="IP address")] | None


@operation(Scope.ASSETS_READ, Effect.READ, title="List item types", listed=False, target="")
async def list_item_types(desk: Configuration) -> ItemTypeList:
    """List the types of configuration items: servers, business services."""
    found = await desk.configuration.kinds()
    return ItemTypeList(types=found, shown=len(found), total=len(found))


@operation(
    Scope.ASSETS_READ,
    Effect.READ,
    title="List configuration items",
    listed=False,
    target="",
    renamed={"ci_type": "kind"},
    holds={"query": Holds.PROSE},
)
async def list_configuration_items(
    desk: Configuration,
    query: Query | None = None,
    kind: Kind | None = None,
    cursor: Cursor | None = None,
    page_size: PageSize = 20,
) -> ItemList:
    """List configuration items; `query` is looked for in their names."""
    which = RecordFilter(text=query, kind=kind)
    found = await desk.configuration.find(which, window(cursor, None, page_size))
    shown = brief(found, "description", "relations")
    return ItemList(items=shown.items, **footer(shown))


@operation(
    Scope.ASSETS_READ, Effect.READ, title="Get a configuration item", listed=False, target="item_id"
)
async def get_configuration_item(desk: Configuration, item_id: RecordId) -> ConfigurationItem:
    """Read a configuration item with its relations: what it runs on, what uses it."""
    return await desk.configuration.read(item_id)


@operation(
    Scope.ASSETS_WRITE,
    Effect.WRITE,
    title="Create a configuration item",
    listed=False,
    target="",
    renamed={"ci_type": "kind"},
    holds=HELD,
)
async def create_configuration_item(
    desk: Configuration,
    name: Subject,
    kind: Kind,
    description: Body | None = None,
    **fields: Unpack[NewItem],
) -> RecordReceipt:
    """Add an item to the configuration database."""
    draft = ItemDraft(name=name, kind=kind, description=description, **fields)
    return await desk.configuration.create(draft)


@operation(
    Scope.ASSETS_WRITE,
    Effect.WRITE,
    title="Change a configuration item",
    idempotent=True,
    listed=False,
    target="item_id",
    holds=HELD,
)
async def update_configuration_item(
    desk: Configuration,
    item_id: RecordId,
    name: Subject | None = None,
    description: Body | None = None,
    **fields: Unpack[ItemFields],
) -> RecordReceipt:
    """Change a configuration item; what is not given stays."""
    draft = ItemDraft(name=name, description=description, **fields)
    return await desk.configuration.change(item_id, something(draft))


@operation(
    Scope.ASSETS_WRITE,
    Effect.WRITE,
    title="Relate configuration items",
    listed=False,
    target="item_id",
    renamed={"relationship_type": "relation"},
)
async def relate_configuration_items(
    desk: Configuration,
    item_id: RecordId,
    relation: Annotated[Word, Field(description="As the desk names it: Runs on, Uses")],
    other_id: RecordId,
) -> RecordReceipt:
    """Say how one configuration item relates to another."""
    if item_id == other_id:
        raise Invalid("An item does not relate to itself: give another `other_id`.", reason="item")
    return await desk.configuration.relate(item_id, relation, other_id)


@operation(
    Scope.ASSETS_READ,
    Effect.READ,
    title="List contracts",
    listed=False,
    target="",
    holds={"query": Holds.PROSE},
)
async def list_contracts(
    desk: Contracts,
    query: Query | None = None,
    cursor: Cursor | None = None,
    page_size: PageSize = 20,
) -> ContractList:
    """List contracts; `query` is looked for in their names."""
    which = RecordFilter(text=query)
    found = brief(await desk.contracts.find(which, window(cursor, None, page_size)), "description")
    return ContractList(contracts=found.items, **footer(found))


@operation(
    Scope.ASSETS_READ,
    Effect.READ,
    title="Get a contract",
    listed=False,
    target="contract_id",
    renamed={"id": "contract_id"},
)
async def get_contract(desk: Contracts, contract_id: RecordId) -> Contract:
    """Read a contract: vendor, cost, from when to when."""
    return await desk.contracts.read(contract_id)


TOOLS = (
    list_item_types,
    list_configuration_items,
    get_configuration_item,
    create_configuration_item,
    update_configuration_item,
    relate_configuration_items,
    list_contracts,
    get_contract,
)
