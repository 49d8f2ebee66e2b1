"""The request log: method, path, status and time; nothing that a request carried."""

import io
import json

import httpx2

from helpdesk_mcp.app import opened
from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.settings import load
from helpdesk_mcp.telemetry import logs


async def test_a_request_leaves_a_line_without_its_secrets_at_debug() -> None:
    stream = io.StringIO()
    logs.configure("DEBUG", stream)
    settings = load(env_file=None, database_url="sqlite+aiosqlite://", mcp_debug=True)
    async with opened(settings, MemoryDesk()) as product:
        transport = httpx2.ASGITransport(product.site(8001))
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://localhost:8001"
        ) as http:
            await http.get(
                "/tickets?requester=ana@example.com&token=hdm_secret",
                headers={"Authorization": "Bearer hdm_secret"},
            )
            await http.get("/join/Zm9yIGFueWJvZHkncyBleWVzIG9ubHk")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    line, joining = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/tickets", 401)
    assert joining["path"] == "/join/…"
    assert "hdm_secret" not in stream.getvalue()
    assert "ana@example.com" not in stream.getvalue()
