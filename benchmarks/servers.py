"""The servers that are compared, each in a process: `python -m benchmarks.servers NAME`."""

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

import uvicorn
from benchmarks.sampling import Sampler
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

Ready = tuple[ASGIApp, dict[str, str]]
Opened = Callable[[int, Path], AbstractAsyncContextManager[Ready]]
"""From the port and a directory to write in: the application, and what its client must know."""
Context = ServerRequestContext[Any, Any]

WITHOUT_END = 1_000_000_000
"""Calls a minute: the limit is on and counts, but refuses nothing."""
ECHO_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"text": {"type": "string"}},
    "required": ["text"],
    "additionalProperties": False,
}


def guarded(log_level: str, *, oauth: bool = False) -> Opened:
    """Return our product as it is served, on a desk that costs nothing.

    With `oauth` a whole organisation stands behind the call (tenant, sealed connection, client
    and grant), and the token is signed by the authorization server; else the store has it.
    """

    @asynccontextmanager
    async def opened(port: int, directory: Path) -> AsyncGenerator[Ready]:
        # Not at the top: the peers' processes must not carry the product.
        from benchmarks.desk import null_desk  # noqa: PLC0415
        from benchmarks.organisation import access_token, stored_token  # noqa: PLC0415

        from helpdesk_mcp import app, settings  # noqa: PLC0415
        from helpdesk_mcp.crypto.keyring import new_line  # noqa: PLC0415
        from helpdesk_mcp.telemetry import logs  # noqa: PLC0415

        database = directory / "helpdesk-mcp.sqlite3"
        given = settings.load(
            env_file=None,
            database_url=f"sqlite+aiosqlite:///{database}",
            reads_per_minute=WITHOUT_END,
            log_level=log_level,
            public_url=f"http://127.0.0.1:{port}" if oauth else "",
            helpdesk_master_key=new_line(1) if oauth else "",
        )
        with _nowhere() as nowhere:
            logs.configure(given.level, nowhere)
            async with app.opened(given, await null_desk()) as product:
                site = product.site(port)
                made = access_token(product, site, given) if oauth else stored_token(product)
                yield site, {"token": await made, "database": str(database)}

    return opened


def sdk(*, json_response: bool) -> Opened:
    """Return a bare echo on the SDK's low-level server, in its fastest form: a known schema."""
    tools = [Tool(name="echo", description="Echo the text.", input_schema=ECHO_SCHEMA)]

    async def call(_: Context, params: CallToolRequestParams) -> CallToolResult:
        text = str((params.arguments or {})["text"])
        return CallToolResult(content=[TextContent(type="text", text=text)])

    return _sdk(tools, call, json_response=json_response)


def sdk_with_our_tools() -> Opened:
    """Return the SDK's low-level server with the tools that ours lists, made anew as it does."""

    def our_tools() -> list[Tool]:
        from helpdesk_mcp.tools.catalog import TOOLS  # noqa: PLC0415
        from helpdesk_mcp.web.tools import tool_for  # noqa: PLC0415

        return [tool_for(operation) for operation in TOOLS if operation.listed]

    async def call(_: Context, params: CallToolRequestParams) -> CallToolResult:
        raise NotImplementedError(params.name)

    return _sdk(our_tools(), call, json_response=False)


def _sdk(
    tools: list[Tool],
    call: Callable[[Context, CallToolRequestParams], Awaitable[CallToolResult]],
    *,
    json_response: bool,
) -> Opened:
    listed = ListToolsResult(tools=tools)

    async def every(_: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        del params
        return listed

    server: Server[Any] = Server(
        "echo",
        on_list_tools=every,
        on_call_tool=call,
        get_tool_input_schema={tool.name: tool.input_schema for tool in tools}.get,
    )
    return _plainly(server.streamable_http_app(stateless_http=True, json_response=json_response))


def fast_mcp(*, json_response: bool) -> Opened:
    """Return a bare echo on FastMCP, written as its documentation does."""
    from fastmcp import FastMCP  # noqa: PLC0415 -- its import takes seconds; the others do without

    server: Any = FastMCP("echo")

    async def echo(text: str) -> str:
        """Echo the text."""
        return text

    server.tool(echo)
    return _plainly(server.http_app(stateless_http=True, json_response=json_response))


def starlette_echo() -> Opened:
    """Return JSON in, JSON out: what any server on this stack costs at least."""

    async def echo(request: Request) -> Response:
        document = await request.json()
        answer = {"jsonrpc": "2.0", "id": document["id"], "result": document["params"]["arguments"]}
        return JSONResponse(answer)

    return _plainly(Starlette(routes=[Route("/mcp", echo, methods=["POST"])]))


def _plainly(app: ASGIApp) -> Opened:
    @asynccontextmanager
    async def opened(port: int, directory: Path) -> AsyncGenerator[Ready]:
        del port, directory
        yield app, {}

    return opened


SERVERS: dict[str, Callable[[], Opened]] = {
    "guarded": lambda: guarded("INFO"),
    "guarded-oauth": lambda: guarded("INFO", oauth=True),
    "guarded-quiet": lambda: guarded("WARNING"),
    "sdk": lambda: sdk(json_response=False),
    "sdk-json": lambda: sdk(json_response=True),
    "sdk-list": sdk_with_our_tools,
    "fastmcp": lambda: fast_mcp(json_response=False),
    "fastmcp-json": lambda: fast_mcp(json_response=True),
    "starlette": starlette_echo,
}


async def serve(name: str, core: int | None, samples: Path | None) -> None:
    """Serve until told to stop. Prints one line of JSON when ready: port, process and secrets."""
    signal.signal(signal.SIGTERM, _end)
    if core is not None:
        os.sched_setaffinity(0, {core})
    with tempfile.TemporaryDirectory() as directory, _listening() as listener:
        port: int = listener.getsockname()[1]
        async with SERVERS[name]()(port, Path(directory)) as (app, facts):
            server = uvicorn.Server(_config(app))
            sampler = Sampler() if samples else None
            if sampler is not None:
                asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, sampler.start)
            print(json.dumps({"port": port, **facts}), flush=True)
            with suppress(SystemExit):
                await server.serve(sockets=[listener])
            if sampler is not None and samples is not None:
                _write(samples / f"{name}.json", sampler.stop())


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _write(place: Path, samples: dict[str, int]) -> None:
    place.write_text(json.dumps(samples), encoding="utf-8")


def _end(number: int, _: object) -> None:
    """Die in order when told to before serving; uvicorn, which repeats the signal, has served."""
    del number
    raise SystemExit(0)


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )


def _listening() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    return listener


def main(name: str, core: str = "", samples: str = "") -> None:
    import uvloop  # noqa: PLC0415 -- where it is installed it is used, as by the product

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        place = Path(samples) if samples else None
        runner.run(serve(name, int(core) if core else None, place))


if __name__ == "__main__":
    main(*sys.argv[1:])
