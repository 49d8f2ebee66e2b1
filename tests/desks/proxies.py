"""An HTTP proxy on loopback that tunnels and keeps count, and a certificate to serve TLS with."""

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.desks.servers import listening


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Return a certificate of 127.0.0.1 and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl program to make a certificate")
    certificate, key = folder / "desk.pem", folder / "desk.key"
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, "req", *options, *names, *files], check=True, capture_output=True)  # noqa: S603
    return certificate, key


@dataclass(slots=True)
class ConnectProxy:
    """`tunnels` are the targets of CONNECT so far; `refuses` answers them with 403."""

    url: str = ""
    refuses: bool = False
    tunnels: list[str] = field(default_factory=list[str])
    logins: list[str] = field(default_factory=list[str])

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *headers = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = first.split()
        assert method == "CONNECT"
        self.tunnels.append(target)
        self.logins += [h for h in headers if h.lower().startswith("proxy-authorization:")]
        if self.refuses:
            writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()
        else:
            await self._tunnel(target, reader, writer)

    async def _tunnel(
        self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        host, _, port = target.rpartition(":")
        there, onward = await asyncio.open_connection(host, int(port))
        pipes = {
            asyncio.create_task(_pipe(reader, onward)),
            asyncio.create_task(_pipe(there, writer)),
        }
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in (onward, writer):
                end.transport.abort()
            await asyncio.gather(*pipes, return_exceptions=True)


async def _pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()


@asynccontextmanager
async def connect_proxy() -> AsyncGenerator[ConnectProxy]:
    made = ConnectProxy()
    async with listening(made) as made.url:
        yield made
