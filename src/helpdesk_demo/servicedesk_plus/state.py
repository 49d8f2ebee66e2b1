"""The state of one simulated site: tables, files, mail, tokens and what was asked of it."""

import time
from collections import defaultdict
from dataclasses import dataclass, field

from helpdesk_demo.servicedesk_plus.editions import Config
from helpdesk_demo.servicedesk_plus.knobs import Knobs
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_text

Table = dict[str, Row]

# A Cloud id is a prefix of the instance and a number below it (reference §5.1 [LIVE]).
CLOUD_PREFIX = 208_410_000_000_000_000
_FIRST_CLOUD_NUMBER = 400_001


@dataclass(slots=True, kw_only=True)
class State:
    """Rows hold references as ids and moments as milliseconds."""

    config: Config
    knobs: Knobs
    tables: defaultdict[str, Table] = field(default_factory=lambda: defaultdict[str, Table](dict))
    children_ids: defaultdict[tuple[str, str], list[str]] = field(
        default_factory=lambda: defaultdict[tuple[str, str], list[str]](list)
    )
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    outbox: list[Row] = field(default_factory=list[Row])
    clock_offset: float = 0
    next_ids: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def now(self) -> int:
        """Milliseconds; the control endpoint can move the clock."""
        return int((time.time() + self.clock_offset) * 1000)

    @property
    def is_cloud(self) -> bool:
        return self.config.edition == "cloud"

    def new_id(self, table: str) -> str:
        """On-prem ids are small and count per table, Cloud ids are long and never repeat."""
        counter = "" if self.is_cloud else table
        first = _FIRST_CLOUD_NUMBER if self.is_cloud else 1
        number = self.next_ids.get(counter, first)
        while not self.is_cloud and str(number) in self.tables[table]:
            number += 1
        self.next_ids[counter] = number + (2 if self.is_cloud else 1)
        return str(CLOUD_PREFIX + number if self.is_cloud else number)

    def add(self, table: str, row: Row, *, parent: str | None = None) -> Row:
        """Give a row its id, unless it has one, and file it; `parent` is like requests/860."""
        identifier = as_text(row.get("id")) or self.new_id(table)
        row["id"] = identifier
        self.tables[table][identifier] = row
        if parent is not None:
            row["parent"] = parent
            self.children_ids[table, parent].append(identifier)
        return row

    def remove(self, table: str, identifier: str) -> None:
        row = self.tables[table].pop(identifier)
        parent = row.get("parent")
        if isinstance(parent, str):
            self.children_ids[table, parent].remove(identifier)

    def move(self, table: str, row: Row, parent: str) -> None:
        """Hang a row under another parent."""
        identifier = as_text(row["id"])
        self.children_ids[table, as_text(row["parent"])].remove(identifier)
        row["parent"] = parent
        self.children_ids[table, parent].append(identifier)

    def children(self, table: str, parent: str) -> list[Row]:
        rows = self.tables[table]
        return [rows[identifier] for identifier in self.children_ids.get((table, parent), ())]

    def named(self, table: str, name: str, key: str = "name") -> Row:
        """Return the row of a name; for the simulator's own use, the name must exist."""
        return next(row for row in self.tables[table].values() if row.get(key) == name)

    def status_is(self, row: Row, *internal_names: str) -> bool:
        status = self.tables["statuses"].get(as_text(row.get("status")), {})
        return status.get("internal_name") in internal_names

    def status_id(self, internal_name: str) -> str:
        return as_text(self.named("statuses", internal_name, "internal_name")["id"])


def parent_key(table: str, identifier: Json) -> str:
    return f"{table}/{as_text(identifier)}"
