"""What a record is made of: its fields, who may write them, and how editions name them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from helpdesk_demo.servicedesk_plus.editions import Dialect, Edition
from helpdesk_demo.servicedesk_plus.state import State
from helpdesk_demo.servicedesk_plus.values import Json, Row

Compute = Callable[[State, Row], Json]


class Kind(StrEnum):
    TEXT = "text"
    FLAG = "flag"
    NUMBER = "number"
    """Comes out as a string: all output but flags is string encoded [DOC]."""
    COUNT = "count"
    """One of the few numbers that leak as numbers [LIVE]."""
    MOMENT = "moment"
    REF = "ref"
    REFS = "refs"
    PARTS = "parts"
    FREE = "free"
    """Whatever it is, it goes in and out as it is."""
    TEXTS = "texts"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One attribute; `marks` holds letters.

    l listed on-prem, c listed in the Cloud, r read only (4014), n not editable (4009),
    a only when adding, w never comes back, o on-prem only, d Cloud only, x only in lists if listed,
    b shown within other records only in the Cloud, y not in single answers on-prem.
    """

    name: str
    kind: Kind = Kind.TEXT
    marks: str = ""
    to: str = ""
    under: str = ""
    parts: tuple["Field", ...] = ()
    limit: int = 0
    default: Json = None
    compute: Compute | None = None

    def exists_in(self, edition: Edition) -> bool:
        return ("o" if edition == "cloud" else "d") not in self.marks

    def is_listed(self, edition: Edition) -> bool:
        return ("c" if edition == "cloud" else "l") in self.marks

    @property
    def comes_back(self) -> bool:
        return "w" not in self.marks

    def value(self, state: State, row: Row) -> Json:
        if self.compute is not None:
            return self.compute(state, row)
        return row.get(self.name, self.default)


Names = Mapping[str, str]
NO_NAMES: Names = {}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Module:
    """One kind of record; `old` and `cloud` say how those dialects name its fields."""

    table: str
    one: str
    many: str
    scope: str
    fields: tuple[Field, ...]
    brief: tuple[str, ...] = ("id", "name")
    mandatory: tuple[str, ...] = ("name",)
    label: str = "name"
    order: str = "id"
    newest_first: bool = False
    old: Names = field(default_factory=dict[str, str])
    cloud: Names = field(default_factory=dict[str, str])
    wrappers: Mapping[Dialect, str] = field(default_factory=dict[Dialect, str])

    def wrapper(self, dialect: Dialect) -> str:
        return self.wrappers.get(dialect, self.one)

    def fields_of(self, edition: Edition) -> tuple[Field, ...]:
        return _fields_of(self, edition)

    def name_in(self, dialect: Dialect, name: str) -> str:
        return self._names(dialect).get(name, name)

    def find(self, dialect: Dialect, name: str) -> Field | None:
        """Return the field that a dialect calls `name`."""
        edition: Edition = "cloud" if dialect == "cloud" else "onprem"
        names = self._names(dialect)
        for one in self.fields:
            if names.get(one.name, one.name) == name and one.exists_in(edition):
                return one
        return None

    def field(self, name: str) -> Field:
        return next(one for one in self.fields if one.name == name)

    def _names(self, dialect: Dialect) -> Names:
        if dialect == "new":
            return NO_NAMES
        return self.cloud if dialect == "cloud" else self.old


@cache
def _fields_of(module: Module, edition: Edition) -> tuple[Field, ...]:
    return tuple(one for one in module.fields if one.exists_in(edition))


def text(name: str, marks: str = "", *, limit: int = 0, default: Json = None) -> Field:
    return Field(name=name, marks=marks, limit=limit, default=default)


def flag(name: str, marks: str = "", *, default: Json = False) -> Field:
    return Field(name=name, kind=Kind.FLAG, marks=marks, default=default)


def number(name: str, marks: str = "", *, default: Json = None) -> Field:
    return Field(name=name, kind=Kind.NUMBER, marks=marks, default=default)


def moment(name: str, marks: str = "") -> Field:
    return Field(name=name, kind=Kind.MOMENT, marks=marks)


def ref(name: str, to: str, marks: str = "", *, under: str = "") -> Field:
    return Field(name=name, kind=Kind.REF, marks=marks, to=to, under=under)


def refs(name: str, to: str, marks: str = "") -> Field:
    return Field(name=name, kind=Kind.REFS, marks=marks, to=to, default=[])


def parts(name: str, *fields: Field, marks: str = "") -> Field:
    return Field(name=name, kind=Kind.PARTS, parts=fields, marks=marks)


def free(name: str, marks: str = "", *, default: Json = None) -> Field:
    return Field(name=name, kind=Kind.FREE, marks=marks, default=default)


def texts(name: str, marks: str = "") -> Field:
    return Field(name=name, kind=Kind.TEXTS, marks=marks, default=[])


def told(name: str, kind: Kind, compute: Compute, marks: str = "") -> Field:
    """Make a field that nobody writes: it follows from the state."""
    return Field(name=name, kind=kind, compute=compute, marks="r" + marks)


ID = text("id", "rlc")
