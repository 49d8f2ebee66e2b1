"""The edge serves so many requests at once and no more."""

import anyio
import httpx2
from starlette.types import Receive, Scope, Send

from helpdesk_mcp.web.edge import Edge, EdgeLimits


async def test_beyond_the_most_that_run_at_once_a_request_is_told_to_come_back() -> None:
    entered, leave = anyio.Event(), anyio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        entered.set()
        await leave.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    edge = Edge(slow, allowed_hosts=["here"], limits=EdgeLimits(max_running=1))
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(edge), base_url="http://here"
    ) as http:
        answers: list[int] = []

        async def ask() -> None:
            answers.append((await http.get("/")).status_code)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            await entered.wait()
            crowded = await http.get("/")
            assert (crowded.status_code, crowded.headers["retry-after"]) == (503, "1")
            leave.set()
        after = await http.get("/")
    assert (answers, after.status_code) == ([200], 200)
