"""Custom fields by their labels: wherever a build tells them, and what is said where none does."""

from dataclasses import replace
from typing import Any

import pytest
from tests.desks.servicedesk import Bench, bench

from helpdesk_demo.servicedesk_plus.values import Row, as_row
from helpdesk_mcp.desks.servicedeskplus.custom_values import Custom, described, written
from helpdesk_mcp.desks.servicedeskplus.editions import EditionName
from helpdesk_mcp.desks.servicedeskplus.options import Options
from helpdesk_mcp.domain.assets import AssetDraft
from helpdesk_mcp.domain.criteria import Condition, Criteria
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.pages import Window
from helpdesk_mcp.domain.tickets import TicketChange, TicketDraft

SILENT = {"metainfo": "absent", "udf_setup": "absent"}
TELLING: tuple[tuple[EditionName, int, dict[str, Any]], ...] = (
    ("cloud", 0, {}),
    ("cloud", 0, {"metainfo": "absent"}),
    ("cloud", 0, {"metainfo": "absent", "unknown_route": "html_400"}),
    ("onprem", 15110, {}),
    ("onprem", 15110, {"metainfo": "metainfo", "udf_setup": "absent"}),
    ("onprem", 15110, {"metainfo": "absent"}),
    ("onprem", 15210, {}),
    ("onprem", 15210, {"request_udf": "beside"}),
    ("onprem", 15210, {"request_udf": "beside", "metainfo": "absent"}),
)


@pytest.mark.parametrize(
    ("name", "told", "kind", "several"),
    [
        # As the vendor's own client and two clients of the Cloud met them.
        ("udf_char1", {"type": "string", "field_type": "Single Line"}, "text", False),
        ("txt_update_reason", {"type": "string"}, "text", False),
        ("udf_char2", {"type": "multi_select", "field_type": "Check Box"}, "text", True),
        ("udf_datestamp1", {"type": "datestamp", "field_type": "Datestamp"}, "date", False),
        ("udf_visit", {"type": "datetime"}, "date", False),
        ("udf_long1", {"type": "long", "field_type": "Numeric Field"}, "number", False),
        ("udf_affected", {"display_type": "Numeric"}, "number", False),
        ("udf_boolean1", {"type": "boolean", "field_type": "Decision Box"}, "boolean", False),
        ("ref_owner", {"type": "lookup"}, "reference", False),
        (
            "ref_people",
            {"type": "refered_field", "field_type": "Multi Select Reference Entity"},
            "reference",
            True,
        ),
        ("udf_multiselect_9", {"type": "lookup", "display_type": "MultiSelect"}, "text", True),
        ("udf_pick_1", {"type": "lookup", "display_type": "Pick List"}, "text", False),
        ("udf_date_1804", {}, "date", False),
        ("num_floor", {}, "number", False),
        ("udf_number_of_updates", {}, "text", False),
        ("udf_future", {"type": "future_type"}, "text", False),
    ],
)
def test_the_kind_of_a_field_is_what_the_desk_says_else_what_its_name_says(
    *, name: str, told: dict[str, str], kind: str, several: bool
) -> None:
    found = described(name, {"display_name": "Label", **told}, None)
    assert (found.label, found.kind, found.several) == ("Label", kind, several)


def test_a_reference_is_written_by_id_address_or_name_and_a_number_of_the_desk_never() -> None:
    people = Custom(name="ref_people", label="People", kind="reference", several=True)
    assert written(people, "7, ann@example.org, Bob Okafor", Options()) == [
        {"id": "7"},
        {"email_id": "ann@example.org"},
        {"name": "Bob Okafor"},
    ]
    assert written(replace(people, several=False), "none", Options()) is None
    numbered = described("auto", {"type": "sequence_number"}, None)
    assert numbered.field.writable is False
    with pytest.raises(Invalid):
        written(numbered, "7", Options())


def a_field(made: Bench, name: str, label: str, kind: str, **more: Any) -> None:
    row: Row = {"name": name, "plain": name, "label": label, "type": kind, "values": None, **more}
    made.raw.simulator.state.add("udf", {"wire_type": kind, "module": "requests", **row})


@pytest.mark.parametrize(("edition", "build", "knobs"), TELLING)
async def test_a_build_that_tells_labels_is_read_and_written_by_them(
    edition: EditionName, build: int, knobs: dict[str, Any]
) -> None:
    async with bench(edition, build=build, **knobs) as made:
        desk = made.desk
        custom = {"asset tag": "L-1", "Canal de entrada": "Web", "Visit on": "2030-05-06"}
        receipt = await desk.create_ticket(TicketDraft(subject="x", description="x", custom=custom))
        await desk.change_ticket(receipt.ticket_id, TicketChange(custom={"People affected": 3}))
        held = (await desk.ticket(receipt.ticket_id)).custom or {}
        assert (held["Asset tag"], held["Canal de entrada"], held["People affected"]) == (
            "L-1",
            "web",
            "3",
        )
        fields = await desk.fields()
        told = {field.label: field for field in fields.fields}
        assert told["Canal de entrada"].choices == ("web", "email", "phone")
        assert (told["Visit on"].kind, "labels" in (fields.note or "")) == ("date", False)
        tag = Criteria(groups=((Condition(field="asset tag", operator="is", values=("L-1",)),),))
        found = await desk.tickets_where(tag, Window(size=5))
        assert [ticket.id for ticket in found.items] == [receipt.ticket_id]


