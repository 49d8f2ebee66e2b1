"""Outsiders' text is marked by its type, so that it is cleaned wherever it appears."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from helpdesk_mcp.domain.text import Line, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    subject: Line
    body: Prose
    id: str


ADAPTER = TypeAdapter(Letter)
LETTER = Letter(subject="s", body="b", id="i")


def test_marked_text_passes_through_its_cleaner() -> None:
    context = {"line": "line({})".format, "prose": "prose({})".format}
    cleaned = ADAPTER.dump_python(LETTER, mode="json", context=context)
    assert cleaned == {"subject": "line(s)", "body": "prose(b)", "id": "i"}


def test_without_a_cleaner_text_is_left_as_the_desk_gave_it() -> None:
    assert ADAPTER.dump_python(LETTER) == {"subject": "s", "body": "b", "id": "i"}
