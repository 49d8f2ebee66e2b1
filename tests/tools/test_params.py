"""What agents write where a parameter is meant, and what becomes of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from tests.tools.asking import Asking

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.tools.params import Day, TicketId, Word, Words, minutes_in, names

TICKET_ID = TypeAdapter[str](TicketId)
WORD = TypeAdapter[str](Word)
WORDS = TypeAdapter[str](Words)
DAY = TypeAdapter[Any](Day)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("42", "42"), (7, "7"), (" 42 ", "42"), ("#42", "42"), ("it-42", "42"), ("IT-HQ-42", "42")],
)
def test_a_ticket_id_is_understood_as_people_write_it(written: Any, meant: str) -> None:
    assert TICKET_ID.validate_python(written) == meant


@pytest.mark.parametrize(
    "written",
    [True, 4.5, "", "#", "4 2", "../7", "4\n5", "4\x00", "4\ud800", "x" * 41, None, ["4"], "42/"],
)
def test_what_is_no_ticket_id_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError):
        TICKET_ID.validate_python(written)


def test_a_negative_number_never_becomes_another_ticket() -> None:
    assert TICKET_ID.validate_python(-5) == "-5"


def test_a_whole_number_is_taken_where_a_name_is_meant() -> None:
    assert WORD.validate_python(3) == "3"


@pytest.mark.parametrize("value", [True, 1.5, "", None, {}])
def test_nothing_else_is_taken_for_a_name(value: Any) -> None:
    with pytest.raises(ValidationError):
        WORD.validate_python(value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Open, Cerrado", ("Open", "Cerrado")),
        (["Open", 2], ("Open", "2")),
        (1, ("1",)),
        (" , ", ()),
        ([], ()),
    ],
)
def test_several_words_come_as_a_list_or_with_commas(written: Any, meant: tuple[str, ...]) -> None:
    assert names(WORDS.validate_python(written)) == meant


def test_no_words_are_none() -> None:
    assert names(None) == ()


@pytest.mark.parametrize(
    "written", ["2026-12-24", "2026-12-24T18:00:00Z", "2026-12-24T18:00:00+01:00"]
)
def test_a_day_may_be_written_with_a_time(written: str) -> None:
    assert DAY.validate_python(written).isoformat() == "2026-12-24"


@pytest.mark.parametrize("written", ["24/12/2026", "mañana a las doce", "2026-13-01T00:00:00", ""])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python(written)


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("90", 90.0),
        ("1.5", 1.5),
        ("1:30", 90.0),
        ("01:30", 90.0),
        ("1:30:20", 90.0),
        ("1h 30m", 90.0),
        ("2h", 120.0),
        ("45 min", 45.0),
    ],
)
def test_time_spent_is_read_in_every_documented_form(
    written: str | None, minutes: float | None
) -> None:
    assert minutes_in(written) == minutes


@pytest.mark.parametrize("written", ["soon", "1:75", "-5", "1,5", "h", "1e3", "999999"])
def test_other_times_are_refused_with_an_example(written: str) -> None:
    with pytest.raises(Invalid) as caught:
        minutes_in(written)
    assert caught.value.reason == "time_spent"


@given(st.integers(0, 999), st.integers(0, 59))
def test_hours_and_minutes_add_up(hours: int, minutes: int) -> None:
    assert minutes_in(f"{hours}:{minutes:02}") == hours * 60 + minutes


@pytest.mark.parametrize(
    ("tool", "asked"),
    [
        ("create_ticket", {"subject": "x", "due": "hunter2-not-a-day"}),
        ("update_ticket", {"ticket_id": "1", "due": "hunter2"}),
        ("hold_ticket", {"ticket_id": "1", "reason": "x", "until": "hunter2-not-a-time"}),
        ("create_problem", {"title": "x", "due": "hunter2"}),
    ],
)
async def test_m25_what_is_no_date_is_not_repeated(tool: str, asked: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=r"ISO 8601|day") as caught:
        await Asking()(tool, **asked)
    assert "hunter2" not in caught.value.message
