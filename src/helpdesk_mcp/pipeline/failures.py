"""How calls fail: what the caller is told, and what the record says."""

from helpdesk_mcp.domain.errors import HelpdeskError, Internal, RateLimited, Unavailable, Written
from helpdesk_mcp.pipeline.calls import Record


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


def too_often(wait: float) -> RateLimited:
    message = f"Too many calls; wait {wait:.1f} seconds."
    return RateLimited(message, retry_after=max(wait, 0.1))
