"""T01: for every tool, another organisation's id and an id that nobody has are one answer."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from tests.hostile.arguments import right
from tests.pipeline.two_organisations import Organisation, Told, TwoOrganisations, two_organisations
from tests.stores.opening import opened

from helpdesk_mcp.domain.operations import AnyOperation, Effect
from helpdesk_mcp.pipeline.aiming import is_id
from helpdesk_mcp.tools.catalog import TOOLS

Place = tuple[str | int, ...]
PEOPLE = frozenset({"assignee", "requester", "owner", "user", "manager", "managed_by", "approvers"})
NAMES = PEOPLE | {"queue", "cursor", "tickets"}
"""Arguments that are no ids by their name, and still name what one organisation has."""
SPECIAL = {"others": "other ticket", "tickets": "ticket", "other_id": "other item"}
NOBODYS = {"queue": "Nobody desk", "person": "nobody"}
"""As long as globex's own; of everything else the number that no desk has."""
NO_NUMBER = "69"
WRITTEN = "<given>"
"""Stands in answers for what was asked: where that is kept as it is written, all is alike."""
LISTS = 8
"""Tools, at least, whose lists have a second page here."""
MALFORMED = ("' OR 1=1 --", "../1", "%", "\u0661", "1\x00")
GIVEN: dict[str, Any] = {
    "run_tool": {"name": "get_ticket", "arguments": {"ticket_id": "1"}},
    "bulk_update_tickets": {"ticket_ids": ["1"], "change": {"priority": "High"}},
    "bulk_close_tickets": {"ticket_ids": ["1"], "resolution": "Done"},
}
MORE: dict[str, Any] = {
    "analyze_problem": {"root_cause": "Age"},
    "complete_project_task": {"milestone_id": "1"},
    "create_asset": {"tag": "T-9"},
    "update_article": {"title": "Feed it"},
    "update_asset": {"location": "Room 2"},
    "update_change": {"title": "A switch"},
    "update_configuration_item": {"address": "192.0.2.7"},
    "update_problem": {"title": "Old rollers"},
    "update_project": {"title": "A move"},
    "update_project_milestone": {"title": "Packing"},
    "update_project_task": {"title": "Big boxes", "milestone_id": "1"},
}
"""What a call needs besides, to be one that succeeds with one's own ids."""


@pytest.fixture
async def town(tmp_path: Path) -> AsyncGenerator[TwoOrganisations]:
    async with opened("memory", tmp_path) as database, two_organisations(database) as made:
        for slug in ("acme", "globex"):
            await made.ask("list_tickets", {}, of=slug)  # what is kept for seconds is now known
        yield made


def like_an_id(name: str | int) -> bool:
    return isinstance(name, str) and (is_id(name) or name in NAMES)


def kind_of(tool: AnyOperation, name: str) -> str:
    """Return which of an organisation's things an argument names."""
    if name in PEOPLE:
        return "person"
    kind = SPECIAL.get(name) or name.removesuffix("s").removesuffix("_id")
    if tool.name in {"restore_ticket", "restore_change"}:
        return f"trashed {kind}"
    fields = tool.arguments.model_fields
    if kind == "task" and "project_id" in fields:
        return "project task"
    return "change approval" if kind == "approval" and "change_id" in fields else kind


def owned(tool: AnyOperation, by: Organisation) -> dict[str, Any]:
    """Return arguments that the tool takes, in which every id is one of this organisation's."""

    def filled(value: Any, name: str) -> Any:
        if isinstance(value, dict):
            parts = cast("dict[str, Any]", value)
            return {key: filled(part, key) for key, part in parts.items()}
        if isinstance(value, list):
            return [filled(part, name) for part in cast("list[Any]", value)]
        return by.ids[kind_of(tool, name)] if like_an_id(name) else value

    given = GIVEN.get(tool.name) or right(tool)
    return filled({**given, **MORE.get(tool.name, {})}, "")


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Yield where ids stand in arguments, however deep."""
    if isinstance(value, dict | list):
        parts: Any = value.items() if isinstance(value, dict) else enumerate(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType, reportUnknownArgumentType] -- any arguments
        for key, part in parts:
            yield from places(part, (*at, key))
    elif any(like_an_id(name) for name in at[-2:]):
        yield at


def replaced(value: Any, at: Place, by: str) -> Any:
    if len(at) == 0:
        return by
    copied: Any = value.copy()
    copied[at[0]] = replaced(copied[at[0]] if len(at) > 1 else None, at[1:], by)
    return copied


def cases(tool: AnyOperation, town: TwoOrganisations) -> Iterator[tuple[dict[str, Any], Place]]:
    """Yield arguments that name acme's things only, and the place of each id in them."""
    mine = owned(tool, town.acme)
    for at in places(mine):
        yield mine, at
    for name in tool.arguments.model_fields:
        if name not in mine and like_an_id(name) and name != "cursor":
            yield {**mine, name: town.acme.ids[kind_of(tool, name)]}, (name,)