@pytest.mark.parametrize(
    ("build", "knobs", "known"),
    [
        (14990, {}, "udf_sline_1802"),
        (15210, SILENT, "udf_sline_1802"),
        (15210, {**SILENT, "request_udf": "beside"}, "udf_sline_1802"),
    ],
)
async def test_a_build_that_tells_no_labels_says_so_and_how_to_set_them(
    build: int, knobs: dict[str, Any], known: str
) -> None:
    async with bench("onprem", build=build, **knobs) as made:
        note = (await made.desk.fields()).note or ""
        assert "labels" in note
        assert known in note
        draft = TicketDraft(subject="x", description="x", custom={"Asset tag": "L-1"})
        with pytest.raises(Invalid, match=r'`labels`: \{"udf_sline_1802"'):
            await made.desk.create_ticket(draft)
        by_name = TicketDraft(subject="x", description="x", custom={known: "L-1"})
        receipt = await made.desk.create_ticket(by_name)
        held = (await made.desk.ticket(receipt.ticket_id)).custom or {}
        assert held[known] == "L-1"


async def test_labels_that_an_administrator_set_are_enough_on_an_old_build() -> None:
    async with bench("onprem", build=14990) as made:
        row = (await made.raw.get(f"requests/{await made.raw.new_request()}")).one("request")
        labels = {name: name.upper() for name in as_row(row["udf_fields"])}
    labels["udf_sline_1802"] = "Etiqueta"
    async with bench("onprem", Options(labels=labels), build=14990) as made:
        draft = TicketDraft(subject="x", description="x", custom={"etiqueta": "L-1"})
        receipt = await made.desk.create_ticket(draft)
        assert ((await made.desk.ticket(receipt.ticket_id)).custom or {})["Etiqueta"] == "L-1"
        assert "labels" not in ((await made.desk.fields()).note or "")


@pytest.mark.parametrize("edition", ["onprem", "cloud"])
async def test_a_field_of_several_choices_takes_several(edition: EditionName) -> None:
    async with bench(edition) as made:
        a_field(made, "udf_multi_1", "Floors", "multi", values=["one", "two"])
        ticket_id = await made.raw.new_request()
        desk = made.desk
        await desk.change_ticket(ticket_id, TicketChange(custom={"floors": "One, two"}))
        assert ((await desk.ticket(ticket_id)).custom or {})["Floors"] == "one, two"
        with pytest.raises(Invalid, match="one, two"):
            await desk.change_ticket(ticket_id, TicketChange(custom={"floors": "three"}))


@pytest.mark.parametrize("edition", ["onprem", "cloud"])
async def test_closing_codes_and_mandatory_fields_are_told_beforehand(edition: EditionName) -> None:
    async with bench(edition, mandatory_fields=["category", "group", "impact"]) as made:
        fields = await made.desk.fields()
        assert "Success" in (fields.closing_codes or ())
        wanted = {field.name for field in fields.fields if field.required}
        assert wanted == {"subject", "category", "queue", "impact"}


@pytest.mark.parametrize("edition", ["onprem", "cloud"])
async def test_what_another_template_wants_is_told_beforehand_and_is_enough(
    edition: EditionName,
) -> None:
    async with bench(edition) as made:
        note = (await made.desk.fields()).note or ""
        assert (
            "Template `Acceso VPN` also needs `category`, `impact`, `site`, `subcategory`." in note
        )
        assert "Template `Alta de empleado` also needs `description`, `queue`, `site`." in note
        custom = {
            "template": "Acceso VPN",
            "category": "Network",
            "subcategory": "VPN",
            "impact": "Affects User",
            "site": "Madrid",
        }
        draft = TicketDraft(subject="x", description="x", custom=custom)
        ticket = await made.desk.ticket((await made.desk.create_ticket(draft)).ticket_id)
        assert (ticket.custom or {})["template"] == "Acceso VPN"


async def test_a_desk_that_hides_its_templates_still_names_what_is_missing() -> None:
    async with bench("onprem", template_layouts="absent", mandatory_fields=["category"]) as made:
        fields = (await made.desk.fields()).fields
        assert [field.name for field in fields if field.required] == ["subject"]
        with pytest.raises(Invalid, match="category"):
            await made.desk.create_ticket(TicketDraft(subject="x", description="x"))


@pytest.mark.parametrize(
    ("edition", "build", "knobs"), [t for t in TELLING if t[2].get("metainfo") != "metainfo"]
)
async def test_an_assets_custom_fields_go_by_their_labels_too(
    edition: EditionName, build: int, knobs: dict[str, Any]
) -> None:
    async with bench(edition, build=build, **knobs) as made:
        book = made.desk.assets
        product = next(iter(made.raw.simulator.state.tables["products"].values()))["name"]
        draft = AssetDraft(name="L-7", product=str(product), custom={"rack position": "B2"})
        asset_id = (await book.create(draft)).id or ""
        assert ((await book.read(asset_id)).custom or {})["Rack position"] == "B2"
        await book.change(asset_id, AssetDraft(custom={"Rack position": "C1"}))
        assert ((await book.read(asset_id)).custom or {})["Rack position"] == "C1"
        with pytest.raises(Invalid, match="Rack position"):
            await book.change(asset_id, AssetDraft(custom={"Colour": "red"}))


@pytest.mark.parametrize("build", [14990, 15210])
async def test_where_nobody_tells_labels_the_vendors_own_name_is_taken(build: int) -> None:
    async with bench("onprem", build=build, metainfo="absent", udf_setup="absent") as made:
        name = "udf_rack" if build > 15200 else "udf_sline_2101"
        product = next(iter(made.raw.simulator.state.tables["products"].values()))["name"]
        draft = AssetDraft(name="L-7", product=str(product), custom={name: "B2"})
        made_id = (await made.desk.assets.create(draft)).id or ""
        assert ((await made.desk.assets.read(made_id)).custom or {})[name] == "B2"
