"""Certified relying parties (npm `openid-client`, `oauth4webapi`), each in its own process."""

import json
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
from anyio.streams.buffered import BufferedByteReceiveStream
from tests.oidc.provider import NODE, require

DRIVERS = Path(__file__).parent / "drivers"
Document = dict[str, Any]
Visit = Callable[[str], Awaitable[str]]
"""Open an address in a browser and return where the browser was sent in the end."""


async def relying_party(driver: str, visit: Visit, **given: Any) -> Document:
    """Run a driver; `visit` is its person. Returns its report; its refusal fails the test."""
    require()
    command = [str(NODE), str(DRIVERS / f"{driver}.mjs"), json.dumps(given)]
    with anyio.fail_after(60):
        async with await anyio.open_process(command, stdin=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            lines = BufferedByteReceiveStream(process.stdout)
            try:
                while True:
                    said = json.loads(await lines.receive_until(b"\n", 100_000))
                    if "report" in said:
                        return said["report"]
                    left = await visit(said["open"])
                    await process.stdin.send(json.dumps({"left": left}).encode() + b"\n")
            except (anyio.IncompleteRead, anyio.BrokenResourceError):
                assert process.stderr is not None
                complaint = b"".join([part async for part in process.stderr])
                raise AssertionError(complaint.decode()) from None
