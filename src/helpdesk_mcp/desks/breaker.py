"""A circuit breaker as pure functions over a sliding window of outcomes.

Opens when at least `volume` calls of the last `window` seconds were counted and at least `share`
of them failed. While open nothing is sent; after `rests_for` seconds one call at a time may probe.
Cancellations and answers below 500 never count as failures: the desk was reachable.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    volume: int = 5
    share: float = 0.5
    window: float = 30.0
    rests_for: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """`outcomes` holds (time, failed) of recent calls; `opened_at` is None while closed."""

    outcomes: tuple[tuple[float, bool], ...] = ()
    opened_at: float | None = None
    probing_since: float | None = None


def wait(breaker: Breaker, rule: Rule, now: float) -> float:
    """Seconds until the next attempt may be made; zero means now."""
    if breaker.opened_at is None:
        return 0.0
    rest = breaker.opened_at + rule.rests_for - now
    if rest > 0:
        return rest
    if breaker.probing_since is not None and now < breaker.probing_since + rule.rests_for:
        return breaker.probing_since + rule.rests_for - now
    return 0.0


def attempted(breaker: Breaker, now: float) -> Breaker:
    """Note that a call is on its way: while open it is the one probe."""
    return breaker if breaker.opened_at is None else replace(breaker, probing_since=now)


def abandoned(breaker: Breaker) -> Breaker:
    """Note that a call ended without telling anything about the desk."""
    return replace(breaker, probing_since=None)


def succeeded(breaker: Breaker, rule: Rule, now: float) -> Breaker:
    if breaker.opened_at is not None:
        return Breaker()
    return Breaker(outcomes=_recent(breaker, rule, now, failed=False))


def failed(breaker: Breaker, rule: Rule, now: float) -> Breaker:
    outcomes = _recent(breaker, rule, now, failed=True)
    if breaker.opened_at is not None:
        return Breaker(outcomes=outcomes, opened_at=now)
    failures = sum(1 for _, was_failure in outcomes if was_failure)
    opens = len(outcomes) >= rule.volume and failures >= rule.share * len(outcomes)
    return Breaker(outcomes=outcomes, opened_at=now if opens else None)


def _recent(
    breaker: Breaker, rule: Rule, now: float, *, failed: bool
) -> tuple[tuple[float, bool], ...]:
    kept = [o for o in breaker.outcomes[-199:] if o[0] > now - rule.window]
    return (*kept, (now, failed))
