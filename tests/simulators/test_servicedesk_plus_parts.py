"""What hangs on a request: notes, mails, files, worklogs, tasks, approvals (§4.4-4.10)."""

import pytest
from tests.simulators.servicedesk_plus import (
    ORIGIN,
    Answer,
    Desk,
    answer_of,
    cloud,
    desk_of,
    onprem,
)

from helpdesk_demo.servicedesk_plus.editions import Edition
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_list, as_row, as_rows, as_text

WORKLOG: Row = {
    "description": "Rebuilt tunnel",
    "start_time": {"value": "1783092000000"},
    "end_time": {"value": "1783093800000"},
    "time_spent": {"hours": "0", "minutes": "30"},
    "type": {"name": "Remote"},
    "include_nonoperational_hours": True,
    "mark_first_response": False,
}


async def technician(desk: Desk) -> str:
    return (await desk.get("technicians")).ids("technicians")[2]


async def upload(
    desk: Desk, method: str, path: str, part: str, data: dict[str, str] | None = None
) -> Answer:
    files = {part: ("informe año.txt", b"four bytes", "text/plain")}
    return answer_of(await desk.http.request(method, f"{desk.base}/{path}", files=files, data=data))


@pytest.mark.parametrize(("edition", "wrapper"), [("onprem", "note"), ("cloud", "request_note")])
async def test_a_note_has_the_wrapper_of_its_edition(edition: Edition, wrapper: str) -> None:
    async with desk_of(edition) as desk:
        number = await desk.new_request()
        path = f"requests/{number}/notes"
        text: Row = {"description": "<p>Checked the line.</p>", "show_to_requester": False}
        other = "request_note" if wrapper == "note" else "note"
        assert (await desk.post(path, **{other: text})).code == (400, 4001)
        note = (await desk.post(path, **{wrapper: text})).one(wrapper)
        single = await desk.get(f"{path}/{as_text(note['id'])}")
        assert single.one(wrapper)["description"] == "<p>Checked the line.</p>"
        listed = await desk.get(path)
        assert [row["id"] for row in listed.rows("notes")] == [note["id"]]
        assert (await desk.get(f"requests/{number}")).one("request")["has_notes"] is True
        author = "added_by" if edition == "onprem" else "created_by"
        assert as_row(note[author])["name"] == "Alice Nguyen"
        assert (await desk.delete(f"{path}/{as_text(note['id'])}")).http == 200
        assert (await desk.get(f"{path}/{as_text(note['id'])}")).code == (404, 4007)


async def test_the_first_response_is_marked_once() -> None:
    async with onprem(completed_times=True) as desk:
        number = await desk.new_request()
        first: Row = {"description": "Hola", "mark_first_response": True}
        assert (await desk.post(f"requests/{number}/notes", note=first)).http == 201
        request = (await desk.get(f"requests/{number}")).one("request")
        assert request["responded_time"] is not None
        again = await desk.post(f"requests/{number}/notes", note=first)
        assert again.code == (400, 4001)


async def test_a_public_note_mails_nobody_unless_the_knob_says_so() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        shown: Row = {"description": "Hola", "show_to_requester": True}
        await desk.post(f"requests/{number}/notes", note=shown)
        assert desk.simulator.state.outbox == []
        desk.turn(note_mails_requester=True)
        await desk.post(f"requests/{number}/notes", note=shown)
        assert len(desk.simulator.state.outbox) == 1


async def test_nobody_knows_the_author_of_a_cloud_note_so_a_knob_gives_the_other_name() -> None:
    async with cloud(cloud_note_author="added_by") as desk:
        number = await desk.new_request()
        note = await desk.post(f"requests/{number}/notes", request_note={"description": "x"})
        assert {"added_by", "added_time"} <= note.one("request_note").keys()


async def test_notes_of_changes_take_no_requester_and_lists_leave_the_text_out() -> None:
    async with onprem() as desk:
        change = (await desk.get("changes")).ids("changes")[0]
        path = f"changes/{change}/notes"
        shown = await desk.post(path, note={"description": "x", "show_to_requester": True})
        assert shown.code == (400, 4001)
        note = (await desk.post(path, note={"description": "x"})).one("note")
        assert "description" not in (await desk.get(path)).rows("notes")[0]
        assert (await desk.get(f"{path}/{as_text(note['id'])}")).one("note")["description"] == "x"


async def test_conversations_have_no_bodies_until_they_are_fetched() -> None:
    async with onprem() as desk:
        number = next(
            as_text(row["parent"]).partition("/")[2]
            for row in desk.simulator.state.tables["notes"].values()
        )
        path = f"requests/{number}/_conversations"
        mails = (await desk.get(path)).rows("conversations")
        both = (await desk.get(path, notes=True, system_notifications=False)).rows("conversations")
        assert len(both) == len(mails) + 1
        for item in both:
            assert "description" not in item
            body = await desk.http.get(as_text(item["content_url"]))
            key = "note" if item["type"] == "note" else "notification"
            assert as_row(body.json()[key])["description"]
        desk.turn(content_url="absolute")
        far = (await desk.get(path)).rows("conversations")[0]
        assert as_text(far["content_url"]).startswith(ORIGIN)
        desk.turn(content_url="foreign")
        foreign = (await desk.get(path)).rows("conversations")[0]
        assert not as_text(foreign["content_url"]).startswith(ORIGIN)


REPLY: Row = {
    "type": "reply",
    "subject": "Re: [Request ID :##RE-42##] : VPN drops",
    "description": "<p>Try now.</p>",
    "content_type": "text/html",
    "mode": "E-Mail",
    "to": [{"email_id": "ann@example.com"}],
    "cc": [],
    "bcc": [],
    "attachments": [],
    "copied_from": {"module": "request", "id": "42"},
}


