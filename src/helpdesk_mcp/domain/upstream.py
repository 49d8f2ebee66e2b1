"""How often a desk's authorization server may be asked for a token: a pure rule."""

from collections.abc import Sequence

LIMITS = ((8, 600.0), (4, 60.0))
"""Refreshes within so many seconds. Zoho allows 10 and 5, then blocks; others may ask as well."""
REMEMBERED = 600.0
"""Seconds for which a refresh counts."""


def recent(refreshed: Sequence[float], now: float) -> tuple[float, ...]:
    """Return the refreshes that still count."""
    return tuple(at for at in refreshed if at > now - REMEMBERED)


def pause(refreshed: Sequence[float], now: float) -> float:
    """Return the seconds until one more refresh stays within the limits; zero means now."""
    waits = [0.0]
    for most, seconds in LIMITS:
        counted = sorted(at for at in refreshed if at > now - seconds)
        if len(counted) >= most:
            waits.append(counted[len(counted) - most] + seconds - now)
    return max(waits)
