"""The circuit breaker: when it opens, who may probe, and what never counts."""

from hypothesis import given
from hypothesis import strategies as st

from helpdesk_mcp.desks.breaker import Breaker, Rule, abandoned, attempted, failed, succeeded, wait

RULE = Rule(volume=4, share=0.5, window=30, rests_for=15)
OUTCOMES = st.lists(st.booleans(), max_size=40)


def after(outcomes: list[bool], rule: Rule = RULE) -> Breaker:
    """Return a breaker that saw these outcomes, a second apart; True is a failure."""
    breaker = Breaker()
    for now, was_failure in enumerate(outcomes):
        breaker = (failed if was_failure else succeeded)(breaker, rule, float(now))
        if breaker.opened_at is not None:
            break
    return breaker


def opened(at: float = 0.0) -> Breaker:
    return Breaker(opened_at=at)


@given(OUTCOMES)
def test_it_opens_exactly_when_volume_and_share_are_reached(outcomes: list[bool]) -> None:
    should = next(
        (
            n
            for n in range(RULE.volume, len(outcomes) + 1)
            if outcomes[n - 1] and sum(outcomes[max(0, n - 30) : n]) >= RULE.share * min(n, 30)
        ),
        None,
    )
    assert (after(outcomes).opened_at is not None) == (should is not None)


@given(OUTCOMES)
def test_a_closed_breaker_never_makes_anybody_wait(outcomes: list[bool]) -> None:
    breaker = after(outcomes)
    if breaker.opened_at is None:
        assert wait(breaker, RULE, len(outcomes)) == 0


@given(st.integers(0, 200))
def test_successes_alone_never_open_it(count: int) -> None:
    assert after([False] * count).opened_at is None


@given(OUTCOMES, st.integers(0, 20))
def test_a_cancelled_call_never_counts(outcomes: list[bool], cancellations: int) -> None:
    breaker = after(outcomes)
    for _ in range(cancellations):
        breaker = abandoned(attempted(breaker, 1_000))
    assert breaker == after(outcomes)


def test_what_is_long_ago_is_forgotten() -> None:
    breaker = Breaker()
    for now in (0.0, 1.0, 2.0, 100.0):
        breaker = failed(breaker, RULE, now)
    assert breaker.opened_at is None
    assert breaker.outcomes == ((100.0, True),)


def test_while_it_is_open_nothing_is_sent() -> None:
    assert wait(opened(), RULE, 0) == 15
    assert wait(opened(), RULE, 14) == 1
    assert wait(opened(), RULE, 15) == 0


def test_after_the_rest_one_call_probes_and_the_others_wait() -> None:
    probing = attempted(opened(), 15)
    assert wait(probing, RULE, 16) == 14
    assert wait(probing, RULE, 30) == 0


def test_an_abandoned_probe_lets_another_try() -> None:
    assert wait(abandoned(attempted(opened(), 15)), RULE, 16) == 0


def test_a_good_probe_closes_it_with_a_clean_slate() -> None:
    assert succeeded(attempted(opened(), 15), RULE, 16) == Breaker()


def test_a_bad_probe_opens_it_again_for_the_whole_rest() -> None:
    again = failed(attempted(opened(), 15), RULE, 16)
    assert wait(again, RULE, 16) == 15


def test_an_attempt_while_closed_leaves_no_trace() -> None:
    assert attempted(Breaker(), 5) == Breaker()


def test_only_so_much_is_remembered() -> None:
    assert len(after([False] * 1_000, Rule(window=10_000)).outcomes) <= 200
