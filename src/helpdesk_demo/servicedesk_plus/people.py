"""Users, requesters and technicians."""

from helpdesk_demo.servicedesk_plus.calls import Call, Reply, created, one
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.listing import list_rows
from helpdesk_demo.servicedesk_plus.routing import Router
from helpdesk_demo.servicedesk_plus.schema_setup import TECHNICIANS, USERS
from helpdesk_demo.servicedesk_plus.values import Row, as_text
from helpdesk_demo.servicedesk_plus.writing import read_changes, read_new

router = Router("users")


@router.get("users", needs=("users", "users"), input="optional")
def list_users(call: Call) -> Reply:
    """Return everybody who has an account.

    Source: §5 Users: O demo and 15100+; C needs users.READ [LIVE].
    """
    return list_rows(call, USERS, call.state.tables["users"].values())


@router.get("requesters", needs=("users", "requesters"), input="optional")
def list_requesters(call: Call) -> Reply:
    """Return the people who may ask for something.

    Source: §5 Users: /requesters, 404 on the demo, used by chrisalibby and Teejer [LIVE].
    """
    rows = [row for row in call.state.tables["users"].values() if row["is_technician"] is False]
    return list_rows(call, USERS, rows, key="requesters")


@router.get("users/{id}", needs=("users", "users"))
@router.get("requesters/{id}", needs=("users", "requesters"))
def get_user(call: Call) -> Reply:
    """Return one person.

    Source: §5 Users [LIVE].
    """
    return one(call, USERS, call.row("users"))


@router.post("users", needs=("users", "users"))
def add_user(call: Call) -> Reply:
    """Add a person; an address is used once.

    Source: §0.2 Admin/User operations [DOC]; 4008 not unique §3.2 [DOC].
    """
    row = read_new(call.view, USERS, call.wrapped(USERS))
    email = row.get("email_id")
    taken = [one.get("email_id") for one in call.state.tables["users"].values()]
    if email is not None and email in taken:
        raise Refused(4008).about(field="email_id")
    return created(call, USERS, call.state.add("users", {**row, "is_technician": False}))


@router.put("users/{id}", needs=("users", "users"))
def update_user(call: Call) -> Reply:
    """Change a person.

    Source: §0.2 Admin/User operations [DOC].
    """
    row = call.row("users")
    row.update(read_changes(call.view, USERS, call.wrapped(USERS), row))
    return one(call, USERS, row)


@router.put("users/{id}/change_as_technician", needs=("users", "users"), input="optional")
def promote(call: Call) -> Reply:
    """Make a technician of a user.

    Source: §5 Users [LIVE].
    """
    row: Row = call.row("users")
    row["is_technician"] = True
    call.state.tables["technicians"][as_text(row["id"])] = row
    return one(call, TECHNICIANS, row)


@router.get("technicians", input="optional")
def list_technicians(call: Call) -> Reply:
    """Return the technicians.

    Source: §5 Users, /technicians on both [LIVE PBNZ, Teejer]; 401 without users.READ [LIVE PTTG].
    """
    return list_rows(call, TECHNICIANS, call.state.tables["technicians"].values())


@router.get("technicians/{id}")
def get_technician(call: Call) -> Reply:
    """Return one technician.

    Source: §5 Users [LIVE].
    """
    return one(call, TECHNICIANS, call.row("technicians"))
