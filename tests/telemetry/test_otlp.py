"""Traces leave for the endpoint that is configured, and join the caller's own trace."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from subprocess import run
from threading import Thread

CANARY = "canary-6621-in-a-trace"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ONE_CALL = """
import socket
import sys
import anyio
import httpx2
from tests.conformance.harness import served
from opentelemetry import trace
from helpdesk_mcp.app import STDIO, opened, tokens
from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.principals import EVERY_SCOPE
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.settings import load

async def main():
    settings = load(
        env_file=None,
        database_url="sqlite+aiosqlite://",
        otel_exporter_otlp_endpoint=sys.argv[1],
    )
    async with opened(settings, MemoryDesk()) as product:
        parent = f"00-{sys.argv[2]}-00f067aa0ba902b7-01"
        await product.pipeline.run(
            Call(principal=STDIO, operation="get_queues", arguments={}, origin="rest",
                 traceparent=parent)
        )
        await through_mcp(product, sys.argv[3])
    trace.get_tracer_provider().force_flush()

async def through_mcp(product, canary):
    # Put it where a caller can put a text: names, ids, arguments, and where the SDK looks too.
    _, token = await tokens(product.database).create(
        name="n", subject="s", client="c", scopes=EVERY_SCOPE, expires_at=None
    )
    envelope = {"io.modelcontextprotocol/" + name: value for name, value in {
        "protocolVersion": "2026-07-28", "clientCapabilities": {},
        "clientInfo": {"name": canary, "version": canary}}.items()}
    asked = [
        (canary, "tools/call", {"name": canary, "arguments": {canary: canary}}),
        (canary, "tools/call", {"name": "get_ticket", "arguments": {"ticket_id": canary}}),
        (canary, "tools/call", {"name": "create_ticket", "arguments": {"subject": canary}}),
        (canary, "prompts/get", {"name": canary, "arguments": {"queue": canary}}),
        (canary, "resources/read", {"uri": "ticket://" + canary}),
        (1, canary, {}),
    ]
    door = socket.create_server(("127.0.0.1", 0))
    port = door.getsockname()[1]
    async with served(product.site(port), door), httpx2.AsyncClient(trust_env=False) as http:
        for id, method, params in asked:
            named = params.get("name") or params.get("uri")
            headers = {"Authorization": "Bearer " + token, "MCP-Protocol-Version": "2026-07-28",
                       "Accept": "application/json, text/event-stream", "Mcp-Method": method}
            headers |= {"Mcp-Name": named} if named else {}
            params["_meta"] = envelope
            document = {"jsonrpc": "2.0", "id": id, "method": method, "params": params}
            answer = await http.post(
                f"http://127.0.0.1:{port}/mcp", json=document, headers=headers)
            assert answer.status_code in {200, 400, 404}, answer.text

anyio.run(main)
"""


def test_d09_a_call_becomes_a_span_of_the_callers_trace_without_what_it_said() -> None:
    got: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- as inherited
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as collector:
        Thread(target=collector.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{collector.server_address[1]}"
        ended = run(  # noqa: S603 -- our own interpreter
            [sys.executable, "-c", ONE_CALL, endpoint, TRACE, CANARY],
            check=False,
            capture_output=True,
            timeout=60,
        )
        collector.shutdown()
    assert ended.returncode == 0, ended.stderr.decode()
    assert {path for path, _ in got} == {"/v1/traces"}
    body = b"".join(body for _, body in got)
    for span in (b"call get_queues", b"call get_ticket", b"call unknown"):
        assert span in body
    assert bytes.fromhex(TRACE) in body
    assert CANARY.encode() not in body
