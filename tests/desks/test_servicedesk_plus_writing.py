"""What a write on ServiceDesk Plus does, and what its receipt says, on both editions."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.desks.servicedesk import LABELS, Bench, bench
from tests.tools.asking import Asking

from helpdesk_demo.servicedesk_plus.values import as_row
from helpdesk_mcp.desks.servicedeskplus.editions import EditionName
from helpdesk_mcp.desks.servicedeskplus.options import Options
from helpdesk_mcp.domain.comments import CommentDraft, Upload, Visibility
from helpdesk_mcp.domain.errors import Conflict, Denied, Invalid, NotFound
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.tickets import TicketChange, TicketDraft, TicketFilter

both = pytest.mark.parametrize("edition", ["onprem", "cloud"])
REPLY = CommentDraft(body="Try <now>.", visibility=Visibility.PUBLIC)


async def a_ticket(made: Bench, **fields: Any) -> str:
    return await made.raw.new_request(**fields)


async def raw(made: Bench, ticket_id: str) -> dict[str, Any]:
    return (await made.raw.get(f"requests/{ticket_id}")).one("request")


async def someone(made: Bench) -> str:
    """Return the address of a requester that the desk knows."""
    users = made.raw.simulator.state.tables["users"].values()
    return str(next(u["email_id"] for u in users if not u["is_technician"]))


@both
async def test_an_urgent_ticket_is_a_high_one_at_its_site(edition: EditionName) -> None:
    """The acceptance test of the first seed: "Crea un ticket urgente: 'VPN caída site Madrid'"."""
    async with bench(edition) as made:
        draft = TicketDraft(
            subject="VPN caída site Madrid", description="", priority="urgente", site="Madrid"
        )
        receipt = await made.desk.create_ticket(draft)
        row = await raw(made, receipt.ticket_id)
        assert (row["priority"]["name"], row["site"]["name"]) == ("High", "Madrid")
        assert {c.field: c.after for c in receipt.changes}["priority"] == "High"


@both
async def test_an_administrators_mapping_goes_before_ours(edition: EditionName) -> None:
    options = Options(priorities={"Urgente": "Medium"}, sites={"hq": "Madrid"})
    async with bench(edition, options) as made:
        draft = TicketDraft(subject="x", description="x", priority="urgente", site="HQ")
        row = await raw(made, (await made.desk.create_ticket(draft)).ticket_id)
        assert (row["priority"]["name"], row["site"]["name"]) == ("Medium", "Madrid")


@both
async def test_a_priority_that_the_desk_computes_is_left_out_and_said_so(
    edition: EditionName,
) -> None:
    async with bench(edition, priority_matrix=True) as made:
        draft = TicketDraft(subject="x", description="x", priority="High")
        receipt = await made.desk.create_ticket(draft)
        assert any("computes `priority`" in warning for warning in receipt.warnings or ())
        with pytest.raises(Invalid) as caught:
            await made.desk.change_ticket(receipt.ticket_id, TicketChange(priority="Low"))
        assert caught.value.reason == "computed"
        change = TicketChange(priority="Low", subject="y")
        told = (await made.desk.change_ticket(receipt.ticket_id, change)).warnings or ()
        assert len([one for one in told if "priority" in one]) == 1


@both
async def test_missing_fields_are_named_with_their_values_so_that_the_next_call_works(
    edition: EditionName,
) -> None:
    async with bench(edition, mandatory_fields=["category", "impact"]) as made:
        with pytest.raises(Invalid, match="Network") as caught:
            await made.desk.create_ticket(TicketDraft(subject="x", description="x"))
        assert caught.value.reason == "missing_fields"
        assert "Affects Business" in caught.value.message
        custom = {"category": "Network", "subcategory": "vpn", "impact": "affects user"}
        draft = TicketDraft(subject="x", description="x", custom=custom)
        ticket = await made.desk.ticket((await made.desk.create_ticket(draft)).ticket_id)
        held = ticket.custom or {}
        assert (held["category"], held["subcategory"], held["impact"]) == (
            "Network",
            "VPN",
            "Affects User",
        )


RECORDED = (
    "mode",
    "request_type",
    "urgency",
    "level",
    "impact",
    "category",
    "subcategory",
    "status",
)
"""What one recorded site wants of every ticket (reference §4.3), its status among it."""


@both
async def test_what_one_refusal_names_is_all_that_the_next_call_needs(edition: EditionName) -> None:
    wanted = [*RECORDED, "requester", "group"]
    async with bench(edition, mandatory_fields=wanted) as made:
        with pytest.raises(Invalid) as caught:
            await made.desk.create_ticket(TicketDraft(subject="x", description="x"))
        said = caught.value.message
        assert "`queue`" in said
        assert "`status`" not in said, "the desk is told by us that a new ticket is open"
        assert "Give `requester`, `queue` beside the subject, not in `custom`." in said
        assert "Give `mode`, `request_type`, `urgency`" in said
        assert "with Network: VPN," in said
        assert "with Hardware: Laptop," in said
        custom = {
            "mode": "E-Mail",
            "request_type": "Incident",
            "urgency": "High",
            "level": "Tier 1",
            "impact": "Affects User",
            "category": "Network",
            "subcategory": "VPN",
        }
        draft = TicketDraft(
            subject="x",
            description="x",
            queue="Network",
            requester="alice@example.com",
            custom=custom,
        )
        made_ticket = await made.desk.create_ticket(draft)
        assert (await made.desk.ticket(made_ticket.ticket_id)).status == "Open"


@both
async def test_a_field_that_the_form_does_not_show_is_not_told_as_a_wrong_value(
    edition: EditionName,
) -> None:
    async with bench(edition, absent_fields=["urgency", "site"]) as made:
        ask = Asking(made.desk)
        for given in ({"custom": {"urgency": "High"}}, {"site": "Madrid"}):
            with pytest.raises(Invalid, match=r"whatever the value.*Leave it out") as caught:
                await ask("create_ticket", subject="x", **given)
            assert "Valid" not in caught.value.message
        assert (await ask("create_ticket", subject="x"))["ticket_id"]


@both
async def test_what_has_an_argument_of_its_own_is_not_taken_as_a_custom_field(
    edition: EditionName,
) -> None:
    async with bench(edition) as made:
        for word, ours in (("technician", "assignee"), ("Queue", "queue"), ("due by time", "due")):
            draft = TicketDraft(subject="x", description="x", custom={word: "1"})
            with pytest.raises(Invalid, match=f"`{ours}` is an argument of its own"):
                await made.desk.create_ticket(draft)


@both
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2030-05-06", datetime(2030, 5, 6, 15, tzinfo=UTC)),
        ("2030-05-06T10:00", datetime(2030, 5, 6, 8, tzinfo=UTC)),
        ("2030-05-06T10:00:00Z", datetime(2030, 5, 6, 10, tzinfo=UTC)),
    ],
)
async def test_a_due_date_keeps_the_time_that_was_given_else_it_is_the_days_end(
    edition: EditionName, given: str, expected: datetime
) -> None:
    async with bench(edition, Options(time_zone="Europe/Madrid")) as made:
        ask = Asking(made.desk)
        ticket_id = (await ask("create_ticket", subject="x", due=given))["ticket_id"]
        assert (await made.desk.ticket(ticket_id)).due == expected
        await ask("update_ticket", ticket_id=ticket_id, due="none")
        await ask("update_ticket", ticket_id=ticket_id, due=given)
        assert (await made.desk.ticket(ticket_id)).due == expected


@both
async def test_a_part_of_a_category_is_looked_for_in_that_category(edition: EditionName) -> None:
    async with bench(edition) as made:
        custom = {"category": "Hardware", "subcategory": "VPN"}
        with pytest.raises(Invalid, match="Laptop"):
            await made.desk.create_ticket(TicketDraft(subject="x", description="x", custom=custom))
        with pytest.raises(Invalid, match="category too"):
            await made.desk.create_ticket(
                TicketDraft(subject="x", description="x", custom={"subcategory": "VPN"})
            )


@both
async def test_fields_are_described_beforehand(edition: EditionName) -> None:
    async with bench(edition, Options(labels=LABELS)) as made:
        fields = {field.name: field for field in (await made.desk.fields()).fields}
        assert "Network" in (fields["category"].choices or ())
        assert "Madrid" in (fields["site"].choices or ())
        labels = {field.label for field in fields.values()}
        assert {"Asset tag", "Canal de entrada"} <= labels


@both
async def test_custom_fields_keep_their_kind(edition: EditionName) -> None:
    labels = {"udf_date_1804": "Visit on", "udf_long_1805": "People affected"}
    async with bench(edition, Options(labels=labels, time_zone="Europe/Madrid")) as made:
        ticket_id = await a_ticket(made)
        custom = {"Visit on": "2030-05-06T09:30", "people affected": 12}
        await made.desk.change_ticket(ticket_id, TicketChange(custom=custom))
        held = (await made.desk.ticket(ticket_id)).custom or {}
        assert (held["Visit on"], held["People affected"]) == ("2030-05-06T07:30+00:00", "12")
        with pytest.raises(Invalid):
            await made.desk.change_ticket(ticket_id, TicketChange(custom={"Visit on": "soon"}))


@both
async def test_an_unknown_requester_is_told_as_such(edition: EditionName) -> None:
    async with bench(edition) as made:
        draft = TicketDraft(subject="x", description="x", requester="nobody@example.net")
        with pytest.raises(Invalid, match="account there first") as caught:
            await made.desk.create_ticket(draft)
        assert caught.value.reason == "requester"


@both
async def test_a_ticket_is_given_to_us_though_the_desk_does_not_say_who_we_are(
    edition: EditionName,
) -> None:
    async with bench(edition) as made:
        desk = made.desk
        ticket_id = await a_ticket(made)
        receipt = await desk.change_ticket(ticket_id, TicketChange(assignee="me"))
        assert [(c.field, c.after) for c in receipt.changes] == [("assignee", "Alice Nguyen")]
        mine = await desk.tickets(TicketFilter(assignee="me"), Window(size=50))
        assert ticket_id in [ticket.id for ticket in mine.items]


@both
@pytest.mark.parametrize("empty_values", ["nothing", "empty"])
async def test_tickets_of_nobody_are_found_whether_or_not_the_desk_can(
    edition: EditionName, empty_values: str
) -> None:
    async with bench(edition, empty_values=empty_values) as made:
        desk = made.desk
        ticket_id = await a_ticket(made)
        rows = made.raw.simulator.state.tables["requests"].values()
        wanted = [r for r in rows if not r.get("technician") and not r.get("is_trashed")]
        for _ in range(2):
            found = await desk.tickets(TicketFilter(assignee="none"), Window(size=100))
            assert ticket_id in [ticket.id for ticket in found.items]
            assert found.total == len(wanted)


@both
async def test_closing_writes_the_resolution_first_and_names_the_technicians(
    edition: EditionName,
) -> None:
    async with bench(edition, Options(resolver_line=True)) as made:
        ticket_id = await a_ticket(made, group={"name": "Network"})
        desk = made.desk
        await desk.change_ticket(ticket_id, TicketChange(assignee="Bob Okafor"))
        receipt = await desk.close_ticket(ticket_id, "Rebuilt it.", notify=False)
        ticket = await desk.ticket(ticket_id)
        assert ticket.status == "Closed"
        assert ticket.resolution == (
            "Rebuilt it.<br>Técnico que resuelve la incidencia: Bob Okafor, Network"
        )
        asked = [(a["method"], str(a["path"])) for a in made.raw.simulator.asked]
        puts = [path.rsplit("/", 1)[1] for method, path in asked if method == "PUT"]
        assert puts[-2] == ticket_id
        assert puts[-1] in {"close", "_close"}
        assert receipt.warnings is None
        again = await desk.close_ticket(ticket_id, "Rebuilt it.", notify=False)
        assert "Nothing was written" in " ".join(again.warnings or ())


@both
async def test_no_way_to_close_leaves_out_who_solved_it(edition: EditionName) -> None:
    async with bench(edition, Options(resolver_line=True), close_rules=[]) as made:
        ticket_id = await a_ticket(made, group={"name": "Network"})
        desk = made.desk
        closing = TicketChange(status="cerrado")
        with pytest.raises(Invalid, match="use close_ticket"):
            await desk.change_ticket(ticket_id, closing)
        draft = CommentDraft(body="x", visibility=Visibility.INTERNAL, status="Closed")
        with pytest.raises(Invalid, match="use close_ticket"):
            await desk.add_comment(ticket_id, draft)
        await desk.handling.resolve(ticket_id, "Rebuilt it.")
        line = "Rebuilt it.<br>Técnico que resuelve la incidencia: Network"
        assert (await desk.ticket(ticket_id)).resolution == line
        await desk.close_ticket(ticket_id, "Rebuilt it.", notify=False)
        closed = await desk.ticket(ticket_id)
        assert (closed.status, closed.resolution) == ("Closed", line)


@both
async def test_closing_never_claims_that_the_requester_acknowledged_it(
    edition: EditionName,
) -> None:
    async with bench(edition, close_rules=[]) as made:
        receipt = await made.desk.close_ticket(await a_ticket(made), "Done.", notify=True)
        assert receipt.mail
        assert (receipt.mail.sent, "cannot be asked" in (receipt.mail.why or "")) == (None, True)
        assert made.raw.simulator.state.outbox == []


@both
async def test_the_assignee_is_told_of_a_note_only_where_that_is_wished(
    edition: EditionName,
) -> None:
    async with bench(edition) as made:
        ticket_id = await a_ticket(made)
        for wished in (False, True):
            draft = CommentDraft(body="x", visibility=Visibility.INTERNAL, notify_assignee=wished)
            receipt = await made.desk.add_comment(ticket_id, draft)
            assert receipt.mail
            assert receipt.mail.sent is (None if wished else False)
        asked = [as_row(a["input"]) for a in made.raw.simulator.asked if a["method"] == "POST"]
        notes = [as_row(next(iter(one.values()))) for one in asked[-2:]]
        assert [note["notify_technician"] for note in notes] == [False, True]


@both
@pytest.mark.parametrize("route", ["close", "_close"])
async def test_closing_finds_the_route_of_the_build(edition: EditionName, route: str) -> None:
    async with bench(edition, close=route) as made:
        ticket_id = await a_ticket(made)
        await made.desk.close_ticket(ticket_id, "Done.", notify=True)
        assert (await raw(made, ticket_id))["status"]["name"] == "Closed"


@both
@pytest.mark.parametrize("refusal", ["3000", "4003", "4012"])
async def test_a_closing_rule_becomes_an_answer_that_says_it(
    edition: EditionName, refusal: str
) -> None:
    async with bench(edition, close_rules=["worklog"], close_refusal=refusal) as made:
        ticket_id = await a_ticket(made)
        with pytest.raises(Conflict, match="work log") as caught:
            await made.desk.close_ticket(ticket_id, "Done.", notify=False)
        assert caught.value.reason in {"closure_rule", "missing_fields"}
        assert (await raw(made, ticket_id))["status"]["name"] == "Open"
        await made.desk.close_ticket(ticket_id, "Done.", notify=False, minutes=15)
        assert (await raw(made, ticket_id))["status"]["name"] == "Closed"


@both
@pytest.mark.parametrize("refusal", ["3000", "4003", "4012"])
async def test_a_closing_code_that_is_demanded_is_named_and_the_next_call_gives_it(
    edition: EditionName, refusal: str
) -> None:
    async with bench(edition, close_rules=["closure_code"], close_refusal=refusal) as made:
        ticket_id, desk = await a_ticket(made), made.desk
        with pytest.raises(Conflict, match="Give it as `code`") as caught:
            await desk.close_ticket(ticket_id, "Done.", notify=False)
        assert "`code`: Success, " in caught.value.message
        assert "`custom`" not in caught.value.message
        with pytest.raises(Invalid, match=r"no such closing code.*Success"):
            await desk.close_ticket(ticket_id, "Better.", notify=False, code="Nonsense")
        assert (await desk.ticket(ticket_id)).resolution == "Done."
        receipt = await desk.close_ticket(ticket_id, "Done.", notify=False, code="success")
        told = {change.field: change.after for change in receipt.changes}
        assert (told["status"], told["closing code"]) == ("Closed", "Success")
        tables = made.raw.simulator.state.tables
        kept = tables["requests"][ticket_id]["closure_info"]
        assert isinstance(kept, dict)
        assert tables["closure_codes"][str(kept["closure_code"])]["name"] == "Success"
        hidden = edition == "onprem"  # it takes a code, and shows none
        assert ("none was read back" in " ".join(receipt.warnings or ())) is hidden
        again = await desk.close_ticket(ticket_id, "Done.", notify=False, code="Success")
        assert "Nothing was written" in " ".join(again.warnings or ())


@both
async def test_a_reply_where_none_can_be_mailed_is_a_public_note_and_says_so(
    edition: EditionName,
) -> None:
    async with bench(edition, Options(replies_by_mail=True)) as made:
        ticket_id = await a_ticket(made, requester={"email_id": await someone(made)})
        receipt = await made.desk.add_comment(ticket_id, REPLY)
        assert receipt.mail
        assert receipt.mail.sent is False
        assert "no mail was sent" in (receipt.mail.why or "")
        assert made.raw.simulator.state.outbox == []
        last = (await made.desk.comments(ticket_id, Window())).items[-1]
        assert (last.body, last.visibility) == ("Try &lt;now&gt;.", Visibility.PUBLIC)


@both
@pytest.mark.parametrize("reply", ["shown", "unseen"])
async def test_a_reply_is_mailed_only_where_the_probe_finds_the_way(
    edition: EditionName, reply: str
) -> None:
    shown = reply == "shown"
    knobs: dict[str, Any] = {"replies": "notifications", "reply_shown": shown}
    async with bench(edition, Options(replies_by_mail=True), **knobs) as made:
        address = await someone(made)
        ticket_id = await a_ticket(made, requester={"email_id": address})
        receipt = await made.desk.add_comment(ticket_id, REPLY)
        assert receipt.mail
        assert (receipt.mail.sent, receipt.mail.to) == (True, (address,))
        assert [m["to"] for m in made.raw.simulator.state.outbox] == [[address]]
        said = (await made.desk.comments(ticket_id, Window())).items
        assert [c.body for c in said] == ["Try &lt;now&gt;."]
        assert bool(receipt.warnings) is not shown
    async with bench(edition, **knobs) as made:
        ticket_id = await a_ticket(made, requester={"email_id": await someone(made)})
        await made.desk.add_comment(ticket_id, REPLY)
        assert made.raw.simulator.state.outbox == []


@both
async def test_the_first_public_answer_marks_the_first_response(edition: EditionName) -> None:
    async with bench(edition) as made:
        ticket_id = await a_ticket(made)
        internal = CommentDraft(body="x", visibility=Visibility.INTERNAL)
        await made.desk.add_comment(ticket_id, internal)
        assert (await raw(made, ticket_id)).get("responded_time") is None
        for marked in (True, False):
            receipt = await made.desk.add_comment(ticket_id, REPLY)
            assert ("first_response" in [c.field for c in receipt.changes]) is marked
        held = made.raw.simulator.state.tables["requests"][ticket_id]
        assert held["responded_time"]


@both
@pytest.mark.parametrize("url", ["relative", "absolute", "foreign"])
async def test_a_conversation_is_read_from_this_desk_only(edition: EditionName, url: str) -> None:
    async with bench(edition, content_url=url) as made:
        state = made.raw.simulator.state
        parents = [str(n["parent"]) for n in state.tables["notifications"].values()]
        ticket_id = parents[0].rsplit("/", 1)[1]
        said = (await made.desk.comments(ticket_id, Window(size=50))).items
        mails = [comment for comment in said if comment.id.startswith("mail-")]
        assert mails
        assert all(bool(mail.body) == (url != "foreign") for mail in mails)


@both
async def test_a_merged_ticket_says_where_it_went(edition: EditionName) -> None:
    async with bench(edition) as made:
        parent, child = await a_ticket(made), await a_ticket(made)
        await made.raw.put(f"requests/{parent}/merge_requests", merge_requests=[{"id": child}])
        with pytest.raises(NotFound, match=parent) as caught:
            await made.desk.ticket(child)
        assert caught.value.reason == "merged"


async def test_a_cloud_ticket_is_found_by_the_number_that_people_use() -> None:
    async with bench("cloud") as made:
        ticket_id = await a_ticket(made)
        shown = (await raw(made, ticket_id))["display_id"]
        ticket = await made.desk.ticket(shown)
        assert (ticket.id, ticket.number) == (ticket_id, shown)
        listed = await Asking(made.desk)("list_tickets", page_size=1)
        assert (listed["tickets"][0]["id"], listed["tickets"][0]["number"]) == (ticket_id, shown)


async def test_a_key_that_may_only_read_is_told_as_such() -> None:
    async with bench("onprem") as made:
        made.http.headers["authtoken"] = made.raw.simulator.config.reader_api_key
        with pytest.raises(Denied) as caught:
            await made.desk.create_ticket(TicketDraft(subject="x", description="x"))
        assert caught.value.reason == "desk_forbids"


@both
@pytest.mark.parametrize("upload", ["upload", "_upload", "_uploads", "uploads"])
async def test_a_file_goes_up_by_the_way_of_the_build(edition: EditionName, upload: str) -> None:
    ways = {"onprem": {"upload", "_upload"}, "cloud": {"_uploads", "uploads"}}
    async with bench(edition, upload=upload) as made:
        ticket_id = await a_ticket(made)
        file = Upload(name="log.txt", content=b"hello", media_type="text/plain")
        if upload not in ways[edition]:
            with pytest.raises(NotFound):
                await made.desk.attach(ticket_id, file, public=True)
            return
        receipt = await made.desk.attach(ticket_id, file, public=True)
        held = (await made.desk.ticket(ticket_id)).attachments or ()
        assert [(a.id, a.name, a.media_type) for a in held] == [
            (receipt.attachment_id, "log.txt", "text/plain")
        ]


@both
@pytest.mark.parametrize("build", [14990, 15110, 15200])
async def test_every_build_is_worked_with(edition: EditionName, build: int) -> None:
    async with bench(edition, build=build) as made:
        desk = made.desk
        draft = TicketDraft(subject="x", description="x", priority="Low", queue="Network")
        ticket_id = (await desk.create_ticket(draft)).ticket_id
        await desk.add_comment(ticket_id, REPLY)
        await desk.close_ticket(ticket_id, "Done.", notify=False)
        said = (await desk.comments(ticket_id, Window())).items
        assert len(said) == 1
        ticket = await desk.ticket(ticket_id)
        assert (ticket.status, ticket.queue) == ("Closed", "Network")
        assert ticket.modified
        assert ticket.modified > datetime(2020, 1, 1, tzinfo=UTC)


@both
async def test_nothing_that_is_done_ever_deletes(edition: EditionName) -> None:
    async with bench(edition) as made:
        ticket_id = await a_ticket(made)
        await made.desk.change_ticket(ticket_id, TicketChange(status="Cancelled"))
        await made.desk.close_ticket(ticket_id, "Done.", notify=False)
        assert [a for a in made.raw.simulator.asked if a["method"] == "DELETE"] == []
