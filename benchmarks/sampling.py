"""Where CPU time goes: a sampler inside the server, one sample a millisecond of CPU."""

import signal
import time
from collections import Counter
from types import FrameType
from typing import Final

INTERVAL = 0.001
"""Seconds of CPU between samples."""
OTHER = "Event loop: uvloop"
THREADS = "Audit: SQLite's thread"

PARTS: Final[tuple[tuple[str, str], ...]] = (
    ("/helpdesk_mcp/web/edge.py", "Edge: hosts, headers, body"),
    ("/helpdesk_mcp/web/bodies.py", "Edge: hosts, headers, body"),
    ("/helpdesk_mcp/web/hosts.py", "Edge: hosts, headers, body"),
    ("/helpdesk_mcp/web/identity.py", "Authentication"),
    ("/helpdesk_mcp/stores/tokens.py", "Authentication"),
    ("/helpdesk_mcp/web/jsonrpc.py", "Strict JSON-RPC"),
    ("/helpdesk_mcp/web/strict_json.py", "Strict JSON-RPC"),
    ("/helpdesk_mcp/web/", "Our MCP handlers"),
    ("/helpdesk_mcp/pipeline/pipeline.py", "Policy, arguments, limits"),
    ("/helpdesk_mcp/pipeline/calls.py", "Policy, arguments, limits"),
    ("/helpdesk_mcp/domain/operations.py", "Tool schemas"),
    ("/helpdesk_mcp/domain/", "Policy, arguments, limits"),
    ("/helpdesk_mcp/stores/memory_limits.py", "Policy, arguments, limits"),
    ("/helpdesk_mcp/tools/", "The tool and the desk in memory"),
    ("/helpdesk_mcp/desks/", "The tool and the desk in memory"),
    ("/helpdesk_mcp/pipeline/recording.py", "Record: event, masking"),
    ("/helpdesk_mcp/pipeline/redaction.py", "Record: event, masking"),
    ("/helpdesk_mcp/pipeline/masking.py", "Record: event, masking"),
    ("/helpdesk_mcp/pipeline/identifiers.py", "Record: event, masking"),
    ("/helpdesk_mcp/pipeline/", "Shaping the answer"),
    ("/helpdesk_mcp/telemetry/metrics.py", "Metrics"),
    ("/prometheus_client/", "Metrics"),
    ("/helpdesk_mcp/telemetry/", "Log line"),
    ("/structlog/", "Log line"),
    ("/helpdesk_mcp/stores/", "Audit: batches to SQLite"),
    ("/sqlalchemy/", "Audit: batches to SQLite"),
    ("/aiosqlite/", "Audit: batches to SQLite"),
    ("/mcp/server/_otel.py", "MCP SDK: OpenTelemetry"),
    ("/mcp/shared/_otel.py", "MCP SDK: OpenTelemetry"),
    ("/opentelemetry/", "MCP SDK: OpenTelemetry"),
    ("/mcp/", "MCP SDK"),
    ("/mcp_types/", "MCP SDK"),
    ("/fastmcp/", "FastMCP"),
    ("/starlette/", "Starlette"),
    ("/uvicorn/", "HTTP: uvicorn, httptools"),
)
"""From a part of a file's path to the part of the road it belongs to; the first that fits."""


class Sampler:
    """Adds up CPU time by part of the road. Use it in the main thread.

    A sample belongs to the innermost frame whose file is in `PARTS`, so the standard library and
    C code count for who called them. Each sample weighs what the clocks say has passed; the time
    of other threads is exact, and counted apart.
    """

    def __init__(self) -> None:
        self._spent: Counter[str] = Counter()
        self._main = 0
        self._whole = 0
        self._known: dict[str, str] = {}

    def start(self) -> None:
        self._main, self._whole = time.thread_time_ns(), time.process_time_ns()
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)

    def stop(self) -> dict[str, int]:
        """Return nanoseconds of CPU by part."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        return dict(self._spent)

    def _sample(self, _: int, frame: FrameType | None) -> None:
        main, whole = time.thread_time_ns(), time.process_time_ns()
        spent = main - self._main
        self._spent[self._part(frame)] += spent
        self._spent[THREADS] += max(0, whole - self._whole - spent)
        self._main, self._whole = main, whole

    def _part(self, frame: FrameType | None) -> str:
        while frame is not None:
            part = self._part_of(frame.f_code.co_filename)
            if part:
                return part
            frame = frame.f_back
        return OTHER

    def _part_of(self, path: str) -> str:
        found = self._known.get(path)
        if found is None:
            found = next((part for piece, part in PARTS if piece in path), "")
            self._known[path] = found
        return found
