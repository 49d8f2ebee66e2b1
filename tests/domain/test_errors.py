"""Errors as data: what an agent may rely on."""

import pytest

from helpdesk_mcp.domain.errors import (
    LASTING,
    Code,
    Conflict,
    Denied,
    HelpdeskError,
    Internal,
    Invalid,
    NotFound,
    RateLimited,
    Unavailable,
    Written,
)

EVERY = (Invalid, Denied, NotFound, Conflict, RateLimited, Unavailable, Internal)


def test_every_code_has_one_class() -> None:
    assert sorted(kind.code for kind in EVERY) == sorted(Code)


def test_an_error_is_the_same_object_in_every_protocol() -> None:
    error = RateLimited("Too many calls.", retry_after=1.234)
    assert error.facts() == {
        "code": "rate_limited",
        "reason": "rate_limited",
        "message": "Too many calls.",
        "retryable": True,
        "retry_after": 1.2,
    }


@pytest.mark.parametrize("written", [Written.PARTLY, Written.UNKNOWN])
def test_what_may_have_been_written_is_never_called_retryable(written: Written) -> None:
    facts = Unavailable("It broke off.", reason="protocol", written=written).facts()
    assert facts["retryable"] is False
    assert facts["written"] == written.value


@pytest.mark.parametrize("kind", EVERY)
def test_only_busy_and_away_are_retryable(kind: type[HelpdeskError]) -> None:
    retryable = kind.code in {Code.RATE_LIMITED, Code.UNAVAILABLE}
    assert kind("Why.").facts()["retryable"] is retryable


@pytest.mark.parametrize("reason", sorted(LASTING))
def test_what_only_an_administrator_can_mend_is_not_worth_repeating(reason: str) -> None:
    assert Unavailable("Why.", reason=reason).facts()["retryable"] is False


@pytest.mark.parametrize("kind", EVERY)
def test_a_failure_that_can_leave_a_write_behind_says_whether_it_did(
    kind: type[HelpdeskError],
) -> None:
    says = kind.code in {Code.UNAVAILABLE, Code.INTERNAL, Code.CONFLICT}
    assert ("written" in kind("Why.").facts()) is says
