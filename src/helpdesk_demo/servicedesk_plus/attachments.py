"""Files: uploaded one by one, listed, downloaded as bytes, and removed."""

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call, Reply, Upload, answer, created, deleted
from helpdesk_demo.servicedesk_plus.computed import download_url
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.listing import list_rows
from helpdesk_demo.servicedesk_plus.requests import live_request
from helpdesk_demo.servicedesk_plus.routing import Router
from helpdesk_demo.servicedesk_plus.schema_parts import ATTACHMENTS
from helpdesk_demo.servicedesk_plus.state import State
from helpdesk_demo.servicedesk_plus.values import Row, as_list, as_text

router = Router()

_KILOBYTE = 1024


@router.put(
    "requests/{id}/upload",
    needs=("upload", "upload"),
    edition="onprem",
    input="none",
    files=True,
    query=("description",),
    operation="UPDATE",
)
def upload(call: Call) -> Reply:
    """Attach one file to an on-prem request: part `input_file`, description in the address.

    Source: §4.6 [DOC v3-attachment-api-changes; LIVE chrisalibby].
    """
    request, file = live_request(call), _only_file(call, "input_file")
    row = _keep(call, "requests", request, file)
    row["description"] = call.query.get("description")
    _bind(request, row)
    return created(call, ATTACHMENTS, row)


@router.post(
    "requests/{id}/_upload",
    needs=("upload", "_upload"),
    edition="onprem",
    input="none",
    files=True,
)
def upload_unbound(call: Call) -> Reply:
    """Take a file that an update binds later, as MSP builds do.

    Source: §4.6 [LIVE nestyy, MSP on-prem].
    """
    request, file = live_request(call), _only_file(call, "input_file")
    return created(call, ATTACHMENTS, _keep(call, "requests", request, file))


@router.post(
    "requests/{id}/_uploads",
    needs=("upload", "_uploads"),
    edition="cloud",
    input="none",
    files=True,
    form=("addtoattachment",),
)
@router.post(
    "requests/{id}/uploads",
    needs=("upload", "uploads"),
    edition="cloud",
    input="none",
    files=True,
    form=("addtoattachment",),
)
def upload_to_cloud(call: Call) -> Reply:
    """Take a file in the Cloud: part `filename`; attached if addtoattachment=true.

    Source: §4.6, answer `file_id`, `content_url` [3P PTTG, from sdpod request.html].
    """
    request, file = live_request(call), _only_file(call, "filename")
    row = _keep(call, "requests", request, file)
    if call.form.get("addtoattachment") == "true":
        _bind(request, row)
    return answer(files=[{"file_id": row["id"], "content_url": download_url(call.state, row)}])


@router.get("requests/{id}/attachments", input="optional")
def list_attachments(call: Call) -> Reply:
    """Return the files of a request.

    Source: §4.6 [DOC, LIVE chrisalibby].
    """
    return list_rows(call, ATTACHMENTS, _files_of(call.state, live_request(call)))


@router.delete("requests/{id}/attachments/{attachment_id}")
def delete_attachment(call: Call) -> Reply:
    """Remove a file.

    Source: §4.6 [DOC, LIVE chrisalibby].
    """
    request, row = _attachment(call)
    request["attachments"] = [one for one in as_list(request["attachments"]) if one != row["id"]]
    call.state.tables["attachments"].pop(as_text(row["id"]))
    return deleted(call)


@router.get("requests/{id}/attachments/{attachment_id}/download", needs=("download", "download"))
@router.get("requests/{id}/attachments/{attachment_id}/_download", needs=("download", "_download"))
def download(call: Call) -> Reply:
    """Return the bytes; their real type is told by the list only.

    Source: §4.6 `/download` [DOC], `/_download` [LIVE 2026]; application/x-download [LIVE].
    """
    _, row = _attachment(call)
    headers = {
        "content-type": "application/x-download",
        "content-disposition": f'attachment; filename="{_ascii(as_text(row["name"]))}"',
    }
    return Reply(body=call.state.files[as_text(row["id"])], headers=headers)


@router.put("solutions/{id}/upload", scope="solutions", edition="onprem", input="none", files=True)
def upload_to_solution(call: Call) -> Reply:
    """Attach one file to a solution.

    Source: §4.6 "Solutions on-prem: PUT /solutions/{id}/upload" [LIVE chrisalibby].
    """
    solution, file = call.row("solutions"), _only_file(call, "input_file")
    row = _keep(call, "solutions", solution, file)
    _bind(solution, row)
    return created(call, ATTACHMENTS, row)


def add_file(state: State, module: str, parent: Row, file: Upload) -> Row:
    """File bytes and describe them."""
    row = state.add(
        "attachments",
        {
            "name": file.name,
            "content_type": file.content_type,
            "size": {"display_value": _size(len(file.data)), "value": str(len(file.data))},
            "module": module.removesuffix("s"),
        },
    )
    identifier = as_text(row["id"])
    state.files[identifier] = file.data
    row["path"] = f"{module}/{as_text(parent['id'])}/attachments/{identifier}"
    return row


def _keep(call: Call, module: str, parent: Row, file: Upload) -> Row:
    row = add_file(call.state, module, parent, file)
    row |= {"attached_by": call.caller_id, "attached_on": call.state.now}
    return row


def _bind(parent: Row, row: Row) -> None:
    parent["attachments"] = [*as_list(parent.get("attachments")), row["id"]]


def _only_file(call: Call, part: str) -> Upload:
    """Return the one file of a call; its part must have the right name."""
    if not call.uploads:
        raise errors.missing(part)
    if len(call.uploads) > 1 or call.uploads[0].part != part:
        raise Refused(4001, errors.EXTRA_PARAMETER)
    file = call.uploads[0]
    if len(file.data) > call.state.knobs.max_upload_bytes:
        raise errors.unknown_value(part)
    return file


def _attachment(call: Call) -> tuple[Row, Row]:
    request, row = live_request(call), call.row("attachments", "attachment_id")
    if row["id"] not in as_list(request.get("attachments")):
        raise errors.not_found()
    return request, row


def _files_of(state: State, parent: Row) -> list[Row]:
    return [state.tables["attachments"][as_text(one)] for one in as_list(parent.get("attachments"))]


def _size(count: int) -> str:
    return f"{count / _KILOBYTE:.1f}KB"


def _ascii(name: str) -> str:
    return name.encode("ascii", "replace").decode().replace('"', "'")
