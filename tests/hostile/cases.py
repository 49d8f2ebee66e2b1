"""Write docs/reference/hostile-cases.md from the tests; with `--check` say if it is out of date."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reference" / "hostile-cases.md"
CASES = {
    "m01": "No token, a malformed one, another scheme, two of them",
    "m02": "A token in the query",
    "m03": "A token without the scopes of a tool",
    "m04": "A token for another resource. Tokens are opaque and looked up in this deployment's "
    "store: one made elsewhere is unknown. Audiences come with the authorization server",
    "m05": "Pages of other origins",
    "m06": "Other, doubled and missing hosts",
    "m07": "Forwarded headers from anybody",
    "m08": "Other media types and character sets",
    "m09": "Compressed bodies",
    "m10": "Clients that do not take both kinds of answer",
    "m11": "Bodies over the limit",
    "m12": "Deep and crowded bodies",
    "m13": "A name twice in one object",
    "m14": "What is not JSON, and texts and numbers nobody can store",
    "m15": "Batches and other things that are not one request",
    "m16": "Ids that no client can match",
    "m17": "Envelopes of another shape",
    "m18": "Unknown methods",
    "m19": "Routing headers that do not repeat the body",
    "m20": "Arguments in headers. No tool of ours announces any, so none is read",
    "m21": "A version that header and body do not agree on",
    "m22": "Versions nobody knows",
    "m23": "Requests without their envelope",
    "m24": "Unknown tools",
    "m25": "Arguments of another type, size or name, for every tool",
    "m26": "Secrets in the text of an unexpected error",
    "m27": "Clients that leave in the middle of a call",
    "m28": "Cancellations for other connections' calls",
    "m29": "Forged, foreign and ended sessions",
    "m30": "Sessions and streams opened without end",
    "m31": "Other HTTP methods",
    "m32": "Request states. None is ever handed out, so every one is refused",
    "m33": "Handles of other callers. Cursors hold positions only; files belong to their ticket",
    "m34": "Subscriptions and tasks. None are offered: their methods are unknown",
    "m35": "Schemas that fetch, recurse or backtrack. All are our own",
    "m36": "Bytes that are hardly HTTP",
    "m37": "Clients that never finish",
    "m38": "Callers beyond their rate",
    "stdio": "Bad input on standard input",
    "desk": "Help desks that go wrong (a real django-helpdesk behind a faulty line)",
}
"""M01-M38 are the product's own numbering of hostile input at its MCP door."""
INTRODUCTION = """# Hostile cases

<!-- Written by scripts/cases from the tests. Change the tests, then run scripts/cases. -->

Each case goes through the whole product on a real port: server, edge, authentication, guard, SDK,
pipeline, desk, and the audit trail in a file.
After each, `tests/hostile` checks that no answer was a server error, that nothing internal and no
secret stands in an answer or the log, that every attempted action left exactly one audit event,
that nothing was written to the desk, and that the next good request works.

| case | input | tests |
|---|---|---|
"""


def page() -> str:
    found = dict(_tests())
    rows = [f"| {_name(case)} | {CASES[case]} | {_listed(found, case)} |\n" for case in CASES]
    return INTRODUCTION + "".join(rows)


def unnamed() -> set[str]:
    """Return cases that no test is named after."""
    return CASES.keys() - {case for case, _ in _tests()}


def _tests() -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for file in sorted(HERE.glob("test_*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                match = re.match(r"test_(m\d\d|stdio)_(.+)", node.name)
                if match:
                    found.setdefault(match[1], []).append(match[2])
                elif file.stem == "test_desk_faults" and node.name.startswith("test_"):
                    found.setdefault("desk", []).append(node.name.removeprefix("test_"))
    yield from found.items()


def _name(case: str) -> str:
    return case.upper() if case.startswith("m") else case


def _listed(found: dict[str, list[str]], case: str) -> str:
    return "<br>".join(name.replace("_", " ") for name in found[case])


def main(arguments: list[str]) -> int:
    """Return 1 if the page does not agree with the tests and may not be written."""
    text = page()
    stale = not PAGE.exists() or PAGE.read_text("utf-8") != text
    if stale and "--check" not in arguments:
        PAGE.write_text(text, "utf-8")
    return int(stale and "--check" in arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
