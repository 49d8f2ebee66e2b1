"""Which of a caller's desks a call means: by `desk`, by the ids in it, or all of them at once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from helpdesk_mcp.domain.desks import Desks, GrantedDesk
from helpdesk_mcp.domain.errors import Denied, Invalid
from helpdesk_mcp.domain.operations import AnyOperation, Effect

DESK = "desk"
_ID = re.compile(r"(?:^|_)ids?$")
_IDS_BY_OTHER_NAMES = frozenset({"others", "into", "tickets"})
FREE = frozenset({"custom"})
"""Arguments whose parts are named by the desk, not by us."""
_QUALIFIED = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9 ._-]{0,79}):(\s*[A-Za-z0-9].*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """The desks that are asked: all at once by a call that `spreads`.

    `given` are the arguments for one desk: without `desk`, and with ids as that desk writes them.
    `marked` answers say which desk they are of. `unable` would be asked too if they offered this.
    """

    desks: tuple[GrantedDesk, ...]
    given: Mapping[str, Any]
    marked: bool = False
    spreads: bool = False
    unable: tuple[GrantedDesk, ...] = ()


def is_id(argument: str) -> bool:
    """Whether an argument holds one id or several, each of which may name its desk."""
    return argument in _IDS_BY_OTHER_NAMES or _ID.search(argument) is not None


def aim(operation: AnyOperation, desks: Desks, given: Mapping[str, Any]) -> Aim:
    """Return what a call means. Raises Invalid, Denied or NotFound that says how to say it.

    A write whose ids name no desk is refused where several could be meant: ids of two desks look
    alike, and the wrong ticket would be changed.
    """
    if not operation.takes_desk:
        return Aim(desks=desks.every, given=given)
    bare, named, loose = _bare(operation, desks, given)
    if not desks.several and not named:
        return Aim(desks=desks.every, given=bare)
    if len(named) > 1:
        raise Invalid(
            f"One call works on one desk, and this names {' and '.join(sorted(named))}.",
            reason="ambiguous_desk",
        )
    able = desks.offering(operation.needs)
    if named:
        chosen = desks.named(named.pop())
        _must_offer(chosen, able, desks)
        return Aim(desks=(chosen,), given=bare, marked=desks.several)
    if loose and len(able) > 1 and operation.effect is not Effect.READ:
        raise Invalid(
            f"You hold several desks ({', '.join(desk.name for desk in able)}): write ids with "
            f"their desk, as in `{able[0].name}:17`, or give `desk`. Nothing was done.",
            reason="ambiguous_desk",
        )
    if loose or not operation.spreads or operation.effect is not Effect.READ:
        return Aim(desks=able[:1], given=bare, marked=desks.several)
    unable = tuple(desk for desk in desks.every if desk not in able)
    return Aim(desks=able, given=bare, marked=desks.several, spreads=desks.several, unable=unable)


def _must_offer(chosen: GrantedDesk, able: tuple[GrantedDesk, ...], desks: Desks) -> None:
    if chosen in able:
        return
    if not desks.several:
        raise Denied("The help desk does not offer this.", reason="capability")
    others = ", ".join(desk.name for desk in able)
    raise Denied(f"The desk {chosen.name} does not offer this; {others} does.", reason="capability")


def _bare(
    operation: AnyOperation, desks: Desks, given: Mapping[str, Any]
) -> tuple[dict[str, Any], set[str], bool]:
    """Return arguments with bare ids, the desks that were named, and whether an id named none."""
    bare = {name: value for name, value in given.items() if name != DESK}
    named: set[str] = set()
    loose = False
    for name, value in bare.items():
        reader = _Reader(desks)
        bare[name] = reader.read(value, operation.renamed.get(name, name))
        if reader.named and reader.loose:
            raise Invalid(
                f"`{name}`: some ids name their desk and some do not.", reason="ambiguous_desk"
            )
        named |= reader.named
        loose = loose or reader.loose
    if (wanted := given.get(DESK)) is not None:
        if not isinstance(wanted, str):
            raise Invalid("Bad arguments. desk: give the name of a desk.", reason="arguments")
        named.add(desks.named(wanted).name)
    return bare, named, loose


class _Reader:
    """Reads one argument: takes the desk off each id in it, however deep, and remembers it.

    No desk has a colon in its ids, so that what stands before one is a desk, or nobody's.
    """

    def __init__(self, desks: Desks) -> None:
        self._desks = desks
        self.named: set[str] = set()
        self.loose = False

    def read(self, value: Any, name: str) -> Any:
        if value is None or name in FREE:
            return value
        if isinstance(value, dict):
            parts = cast("dict[Any, Any]", value)
            return {k: self.read(v, _held_by(str(k), parts)) for k, v in parts.items()}
        if isinstance(value, list):
            return [self.read(part, name) for part in cast("list[Any]", value)]
        if not is_id(name):
            return value
        if not isinstance(value, str):
            self.loose = True
            return value
        return ",".join(self._id(part) for part in value.split(","))

    def _id(self, text: str) -> str:
        if (match := _QUALIFIED.fullmatch(text)) is None:
            self.loose = True
            return text
        self.named.add(self._desks.named(match[1]).name)
        return match[2]


def _held_by(name: str, parts: Mapping[Any, Any]) -> str:
    """Return what a part holds. A condition on `id` may name the desk; it looks at all if not."""
    of_id = name == "value" and parts.get("field") == "id" and ":" in str(parts["value"])
    return "id" if of_id else name
