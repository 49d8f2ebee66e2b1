"""Typed conditions on both editions find exactly the tickets that meet them."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from tests.desks.servicedesk import LABELS, bench

from helpdesk_demo.servicedesk_plus.values import Row
from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus
from helpdesk_mcp.desks.servicedeskplus.editions import EditionName
from helpdesk_mcp.desks.servicedeskplus.options import Options
from helpdesk_mcp.domain.criteria import Condition, Criteria
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.tickets import Ticket, TicketFilter

Meets = Callable[[Ticket], bool]
of_editions = pytest.mark.parametrize("edition", ["onprem", "cloud"])


async def every(desk: ServiceDeskPlus, criteria: Criteria | None) -> list[Ticket]:
    found: list[Ticket] = []
    while True:
        window = Window(start=len(found), size=100)
        if criteria is None:
            page = await desk.tickets(TicketFilter(), window)
        else:
            page = await desk.tickets_where(criteria, window)
        found += page.items
        if not page.more:
            return found


def group(*conditions: Condition) -> Criteria:
    return Criteria(groups=(conditions,))


def day_of(value: datetime | date | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value


CASES: dict[str, tuple[Criteria, Meets]] = {
    "is": (group(Condition(field="priority", values=("High",))), lambda t: t.priority == "High"),
    "any of": (
        group(Condition(field="status", values=("Open", "Closed"))),
        lambda t: t.status in {"Open", "Closed"},
    ),
    "none of": (
        group(Condition(field="status", operator="is not", values=("Open", "Closed"))),
        lambda t: t.status not in {"Open", "Closed"},
    ),
    "text": (
        group(Condition(field="subject", operator="contains", values=("VPN",))),
        lambda t: "vpn" in (t.subject or "").lower(),
    ),
    "either": (
        group(
            Condition(field="priority", values=("Low",)),
            Condition(field="subject", operator="starts with", values=("VPN",)),
        ),
        lambda t: t.priority == "Low" or (t.subject or "").lower().startswith("vpn"),
    ),
    "both": (
        Criteria(
            groups=(
                (Condition(field="priority", values=("High",)),),
                (Condition(field="status", operator="is not", values=("Closed",)),),
                (Condition(field="subject", operator="not contains", values=("VPN", "xyz")),),
            )
        ),
        lambda t: (
            t.priority == "High"
            and t.status != "Closed"
            and not any(word in (t.subject or "").lower() for word in ("vpn", "xyz"))
        ),
    ),
}


@of_editions
@pytest.mark.parametrize("case", CASES)
async def test_what_is_found_is_exactly_what_meets_the_conditions(
    edition: EditionName, case: str
) -> None:
    criteria, meets = CASES[case]
    async with bench(edition) as made:
        found = {ticket.id for ticket in await every(made.desk, criteria)}
        wanted = {ticket.id for ticket in await every(made.desk, None) if meets(ticket)}
    assert found == wanted
    assert found


@of_editions
async def test_lists_are_filtered_by_site_and_category_by_our_words(edition: EditionName) -> None:
    async with bench(edition, Options(sites={"hq": "Madrid"})) as made:
        at_site = await made.raw.new_request(site={"name": "Madrid"})
        category: Row = {"category": {"name": "Network"}, "subcategory": {"name": "VPN"}}
        network = await made.raw.new_request(**category)
        desk, rows = made.desk, made.raw.simulator.state.tables["requests"].values()

        async def found(which: TicketFilter) -> set[str]:
            return {t.id for t in (await desk.tickets(which, Window(size=100))).items}

        by_site = await found(TicketFilter(sites=("HQ",)))
        site = made.raw.simulator.state.named("sites", "Madrid")["id"]
        assert by_site == {str(row["id"]) for row in rows if row.get("site") == site}
        assert at_site in by_site
        searched = await found(TicketFilter(text="VPN", categories=("network", "Software")))
        assert network in searched
        assert at_site not in searched
        part = group(Condition(field="subcategory", values=("VPN",)))
        assert network in {ticket.id for ticket in await every(desk, part)}
        with pytest.raises(Invalid, match="Madrid"):
            await found(TicketFilter(sites=("Nowhere",)))


@of_editions
async def test_days_are_whole_days_of_the_desk(edition: EditionName) -> None:
    async with bench(edition) as made:
        rows = await every(made.desk, None)
        zone = await made.desk.zone()
        days = sorted(t.created.astimezone(zone).date() for t in rows if t.created)
        first, last = days[len(days) // 4], days[len(days) // 2]
        criteria = group(Condition(field="created", operator="between", first=first, last=last))
        found = {ticket.id for ticket in await every(made.desk, criteria)}
    assert found == {
        t.id for t in rows if t.created and first <= t.created.astimezone(zone).date() <= last
    }


@of_editions
async def test_a_custom_field_is_searched_by_its_label(edition: EditionName) -> None:
    options = Options(labels=LABELS if edition == "onprem" else {})
    async with bench(edition, options) as made:
        criteria = group(
            Condition(field="Asset tag", operator="contains", values=("no such asset tag",))
        )
        assert await every(made.desk, criteria) == []


@of_editions
@pytest.mark.parametrize(
    "condition",
    [
        Condition(field="colour", values=("red",)),
        Condition(field="status", values=("Nowhere",)),
        Condition(field="assignee", values=("nobody-7",)),
        Condition(field="subject", operator="greater than", values=("a",)),
    ],
    ids=lambda condition: condition.field,
)
async def test_a_field_or_a_name_there_is_not_is_refused(
    edition: EditionName, condition: Condition
) -> None:
    async with bench(edition) as made:
        with pytest.raises(Invalid):
            await made.desk.tickets_where(group(condition), Window())


@of_editions
@pytest.mark.parametrize("text", ['"', "'", "\\", '{"field":"id"}', "%", "*", "ñ", "a\tb", "]]"])
async def test_a_value_is_never_more_than_a_value(edition: EditionName, text: str) -> None:
    condition = Condition(field="subject", operator="contains", values=(text,))
    async with bench(edition) as made:
        found = await made.desk.tickets_where(group(condition), Window(size=100))
    assert all(text.lower() in (ticket.subject or "").lower() for ticket in found.items)
