"""Write docs/reference/hostile-cases.md from the tests; with `--check` say if it is out of date."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.numbered import AUTHORIZATION, CASES, KEYS_AND_DATA, MCP, TENANTS

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reference" / "hostile-cases.md"
NAMED = re.compile(r"test_((?:(?:[mat]\d\d|s1[4-9]|d0[7-9]|d10)_)+|stdio_)(.+)")
"""A test's name: the cases that it proves, then what comes of them."""
INTRODUCTION = """# Hostile cases

<!-- Written by scripts/cases from the tests. Change the tests, then run scripts/cases. -->

A case is an input and what must come of it.
Its tests carry its number, and this page is made from their names.
"""
PARTS = (
    (
        "At the door of MCP",
        """Each goes through the whole product on a real port: server, edge, authentication, guard,
SDK, pipeline, desk, and the audit trail in a file.
After each, `tests/hostile` checks that no answer was a server error, that nothing internal and no
secret stands in an answer or the log, that every attempted action left exactly one audit event,
that nothing was written to the desk, and that the next good request works.""",
        MCP,
    ),
    (
        "At the authorization server",
        "Where something is stored, the tests run on SQLite and on PostgreSQL.",
        AUTHORIZATION,
    ),
    (
        "Between tenants",
        """Another tenant's id and an id that nobody has get the same answer.
What a program forgets, row-level security of PostgreSQL refuses.""",
        TENANTS,
    ),
    ("Keys and personal data", "Secrets are sealed, and no sink shows them.", KEYS_AND_DATA),
)


def page() -> str:
    found = dict(_tests())
    return INTRODUCTION + "".join(_part(found, *part) for part in PARTS)


def _part(found: dict[str, list[str]], title: str, words: str, cases: dict[str, str]) -> str:
    rows = [f"| {_name(case)} | {cases[case]} | {_listed(found, case)} |\n" for case in cases]
    head = f"\n## {title}\n\n{words}\n\n| case | input | tests |\n|---|---|---|\n"
    return head + "".join(rows)


def unnamed() -> set[str]:
    """Return cases that no test is named after."""
    return CASES.keys() - {case for case, _ in _tests()}


def _tests() -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for file in sorted(HERE.parent.rglob("test_*.py")):
        if "node_modules" in file.parts:
            continue
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                if match := NAMED.match(node.name):
                    for case in match[1].rstrip("_").split("_"):
                        found.setdefault(case, []).append(match[2])
                elif file.stem == "test_desk_faults" and node.name.startswith("test_"):
                    found.setdefault("desk", []).append(node.name.removeprefix("test_"))
    yield from found.items()


def _name(case: str) -> str:
    return case.upper() if case[1:].isdigit() else case


def _listed(found: dict[str, list[str]], case: str) -> str:
    return "<br>".join(name.replace("_", " ") for name in found.get(case, ()))


def main(arguments: list[str]) -> int:
    """Return 1 if the page does not agree with the tests and may not be written."""
    text = page()
    stale = not PAGE.exists() or PAGE.read_text("utf-8") != text
    if stale and "--check" not in arguments:
        PAGE.write_text(text, "utf-8")
    return int(stale and "--check" in arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
