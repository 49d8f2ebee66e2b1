"""Many writes in one call: each takes the whole road, and each has its own line in the answer."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import anyio

from helpdesk_mcp.domain.errors import Code, HelpdeskError, Invalid, RateLimited, Written
from helpdesk_mcp.domain.receipts import Change, Receipt, RecordReceipt
from helpdesk_mcp.domain.toolbox import Toolbox

ENOUGH = 5.0
"""Seconds that must be left of the call for one more item to be begun."""
TRIES = 3
"""How often an item is tried that the desk or the caller's rate puts off."""
HOPELESS = frozenset({"breaker_open", "scope", "read_only", "switched_off", "suspended"})
"""Reasons that would meet every other item too."""

Arguments = Mapping[str, Any]
Rehearse = Callable[[Arguments], Awaitable[tuple[tuple[Change, ...], tuple[str, ...]]]]
Outcome = Literal["done", "would_do", "failed", "unknown", "not_tried"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkItem:
    """What became of one item. `index` counts from 0, in the order given.

    `id` is what was written if that is no ticket.

    "unknown" means: it may have been written; read the ticket before you repeat it.
    """

    index: int
    outcome: Outcome
    ticket_id: str | None = None
    id: str | None = None
    changes: tuple[Change, ...] | None = None
    mail_sent: bool | None = None
    warnings: tuple[str, ...] | None = None
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult:
    """`stopped` says why the items after it were not tried. `repeat` names those that may be."""

    dry_run: bool
    total: int
    done: int
    failed: int
    unknown: int
    not_tried: int
    stopped: str | None = None
    repeat: tuple[int, ...] | None = None
    items: tuple[BulkItem, ...]


class Batch:
    """The items of one bulk call, all for the tool of this name."""

    def __init__(self, toolbox: Toolbox, name: str, *, continue_on_error: bool) -> None:
        self._toolbox = toolbox
        self._name = name
        self._continue = continue_on_error
        self._stopped: str | None = None

    async def write(self, items: Sequence[Arguments]) -> BulkResult:
        """Run every item. Whatever stops the batch, what was done is told."""
        done = [await self._one(index, given, self._written) for index, given in enumerate(items)]
        return self._result(done, dry_run=False)

    async def rehearse(self, items: Sequence[Arguments], rehearse: Rehearse) -> BulkResult:
        """Say what `write` would do, by asking the desk and writing nothing."""

        async def tried(index: int, given: Arguments) -> BulkItem:
            changes, warnings = await rehearse(given)
            return BulkItem(
                index=index,
                outcome="would_do",
                ticket_id=_ticket_of(given),
                changes=changes,
                warnings=warnings or None,
            )

        done = [await self._one(index, given, tried) for index, given in enumerate(items)]
        return self._result(done, dry_run=True)

    async def _one(
        self, index: int, given: Arguments, work: Callable[[int, Arguments], Awaitable[BulkItem]]
    ) -> BulkItem:
        if self._stopped is None and self._toolbox.left() < ENOUGH:
            self._stopped = "The time for one call is used up."
        untried = BulkItem(index=index, outcome="not_tried", ticket_id=_ticket_of(given))
        if self._stopped is not None:
            return untried
        try:
            return await work(index, given)
        except RateLimited as error:
            seconds = max(error.retry_after or 1, 1)
            self._stopped = f"The limit of calls is reached; go on in {seconds:.0f} seconds."
            return untried
        except HelpdeskError as error:
            if not self._continue or error.reason in HOPELESS:
                self._stopped = f"Item {index} failed: {error.message}"
            return _failed(index, given, error)

    async def _written(self, index: int, given: Arguments) -> BulkItem:
        receipt: Receipt | RecordReceipt = await in_turn(self._toolbox, self._name, given)
        return BulkItem(
            index=index,
            outcome="done",
            ticket_id=_ticket_of(given) or receipt.ticket_id,
            id=receipt.id if isinstance(receipt, RecordReceipt) else None,
            changes=receipt.changes,
            mail_sent=receipt.mail.sent if receipt.mail else None,
            warnings=receipt.warnings,
        )

    def _result(self, items: Sequence[BulkItem], *, dry_run: bool) -> BulkResult:
        count = Counter(item.outcome for item in items)
        again = tuple(item.index for item in items if item.outcome == "not_tried")
        return BulkResult(
            dry_run=dry_run,
            total=len(items),
            done=count["done"],
            failed=count["failed"],
            unknown=count["unknown"],
            not_tried=count["not_tried"],
            stopped=self._stopped,
            repeat=again or None,
            items=tuple(items),
        )


async def in_turn(toolbox: Toolbox, name: str, given: Arguments) -> Any:
    """Run a tool once the caller's rate allows it. Raises RateLimited if that is too late here."""
    pause = toolbox.wait(name)
    for _ in range(TRIES):
        if toolbox.left() - pause < ENOUGH:
            break
        await anyio.sleep(pause)
        try:
            return await toolbox.run(name, given)
        except RateLimited as error:  # nothing was done: its turn has not come
            pause = error.retry_after or 1.0
    raise RateLimited("The limit of calls is reached.", retry_after=pause)


def distinct(items: Sequence[Arguments]) -> Sequence[Arguments]:
    """Return the items if no ticket comes twice: the second would meet what the first did."""
    twice = [name for name, count in Counter(map(_ticket_of, items)).items() if name and count > 1]
    if twice:
        raise Invalid(f"Tickets come more than once: {', '.join(twice[:10])}.", reason="twice")
    return items


def _failed(index: int, given: Arguments, error: HelpdeskError) -> BulkItem:
    unsure = error.written is not Written.NO or error.code is Code.INTERNAL
    return BulkItem(
        index=index,
        outcome="unknown" if unsure else "failed",
        ticket_id=_ticket_of(given),
        error={**error.facts(), "written": error.written.value},
    )


def _ticket_of(given: Arguments) -> str | None:
    ticket: Any = given.get("ticket_id", given.get("id"))
    return None if ticket is None else str(ticket)
