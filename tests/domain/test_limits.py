"""The token bucket: never more than the rate allows, never less than it promises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_mcp.domain.limits import Bucket, Rate, take

RATES = st.builds(
    Rate, st.floats(min_value=1, max_value=1_000), st.floats(min_value=0.01, max_value=1_000)
)
PAUSES = st.lists(st.floats(min_value=0, max_value=100), max_size=60)


@given(RATES, PAUSES)
def test_never_more_is_taken_than_the_burst_and_the_time_allow(
    rate: Rate, pauses: list[float]
) -> None:
    bucket, now, taken = Bucket(rate.burst, 0), 0.0, 0
    for pause in pauses:
        now += pause
        bucket, wait = take(bucket, rate, now)
        taken += wait == 0
    assert taken <= rate.burst + now * rate.per_second + 1e-6


@given(RATES, PAUSES)
def test_the_bucket_never_holds_less_than_nothing_or_more_than_the_burst(
    rate: Rate, pauses: list[float]
) -> None:
    bucket, now = Bucket(rate.burst, 0), 0.0
    for pause in pauses:
        now += pause
        bucket, _ = take(bucket, rate, now)
        assert 0 <= bucket.tokens <= rate.burst


@given(RATES, st.floats(min_value=0, max_value=0.999))
def test_after_the_wait_that_was_told_the_cost_is_taken(rate: Rate, tokens: float) -> None:
    bucket, wait = take(Bucket(tokens, 0), rate, 0)
    assert wait > 0
    _, again = take(bucket, rate, wait + 1e-6)
    assert again == 0


def test_a_refusal_takes_nothing() -> None:
    rate = Rate(burst=1, per_second=1)
    bucket, _ = take(Bucket(1, 0), rate, 0)
    for _ in range(5):
        bucket, wait = take(bucket, rate, 0.5)
        assert wait == pytest.approx(0.5)


def test_a_clock_that_goes_back_gives_and_takes_nothing() -> None:
    rate = Rate(burst=5, per_second=1)
    bucket, wait = take(Bucket(2, 100), rate, 40)
    assert (bucket, wait) == (Bucket(1, 100), 0)
