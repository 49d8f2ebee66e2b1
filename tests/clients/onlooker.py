"""Runs a program that opens a browser itself: reads the address it prints and is that browser."""

import os
import re
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import anyio
import httpx2
from anyio.abc import ByteReceiveStream
from tests.clients.workshop import NODE, require

ADDRESS = re.compile(
    r"https?://[^\s\x00-\x1f\x7f\"'<>]+[?&]code_challenge=[^\s\x00-\x1f\x7f\"'<>]+"
)
Visit = Callable[[str], Awaitable[str]]
"""Open an address as a person and return where the browser was sent in the end."""


async def watched(
    command: list[str], visit: Visit, home: Path, environment: Mapping[str, str]
) -> str:
    """Run a program to its end and return what it wrote on stdout."""
    require(command)
    surroundings = {
        "PATH": os.pathsep.join([str(NODE.parent), os.defpath]),
        "HOME": str(home),
        "BROWSER": "/bin/false",
        **environment,
    }
    said: list[str] = []
    complained: list[str] = []
    with anyio.fail_after(90):
        async with await anyio.open_process(
            command, stdin=subprocess.PIPE, env=surroundings
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            seen: set[str] = set()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_read, process.stdout, said, visit, seen)
                tasks.start_soon(_read, process.stderr, complained, visit, seen)
            await process.wait()
    assert process.returncode == 0, "".join(complained)[-4_000:]
    return "".join(said)


async def _read(stream: ByteReceiveStream, into: list[str], visit: Visit, seen: set[str]) -> None:
    async for part in stream:
        into.append(part.decode("utf-8", "replace"))
        text = "".join(into)
        if (found := ADDRESS.search(text)) and text[found.end() :] and found[0] not in seen:
            seen.add(found[0])
            left = await visit(found[0])
            async with httpx2.AsyncClient(trust_env=False) as browser:
                await browser.get(left)
