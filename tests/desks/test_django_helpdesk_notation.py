"""How stock django-helpdesk writes things, as pure functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_mcp.desks.django_helpdesk.customs import form_value
from helpdesk_mcp.desks.django_helpdesk.listing import search_string
from helpdesk_mcp.desks.django_helpdesk.notation import (
    duration,
    hours_and_minutes,
    literal,
    minutes_of,
    references,
    spent_in,
    status_of,
)
from helpdesk_mcp.desks.django_helpdesk.pages import ticket_page
from helpdesk_mcp.domain.choices import Choice
from helpdesk_mcp.domain.errors import Invalid, Unavailable

STATUSES = (
    Choice(id="1", name="Open"),
    Choice(id="2", name="Open - Parts"),
    Choice(id="3", name="Resuelto"),
)


@pytest.mark.parametrize(
    ("minutes", "written", "rounded"),
    [
        (0, "0:00:00", "0:00"),
        (1.5, "0:01:30", "0:02"),
        (45, "0:45:00", "0:45"),
        (90, "1:30:00", "1:30"),
        (6000, "100:00:00", "100:00"),
    ],
)
def test_minutes_are_written_so_that_hours_are_hours(
    minutes: float, written: str, rounded: str
) -> None:
    assert (duration(minutes), hours_and_minutes(minutes)) == (written, rounded)


@pytest.mark.parametrize("minutes", [-1, 60_000, float("nan"), float("inf")])
def test_a_time_that_makes_no_sense_is_refused(minutes: float) -> None:
    with pytest.raises(Invalid):
        duration(minutes)


@pytest.mark.parametrize(
    ("shown", "status", "on_hold"),
    [
        ("Open", "1", False),
        ("Open - On Hold", "1", True),
        ("Open - Open dependencies", "1", False),
        ("Open - On Hold - Open dependencies", "1", True),
        ("Open - Parts", "2", False),
        ("Open - Parts - En espera", "2", True),
        ("Resuelto - En espera", "3", True),
    ],
)
def test_a_status_is_read_with_what_is_appended_to_it(
    shown: str,
    status: str,
    on_hold: bool,  # noqa: FBT001 -- a table's column
) -> None:
    found, held = status_of(shown, STATUSES)
    assert found
    assert (found.id, held) == (status, on_hold)


def test_a_status_that_is_none_of_the_known_is_not_guessed() -> None:
    assert status_of("Reopened", STATUSES) == (None, None)


@given(st.text(alphabet="{}%# ab\n\"'"))
def test_escaped_text_opens_no_template_tag(text: str) -> None:
    escaped = literal(text)
    for mark in ('{{ "{" }}', '{{ "}" }}', '{{ "-" }}'):
        escaped = escaped.replace(mark, "\0")
    assert not any(tag in escaped for tag in ("{{", "{%", "{#"))


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("laptop", "laptop"),
        ("ERROR 5", "ERRor 5"),
        ("VPN OR FORM", "VPN OR Form"),
        ("queue:it", " queue:it"),
        ("priority:1 OR x", " priority:1 OR x"),
    ],
)
def test_a_search_says_what_was_meant(asked: str, sent: str) -> None:
    assert search_string(asked).casefold() == sent.casefold()
    assert "OR" not in search_string(asked).replace(" OR ", " ")


def test_the_words_that_stand_for_a_tag_are_broken_up() -> None:
    assert literal("X-HELPDESK-COMMENT-VERBATIM") == 'X{{ "-" }}HELPDESK-COMMENT-VERBATIM'


@pytest.mark.parametrize(
    ("written", "minutes"),
    [("01:30:00", 90), ("4 04:00:00", 6000), ("00:01:30.500000", 1.51), ("P1D", None)],
)
def test_a_duration_is_read_as_the_desk_writes_it(written: str, minutes: float | None) -> None:
    assert minutes_of(spent_in(written)) == minutes


def test_references_to_other_tickets_are_seen() -> None:
    assert references("See #12, #7 and #12; not &#39; or #5", "5") == ("12", "7")


def test_values_travel_in_a_form_as_the_desk_reads_them() -> None:
    assert [form_value(v) for v in (True, False, None, 3, "x")] == ["on", "", "", "3", "x"]


def test_a_page_without_the_form_is_not_a_ticket() -> None:
    with pytest.raises(Unavailable):
        ticket_page("<html><h1>Welcome</h1></html>")
