"""Error codes and reasons, read from where the source raises them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from scripts.reference.markdown import code, codes, page, table

from helpdesk_mcp.domain.errors import RETRYABLE, Code, HelpdeskError, Written
from helpdesk_mcp.web.problems import TITLES, status_of

SOURCE = Path(__file__).parents[2] / "src" / "helpdesk_mcp"
ADVICE = {
    Code.INVALID: "Correct the call; the message names each bad argument and the valid values.",
    Code.DENIED: "Ask whoever runs the server; the message names the missing scope.",
    Code.NOT_FOUND: "Check the id; search for the thing.",
    Code.CONFLICT: "Read the ticket again, then decide.",
    Code.RATE_LIMITED: "Wait `retry_after` seconds.",
    Code.UNAVAILABLE: "Look at `written`; if it is `no`, try again later.",
    Code.INTERNAL: "A bug: give the operator the reference that the message holds.",
}
WRITTEN = {
    Written.NO: "Nothing was written.",
    Written.PARTLY: "A first step was written, a later one was not; the message says which.",
    Written.UNKNOWN: "It may have been written: read the ticket before you repeat the call.",
}
CLASSES = {kind.__name__: kind.code for kind in HelpdeskError.__subclasses__()}
VARIES = "…"
Raised = tuple[str, str, str]
"""A code, a reason and a message."""


def errors_page() -> str:
    said: dict[tuple[str, str], list[str]] = {}
    for name, reason, message in sorted(set(raised())):
        if reason != VARIES:
            said.setdefault((name, reason), []).append(message)
    rows = [
        (
            code(name),
            code(reason),
            " · ".join(_told(messages)),
        )
        for (name, reason), messages in sorted(said.items(), key=lambda each: _order(each[0]))
    ]
    return page(
        "Errors",
        "An error is the same object everywhere: `structuredContent.error` of an MCP tool result "
        "with `isError`, and the members of a problem document (RFC 9457) in REST.\n"
        "`code` is one of seven, `reason` is a stable word for programs, `message` (`detail` in "
        "REST) is for people and models.\nMessages never hold secrets, addresses with queries, "
        "or what a ticket says.",
        "## Codes",
        table(
            ("code", "means", "REST status", "may work later", "what to do"),
            [
                (
                    code(each),
                    TITLES[each] + ".",
                    str(status_of(_error(each)).value),
                    "yes" if each in RETRYABLE else "no",
                    ADVICE[each],
                )
                for each in Code
            ],
        ),
        "A failed `If-Match` is 412, a body that is no JSON 400, another content type 415, a "
        "method that an address does not take 405, a help desk that is too slow 504.",
        "## Was it written?",
        f"Errors {codes((Code.UNAVAILABLE, Code.INTERNAL, Code.CONFLICT))} carry `written`.",
        table(("written", "means"), [(code(each), WRITTEN[each]) for each in Written]),
        "## Reasons",
        "`…` stands for what differs from case to case.",
        table(("code", "reason", "messages"), rows),
    )


def raised() -> Iterator[Raised]:
    """Yield what the source raises with a text of its own."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in CLASSES and node.args:
                name = CLASSES[node.func.id].value
                reason = next((_text(k.value) for k in node.keywords if k.arg == "reason"), name)
                yield name, reason, _text(node.args[0])
            elif node.func.id == "Refused" and path.name == "policy.py":
                yield Code.DENIED.value, _text(node.args[0]), _text(node.args[1])
            elif node.func.id == "Meaning":
                said = {k.arg: k.value for k in node.keywords}
                name = CLASSES[ast.unparse(said["kind"])].value
                message = _text(said["message"]).replace("{fields}", VARIES)
                yield name, _text(said["reason"]), message


def _text(node: ast.expr) -> str:
    """Return a message as far as it is written down; `…` stands for the rest."""
    if isinstance(node, ast.Constant):
        return " ".join(str(node.value).split())
    if not isinstance(node, ast.JoinedStr):
        return VARIES
    parts = (str(part.value) if isinstance(part, ast.Constant) else VARIES for part in node.values)
    return re.sub(f"{VARIES}+", VARIES, " ".join("".join(parts).split()))


def _told(messages: list[str]) -> list[str]:
    return [message for message in messages if message != VARIES] or [VARIES]


def _error(each: Code) -> HelpdeskError:
    kind = next(kind for kind in HelpdeskError.__subclasses__() if kind.code is each)
    return kind("")


def _order(key: tuple[str, str]) -> tuple[int, str]:
    return list(Code).index(Code(key[0])), key[1]
