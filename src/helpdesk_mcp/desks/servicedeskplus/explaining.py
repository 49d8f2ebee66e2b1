"""What a desk refuses of a record, in our names and with what it would take."""

from collections.abc import Awaitable, Callable, Iterable

from helpdesk_mcp.desks.servicedeskplus.fitting import EXPLAINED, MOST_CHOICES
from helpdesk_mcp.desks.servicedeskplus.lookups import Lookups
from helpdesk_mcp.desks.servicedeskplus.record_fields import Field
from helpdesk_mcp.desks.servicedeskplus.refusals import Unfit
from helpdesk_mcp.desks.servicedeskplus.values import Row
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid

SAYING = {
    "missing_fields": "The desk also needs {fields}.",
    "closure_rule": "The desk first wants {fields}.",
    "desk_refused": "The desk does not take the value of {fields}: it does not exist there, is not "
    "in use, or our account may not set it.",
}


async def sent(
    send: Callable[[Row], Awaitable[Row]],
    values: Row,
    explain: Callable[[Unfit], Awaitable[Invalid]],
) -> tuple[Row, tuple[str, ...]]:
    """Send values. What the desk computes itself is left out, and said so. Raises Invalid."""
    try:
        return await send(values), ()
    except Unfit as error:
        rest = {name: value for name, value in values.items() if name not in error.fields}
        if error.reason != "computed" or not rest or len(rest) == len(values):
            raise await explain(error) from error
        named = ", ".join(f"`{name}`" for name in error.fields)
    answer, more = await sent(send, rest, explain)
    return answer, (f"This desk computes {named} by its own rules: it was left out.", *more)


async def explained(
    error: Unfit, fields: Iterable[Field], lookups: Lookups, seen_in: str
) -> Invalid:
    """Return the refusal in our names, with the allowed values of each field it names."""
    known = {field.top: field for field in fields}
    if error.reason not in EXPLAINED or not known.keys() & set(error.fields):
        return error
    ours = ", ".join(f"`{known[n].ours}`" if n in known else f"`{n}`" for n in error.fields)
    told = [text for n in error.fields if (text := await _allowed(known.get(n), lookups, seen_in))]
    message = SAYING[error.reason].replace("{fields}", ours)
    if told:
        message = f"{message} Valid: {'; '.join(told)}."
    return Unfit(message, reason=error.reason, fields=error.fields)


async def _allowed(field: Field | None, lookups: Lookups, seen_in: str) -> str:
    if field is None or field.kind != "ref":
        return ""
    if field.under:
        return f"`{field.ours}`: one of the {field.under} you choose"
    try:
        names = await lookups.offered(field.lookup or field.theirs, seen_in)
    except HelpdeskError:
        return ""  # the refusal itself is worth more than why its choices cannot be read
    more = ", …" if len(names) > MOST_CHOICES else ""
    return f"`{field.ours}`: {', '.join(names[:MOST_CHOICES])}{more}" if names else ""
