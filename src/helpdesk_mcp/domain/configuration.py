"""The configuration database: what services run on, and how its items relate."""

from dataclasses import dataclass
from typing import Protocol

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.registers import RecordFilter
from helpdesk_mcp.domain.text import Line, Moment, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemType:
    """A type of configuration items: a server, a business service."""

    id: str
    name: Line | None = None
    api_name: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How an item relates to another one; `inverse` turns the sentence round."""

    id: str
    kind: Line | None = None
    item_id: str | None = None
    item: Line | None = None
    inverse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationItem:
    id: str
    name: Line | None = None
    kind: Line | None = None
    site: Line | None = None
    department: Line | None = None
    managed_by: Line | None = None
    asset: Line | None = None
    business_impact: Line | None = None
    address: Line | None = None
    created: Moment | None = None
    modified: Moment | None = None
    description: Prose | None = None
    relations: tuple[Relation, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDraft:
    """What to set on an item. None leaves a field as it is; its type is fixed when it is made."""

    name: str | None = None
    kind: str | None = None
    site: str | None = None
    department: str | None = None
    managed_by: str | None = None
    business_impact: str | None = None
    address: str | None = None
    description: str | None = None


class ConfigurationBook(Protocol):
    async def kinds(self) -> tuple[ItemType, ...]: ...

    async def find(self, which: RecordFilter, window: Window) -> Page[ConfigurationItem]: ...

    async def read(self, record_id: str) -> ConfigurationItem:
        """Return an item with its relations."""
        ...

    async def create(self, draft: ItemDraft) -> RecordReceipt: ...

    async def change(self, record_id: str, draft: ItemDraft) -> RecordReceipt: ...

    async def relate(self, item_id: str, kind: str, other_id: str) -> RecordReceipt: ...


class Configuration(Desk, Protocol):
    """A desk with a configuration database."""

    configuration: ConfigurationBook
