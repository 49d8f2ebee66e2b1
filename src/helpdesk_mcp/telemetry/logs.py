"""Structured logs: one JSON object a line, for an operator at three in the morning.

Never bodies, never secrets, never ticket text: an event name and pairs. Logs go to standard output,
or to standard error for `stdio`, where standard output carries the protocol only.
"""

import logging
import sys
import traceback
from contextlib import suppress
from typing import Any, TextIO

import structlog

LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
LONGEST = 8_192
"""Characters of one value in a log line (security case D13)."""


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's logging to one stream, as JSON lines."""
    out: Any = _Lossy(stream or sys.stdout)
    steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _place_of_exception,
        _bounded,
    ]
    structlog.configure(
        processors=[*steps, structlog.processors.JSONRenderer(ensure_ascii=True)],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *steps],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=True),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(LEVELS[level], logging.WARNING))


class _Lossy:
    """A stream that loses a line which cannot be written, so that the call it tells of goes on.

    A reader of our output may end before us, and a disk may be full (`BrokenPipeError`, `OSError`;
    `ValueError` of a closed file).
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def where(error: BaseException) -> dict[str, Any]:
    """Say where a bug is, by type and place: an exception's own text may hold ticket data."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    places = [
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames
    ]
    return {"error": type(error).__name__, "at": places}


def _place_of_exception(_: object, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Put the place of an exception where its traceback, with text and locals, would be."""
    found: Any = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found  # pyright: ignore[reportUnknownVariableType] -- the three forms of exc_info in the standard library
    return event | where(error) if isinstance(error, BaseException) else event


def _bounded(_: object, __: str, event: dict[str, Any]) -> dict[str, Any]:
    for key, value in event.items():
        if isinstance(value, str) and len(value) > LONGEST:
            event[key] = value[:LONGEST] + "…"
    return event


def logger() -> Any:
    """Return the logger. Call it where it is used: its configuration may change."""
    return structlog.get_logger()
