"""Backups of one organisation: what was written, what was restored, and who does it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from helpdesk_mcp.domain.tenants import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was written: whose, and how many rows of theirs it holds."""

    tenant: str
    slug: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A restoration. `left_out` people have no account any more that is theirs alone."""

    tenant: str
    slug: str
    left_out: int


class Backups(Protocol):
    """One tenant's rows in a sealed file. Raises Invalid for a file or keys that are no good."""

    async def write(self, tenant: Tenant, file: Path) -> Backup:
        """Write a new file. Raises Conflict if it is there."""
        ...

    async def restore(self, file: Path, by: str) -> Restored:
        """Put a tenant back to what the file holds, all of it or nothing. Raises Conflict."""
        ...
