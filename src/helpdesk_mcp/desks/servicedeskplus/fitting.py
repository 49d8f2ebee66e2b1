"""What the desk refuses, made into an answer that lets the next call succeed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from helpdesk_mcp.desks.servicedeskplus.customs import Customs
from helpdesk_mcp.desks.servicedeskplus.drafting import ARGUMENTS, WHOLES
from helpdesk_mcp.desks.servicedeskplus.names import LOOKUPS, Names
from helpdesk_mcp.desks.servicedeskplus.refusals import OUR_NAMES, Unfit, ours
from helpdesk_mcp.desks.servicedeskplus.values import Row, id_of
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid

EXPLAINED = frozenset({"missing_fields", "desk_refused", "closure_rule"})
MOST_CHOICES = 25
MOST_WHOLES = 12
MOST_PARTS = 15
BEFOREHAND: Mapping[str, str] = {
    "resolution": "close_ticket writes a resolution first.",
    "worklog": "close_ticket takes `time_spent`.",
    "tasks": "list_tasks shows the tasks, close_task ends them.",
}
"""What a closing rule wants done: no field takes it, a tool does it."""
CODE = "closure_code"
NOT_HERE = (
    "The desk does not let {fields} be set here, whatever the value: the form does not show it, or "
    "our account may not set it. Leave it out."
)
NO_REQUESTER = (
    "The desk knows no requester with this address: the person must have an account there first."
)


@dataclass(frozen=True, slots=True)
class Fitting:
    names: Names
    customs: Customs

    async def send(
        self, send: Callable[[Row], Awaitable[Row]], values: Row, before: Row
    ) -> tuple[Row, tuple[str, ...]]:
        """Send values. What the desk computes itself is left out, and said so.

        Raises Invalid that names what is missing or wrong, with the values that are allowed.
        """
        try:
            return await send(values), ()
        except Unfit as error:
            computed = [field for field in error.fields if field in values]
            rest = {name: value for name, value in values.items() if name not in computed}
            if error.reason != "computed" or not computed or not rest:
                raise await self.explained(error, {**before, **values}) from error
        named = ", ".join(f"`{OUR_NAMES.get(field, field)}`" for field in computed)
        warning = f"This desk computes {named} by its own rules: it was left out."
        answer, more = await self.send(send, rest, before)
        return answer, (warning, *more)

    async def explained(self, error: Unfit, values: Row) -> Invalid:
        """Return the same refusal with the allowed values of each field it names."""
        if error.reason not in EXPLAINED:
            return error
        if error.reason == "desk_refused" and error.fields == ("requester",):
            return Invalid(NO_REQUESTER, reason="requester")
        if error.reason == "desk_refused" and await self._all_there(error.fields, values):
            named = ", ".join(map(ours, error.fields))
            return Unfit(NOT_HERE.format(fields=named), reason="not_settable", fields=error.fields)
        told = [text for field in error.fields if (text := await self._allowed(field, values))]
        if not told and not {*ARGUMENTS, *BEFOREHAND} & set(error.fields):
            return error
        valid = f" Valid: {'; '.join(told)}." if told else ""
        message = f"{error.message}{valid} {_how(error.fields)}"
        return Unfit(message, reason=error.reason, fields=error.fields)

    async def _all_there(self, fields: tuple[str, ...], values: Row) -> bool:
        """Whether the desk's own lists hold what it refused: then the value is not what is wrong.

        A field that a form does not show is refused like a wrong value (reference §4.3).
        """
        for field in fields:
            whole = WHOLES.get(field)
            under = (id_of(values.get(whole)) or "") if whole else ""
            if field not in LOOKUPS or (sent := id_of(values.get(field))) is None:
                return False
            if sent not in {choice.id for choice in await self.names.choices(field, under=under)}:
                return False
        return bool(fields)

    async def _parts(self, field: str, whole: str) -> str:
        """Say what parts each whole has, where the whole is not chosen yet and they are few."""
        free = f"one of the {whole} you choose"
        wholes = await self.names.choices(whole) if whole == "category" else ()
        if not 0 < len(wholes) <= MOST_WHOLES:
            return free
        parts = [
            f"with {one.name}: {', '.join(part.name for part in found[:MOST_PARTS])}"
            for one in wholes
            if (found := await self.names.choices(field, under=one.id))
        ]
        return "; ".join(parts) or free

    async def _allowed(self, field: str, values: Row) -> str:
        """Return what a field takes, or nothing where that is free or cannot be found out."""
        customs = {custom.name: custom for custom in await self.customs.definitions()}
        if (custom := customs.get(field.rpartition(".")[2])) is not None:
            choices = custom.choices or (f"a {custom.kind}",)
            return f"`{custom.label}`: {', '.join(choices[:MOST_CHOICES])}"
        if field not in LOOKUPS:
            return ""
        whole = WHOLES.get(field)
        under = (id_of(values.get(whole)) or "") if whole else ""
        try:
            if whole and not under:
                return f"`{field}`: {await self._parts(field, whole)}"
            names = [choice.name for choice in await self.names.choices(field, under=under)]
        except HelpdeskError:
            return ""  # the refusal itself is worth more than why its choices cannot be read
        more = ", …" if len(names) > MOST_CHOICES else ""
        ours = "code" if field == CODE else OUR_NAMES.get(field, field)
        return f"`{ours}`: {', '.join(names[:MOST_CHOICES])}{more}"


def _how(fields: tuple[str, ...]) -> str:
    """Say which argument takes each: some have their own, the rest goes by name."""
    own = [f"`{ARGUMENTS[field]}`" for field in fields if field in ARGUMENTS]
    done = {CODE, *ARGUMENTS, *BEFOREHAND}
    rest = [field.rpartition(".")[2] for field in fields if field not in done]
    them = f"`{'`, `'.join(rest)}`" if own else "them"
    steps = (
        "Give it as `code`." if CODE in fields else "",
        f"Give {', '.join(own)} beside the subject, not in `custom`." if own else "",
        f"Give {them} by name in `custom`." if rest else "",
        *(BEFOREHAND[field] for field in fields if field in BEFOREHAND),
    )
    return " ".join(filter(None, steps))
