"""Assets: what an organisation owns, who uses it and in which state it is; and its contracts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.receipts import Receipt
from helpdesk_mcp.domain.registers import RecordFilter, Register
from helpdesk_mcp.domain.text import Line, Moment, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    id: str
    name: Line | None = None
    tag: Line | None = None
    serial_number: Line | None = None
    product: Line | None = None
    kind: Line | None = None
    state: Line | None = None
    user: Line | None = None
    department: Line | None = None
    site: Line | None = None
    location: Line | None = None
    acquired: Moment | date | None = None
    warranty: Moment | date | None = None
    created: Moment | None = None
    modified: Moment | None = None
    custom: dict[str, Line] | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetDraft:
    """What to set on an asset. None leaves a field as it is; `user` "none" takes it back."""

    name: str | None = None
    tag: str | None = None
    serial_number: str | None = None
    product: str | None = None
    state: str | None = None
    user: str | None = None
    department: str | None = None
    site: str | None = None
    location: str | None = None
    acquired: date | None = None
    warranty: date | None = None
    custom: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetEvent:
    """One thing that happened to an asset, as far as the desk tells."""

    at: Moment | datetime | None = None
    what: Line | None = None
    by: Line | None = None
    ticket_id: str | None = None


class AssetBook(Register[Asset, AssetDraft], Protocol):
    async def computers(self, which: RecordFilter, window: Window) -> Page[Asset]: ...

    async def check(self, draft: AssetDraft) -> None:
        """Raise Invalid if a new asset could not be filed so; write nothing."""
        ...

    async def tie(self, asset_id: str, ticket_id: str) -> Receipt:
        """Put an asset on a ticket, beside those that are there."""
        ...

    async def history(self, asset_id: str, window: Window) -> Page[AssetEvent]:
        """Return what happened to an asset, newest first. Raises Denied if the desk is silent."""
        ...


class Assets(Desk, Protocol):
    """A desk that keeps assets."""

    assets: AssetBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    id: str
    name: Line | None = None
    number: Line | None = None
    vendor: Line | None = None
    kind: Line | None = None
    status: Line | None = None
    cost: float | None = None
    start: Moment | None = None
    end: Moment | None = None
    owner: Line | None = None
    description: Prose | None = None


class ContractBook(Protocol):
    async def find(self, which: RecordFilter, window: Window) -> Page[Contract]: ...

    async def read(self, record_id: str) -> Contract: ...


class Contracts(Desk, Protocol):
    """A desk that knows its organisation's contracts."""

    contracts: ContractBook
