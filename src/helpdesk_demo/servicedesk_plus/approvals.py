"""Approvals of requests and changes: a level, its approvers, the mail, and their word."""

from dataclasses import dataclass

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.calls import Call, Reply, answer, created, done, one
from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.fields import Module
from helpdesk_demo.servicedesk_plus.listing import list_rows
from helpdesk_demo.servicedesk_plus.requests import live_request
from helpdesk_demo.servicedesk_plus.routing import Router
from helpdesk_demo.servicedesk_plus.schema_modules import CHANGES
from helpdesk_demo.servicedesk_plus.schema_parts import APPROVAL_LEVELS, APPROVALS
from helpdesk_demo.servicedesk_plus.schema_requests import REQUESTS
from helpdesk_demo.servicedesk_plus.state import parent_key
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_row, as_rows, as_text
from helpdesk_demo.servicedesk_plus.writing import read_new

router = Router()

NO_APPROVERS = "Approvers are unavailable"
NOT_SENT = "Recommendation mail is not yet sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """The approvals of one module."""

    module: Module

    def levels(self, call: Call) -> Reply:
        rows = call.state.children("approval_levels", self._parent(call))
        return list_rows(call, APPROVAL_LEVELS, rows)

    def add_level(self, call: Call) -> Reply:
        """Add a level with its approvers; its number is the desk's to give."""
        subject, parent, state = self._subject(call), self._parent(call), call.state
        row = read_new(call.view, APPROVAL_LEVELS, call.wrapped(APPROVAL_LEVELS))
        asked = as_rows(row.pop("approvals", None))
        if not asked:
            raise Refused(4001, NO_APPROVERS)
        approvals = [read_new(call.view, APPROVALS, one) for one in asked]
        row |= {
            "level": len(state.children("approval_levels", parent)) + 1,
            "status": {"name": "To be sent"},
            "created_by": call.caller_id,
            "created_time": state.now,
        }
        level = state.add("approval_levels", row, parent=parent)
        for approval in approvals:
            title = subject.get(self.module.label)
            approval |= {
                "status": {"name": "To be sent"},
                "approval_level": {"id": level["id"]},
                self.module.one: {"id": subject["id"], self.module.label: title},
            }
            state.add("approvals", approval, parent=parent_key("approval_levels", level["id"]))
        subject["approval_status"] = {"name": "Pending Approval"}
        return created(call, APPROVAL_LEVELS, level)

    def approvals(self, call: Call) -> Reply:
        return list_rows(call, APPROVALS, call.state.children("approvals", self._level(call)))

    def mail(self, call: Call) -> Reply:
        self._level(call)
        subject = f"Approval for {self.module.one} {call.path['id']}"
        return answer(notification={"subject": subject, "description": "<p>$ApprovalLink</p>"})

    def send_mail(self, call: Call) -> Reply:
        """Mail the approvers named by ?ids=; only then can they decide."""
        level = self._level(call)
        wrapped = call.input("notification") if call.view.is_cloud else call.under("approval")
        mail = as_row(wrapped.get("notification"))
        if not mail.get("subject") or not mail.get("description"):
            raise errors.missing("notification")
        chosen = call.query.get("ids", "").split(",")
        rows = [row for row in call.state.children("approvals", level) if row["id"] in chosen]
        if not rows or len(rows) != len(chosen):
            raise errors.unknown_value("ids")
        for row in rows:
            row["status"], row["sent_on"] = {"name": "Pending Approval"}, call.state.now
            approver = call.state.tables["users"][as_text(row["approver"])]
            call.state.outbox.append({"to": [approver.get("email_id")], "subject": mail["subject"]})
        return done("Notification sent")

    def approve(self, call: Call) -> Reply:
        return self._decide(call, "Approved")

    def reject(self, call: Call) -> Reply:
        return self._decide(call, "Denied")

    def _decide(self, call: Call, word: str) -> Reply:
        row = call.child("approvals", self._level(call), "approval_id")
        comments = call.under("approval")
        for key in comments:
            if key != "comments":
                raise errors.extra_key(key)
        if row.get("sent_on") is None:
            raise Refused(4001, NOT_SENT)
        decided: Json = {"name": word}
        row |= {
            "status": decided,
            "comments": comments.get("comments"),
            "action_taken_on": call.state.now,
        }
        words = [one["status"] for one in call.state.children("approvals", self._level(call))]
        if word == "Denied" or all(one == decided for one in words):
            call.row("approval_levels", "level_id")["status"] = decided
            self._subject(call)["approval_status"] = decided
        return one(call, APPROVALS, row)

    def _subject(self, call: Call) -> Row:
        if self.module is REQUESTS:
            return live_request(call)
        return call.row(self.module.table)

    def _parent(self, call: Call) -> str:
        return parent_key(self.module.table, self._subject(call)["id"])

    def _level(self, call: Call) -> str:
        level = call.child("approval_levels", self._parent(call), "level_id")
        return parent_key("approval_levels", level["id"])


def _register(approvals: Approvals, source: str) -> None:
    on, base = Router(approvals.module.scope), f"{approvals.module.many}/{{id}}/approval_levels"
    level = f"{base}/{{level_id}}/approvals"
    on.get(base, input="optional", doc=f"Return the levels. Source: {source}")(approvals.levels)
    on.post(base, doc=f"Add a level with approvers. Source: {source}")(approvals.add_level)
    on.get(level, input="optional", doc=f"Return who decides. Source: {source}")(
        approvals.approvals
    )
    on.get(f"{level}/get_notification_content", doc=f"Return the mail. Source: {source}")(
        approvals.mail
    )
    on.put(f"{level}/send_notification", query=("ids",), doc=f"Mail approvers. Source: {source}")(
        approvals.send_mail
    )
    for position, words in (
        ("_approve", ("_approve", "_reject")),
        ("approve", ("approve", "reject")),
    ):
        for word, handler in zip(words, (approvals.approve, approvals.reject), strict=True):
            on.put(
                f"{level}/{{approval_id}}/{word}",
                needs=("approve", position),
                doc=f"Decide, once the mail is out. Source: {source}",
            )(handler)
    router.routes.extend(on.routes)


_register(
    Approvals(module=REQUESTS),
    "§4.10 whole course on-prem, `_approve` [LIVE chrisalibby], older `approve` [3P ru-client];"
    " the Cloud's mail without wrapper [DOC].",
)
_register(
    Approvals(module=CHANGES),
    "§5 says that problems have no approval levels [LIVE chrisalibby]; that changes have the same"
    " ones as requests is [INFER].",
)


@router.get("approvals", input="optional")
def list_queue(call: Call) -> Reply:
    """Return the approvals that wait for the user behind the key.

    Source: §4.1 approvals queue [3P ru-client, griffeth-barker].
    """
    rows = [
        row
        for row in call.state.tables["approvals"].values()
        if row["approver"] == call.caller_id and row["status"] == {"name": "Pending Approval"}
    ]
    return list_rows(call, APPROVALS, rows)
