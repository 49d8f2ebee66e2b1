"""Log lines: one JSON object each, bounded, without text that an exception may carry."""

import io
import json
import logging
import os
import sys
from contextlib import suppress
from typing import Any

import pytest

from helpdesk_mcp.telemetry import logs


def written(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def secret_failure() -> RuntimeError:
    def fail(password: str) -> None:
        raise RuntimeError(f"login with {password} failed")

    with pytest.raises(RuntimeError) as caught:
        fail("canary-7261")
    return caught.value


@pytest.fixture
def out() -> io.StringIO:
    stream = io.StringIO()
    logs.configure("INFO", stream)
    return stream


def test_an_event_is_one_line_of_pairs(out: io.StringIO) -> None:
    logs.logger().info("call", tool="get_ticket", ms=1.5)
    [line] = written(out)
    assert (line["event"], line["tool"], line["ms"], line["level"]) == (
        "call",
        "get_ticket",
        1.5,
        "info",
    )
    assert line["timestamp"].endswith("Z")


def test_what_is_below_the_level_is_not_written(out: io.StringIO) -> None:
    logs.logger().debug("exchange")
    logging.getLogger("httpx2").info("GET /?token=canary-7261")
    assert written(out) == []


def test_libraries_write_the_same_lines(out: io.StringIO) -> None:
    logging.getLogger("uvicorn").warning("Port %s", 80)
    [line] = written(out)
    assert (line["event"], line["logger"], line["level"]) == ("Port 80", "uvicorn", "warning")


def test_a_line_cannot_be_broken_in_two(out: io.StringIO) -> None:
    logs.logger().info("call", tool='a\r\n{"event":"forged"}\u2028\x1b[31m')
    assert len(out.getvalue().splitlines()) == 1
    assert "\x1b" not in out.getvalue()


def test_a_value_is_cut_at_eight_kilobytes(out: io.StringIO) -> None:
    logs.logger().info("call", tool="x" * 1_000_000)
    [line] = written(out)
    assert len(line["tool"]) == logs.LONGEST + 1


@pytest.mark.parametrize("form", ["error", "tuple", "current"])
def test_an_exception_is_told_by_type_and_place_only(out: io.StringIO, form: str) -> None:
    error = secret_failure()
    if form == "error":
        logs.logger().error("failed", exc_info=error)
    elif form == "tuple":
        logging.getLogger("uvicorn.error").error("failed", exc_info=error)
    else:
        _log_while_handling(error)
    [line] = written(out)
    assert line["error"] == "RuntimeError"
    assert any(place.startswith("test_logs.py:") for place in line["at"])
    assert "canary" not in out.getvalue()


def _log_while_handling(error: RuntimeError) -> None:
    try:
        raise error
    except RuntimeError:
        logs.logger().error("failed", exc_info=True)


def test_no_exception_is_nothing_to_tell(out: io.StringIO) -> None:
    logs.logger().info("fine", exc_info=True)
    [line] = written(out)
    assert "error" not in line


def test_lines_go_to_standard_output_unless_told_otherwise(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("WARNING")
    logs.logger().warning("here")
    logs.configure("WARNING", sys.stderr)
    logs.logger().warning("there")
    said = capsys.readouterr()
    assert '"here"' in said.out
    assert '"there"' in said.err


def test_a_line_that_cannot_be_written_is_lost_and_the_call_goes_on() -> None:
    reader, writer = os.pipe()
    broken = os.fdopen(writer, "w")
    logs.configure("INFO", broken)
    os.close(reader)
    logs.logger().warning("nobody reads this")
    logging.getLogger("library").warning("nor this")
    with suppress(BrokenPipeError):
        broken.close()
    logs.logger().warning("closed by now")
