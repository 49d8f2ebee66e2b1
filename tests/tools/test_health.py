"""Health tools tell what is wrong as an answer, with what helps, and never fail with the desk."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from typing import Any

import pytest
from tests.tools.asking import ANA, Asking

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.desks import Desks, GrantedDesk, granted
from helpdesk_mcp.domain.errors import HelpdeskError, Unavailable
from helpdesk_mcp.domain.principals import Principal, Scope
from helpdesk_mcp.pipeline.calls import Call


class Ill(MemoryDesk):
    """A desk that answers every ping with one failure."""

    def __init__(self, failure: HelpdeskError) -> None:
        super().__init__()
        self._failure = failure

    async def ping(self) -> None:
        raise self._failure


class Two(Asking):
    """Two desks under one token, one of them ill."""

    def __init__(self, desks: Mapping[str, Desk]) -> None:
        super().__init__()
        self._desks = desks

    async def desks(self, principal: Principal) -> Desks:
        del principal
        return granted(
            GrantedDesk(
                name=name, connection=name, kind="memory", offered=frozenset(type(desk).__mro__)
            )
            for name, desk in self._desks.items()
        )

    def open(
        self, principal: Principal, desk: str | None = None
    ) -> AbstractAsyncContextManager[Desk]:
        del principal
        return nullcontext(self._desks[desk or next(iter(self._desks))])


async def test_a_desk_that_works_says_how_fast_and_what_it_offers() -> None:
    said = await Asking()("diagnose_connection")
    [desk] = said["desks"]
    assert (desk["state"], desk["credential_accepted"]) == ("works", True)
    assert desk["answers_in_ms"] >= 0
    assert {"Tickets", "Comments", "Queues"} <= set(desk["offers"])
    assert said["tools"] > 30
    short = await Asking()("get_server_health")
    assert "offers" not in short["desks"][0]
    assert short["version"] == said["version"]


@pytest.mark.parametrize(
    ("failure", "state", "accepted", "advice"),
    [
        (Unavailable("No.", reason="login"), "fails", False, "renews the credential"),
        (Unavailable("No.", reason="unreachable"), "fails", None, "checks its address"),
        (
            Unavailable("No.", reason="breaker_open", retry_after=9.04),
            "rests",
            None,
            "calls rest",
        ),
        (Unavailable("No.", reason="desk_error"), "fails", None, "doctor"),
    ],
    ids=lambda value: getattr(value, "reason", str(value)),
)
async def test_a_desk_that_fails_is_told_with_what_helps(
    failure: Unavailable,
    state: str,
    *,
    accepted: bool | None,
    advice: str,
) -> None:
    [desk] = (await Asking(Ill(failure))("get_server_health"))["desks"]
    assert (desk["state"], desk.get("credential_accepted")) == (state, accepted)
    assert advice in desk["advice"]
    assert desk.get("look_again") == (9.0 if failure.retry_after else None)


async def test_each_of_several_desks_is_looked_at() -> None:
    ask = Two({"it": MemoryDesk(), "hr": Ill(Unavailable("No.", reason="timeout"))})
    said = await ask("get_server_health")
    assert [(desk["desk"], desk["state"]) for desk in said["desks"]] == [
        ("it", "works"),
        ("hr", "fails"),
    ]


async def diagnosed(principal: Principal) -> dict[str, Any]:
    call = Call(principal=principal, operation="diagnose_connection", arguments={}, origin="mcp")
    return (await Asking(MemoryDesk()).pipeline.run(call)).data


async def test_tools_that_are_not_to_be_had_are_told_by_reason() -> None:
    said = await diagnosed(replace(ANA, scopes=frozenset({Scope.TICKETS_READ})))
    why = {group["reason"]: group for group in said["unavailable"]}
    assert any("create_ticket" in group["tools"] for group in said["unavailable"])
    assert {"scope", "capability"} <= set(why)


async def test_a_token_that_may_not_look_is_told_so() -> None:
    said = await diagnosed(replace(ANA, scopes=frozenset()))
    assert said["desks"][0]["reason"] == "scope"
    assert said["scopes"] == []
