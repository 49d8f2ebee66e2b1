"""Days and periods in people's words, English or Spanish, as dates: a pure function of today.

Written by hand and not with a library of date guesses: what is not plainly one period is refused
with examples, never guessed at.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from helpdesk_mcp.domain.errors import Invalid

EXAMPLES = (
    '"2026-11-01", "10/11/2026" (day/month), "yesterday", "last 7 days", "esta semana", '
    '"desde el lunes"'
)


@dataclass(frozen=True, slots=True)
class Span:
    """From the first day to the last, both included."""

    first: date
    last: date


def span_of(text: str, today: date) -> Span:
    """Return the days a text means. Raises Invalid with examples for what is not plain."""
    said = _plain(text)
    try:
        span = _since(said, today) or _single(said, today) or _range(said, today)
    except (ValueError, OverflowError):  # 31 November, or before the first year
        span = None
    if span is None or span.first > span.last:
        raise Invalid(f"This is no day or period we understand. Write {EXAMPLES}.", reason="date")
    return span


def _plain(text: str) -> str:
    spread = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in spread if not unicodedata.combining(c))
    return " ".join(bare.replace(",", " ").split())


def _since(said: str, today: date) -> Span | None:
    match = re.fullmatch(r"(?:since|from|desde|a partir de)(?: el| la| los| las)? (.+)", said)
    begun = match and _single(match[1], today)
    return Span(begun.first, max(begun.first, today)) if begun else None


def _range(said: str, today: date) -> Span | None:
    match = re.fullmatch(
        r"(?:from |between |since |desde |del? |entre )?(?:el |la )?(.+?)"
        r"(?: to | until | and | hasta | al? | y | - |\s*\.\.\s*)(?:el |la )?(.+)",
        said,
    )
    if match is None:
        return None
    left, right = match[1], match[2]
    end = _single(right, today)
    if re.fullmatch(r"\d{1,2}", left):  # "1 to 15 november": both are of one month
        left += re.sub(r"^\d{1,2}(?:st|nd|rd|th)?", "", right)
    begin = _single(left, today)
    return Span(begin.first, end.last) if begin and end else None


def _single(said: str, today: date) -> Span | None:
    for pattern, reading in _READINGS:
        if (match := pattern.fullmatch(said)) is not None:
            return reading(match, today)
    return None


def _on(day: date) -> Span:
    return Span(day, day)


def _iso(match: re.Match[str], _: date) -> Span:
    return _on(datetime.fromisoformat(match[0].upper()).date())


def _day_first(match: re.Match[str], _: date) -> Span:
    return _on(date(int(match[3]), int(match[2]), int(match[1])))


def _named_day(match: re.Match[str], today: date) -> Span:
    return _on(today + timedelta(days=_DAYS[match[0]]))


def _unit_around(match: re.Match[str], today: date, back: int) -> Span:
    """Return the week, month, quarter or year that holds today, or so many before it."""
    unit = _UNITS[match["unit"]]
    if unit == "day":
        return _on(today - timedelta(days=back))
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return Span(monday, monday + timedelta(days=6))
    months = _MONTHS_OF[unit]
    first = _months_back(today.replace(day=1), (today.month - 1) % months + months * back)
    return Span(first, _last_of(_months_back(first, -(months - 1))))


def _this(match: re.Match[str], today: date) -> Span:
    return _unit_around(match, today, 0)


def _last(match: re.Match[str], today: date) -> Span:
    return _unit_around(match, today, 1)


def _trailing(match: re.Match[str], today: date) -> Span:
    return Span(_back(match, today), today)


def _ago(match: re.Match[str], today: date) -> Span:
    return _on(_back(match, today))


def _back(match: re.Match[str], today: date) -> date:
    count, unit = _number(match["count"]), _UNITS[match["unit"]]
    if unit in _MONTHS_OF:
        return _months_back(today, count * _MONTHS_OF[unit])
    return today - timedelta(days=count * (7 if unit == "week" else 1))


def _weekday(match: re.Match[str], today: date) -> Span:
    back = (today.weekday() - _WEEKDAYS[match["day"]]) % 7
    return _on(today - timedelta(days=back or (7 if match["last"] else 0)))


def _month(match: re.Match[str], today: date) -> Span:
    month = _MONTHS[match["month"]]
    year = int(match["year"] or today.year - (month > today.month))
    first = date(year, month, 1)
    return Span(first, _last_of(first))


def _day_of_month(match: re.Match[str], today: date) -> Span:
    day, month = int(match["day"]), _MONTHS[match["month"]]
    year = int(match["year"] or today.year - ((month, day) > (today.month, today.day)))
    return _on(date(year, month, day))


def _year(match: re.Match[str], _: date) -> Span:
    return Span(date(int(match[0]), 1, 1), date(int(match[0]), 12, 31))


def _year_month(match: re.Match[str], _: date) -> Span:
    first = date(int(match[1]), int(match[2]), 1)
    return Span(first, _last_of(first))


def _quarter(match: re.Match[str], today: date) -> Span:
    first = date(int(match[2] or today.year), int(match[1]) * 3 - 2, 1)
    return Span(first, _last_of(_months_back(first, -2)))


def _months_back(day: date, months: int) -> date:
    """Return the same day so many months before, or the last one there is in that month."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _last_of(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else _NUMBERS[word]


