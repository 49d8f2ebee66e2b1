"""A documented name of an older help-desk server that one of our operations answers to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Adapt = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class When:
    """Where `holds` is true of what is given, the name stands for another tool. `told` says so."""

    holds: Callable[[Mapping[str, Any]], bool]
    alias: "Alias"
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """What a name stands for. `tool` is our operation; `renamed` leads its arguments to ours.

    `fixed` is what the name itself says, `usual` what it means where nothing is given. `left_out`
    are documented arguments that say nothing here. `adapt` is for what is not just another name.
    `instead` is for what our operation does not do and another does.
    """

    tool: str
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    fixed: Mapping[str, Any] = field(default_factory=dict[str, Any])
    usual: Mapping[str, Any] = field(default_factory=dict[str, Any])
    left_out: frozenset[str] = frozenset()
    adapt: Adapt | None = None
    instead: When | None = None

    def meant(self, given: Mapping[str, Any]) -> "Alias":
        """Return the alias that these arguments ask for."""
        return self.instead.alias if self.instead and self.instead.holds(given) else self

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return documented arguments as our operation takes them; wrong ones stay wrong.

        Raises Invalid for what no operation of ours can do.
        """
        kept = {name: value for name, value in given.items() if name not in self.left_out}
        if self.adapt is not None:
            kept = self.adapt(kept)
        ours: dict[str, Any] = {}
        for name, value in kept.items():
            meant = self.renamed.get(name, name)
            ours[name if meant in ours else meant] = value  # what is given twice is refused later
        return {**self.usual, **ours, **self.fixed}