async def test_a_reply_by_mail_exists_only_where_the_knob_says_so() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        path = f"requests/{number}/notifications"
        assert (await desk.post(path, notification=REPLY)).code == (404, 4007)
        desk.turn(replies="notifications")
        assert (await desk.post(path, notification=REPLY)).http == 200
        assert desk.simulator.state.outbox[0]["to"] == ["ann@example.com"]
        assert (await desk.get(path)).rows("notifications") == []
        nobody = await desk.post(path, notification={**REPLY, "to": [{"email_id": "x"}]})
        assert nobody.code == (400, 4001)
        desk.turn(reply_shown=True)
        await desk.post(path, notification=REPLY)
        assert len((await desk.get(path)).rows("notifications")) == 1


async def test_a_draft_is_saved_and_never_sent() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        path = f"requests/{number}/drafts"
        draft: Row = {"type": "reply", "subject": "Re", "description": "x", "to": [], "cc": []}
        saved = (await desk.post(path, draft=draft)).one("draft")
        assert (await desk.get(f"requests/{number}")).one("request")["has_draft"] is True
        assert (await desk.delete(f"{path}/{as_text(saved['id'])}")).http == 200
        assert desk.simulator.state.outbox == []


async def test_a_file_goes_in_and_comes_out_on_prem() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        put = await upload(desk, "PUT", f"requests/{number}/upload?description=Log", "input_file")
        file = put.one("attachment")
        assert file["size"] == {"display_value": "0.0KB", "value": "10"}
        assert file["description"] == "Log"
        listed = (await desk.get(f"requests/{number}/attachments")).rows("attachments")
        assert listed[0]["content_type"] == "text/plain"
        path = f"requests/{number}/attachments/{as_text(file['id'])}"
        got = await desk.http.get(f"{desk.base}/{path}/_download")
        assert (got.content, got.headers["content-type"]) == (
            b"four bytes",
            "application/x-download",
        )
        assert (await desk.get(f"{path}/download")).code == (404, 4007)
        assert (await desk.delete(path)).http == 200
        assert (await desk.get(f"requests/{number}/attachments")).rows("attachments") == []


async def test_uploads_are_strict_about_the_part_and_the_size() -> None:
    async with onprem(max_upload_bytes=3) as desk:
        number = await desk.new_request()
        path = f"requests/{number}/upload"
        assert (await upload(desk, "PUT", path, "file")).code == (400, 4001)
        assert (await upload(desk, "PUT", path, "input_file")).code == (400, 4001)
        assert (await desk.put(path)).code == (400, 4012)
        assert (await upload(desk, "POST", "requests", "input_file")).code == (400, 4013)


async def test_the_cloud_uploads_under_its_own_names() -> None:
    async with cloud() as desk:
        number = await desk.new_request()
        path = f"requests/{number}/_uploads"
        attach = {"addtoattachment": "true"}
        up = await upload(desk, "POST", path, "filename", attach)
        assert as_rows(up.body["files"])[0].keys() == {"file_id", "content_url"}
        assert len((await desk.get(f"requests/{number}/attachments")).rows("attachments")) == 1


async def test_a_file_uploaded_alone_is_bound_by_an_update() -> None:
    async with onprem(upload="_upload") as desk:
        number = await desk.new_request()
        file = (await upload(desk, "POST", f"requests/{number}/_upload", "input_file")).one(
            "attachment"
        )
        assert (await desk.get(f"requests/{number}/attachments")).rows("attachments") == []
        bound = await desk.put(f"requests/{number}", request={"attachments": [{"id": file["id"]}]})
        assert len(as_list(bound.one("request")["attachments"])) == 1


@pytest.mark.parametrize("edition", ["onprem", "cloud"])
async def test_the_sample_worklog_is_taken(edition: Edition) -> None:
    async with desk_of(edition) as desk:
        number, owner = await desk.new_request(), await technician(desk)
        path = f"requests/{number}/worklogs"
        log: Row = {**WORKLOG, "owner": {"id": owner}}
        made = (await desk.post(path, worklog=log)).one("worklog")
        assert made["time_spent"] == {"hours": "0", "minutes": "30"}
        request = (await desk.get(f"requests/{number}")).one("request")
        assert request["time_elapsed"] == "0"
        assert (await desk.post(path, worklog=WORKLOG)).message["fields"] == ["owner"]
        assert (await desk.post(path, worklog={**log, "is_billable": True})).code == (400, 4001)
        late: Row = {**log, "end_time": {"value": "1783091000000"}}
        assert (await desk.post(path, worklog=late)).code == (400, 4016)


async def test_a_task_closes_at_once_and_keeps_its_request_open_until_then() -> None:
    async with onprem() as desk:
        number = await desk.new_request()
        path = f"requests/{number}/tasks"
        effort: Json = {"days": "0", "hours": "2", "minutes": "0"}
        task = await desk.post(path, task={"title": "Cable", "estimated_effort": effort})
        await desk.post(f"requests/{number}/resolutions", resolution={"content": "Done"})
        assert (await desk.put(f"requests/{number}/close")).message["fields"] == ["tasks"]
        closed = await desk.put(
            f"{path}/{task.one('task')['id']}", task={"status": {"name": "Closed"}}
        )
        assert closed.one("task")["percentage_completion"] == "100"
        assert (await desk.put(f"requests/{number}/close")).http == 200


async def test_cloud_tasks_have_the_old_names() -> None:
    async with cloud() as desk:
        number = await desk.new_request()
        task: Row = {
            "title": "Cable",
            "estimated_effort_hours": "2",
            "task_type": {"name": "Review"},
        }
        made = await desk.post(f"requests/{number}/tasks", task=task)
        assert made.one("task")["estimated_effort_hours"] == "2"