def _keyed(words: str) -> dict[str, int]:
    """Return each word of a line with the number of its line, counted from 0."""
    lines = words.strip().splitlines()
    return {word: number for number, line in enumerate(lines) for word in line.split()}


_DAYS = {
    **dict.fromkeys(("today", "hoy"), 0),
    **dict.fromkeys(("tomorrow", "manana"), 1),
    **dict.fromkeys(("yesterday", "ayer"), -1),
    **dict.fromkeys(("the day before yesterday", "anteayer", "antier", "antes de ayer"), -2),
}
_NUMBERS = {
    word: number + 1
    for word, number in _keyed(
        "one a an un una\ntwo dos\nthree tres\nfour cuatro\nfive cinco\nsix seis\nseven siete\n"
        "eight ocho\nnine nueve\nten diez\neleven once\ntwelve doce"
    ).items()
}
_WEEKDAYS = _keyed(
    "monday mon lunes\ntuesday tue tues martes\nwednesday wed miercoles\nthursday thu jueves\n"
    "friday fri viernes\nsaturday sat sabado\nsunday sun domingo"
)
_MONTHS = {
    word: number + 1
    for word, number in _keyed(
        "january jan enero ene\nfebruary feb febrero\nmarch mar marzo\napril apr abril abr\n"
        "may mayo\njune jun junio\njuly jul julio\naugust aug agosto ago\n"
        "september sep sept septiembre setiembre\noctober oct octubre\nnovember nov noviembre\n"
        "december dec diciembre dic"
    ).items()
}
_UNITS = {
    **dict.fromkeys(("day", "days", "dia", "dias"), "day"),
    **dict.fromkeys(("week", "weeks", "semana", "semanas"), "week"),
    **dict.fromkeys(("month", "months", "mes", "meses"), "month"),
    **dict.fromkeys(("quarter", "quarters", "trimestre", "trimestres"), "quarter"),
    **dict.fromkeys(("year", "years", "ano", "anos"), "year"),
}
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
_UNIT = f"(?P<unit>{'|'.join(_UNITS)})"
_COUNT = rf"(?P<count>\d{{1,4}}|{'|'.join(_NUMBERS)})"
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_OF_YEAR = r"(?: (?:of |de |del )?(?P<year>\d{4}))?"
_TIME = r"(?:[t ]\d{2}:?\d{2}(?::?\d{2}(?:\.\d{1,6})?)?(?:z|[+-]\d{2}:?\d{2})?)?"
_READINGS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Span]], ...] = tuple(
    (re.compile(pattern, re.ASCII), reading)
    for pattern, reading in (
        (rf"\d{{4}}-\d{{2}}-\d{{2}}{_TIME}", _iso),
        (r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", _day_first),
        (r"(\d{4})-(\d{2})", _year_month),
        (r"(?:19|20)\d{2}", _year),
        ("|".join(_DAYS), _named_day),
        (rf"(?:the |el |la )?(?:this|current|este|esta|actual) {_UNIT}", _this),
        (rf"(?:the )?(?:last|previous|past) {_UNIT}", _last),
        (rf"(?:el |la )?(?:ultimo|ultima|pasado|pasada) {_UNIT}", _last),
        (rf"(?:el |la )?{_UNIT} (?:pasado|pasada|anterior)", _last),
        (rf"(?:in )?(?:the )?(?:last|past|previous) {_COUNT} {_UNIT}", _trailing),
        (rf"(?:en )?(?:los |las )?(?:ultimos|ultimas|pasados|pasadas) {_COUNT} {_UNIT}", _trailing),
        (rf"{_COUNT} {_UNIT} ago", _ago),
        (rf"hace {_COUNT} {_UNIT}", _ago),
        (
            rf"(?:on |el )?(?P<last>last )?(?P<day>{'|'.join(_WEEKDAYS)})(?: pasado)?",
            _weekday,
        ),
        (rf"(?:in |en )?(?:mes de )?{_MONTH}{_OF_YEAR}", _month),
        (
            rf"(?:el )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of| de)? {_MONTH}{_OF_YEAR}",
            _day_of_month,
        ),
        (rf"{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?{_OF_YEAR}", _day_of_month),
        (r"[qt]([1-4])(?: (?:of |de )?(\d{4}))?", _quarter),
    )
)
