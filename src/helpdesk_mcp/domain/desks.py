"""The desks that one caller may use: their names, and what each of them offers."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from helpdesk_mcp.domain.errors import NotFound
from helpdesk_mcp.domain.principals import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedDesk:
    """One desk that a principal may use.

    `name` is what a caller writes in `desk`. `suspended` says why it may not be used now; its
    tools stay listed and answer with that reason. `lacking` are our scopes that the desk's own
    token cannot serve.
    """

    name: str
    connection: str
    kind: str
    offered: frozenset[type] = frozenset()
    lacking: frozenset[Scope] = frozenset()
    suspended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """All desks of one principal, the default one first. `offered` is what any of them offers.

    `lacking` are the scopes that none of them can serve.
    """

    every: tuple[GrantedDesk, ...] = ()
    offered: frozenset[type] = field(default=frozenset(), compare=False)
    lacking: frozenset[Scope] = field(default=frozenset(), compare=False)

    @property
    def several(self) -> bool:
        """Whether a call must say which desk it means: then every tool takes `desk`."""
        return len(self.every) > 1

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(desk.name for desk in self.every)

    def named(self, name: str) -> GrantedDesk:
        """Return the desk of this name. Raises NotFound, also for a desk that is another's."""
        wanted = name.strip().casefold()
        for desk in self.every:
            if desk.name.casefold() == wanted:
                return desk
        raise NotFound(
            f"There is no such desk. Yours: {', '.join(self.names) or 'none'}.",
            reason="unknown_desk",
        )

    def offering(self, capability: type) -> tuple[GrantedDesk, ...]:
        return tuple(desk for desk in self.every if capability in desk.offered)


def granted(desks: Iterable[GrantedDesk]) -> Desks:
    """Return desks as one value. The first is the default."""
    every = tuple(desks)
    lacking = [desk.lacking for desk in every]
    return Desks(
        every=every,
        offered=frozenset[type]().union(*(desk.offered for desk in every)),
        lacking=lacking[0].intersection(*lacking) if lacking else frozenset(),
    )
