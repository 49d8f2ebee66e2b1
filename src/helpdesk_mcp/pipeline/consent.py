"""Calls that wait for a person's word: asked once, taken once, and told in plain words."""

import hashlib
from typing import Any

from pydantic_core import to_json

from helpdesk_mcp.domain.approvals import Approvals, Question, Verdict
from helpdesk_mcp.domain.errors import Denied
from helpdesk_mcp.pipeline.calls import Record


async def ask(approvals: Approvals | None, record: Record, masked: dict[str, Any]) -> None:
    """Return when this call was approved. Raises Denied that says who must approve, and then."""
    if approvals is None:
        raise Denied(
            "This needs an approval, and nobody can give one on this server. Nothing was done.",
            reason="needs_approval",
        )
    question = Question(
        operation=record.tool,
        digest=digest(record.tool, record.arguments),
        target=record.target,
        arguments=masked,
    )
    verdict = await approvals.check(record.call.principal, question)
    if verdict is Verdict.APPROVED:
        return
    if verdict is Verdict.REFUSED:
        raise Denied(
            "An administrator of your organisation refused this call. Nothing was done.",
            reason="approval_refused",
        )
    raise Denied(
        "This needs the approval of an administrator of your organisation, who has been asked. "
        "Nothing was done. Once it is approved in the console, repeat exactly this call.",
        reason="needs_approval",
    )


def digest(operation: str, arguments: dict[str, Any]) -> str:
    """Return the same 64 hexadecimal digits for the same call, in whatever order it was written."""
    canonical = to_json({"operation": operation, "arguments": sorted(arguments.items())})
    return hashlib.sha256(canonical).hexdigest()
