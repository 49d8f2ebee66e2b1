"""Results on their way out: cleaned, bounded, marked as data, and honest about what was cut."""

from dataclasses import dataclass
from typing import Any, cast

from pydantic_core import to_json

from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.domain.pages import Gathered, Listing
from helpdesk_mcp.pipeline import untrusted
from helpdesk_mcp.pipeline.calls import Answer
from helpdesk_mcp.pipeline.course import Told
from helpdesk_mcp.pipeline.merging import After
from helpdesk_mcp.pipeline.rendering import render


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large an answer may be: `answer` bytes of JSON in all, `prose` characters of one text."""

    answer: int = 16_000
    prose: int = 4_000


USUAL = Sizes()
FULL = Sizes(answer=100_000, prose=60_000)
READS_LIKE_A_TABLE = "ticket data"


class _Cleaner:
    """Cleans the texts of one answer. Keeps the bare form of each fenced one, for the text."""

    def __init__(self, sizes: Sizes, *, fenced: bool) -> None:
        self._sizes = sizes
        self._fenced = fenced
        self.nonce = untrusted.new_nonce() if fenced else ""
        self._bare: dict[str, str] = {}

    def line(self, value: str) -> str:
        return untrusted.to_line(value)

    def prose(self, value: str) -> str:
        return self._marked(untrusted.to_markdown(value), self._sizes.prose)

    def verbatim(self, value: str) -> str:
        return self._marked(untrusted.strip_invisible(value), self._sizes.answer)

    def _marked(self, text: str, most: int) -> str:
        kept, left_out = untrusted.clip(text, most)
        note = f"\n[cut: {left_out} of {len(text)} characters left out]" if left_out else ""
        if not self._fenced:
            return kept + note
        fenced = untrusted.fence(kept, label="ticket text", nonce=self.nonce) + note
        self._bare[fenced] = kept + note
        return fenced

    def bare(self, value: str) -> str:
        return self._bare.get(value, value)


def shape(operation: AnyOperation, told: Told, *, full: bool, fenced: bool) -> Answer:
    """Return a result as data and text. `fenced` puts outsiders' text behind a boundary."""
    result = told.result
    cleaner = _Cleaner(FULL if full else USUAL, fenced=fenced)
    context = {"line": cleaner.line, "prose": cleaner.prose, "verbatim": cleaner.verbatim}
    data: dict[str, Any] = operation.result.dump_python(
        result, mode="json", exclude_none=True, context=context
    )
    if told.desk:
        data = {"desk": told.desk, **data}
    if isinstance(result, Gathered) and result.failed:
        data["failed"] = [{"desk": f.desk, "error": f.error.facts()} for f in result.failed]
    if isinstance(result, Listing):
        _mark(data, result)
        _fit(data, told.after, (FULL if full else USUAL).answer)
    if operation.own_words:
        return Answer(data=data, text=to_json(data).decode() if fenced else "")
    return Answer(data=data, text=_text(data, cleaner) if fenced else "")


def _mark(data: dict[str, Any], listing: Listing) -> None:
    """Say of each row which desk it is of."""
    if listing.origins:
        name = next(name for name, value in data.items() if isinstance(value, list))
        marked = zip(listing.origins, cast("list[dict[str, Any]]", data[name]), strict=True)
        data[name] = [{"desk": desk, **row} for desk, row in marked]


def _fit(data: dict[str, Any], after: After | None, most: int) -> None:
    """Drop items from the end of a list until it fits, and say so with the way to go on."""
    rows = next((cast("list[Any]", v) for v in data.values() if isinstance(v, list)), None)
    if not rows or len(to_json(data)) <= most:
        return
    room = most - len(to_json({k: v for k, v in data.items() if v is not rows})) - 200
    kept = 0
    for row in rows:
        room -= len(to_json(row)) + 1
        if room < 0 and kept:
            break
        kept += 1
    if kept == len(rows):
        return
    data["cut"] = f"{len(rows) - kept} of {len(rows)} left out to keep the answer small."
    if after is not None and (following := after(kept)) is not None:
        data["next_cursor"] = following
    data["shown"] = kept
    del rows[kept:]


def _text(data: dict[str, Any], cleaner: _Cleaner) -> str:
    said, footer = render(data, cleaner.bare)
    fenced = untrusted.fence(said, label=READS_LIKE_A_TABLE, nonce=cleaner.nonce)
    return f"{untrusted.NOTICE}\n{fenced}\n{footer}".rstrip()
