"""The page of OpenID modules names every module of the plans, and only tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "openid-conformance.md"
ROW = re.compile(r"^\| `(oidcc-[\w-]+)` \| ([\w, ]+) \| (.+) \|$", re.MULTILINE)
MODULES = {"Basic": 38, "Config": 1, "Dynamic": 23}


def test_every_module_of_the_plans_has_a_row() -> None:
    rows = ROW.findall(PAGE.read_text("utf-8"))
    plans = [plan for _, named, _ in rows for plan in named.split(", ")]
    assert {plan: plans.count(plan) for plan in MODULES} == MODULES
    assert len({module for module, _, _ in rows}) == len(rows) == 57


def test_every_row_has_a_test_that_there_is_or_a_reason() -> None:
    written = "\n".join(
        file.read_text("utf-8")
        for folder in ("outside", "oauth")
        for file in (ROOT / "tests" / folder).glob("test_*.py")
    )
    there = set(re.findall(r"def (test_\w+)\(", written))
    for module, _, proof in ROW.findall(PAGE.read_text("utf-8")):
        named = re.findall(r"`(test_\w+)`", proof)
        assert named or proof.startswith("Does not apply: "), module
        assert set(named) <= there, module
