"""What a desk also wants of a record is named with what it takes, so that the next call works."""

import re
from typing import Any

import pytest
from tests.desks.servicedesk import bench
from tests.tools.asking import Asking

from helpdesk_mcp.desks.servicedeskplus.editions import EditionName
from helpdesk_mcp.domain.errors import Code, HelpdeskError

EDITIONS = pytest.mark.parametrize("edition", ["onprem", "cloud"])
Given = dict[str, Any]
# Tool, what is given, what the desk's template wants, and our names of it.
NEEDS: tuple[tuple[str, Given, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "create_problem",
        {"title": "T"},
        ("problems.category", "problems.impact"),
        ("category", "impact"),
    ),
    ("create_problem", {"title": "T"}, ("problems.group", "problems.site"), ("queue", "site")),
    (
        "create_change",
        {"title": "T"},
        ("changes.change_type", "changes.priority"),
        ("kind", "priority"),
    ),
    (
        "create_project",
        {"title": "T"},
        ("projects.type", "projects.priority"),
        ("kind", "priority"),
    ),
    (
        "create_project_milestone",
        {"project_id": "$project", "title": "T"},
        ("milestones.priority",),
        ("priority",),
    ),
    (
        "create_project_task",
        {"project_id": "$project", "title": "T"},
        ("tasks.priority",),
        ("priority",),
    ),
    (
        "add_task",
        {"ticket_id": "$ticket", "title": "T"},
        ("tasks.priority", "tasks.group"),
        ("priority", "queue"),
    ),
    (
        "add_worklog",
        {"ticket_id": "$ticket", "time_spent": "30", "description": "D"},
        ("worklogs.type",),
        ("kind",),
    ),
    (
        "create_asset",
        {"name": "T", "product": "Nimbus 14", "tag": "T"},
        ("assets.site", "assets.state"),
        ("site", "state"),
    ),
    ("create_article", {"title": "T", "answer": "A"}, (), ("category",)),
    ("create_configuration_item", {"name": "T", "kind": "Server"}, ("cmdb.site",), ("site",)),
)


@EDITIONS
async def test_each_module_names_what_is_missing_and_takes_what_it_named(
    edition: EditionName, subtests: pytest.Subtests
) -> None:
    async with bench(edition) as made:
        ask = Asking(made.desk)
        known = {
            "$project": (await ask("create_project", title="Move"))["id"],
            "$ticket": (await ask("create_ticket", subject="Printer"))["ticket_id"],
        }
        for tool, given, wanted, ours in NEEDS:
            with subtests.test(tool):
                made.raw.turn(module_mandatory=list(wanted))
                filled = {name: known.get(value, value) for name, value in given.items()}
                with pytest.raises(HelpdeskError) as refused:
                    await ask(tool, **filled)
                assert (refused.value.code, refused.value.reason) == (
                    Code.INVALID,
                    "missing_fields",
                )
                offered = choices(refused.value.message)
                assert tuple(offered) == ours
                receipt = await ask(tool, **filled, **{name: offered[name][0] for name in ours})
                assert receipt["id"]


@EDITIONS
async def test_a_person_who_is_missing_is_named_without_a_list_of_everybody(
    edition: EditionName,
) -> None:
    async with bench(edition, module_mandatory=["problems.technician"]) as made:
        ask = Asking(made.desk)
        with pytest.raises(HelpdeskError, match="also needs `assignee`") as refused:
            await ask("create_problem", title="T")
        assert "Valid" not in refused.value.message
        assert (await ask("create_problem", title="T", assignee="Alice Nguyen"))["id"]


@EDITIONS
async def test_a_closing_code_that_a_module_wants_is_named_and_the_next_call_gives_it(
    edition: EditionName,
) -> None:
    tables = ("problems", "changes")
    wanted = [f"{table}.close_details.closure_code" for table in tables]
    async with bench(edition, module_mandatory=wanted) as made:
        ask = Asking(made.desk)
        problem = {"problem_id": (await ask("create_problem", title="T"))["id"]}
        change = {"change_id": (await ask("create_change", title="T"))["id"]}
        await ask("update_change", **change, stage="Review")
        for tool, which in (("close_problem", problem), ("complete_change", change)):
            with pytest.raises(HelpdeskError) as refused:
                await ask(tool, **which, comment="Done")
            offered = choices(refused.value.message)
            assert list(offered) == ["code"]
            done = await ask(tool, **which, comment="Done", code=offered["code"][0])
            assert done["changes"][-1]["after"] == "Closed"


async def test_a_closing_code_that_the_desk_does_not_have_is_refused_and_nothing_closes() -> None:
    async with bench("onprem") as made:
        ask = Asking(made.desk)
        problem = {"problem_id": (await ask("create_problem", title="T"))["id"]}
        with pytest.raises(HelpdeskError, match="Success"):
            await ask("close_problem", **problem, comment="Done", code="no such code")
        assert (await ask("get_problem", **problem))["status"] == "Open"


def choices(message: str) -> dict[str, list[str]]:
    """Return what a refusal offers for each of our arguments."""
    told = message.partition("Valid: ")[2].removesuffix(".")
    parts = (re.fullmatch(r"`(\w+)`: (.+)", part) for part in told.split("; "))
    return {part[1]: part[2].split(", ") for part in parts if part}
