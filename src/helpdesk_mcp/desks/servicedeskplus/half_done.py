"""A write whose later step failed: what was done before it is always said."""

from collections.abc import Generator
from contextlib import contextmanager

from helpdesk_mcp.domain.errors import HelpdeskError, Unavailable, Written


@contextmanager
def after(done: str) -> Generator[None]:
    """Say of whatever fails in here what was done before it."""
    try:
        yield
    except HelpdeskError as error:
        raise partly(error, done) from error


def partly(error: HelpdeskError, done: str) -> HelpdeskError:
    """Return the error of a write whose earlier step did happen."""
    return Unavailable(
        f"{done} After that: {error.message}", reason=error.reason, written=Written.PARTLY
    )
