"""Moments that look like a working week: mostly office hours, few weekends."""

from datetime import datetime, timedelta
from random import Random

_OPENS, _SHUTS, _SATURDAY = 8, 18, 5


def opening_moment(rnd: Random, now: datetime, *, days: float) -> datetime:
    """Return a moment about `days` ago at which somebody may have written."""
    at = (now - timedelta(days=days)).replace(hour=0, minute=0, second=0)
    at += timedelta(hours=rnd.triangular(7, 20, 10.5), seconds=rnd.randrange(60))
    if at.weekday() >= _SATURDAY and rnd.random() < 0.85:  # noqa: PLR2004 - a taste, not a limit
        at -= timedelta(days=2)
    while at > now - timedelta(minutes=20):
        at -= timedelta(days=1)
    return at


def later(rnd: Random, at: datetime, low: float, high: float) -> datetime:
    """Return a moment `low` to `high` hours later, moved into office hours."""
    at += timedelta(hours=rnd.uniform(low, high))
    if at.hour >= _SHUTS:
        at = _morning(rnd, at + timedelta(days=1))
    elif at.hour < _OPENS:
        at = _morning(rnd, at)
    while at.weekday() >= _SATURDAY:
        at += timedelta(days=1)
    return at


def _morning(rnd: Random, day: datetime) -> datetime:
    return day.replace(hour=_OPENS, minute=rnd.randrange(10, 60), second=rnd.randrange(60))
