"""What every Python client does with a help desk: look around, list, create, read back."""

import json
import os
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

SUBJECT = os.environ["MCP_SUBJECT"]  # noqa: TID251 - a program of its own
TOKEN = os.environ.get("MCP_TOKEN", "")  # noqa: TID251 - as above
BEARER = {"Authorization": f"Bearer {TOKEN}"}

Call = Callable[[str, dict[str, Any]], Awaitable[Any]]


async def travel(version: str | None, tools: Iterable[str], call: Call) -> None:
    """Print one JSON line; `call` returns a tool result of whatever SDK is driven."""
    listed = words(await call("list_tickets", {"page_size": 2}))
    draft = {"subject": SUBJECT, "description": SUBJECT, "queue": "IT Support"}
    created = words(await call("create_ticket", draft))
    found = re.search(r"ticket_id\W+([\w-]+)", created)
    ticket = words(await call("get_ticket", {"ticket_id": found[1] if found else ""}))
    report(version, tools, ok=bool(listed) and SUBJECT in ticket)


def words(result: Any) -> str:
    """Return the text of a result and fail on an error: attributes differ between SDK versions."""
    text = "\n".join(getattr(block, "text", "") for block in result.content)
    if getattr(result, "is_error", getattr(result, "isError", False)):
        raise SystemExit(text)
    return text


def report(version: str | None, tools: Iterable[str], *, ok: bool) -> None:
    print(json.dumps({"version": version, "tools": sorted(tools), "ok": ok}))  # noqa: T201 - its result
