"""A person's own password, and what they are told of connections that were ended."""

from datetime import UTC, datetime

import httpx2
import pytest
from tests.web.console.town import PASSWORD, Town, press, words
from tests.web.pages.house import DiaryInMemory, ask, question, token_in

from helpdesk_mcp.domain.administration import Alarm
from helpdesk_mcp.domain.sessions import FREE_FAILURES, Session

HERE, CHANGE = "/console/account", "/console/account/password"
NEW = "otra frase muy larga"


async def change(
    browser: httpx2.AsyncClient, old: str = PASSWORD, new: str = NEW, **more: str
) -> httpx2.Response:
    return await press(browser, HERE, CHANGE, old=old, password=new, **{"again": new, **more})


async def works(town: Town, password: str) -> bool:
    person = await town.parts.people.by_email("sam@acme.example")
    assert person
    return (await town.parts.passwords.verify(person.password, password)).right


def kept(town: Town) -> list[tuple[str, str]]:
    diary = town.parts.diary
    assert isinstance(diary, DiaryInMemory)
    return [(h.name, h.outcome) for h in diary.kept if h.name.startswith("auth.password")]


async def test_a_new_password_ends_every_session_but_this_one(town: Town) -> None:
    async with town.signed_in("sam") as here, town.signed_in("sam") as elsewhere:
        before = here.cookies["__Host-session"]
        done = await change(here)
        after = await here.get(done.headers["location"])
        assert "Your password is changed." in after.text
        assert here.cookies["__Host-session"] != before, "a new right, a new secret (A31)"
        assert (await elsewhere.get(HERE)).status_code == 303
    assert (await works(town, NEW), await works(town, PASSWORD)) == (True, False)
    person = await town.parts.people.by_email("sam@acme.example")
    assert person
    assert person.signed_out_at == 0.0, "agents go on working"
    assert kept(town) == [("auth.password", "ok")]


async def test_a_person_can_end_their_agents_with_the_old_password(town: Town) -> None:
    async with town.signed_in("sam") as sam:
        done = await change(sam, agents="yes")
        assert (await sam.get(done.headers["location"])).status_code == 200
    person = await town.parts.people.by_email("sam@acme.example")
    assert person
    assert person.signed_out_at > 0


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"old": "wrong"}, 400, "That is not your password"),
        ({"old": ""}, 400, "That is not your password"),
        ({"old": "x" * 1_025}, 400, "at most 1,024 bytes"),
        ({"again": "something else entirely"}, 400, "The two passwords differ."),
        ({"new": "short"}, 422, "at least 12 characters"),
        ({"new": "sam@acme.example"}, 422, "is not the address"),
    ],
)
async def test_a_password_is_not_changed_by_what_is_not_right(
    town: Town, given: dict[str, str], status: int, said: str
) -> None:
    async with town.signed_in("sam") as sam:
        done = await change(sam, **given)
        assert done.status_code == status
        assert said in words(done)
        assert NEW not in done.text
        assert (await sam.get(HERE)).status_code == 200
    assert await works(town, PASSWORD)


async def test_a27_a_stolen_session_cannot_guess_the_password(town: Town) -> None:
    async with town.signed_in("sam") as sam:
        for _ in range(FREE_FAILURES):
            await change(sam, old="wrong")
        right = await change(sam)
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) > 1
    assert await works(town, PASSWORD)
    assert kept(town)[-1] == ("auth.password.throttled", "denied")


async def test_who_came_through_a_provider_changes_no_password_here(town: Town) -> None:
    secret, person = "s" * 43, town.people["ada"].id
    now = town.parts.clock()
    session = Session(
        person=person, auth_time=now, seen_at=now, tenant=town.tenant.id, via="https://login"
    )
    await town.parts.sessions.add(secret, session)
    async with town.browser(cookie=f"__Host-session={secret}") as ada:
        page = await ada.get(HERE)
        assert "Your password is changed there." in page.text
        assert f'action="{CHANGE}"' not in page.text
        people = token_in(await ada.get("/console/people"))
        forced = await ada.post(CHANGE, data={"token": people, "old": PASSWORD})
        assert forced.status_code == 403
        organisations = await ada.get("/console/organisations")
        assert organisations.status_code == 403, "a provider vouches for no operator"


def alarm(number: int) -> Alarm:
    return Alarm(
        id=f"g{number}",
        client="c",
        client_name="Chat <b>",
        reason="reuse",
        ended_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    )


async def test_a68_a_person_is_told_of_a_reused_token_until_they_take_note(town: Town) -> None:
    sam = town.people["sam"].id
    town.grants.ended[sam] = alarm(7)
    async with town.signed_in("ana") as ana:
        page = await ana.get("/console")
        assert "ended for your safety" not in page.text
        foreign = await ana.post(
            "/console/agents/dismiss", data={"token": token_in(await ana.get(HERE)), "grant": "g7"}
        )
        assert foreign.status_code == 404
    async with town.signed_in("sam") as browser:
        page = await browser.get("/console")
        assert "The connection of “Chat &lt;b&gt;” was ended for your safety." in page.text
        assert "20 Nov 2026, 10:30" in page.text
        done = await press(browser, "/console", "/console/agents/dismiss", grant="g7")
        after = await browser.get(done.headers["location"])
    assert "Noted." in after.text
    assert "ended for your safety" not in after.text


async def test_a68_it_is_said_before_anything_is_connected_again(town: Town) -> None:
    town.grants.ended[town.people["sam"].id] = alarm(7)
    town.flow.next = question()
    async with town.signed_in("sam", **{"accept-language": "es"}) as browser:
        page = await browser.get(await ask(browser))
    assert "se ha cerrado por su seguridad" in page.text
    assert "20 nov 2026, 10:30" in page.text
