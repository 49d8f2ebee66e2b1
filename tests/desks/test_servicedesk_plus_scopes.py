"""What a token of the vendor can do, and that nobody is offered what it cannot."""

from collections.abc import Mapping

from tests.desks.servicedesk import bench
from tests.desks.tenants import Town, principal

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.desks.servicedeskplus.scopes import (
    VENDOR_SCOPES,
    asked_for,
    covers,
    lacking,
    offered,
)
from helpdesk_mcp.domain.desk import Knowledge, People, Tickets
from helpdesk_mcp.domain.policy import Policy, refusal
from helpdesk_mcp.domain.principals import ADMIN_SCOPES, Scope
from helpdesk_mcp.tools.catalog import TOOLS
from helpdesk_mcp.tools.tickets import get_ticket, update_ticket

READS = frozenset({"SDPOnDemand.requests.READ", "SDPOnDemand.setup.READ", "SDPOnDemand.users.READ"})


class ReadingDesk(MemoryDesk):
    """A desk whose token may only read."""

    async def lacking(self) -> Mapping[Scope, tuple[str, ...]]:
        return {Scope.TICKETS_WRITE: ("SDPOnDemand.requests.UPDATE",)}


def test_every_scope_of_ours_names_what_it_takes_of_the_vendor() -> None:
    assert set(VENDOR_SCOPES) | ADMIN_SCOPES == set(Scope)


def test_what_is_asked_for_is_enough_for_everything() -> None:
    assert lacking(frozenset(asked_for().split(","))) == {}
    assert "SDPOnDemand.requests.ALL" in asked_for()
    assert "SDPOnDemand.users.READ" in asked_for()


def test_all_covers_each_and_one_covers_itself() -> None:
    assert covers(frozenset({"SDPOnDemand.requests.ALL"}), "requests.UPDATE")
    assert covers(READS, "requests.READ")
    assert not covers(READS, "requests.UPDATE")
    assert not covers(frozenset({"SDPOnDemand.request.ALL"}), "requests.READ")


def test_what_a_token_lacks_is_named_in_the_vendors_words() -> None:
    missing = lacking(READS)
    assert Scope.TICKETS_READ not in missing
    assert missing[Scope.TICKETS_WRITE] == (
        "SDPOnDemand.requests.CREATE",
        "SDPOnDemand.requests.UPDATE",
    )
    assert missing[Scope.KNOWLEDGE_READ] == ("SDPOnDemand.solutions.READ",)


def test_a_token_that_tells_no_scopes_is_not_judged() -> None:
    assert lacking(frozenset()) == {}
    assert offered({Tickets, Knowledge}, frozenset()) == {Tickets, Knowledge}


def test_a_capability_without_its_scope_is_not_offered() -> None:
    assert offered({Tickets, People, Knowledge}, READS) == {Tickets, People}


def test_a_tool_that_the_desks_token_cannot_perform_is_refused_and_so_not_listed() -> None:
    lacks = frozenset({Scope.TICKETS_WRITE})
    caller = principal()
    assert refusal(caller, get_ticket, Policy(), {Tickets}, lacks) is None
    refused = refusal(caller, update_ticket, Policy(), {Tickets}, lacks)
    assert refused is not None
    assert refused.reason == "desk_scope"


async def test_a_probe_finds_what_the_token_lacks() -> None:
    town = Town(desks={"acme": {"it": ReadingDesk()}})
    opener = town.opener()
    async with opener.open(principal()):
        pass
    assert (await opener.desks(principal())).lacking == {Scope.TICKETS_WRITE}


async def test_a_scope_that_one_of_several_desks_can_serve_is_not_lacking() -> None:
    town = Town(desks={"acme": {"it": ReadingDesk(), "hr": MemoryDesk()}})
    opener = town.opener()
    for desk in ("it", "hr"):
        async with opener.open(principal(), desk):
            pass
    desks = await opener.desks(principal())
    assert desks.lacking == frozenset()
    assert desks.named("it").lacking == {Scope.TICKETS_WRITE}


async def test_an_on_prem_key_lacks_nothing_that_could_be_known() -> None:
    async with bench("onprem") as made:
        assert await made.desk.lacking() == {}
        assert {tool.needs for tool in TOOLS} & await made.desk.capabilities()
