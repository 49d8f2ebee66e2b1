"""A documented name of an older help-desk server that one of our operations answers to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Adapt = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """What a name stands for. `tool` is our operation; `renamed` leads its arguments to ours.

    `fixed` is what the name itself says, `usual` what it means where nothing is given. `left_out`
    are documented arguments that say nothing here. `adapt` is for what is not just another name.
    """

    tool: str
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    fixed: Mapping[str, Any] = field(default_factory=dict[str, Any])
    usual: Mapping[str, Any] = field(default_factory=dict[str, Any])
    left_out: frozenset[str] = frozenset()
    adapt: Adapt | None = None

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return documented arguments as our operation takes them; wrong ones stay wrong."""
        kept = {name: value for name, value in given.items() if name not in self.left_out}
        if self.adapt is not None:
            kept = self.adapt(kept)
        ours: dict[str, Any] = {}
        for name, value in kept.items():
            meant = self.renamed.get(name, name)
            ours[name if meant in ours else meant] = value  # what is given twice is refused later
        return {**self.usual, **ours, **self.fixed}
