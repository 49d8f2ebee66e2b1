"""How calls fail: what the caller is told, and what the record says."""

from collections.abc import Generator
from contextlib import contextmanager

from helpdesk_mcp.domain.errors import (
    Denied,
    HelpdeskError,
    Internal,
    RateLimited,
    Stopped,
    Unavailable,
    Written,
)
from helpdesk_mcp.domain.toolbox import Refused
from helpdesk_mcp.pipeline.calls import Record
from helpdesk_mcp.telemetry.logs import logger, where


def conclude(record: Record, failure: BaseException | None) -> None:
    """Say in the record how the call ended."""
    if failure is None:
        return
    if isinstance(failure, HelpdeskError):
        record.outcome, record.reason = failure.code.value, failure.reason
        record.written = failure.written.value
        return
    record.outcome = "internal" if isinstance(failure, Exception) else "cancelled"
    record.written = (Written.UNKNOWN if record.begun else Written.NO).value


def unexpected(record: Record) -> Internal:
    written = Written.UNKNOWN if record.begun else Written.NO
    advice = " Look at the ticket before you repeat this." if record.begun else ""
    return Internal(
        f"Something went wrong in helpdesk-mcp; reference {record.id[:12]}.{advice}",
        written=written,
    )


def timed_out(record: Record) -> HelpdeskError:
    written = Written.UNKNOWN if record.begun else Written.NO
    advice = "Look at the ticket before you repeat this." if record.begun else "Try again later."
    return Unavailable(f"The help desk took too long. {advice}", reason="timeout", written=written)


def stopped(record: Record) -> HelpdeskError:
    written = Written.UNKNOWN if record.begun else Written.NO
    advice = " Look at the ticket when it works again." if record.begun else ""
    return Denied(f"This organisation is suspended.{advice}", reason="suspended", written=written)


def too_often(wait: float) -> RateLimited:
    message = f"Too many calls; wait {wait:.1f} seconds."
    return RateLimited(message, retry_after=max(wait, 0.1))


@contextmanager
def told_as_ours(record: Record) -> Generator[None]:
    """Make whatever goes wrong on one of several desks an error that stands beside the answers."""
    try:
        yield
    except HelpdeskError:
        raise
    except TimeoutError as error:
        raise timed_out(record) from error
    except Stopped as error:
        raise stopped(record) from error
    except Exception as error:
        logger().error("call.failed", call=record.id, tool=record.tool, **where(error))
        raise unexpected(record) from error


def permit(refused: Refused | None) -> None:
    """Raise a refusal, if it is one."""
    if refused is not None:
        raise Denied(refused.message, reason=refused.reason, scopes=refused.scopes)
