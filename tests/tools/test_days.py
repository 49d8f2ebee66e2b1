"""Days and periods in two languages become dates, or are refused with examples."""

from datetime import UTC, date, datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.asking import Asking

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.tenants import zone_named
from helpdesk_mcp.tools.days import EXAMPLES, Span, span_of
from helpdesk_mcp.tools.periods import created_in, today_at

TODAY = date(2026, 11, 25)
"""A Wednesday."""
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))


def days(first: str, last: str | None = None) -> Span:
    return Span(date.fromisoformat(first), date.fromisoformat(last or first))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", days("2026-11-25")),
        ("Hoy", days("2026-11-25")),
        ("yesterday", days("2026-11-24")),
        ("ayer", days("2026-11-24")),
        ("anteayer", days("2026-11-23")),
        ("mañana", days("2026-11-26")),
        ("last 7 days", days("2026-11-18", "2026-11-25")),
        ("últimos 7 días", days("2026-11-18", "2026-11-25")),
        ("los últimos siete días", days("2026-11-18", "2026-11-25")),
        ("past two weeks", days("2026-11-11", "2026-11-25")),
        ("last 3 months", days("2026-08-25", "2026-11-25")),
        ("last one year", days("2025-11-25", "2026-11-25")),
        ("this week", days("2026-11-23", "2026-11-29")),
        ("esta semana", days("2026-11-23", "2026-11-29")),
        ("last week", days("2026-11-16", "2026-11-22")),
        ("la semana pasada", days("2026-11-16", "2026-11-22")),
        ("this month", days("2026-11-01", "2026-11-30")),
        ("este mes", days("2026-11-01", "2026-11-30")),
        ("mes pasado", days("2026-10-01", "2026-10-31")),
        ("el último mes", days("2026-10-01", "2026-10-31")),
        ("this quarter", days("2026-10-01", "2026-12-31")),
        ("last quarter", days("2026-07-01", "2026-09-30")),
        ("el trimestre anterior", days("2026-07-01", "2026-09-30")),
        ("Q1 2026", days("2026-01-01", "2026-03-31")),
        ("this year", days("2026-01-01", "2026-12-31")),
        ("el año pasado", days("2025-01-01", "2025-12-31")),
        ("2025", days("2025-01-01", "2025-12-31")),
        ("2026-02", days("2026-02-01", "2026-02-28")),
        ("2 weeks ago", days("2026-11-11")),
        ("hace dos semanas", days("2026-11-11")),
        ("hace 3 días", days("2026-11-22")),
        ("a month ago", days("2026-10-25")),
        ("since monday", days("2026-11-23", "2026-11-25")),
        ("desde el lunes", days("2026-11-23", "2026-11-25")),
        ("desde ayer", days("2026-11-24", "2026-11-25")),
        ("from 2026-11-01", days("2026-11-01", "2026-11-25")),
        ("monday", days("2026-11-23")),
        ("wednesday", days("2026-11-25")),
        ("last wednesday", days("2026-11-18")),
        ("el viernes", days("2026-11-20")),
        ("2026-11-01", days("2026-11-01")),
        ("2026-11-01T23:59:00+01:00", days("2026-11-01")),
        ("10/11/2026", days("2026-11-10")),
        ("1.2.2026", days("2026-02-01")),
        ("10 november 2026", days("2026-11-10")),
        ("November 10th, 2026", days("2026-11-10")),
        ("10 de noviembre de 2026", days("2026-11-10")),
        ("el 10 de noviembre", days("2026-11-10")),
        ("26 november", days("2025-11-26")),
        ("noviembre", days("2026-11-01", "2026-11-30")),
        ("diciembre", days("2025-12-01", "2025-12-31")),
        ("february 2024", days("2024-02-01", "2024-02-29")),
        ("2026-11-01 to 2026-11-15", days("2026-11-01", "2026-11-15")),
        ("2026-11-01..2026-11-15", days("2026-11-01", "2026-11-15")),
        ("from october to november", days("2026-10-01", "2026-11-30")),
        ("del 1 al 15 de noviembre de 2026", days("2026-11-01", "2026-11-15")),
        ("between monday and today", days("2026-11-23", "2026-11-25")),
        ("desde el lunes hasta ayer", days("2026-11-23", "2026-11-24")),
        ("entre el 1/11/2026 y el 3/11/2026", days("2026-11-01", "2026-11-03")),
    ],
)
def test_words_are_days(text: str, expected: Span) -> None:
    assert span_of(text, TODAY) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "last", "7", "31/11/2026", "11/25/2026", "2026-13-01", "2026-02-30"),
        *("friday to monday the 3rd", "today to yesterday", "last 9999 years", "since", "el"),
        *("last \u0667 days", "hace mucho", "canary-7261", "10/11/26", "yesterday or today"),
    ],
)
def test_what_is_not_plain_is_refused_with_examples_and_not_repeated(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        span_of(text, TODAY)
    assert caught.value.reason == "date"
    assert EXAMPLES in caught.value.message
    assert "canary" not in caught.value.message


@given(DAYS, DAYS)
def test_a_date_in_any_notation_is_that_day(day: date, today: date) -> None:
    notations = (day.isoformat(), f"{day.day}/{day.month}/{day.year:04}", f"{day:%d.%m.%Y}")
    assert {span_of(text, today) for text in notations} == {Span(day, day)}
    english, spanish = _in_words(day)
    assert span_of(english, today) == span_of(spanish, today) == Span(day, day)


@given(st.integers(min_value=1, max_value=9999), DAYS)
def test_the_last_days_end_today_and_are_that_many_before(count: int, today: date) -> None:
    expected = Span(today - timedelta(days=count), today)
    assert span_of(f"last {count} days", today) == expected
    assert span_of(f"últimos {count} días", today) == expected


@given(DAYS, st.sampled_from(["week", "month", "quarter", "year"]))
def test_this_period_holds_today_and_the_last_one_ends_the_day_before(
    today: date, unit: str
) -> None:
    this, last = span_of(f"this {unit}", today), span_of(f"last {unit}", today)
    assert this.first <= today <= this.last
    assert last.last + timedelta(days=1) == this.first


@given(st.text(max_size=60), DAYS)
def test_any_text_is_days_in_order_or_refused(text: str, today: date) -> None:
    try:
        span = span_of(text, today)
    except Invalid:
        return
    assert span.first <= span.last


@given(
    st.lists(
        st.sampled_from(
            [
                *"0123456789/.-",
                "last",
                "days",
                "to",
                "from",
                "el",
                "de",
                "hace",
                "noviembre",
                "2026",
            ]
        ),
        max_size=8,
    ),
    DAYS,
)
def test_words_of_the_trade_in_any_order_are_days_or_refused(words: list[str], today: date) -> None:
    for text in (" ".join(words), "".join(words)):
        try:
            span = span_of(text, today)
        except Invalid:
            continue
        assert span.first <= span.last


async def test_a_list_takes_a_period_in_words() -> None:
    now = datetime.now(UTC)
    moments = iter([now - timedelta(days=40), now, now])
    desk = MemoryDesk(now=lambda: next(moments, now))
    ask = Asking(desk)
    for subject in ("Old printer", "New printer"):
        await ask("create_ticket", subject=subject, queue="it")
    for words in ({"period": "last 7 days"}, {"created_from": "hace 7 días"}):
        listed = await ask("list_tickets", **words)
        assert [row["subject"] for row in listed["tickets"]] == ["New printer"], words
    found = await ask("search_tickets", query="printer", period="últimos 7 días")
    assert found["shown"] == 1
    assert (await ask("list_tickets", created_to="hace 30 días"))["shown"] == 1


@pytest.mark.parametrize(
    "words",
    [
        {"period": "today", "created_from": "today"},
        {"created_from": "today", "created_to": "yesterday"},
        {"period": "whenever"},
    ],
)
async def test_a_period_that_contradicts_itself_is_refused(words: dict[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        await Asking()("list_tickets", **words)
    assert caught.value.reason == "date"


def _in_words(day: date) -> tuple[str, str]:
    english = (
        "January February March April May June July August September October November December"
    )
    spanish = (
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
    )
    return (
        f"{english.split()[day.month - 1]} {day.day} {day.year}",
        f"{day.day} de {spanish.split()[day.month - 1]} de {day.year}",
    )


class Somewhere(MemoryDesk):
    """A desk that counts its days in a given zone."""

    def __init__(self, zone: str) -> None:
        super().__init__()
        self._zone = zone_named(zone)

    async def zone(self) -> tzinfo:
        return self._zone


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Madrid", "2026-11-26"),
        ("UTC", "2026-11-25"),
        ("America/Bogota", "2026-11-25"),
        ("Pacific/Kiritimati", "2026-11-26"),
    ],
)
@pytest.mark.parametrize("minute", [0, 30, 59])
async def test_today_is_the_day_of_the_desks_zone_around_midnight(
    zone: str, day: str, minute: int
) -> None:
    now = datetime(2026, 11, 25, 23, minute, 59, tzinfo=UTC)
    assert await today_at(Somewhere(zone), now) == date.fromisoformat(day)


async def test_words_for_days_mean_the_days_of_each_desks_zone() -> None:
    """It is always another day on the two sides of the date line."""
    east, west = Somewhere("Pacific/Kiritimati"), Somewhere("Etc/GMT+12")
    for words in ("hoy", "last 7 days"):
        [_, there], [_, here] = [await created_in(desk, words) for desk in (east, west)]
        assert there is not None
        assert here is not None
        assert there > here
