"""Traces leave for the endpoint that is configured, and join the caller's own trace."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from subprocess import run
from threading import Thread

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ONE_CALL = """
import sys
import anyio
from opentelemetry import trace
from helpdesk_mcp.app import STDIO, opened
from helpdesk_mcp.desks.memory import MemoryDesk
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
    trace.get_tracer_provider().force_flush()

anyio.run(main)
"""


def test_a_call_becomes_a_span_of_the_callers_trace() -> None:
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
            [sys.executable, "-c", ONE_CALL, endpoint, TRACE],
            check=False,
            capture_output=True,
            timeout=60,
        )
        collector.shutdown()
    assert ended.returncode == 0, ended.stderr.decode()
    ((path, body),) = got
    assert path == "/v1/traces"
    assert b"call get_queues" in body
    assert bytes.fromhex(TRACE) in body
