"""The official MCP conformance suite, through the whole site with authentication on."""

from collections.abc import Generator
from pathlib import Path

import pytest
from tests.conformance.harness import (
    require_suite,
    verdicts_for_revision,
    verdicts_on_the_wire_of,
)
from tests.conformance.subject import product
from tests.helpdesk import desk_template, start_copy

from helpdesk_demo.desk.process import DeskProcess

FEW = 40  # tickets: the least that a seeded help desk can have

# Without sessions there is no way back to a client of 2025-11-25 or older, so what asks it
# something cannot work there. The product asks nothing on those revisions.
NEEDS_A_SESSION = {
    "tools-call-sampling",
    "tools-call-elicitation",
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
}
# What needs no fixture: here nothing but the product answers.
ANY_SERVER = {
    "caching",
    "completion-complete",
    "dns-rebinding-protection",
    "input-required-result-unsupported-methods",
    "prompts-list",
    "resources-list",
    "sep-2164-resource-not-found",
    "server-sse-multiple-streams",
    "tools-list",
}
# The suite also runs, unscored, what extends the protocol. Of that the product has no tasks.
NOT_OFFERED = "tasks-"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Generator[DeskProcess]:
    require_suite()
    template = desk_template(tmp_path_factory, tickets=FEW)
    with start_copy(template, tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.mark.parametrize("legacy_sessions", [False, True])
async def test_everything_that_2026_07_28_requires_passes(
    *, legacy_sessions: bool, desk: DeskProcess, tmp_path: Path, out: Path
) -> None:
    async with product(tmp_path, desk, legacy_sessions=legacy_sessions) as it:
        found = await verdicts_for_revision(it.site_with_everything, it.token, "2026-07-28", out)

    assert (found.failed, len(found.passed)) == (set(), 37), found.failures
    assert {name for name in found.failures if not name.startswith(NOT_OFFERED)} == set()


async def test_the_product_alone_passes_what_needs_no_fixture(
    desk: DeskProcess, tmp_path: Path, out: Path
) -> None:
    async with product(tmp_path, desk) as it:
        found = await verdicts_for_revision(it.site, it.token, "2026-07-28", out)

    assert ANY_SERVER - found.passed == set(), found.failures


async def test_everything_that_2025_11_25_requires_passes_with_sessions(
    desk: DeskProcess, tmp_path: Path, out: Path
) -> None:
    async with product(tmp_path, desk, legacy_sessions=True) as it:
        found = await verdicts_for_revision(it.site_with_everything, it.token, "2025-11-25", out)

    assert (found.failed, len(found.passed)) == (set(), 30), found.failures


async def test_without_sessions_only_what_needs_them_fails_on_2025_11_25(
    desk: DeskProcess, tmp_path: Path, out: Path
) -> None:
    async with product(tmp_path, desk) as it:
        found = await verdicts_for_revision(it.site_with_everything, it.token, "2025-11-25", out)

    assert (found.failed, len(found.passed)) == (NEEDS_A_SESSION, 26), found.failures


@pytest.mark.parametrize(("version", "scenarios"), [("2025-06-18", 27), ("2025-03-26", 1)])
async def test_an_older_wire_is_served_in_full_with_sessions(
    version: str, scenarios: int, desk: DeskProcess, tmp_path: Path, out: Path
) -> None:
    async with product(tmp_path, desk, legacy_sessions=True) as it:
        found = await verdicts_on_the_wire_of(it.site_with_everything, it.token, version, out)

    assert (found.failed, len(found.passed)) == (set(), scenarios), found.failures


@pytest.mark.parametrize(("version", "scenarios"), [("2025-06-18", 25), ("2025-03-26", 1)])
async def test_an_older_wire_without_sessions_lacks_only_what_needs_them(
    version: str, scenarios: int, desk: DeskProcess, tmp_path: Path, out: Path
) -> None:
    async with product(tmp_path, desk) as it:
        found = await verdicts_on_the_wire_of(it.site_with_everything, it.token, version, out)

    assert found.failed <= NEEDS_A_SESSION, found.failures
    assert len(found.passed) == scenarios
