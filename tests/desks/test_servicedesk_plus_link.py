"""The line to ServiceDesk Plus: encodings, lists, routes by build, refusals."""

import pytest
from tests.desks.servicedesk import bench

from helpdesk_mcp.desks.servicedeskplus.editions import EditionName
from helpdesk_mcp.desks.servicedeskplus.link import Query
from helpdesk_mcp.domain.errors import Invalid, NotFound, Unavailable
from helpdesk_mcp.domain.pages import Window

both = pytest.mark.parametrize("edition", ["onprem", "cloud"])


@both
async def test_a_desk_answers_a_ping(edition: EditionName) -> None:
    async with bench(edition) as made:
        await made.desk.ping()


@both
async def test_a_list_comes_with_its_total_and_the_fields_asked_for(edition: EditionName) -> None:
    async with bench(edition) as made:
        query = Query(sort="created_time", descending=True, fields=("subject", "priority"))
        found = await made.link.rows("requests", query, Window(start=2, size=3))
        assert (len(found.items), found.total, found.more) == (3, 59, True)
        assert found.items[0].keys() == {"id", "subject", "priority"}


@both
@pytest.mark.parametrize("place", ["top", "inside"])
async def test_the_place_of_the_wanted_fields_is_found_out(
    edition: EditionName, place: str
) -> None:
    async with bench(edition, fields_required=place) as made:
        link = made.link
        for _ in range(2):
            found = await link.rows("requests", Query(fields=("priority",)), Window(size=1))
            assert found.items[0].keys() == {"id", "priority"}


@both
async def test_every_row_of_a_long_list_is_read(edition: EditionName) -> None:
    async with bench(edition) as made:
        found = await made.link.every("requests")
        assert (len(found.items), found.more) == (59, False)


@both
@pytest.mark.parametrize("spelling", ["support_groups", "groups"])
async def test_a_route_is_found_by_its_other_spelling_and_remembered(
    edition: EditionName, spelling: str
) -> None:
    async with bench(edition, groups=spelling) as made:
        link = made.link
        first = await link.rows("~groups")
        made.raw.simulator.forget_asked()
        assert await link.rows("~groups") == first
        assert len(made.raw.simulator.asked) == 1


@both
async def test_a_write_travels_as_a_form(edition: EditionName) -> None:
    async with bench(edition) as made:
        data = {"request": {"subject": "Ñandú & ünïcode = fine"}}
        created = await made.link.write("POST", "requests", data)
        assert created["request"]["subject"] == "Ñandú & ünïcode = fine"


@both
async def test_what_is_not_there_is_not_found(edition: EditionName) -> None:
    async with bench(edition) as made:
        with pytest.raises(NotFound):
            await made.link.one("requests/999999")
        with pytest.raises(NotFound):
            await made.link.write("PUT", "requests/999999/~close", {})


@both
async def test_a_list_that_is_not_there_is_not_told_as_a_missing_ticket(
    edition: EditionName,
) -> None:
    async with bench(edition) as made:
        with pytest.raises(NotFound, match="no such list") as caught:
            await made.link.rows("no_such_list")
        assert "portal" in caught.value.message
        with pytest.raises(NotFound, match="no such ticket"):
            await made.link.rows("requests/999999/notes")


async def test_a_wrong_key_is_told_as_such() -> None:
    async with bench("onprem") as made:
        made.http.headers["authtoken"] = "wrong"
        with pytest.raises(Unavailable) as caught:
            await made.desk.ping()
        assert caught.value.reason == "login"


@both
async def test_a_missing_field_is_named(edition: EditionName) -> None:
    async with bench(edition, mandatory_fields=["category"]) as made:
        with pytest.raises(Invalid, match="`category`") as caught:
            await made.link.write("POST", "requests", {"request": {"subject": "x"}})
        assert caught.value.reason == "missing_fields"