def named(tool: AnyOperation, at: Place) -> str:
    [*_, name] = [part for part in at if like_an_id(part)]
    return kind_of(tool, str(name))


async def faults(town: TwoOrganisations, tool: AnyOperation) -> list[str]:
    """Return what tells another's id from nobody's, of any argument of a tool."""
    found: list[str] = []
    for given, at in cases(tool, town):
        kind = named(tool, at)
        theirs, nobodys = town.globex.ids[kind], NOBODYS.get(kind, NO_NUMBER)
        said = [await told(town, tool, given, at, value) for value in (theirs, nobodys)]
        if said[0] != said[1]:
            found.append(f"{tool.name} {at}: {said[0]} is not {said[1]}")
        if town.globex.desk.asked:
            found.append(f"{tool.name} {at}: globex was asked {town.globex.desk.asked}")
        own = await told(town, tool, given, at, town.acme.ids[kind])
        if own.text == said[1].text and WRITTEN not in own.text:
            found.append(f"{tool.name} {at}: one's own is answered so too: {own}")
        for value in MALFORMED if is_id(str(at[0])) else ():
            odd = await told(town, tool, given, at, value)
            if odd.code == "internal" or "Globex" in odd.text:
                found.append(f"{tool.name} {at}: {value!r}: {odd}")
    return found


async def told(
    town: TwoOrganisations, tool: AnyOperation, given: dict[str, Any], at: Place, value: str
) -> Told:
    """Call as acme with this value in its place, and mend the desk if that changed it."""
    said = await town.ask(tool.name, replaced(given, at, value))
    if said.code == "ok" and tool.effect is not Effect.READ:
        await town.acme.furnish()
    return said.without(value)


async def test_t01_of_every_tool_and_id_anothers_and_nobodys_are_one_answer(
    town: TwoOrganisations,
) -> None:
    found = [fault for tool in TOOLS for fault in await faults(town, tool)]
    assert "\n".join(found) == ""


async def test_t01_a_cursor_of_another_organisation_is_one_that_was_made_up(
    town: TwoOrganisations,
) -> None:
    found: list[str] = []
    tried = 0
    for tool in TOOLS:
        if "cursor" not in tool.arguments.model_fields:
            continue
        theirs = await town.ask(
            tool.name, {**owned(tool, town.globex), "page_size": 1}, of="globex"
        )
        if (cursor := theirs.data.get("next_cursor")) is None:
            continue
        tried += 1
        mine = owned(tool, town.acme)
        made_up = cursor[:-12] + "A" * 12
        said = [await told(town, tool, mine, ("cursor",), one) for one in (cursor, made_up)]
        if said[0] != said[1] or said[0].code != "invalid" or town.globex.desk.asked:
            found.append(f"{tool.name}: {said[0]} is not {said[1]}")
    assert "\n".join(found) == ""
    assert tried > LISTS


async def test_t01_a_desk_of_another_organisation_is_one_that_is_not_there(
    town: TwoOrganisations,
) -> None:
    found: list[str] = []
    for tool in TOOLS:
        if not tool.takes_desk:
            continue
        mine = owned(tool, town.acme)
        tries = [(mine, ("desk",), "{}")]
        tries += [(mine, at, "{}:7") for at in places(mine) if is_id(str(at[0]))]
        for given, at, form in tries:
            values = (form.format("globex-desk"), form.format("nobody-desk"))
            said = [await told(town, tool, given, at, value) for value in values]
            if said[0] != said[1] or town.globex.desk.asked:
                found.append(f"{tool.name} {at}: {said[0]} is not {said[1]}")
    assert "\n".join(found) == ""
