"""Every desk with more than tickets keeps every promise: in memory, both ServiceDesk Plus."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest
from tests.contracts.modules import EVERYTHING, PROMISES, EveryDesk, Promise
from tests.desks.servicedesk import bench, contract_desk

from helpdesk_mcp.desks.memory_whole import WholeMemoryDesk
from helpdesk_mcp.desks.servicedeskplus.editions import EditionName
from helpdesk_mcp.domain.assets import AssetDraft, Assets, Contracts
from helpdesk_mcp.domain.changes import Changes, PlannedChangeDraft
from helpdesk_mcp.domain.configuration import Configuration
from helpdesk_mcp.domain.decisions import ApprovalDraft, Asked
from helpdesk_mcp.domain.errors import Denied
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.problems import Problems
from helpdesk_mcp.domain.projects import Projects
from helpdesk_mcp.domain.tickets import TicketFilter


def sentence(promise: Promise) -> str:
    return getattr(promise, "__name__", "promise").replace("_", " ")


@pytest.fixture(params=["memory", "onprem", "cloud"])
async def every_desk(request: pytest.FixtureRequest) -> AsyncGenerator[EveryDesk]:
    if request.param == "memory":
        yield WholeMemoryDesk()
        return
    async with contract_desk(request.param) as desk:
        yield desk


@pytest.mark.parametrize("promise", PROMISES, ids=sentence)
async def test_the_desk_keeps_its_promise(promise: Promise, every_desk: EveryDesk) -> None:
    await promise(every_desk)


async def test_a_desk_that_keeps_an_assets_history_tells_it() -> None:
    async with bench("onprem", history="history") as made:
        asset = (await made.desk.assets.find(EVERYTHING, Window(size=1))).items[0]
        await made.desk.assets.change(asset.id, AssetDraft(state="In Repair"))
        history = await made.desk.assets.history(asset.id, Window(size=5))
        assert [event.what for event in history.items] == ["state"]
        assert history.items[0].by == "Alice Nguyen"


@pytest.mark.parametrize(
    ("knobs", "gone"),
    [
        ({"unlicensed": ["problems"]}, {Problems}),
        ({"unlicensed": ["assets", "projects"]}, {Assets, Projects}),
        ({"cmdb": "absent"}, {Configuration}),
    ],
)
async def test_a_module_that_is_not_there_is_not_offered(
    knobs: dict[str, Any], gone: set[type]
) -> None:
    every = {Problems, Changes, Projects, Assets, Configuration, Contracts}
    async with bench("onprem", **knobs) as made:
        assert every - await made.desk.capabilities() == gone


async def test_a_module_without_a_licence_is_not_offered_in_the_cloud_either() -> None:
    async with bench("cloud", unlicensed=["changes"]) as made:
        offered = await made.desk.capabilities()
        assert Changes not in offered
        assert Problems in offered


@pytest.mark.parametrize("edition", ["onprem", "cloud"])
async def test_only_the_one_who_was_asked_decides(edition: EditionName) -> None:
    async with bench(edition) as made:
        change = await made.desk.changes.create(PlannedChangeDraft(title="New switch"))
        asked = Asked(kind="change", id=change.id)
        for person in ("Bob Okafor", "Alice Nguyen"):
            await made.desk.decisions.ask(asked, ApprovalDraft(approvers=(person,), message="?"))
        his, ours = await made.desk.decisions.find(asked)
        with pytest.raises(Denied) as refused:
            await made.desk.decisions.decide(asked, his.id, approve=True, comment="")
        assert refused.value.reason == "approver"
        await made.desk.decisions.decide(asked, ours.id, approve=True, comment="Fine")
        assert [one.status for one in await made.desk.decisions.find(asked)] == [
            "Pending Approval",
            "Approved",
        ]


async def test_an_on_prem_ticket_is_never_deleted_for_good() -> None:
    async with contract_desk("onprem") as desk:
        sent: list[str] = []

        async def note(request: httpx2.Request) -> None:
            sent.append(f"{request.method} {request.url.path}")

        desk.link._http.event_hooks["request"].append(note)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] -- what goes out is looked at
        number = (await desk.tickets(TicketFilter(), Window(size=1))).items[0].id
        await desk.trash.put(number)
        assert [line for line in sent if line.startswith("DELETE")] == [
            f"DELETE /api/v3/requests/{number}/move_to_trash"
        ]
