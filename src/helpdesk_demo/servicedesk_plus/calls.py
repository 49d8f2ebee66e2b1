"""One call as a handler sees it, and the answers a handler gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.fields import Module
from helpdesk_demo.servicedesk_plus.rendering import View, full
from helpdesk_demo.servicedesk_plus.state import State, parent_key
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_row, as_text

SUCCESS: Row = {"status_code": 2000, "status": "success"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    part: str
    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`data` is the decoded input_data; `caller` is the row of the user the key belongs to."""

    view: View
    caller: Row
    path: Mapping[str, str]
    data: Row | None = None
    data_in_query: bool = False
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    form: Mapping[str, str] = field(default_factory=dict[str, str])
    uploads: Sequence[Upload] = ()

    @property
    def state(self) -> State:
        return self.view.state

    @property
    def caller_id(self) -> str:
        return as_text(self.caller["id"])

    def input(self, *keys: str) -> Row:
        """Return the input; any key that is not named is refused."""
        data = self.data or {}
        for key in data:
            if key not in keys:
                raise errors.extra_key(key)
        return data

    def wrapped(self, module: Module) -> Row:
        """Return what is inside the wrapper of a module, such as {"request": {…}}."""
        return self.under(module.wrapper(self.view.dialect))

    def under(self, wrapper: str) -> Row:
        data = self.input(wrapper)
        if wrapper not in data:
            raise errors.missing(wrapper)
        inner = data[wrapper]
        if not isinstance(inner, dict):
            raise errors.wrong_type(wrapper)
        return inner

    def row(self, table: str, name: str = "id") -> Row:
        """Return the row whose id is in the path."""
        found = self.state.tables[table].get(self.path[name])
        if found is None:
            raise errors.not_found()
        return found

    def child(self, table: str, parent: str, name: str) -> Row:
        """Return the row in the path that hangs on the one parent."""
        found = self.row(table, name)
        if found.get("parent") != parent:
            raise errors.not_found()
        return found

    def parent(self, table: str) -> str:
        """Return the key of the parent in the path, which must exist."""
        return parent_key(table, self.row(table)["id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    body: Row | bytes
    http: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def one(call: Call, module: Module, row: Row, *, http: int = 200) -> Reply:
    """Answer with a single record: response_status is an object."""
    body: Row = {module.wrapper(call.view.dialect): full(call.view, module, row)}
    return Reply(body={**body, "response_status": dict(SUCCESS)}, http=http)


def created(call: Call, module: Module, row: Row) -> Reply:
    return one(call, module, row, http=call.state.knobs.created_http)


def answer(**entities: Json) -> Reply:
    return Reply(body={**entities, "response_status": dict(SUCCESS)})


def done(message: str) -> Reply:
    """Answer an action: no entity, but a message (reference §3.1 [LIVE])."""
    details: Row = {"status_code": 2000, "type": "success", "message": message}
    status: Row = {"status_code": 2000, "messages": [details], "status": "success"}
    return Reply(body={"response_status": status})


def deleted(call: Call) -> Reply:
    if call.state.knobs.deleted_http == 204:  # noqa: PLR2004 - No Content
        return Reply(body=b"", http=204)
    return answer()


def ids_in(call: Call, key: str, table: str) -> list[str]:
    """Return the ids of a list such as [{"id": "2"}], each of which must exist."""
    rows = call.input(key).get(key)
    if not isinstance(rows, list) or not rows:
        raise errors.missing(key)
    return [existing_id(call, as_row(item), table) for item in rows]


def existing_id(call: Call, reference: Row, table: str) -> str:
    identifier = reference.get("id")
    if not isinstance(identifier, (str, int)) or isinstance(identifier, bool):
        raise Refused(4001, errors.INVALID_ID).about(field="id")
    if str(identifier) not in call.state.tables[table]:
        raise errors.unknown_value("id")
    return str(identifier)
