"""Thousands of lifelike tickets in English and Spanish, the same ones for the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from random import Random

from helpdesk_demo.desk.content import Content, Language, Situation
from helpdesk_demo.desk.hours import opening_moment
from helpdesk_demo.desk.scenes import fill_words
from helpdesk_demo.servicedesk_plus.attachments import add_file
from helpdesk_demo.servicedesk_plus.calls import Upload
from helpdesk_demo.servicedesk_plus.seed_people import GROUPS, Cast
from helpdesk_demo.servicedesk_plus.state import State, parent_key
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_int, as_text

SPAN_DAYS = 400
_FIRST_ONPREM_ID = 1001
_HOUR = 3_600_000
_PRIORITY = {1: "High", 2: "High", 3: "Medium", 4: "Normal", 5: "Low"}
_DUE_HOURS = {"High": 8, "Medium": 24, "Normal": 72, "Low": 120}
# (younger than days, weight of each status)
_FATES = (
    (4, {"Open": 6, "In Progress": 3, "Onhold": 1, "Resolved": 2}),
    (30, {"Open": 2, "In Progress": 2, "Onhold": 1, "Resolved": 3, "Closed": 8}),
    (SPAN_DAYS + 10, {"Open": 1, "Onhold": 1, "Cancelled": 2, "Resolved": 4, "Closed": 90}),
)
# The newest tickets go through these, so that the smallest desk has one of each.
_SURE = ("Open", "In Progress", "Onhold", "Resolved", "Closed", "Cancelled")
_SHARES = {"attachment": 0.06, "task": 0.08, "trash": 0.006, "merged": 0.008, "unassigned": 0.4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """What telling a ticket needs."""

    state: State
    content: Content
    cast: Cast
    rnd: Random
    now: int
    ids: dict[str, dict[str, str]]
    """By table and name."""

    def chance(self, name: str) -> bool:
        return self.rnd.random() < _SHARES[name]


def seed_requests(
    state: State, content: Content, cast: Cast, rnd: Random, *, count: int, now: int
) -> None:
    """File `count` tickets, the oldest first."""
    if not state.is_cloud:
        state.next_ids["requests"] = _FIRST_ONPREM_ID
    teller = Teller(state=state, content=content, cast=cast, rnd=rnd, now=now, ids=_ids(state))
    at = datetime.fromtimestamp(now / 1000, UTC)
    moments = sorted(
        opening_moment(rnd, at, days=rnd.random() ** 1.3 * SPAN_DAYS) for _ in range(count)
    )
    for number, created in enumerate(moments):
        left = count - 1 - number
        _tell(teller, number, created, _SURE[left] if left < len(_SURE) else None)
    _tie(teller, list(state.tables["requests"].values()))


def _ids(state: State) -> dict[str, dict[str, str]]:
    tables = ("priorities", "urgencies", "impacts", "levels", "modes", "request_types")
    named = {
        table: {as_text(row["name"]): key for key, row in state.tables[table].items()}
        for table in (*tables, "categories", "request_templates")
    }
    named["statuses"] = {
        as_text(row["internal_name"]): key for key, row in state.tables["statuses"].items()
    }
    return named


def _tell(teller: Teller, number: int, created: datetime, sure: str | None) -> None:
    rnd, language = teller.rnd, _language(number)
    told = teller.content.situations[language]
    situation = told[number // 2 * 5 % len(told)]
    customer, requester = rnd.choice(teller.cast.customers[language])
    words = fill_words(rnd, teller.content, language, customer, created)
    at = int(created.timestamp() * 1000)
    status = sure or _fate(teller, at)
    row = _request(teller, situation, words, at=at, status=status)
    row["requester"] = row["created_by"] = requester
    if teller.state.is_cloud:
        row["display_id"] = str(number + 1)
    teller.state.add("requests", row)
    _add_parts(teller, row, situation, words)


def _language(number: int) -> Language:
    return "es" if number % 2 else "en"


def _fate(teller: Teller, at: int) -> str:
    days = (teller.now - at) / (24 * _HOUR)
    weights = next(weights for younger, weights in _FATES if days < younger)
    return teller.rnd.choices(list(weights), list(weights.values()))[0]


def _request(
    teller: Teller, situation: Situation, words: dict[str, str], *, at: int, status: str
) -> Row:
    rnd, ids = teller.rnd, teller.ids
    shift = rnd.choices((-1, 0, 1), (1, 6, 2))[0]
    priority = _PRIORITY[min(5, max(1, situation.priority + shift))]
    due = at + _HOUR * _DUE_HOURS[priority]
    category = ids["categories"][GROUPS[situation.queue][1]]
    row: Row = {
        "subject": situation.title.format_map(words)[:250],
        "description": _html(situation.body.format_map(words)),
        "status": ids["statuses"][status],
        "priority": ids["priorities"][priority],
        "urgency": rnd.choice(list(ids["urgencies"].values())),
        "impact": rnd.choice(list(ids["impacts"].values())),
        "level": rnd.choice(list(ids["levels"].values())),
        "mode": rnd.choice(list(ids["modes"].values())),
        "request_type": ids["request_types"]["Incident"],
        "category": category,
        "subcategory": _subcategory(teller, category),
        "group": teller.cast.groups[situation.queue],
        "site": teller.cast.sites[words["site"]],
        "template": ids["request_templates"]["Default Request"],
        "created_time": at,
        "last_updated_time": at,
        "due_by_time": due,
        "first_response_due_by_time": at + 4 * _HOUR,
        "udf_fields": _custom(teller, words),
        "technician": None,
    }
    if status != "Open" or not teller.chance("unassigned"):
        row["technician"] = rnd.choice(teller.cast.technicians[situation.queue])
        row["assigned_time"] = min(teller.now, at + rnd.randrange(1, 90) * 60_000)
    return row | _outcome(teller, row, situation, words, status)


def _outcome(
    teller: Teller, row: Row, situation: Situation, words: dict[str, str], status: str
) -> Row:
    """Return what the status brings with it."""
    rnd, at = teller.rnd, as_int(row["created_time"])
    answered = min(teller.now, at + rnd.randrange(10, 600) * 60_000)
    ended = min(teller.now, answered + int(rnd.expovariate(1 / 20) * _HOUR))
    if status == "Open":
        return {}
    if status == "In Progress":
        return {"responded_time": answered, "last_updated_time": answered}
    if status == "Onhold":
        return {"responded_time": answered, "onhold_time": ended, "last_updated_time": ended}
    outcome: Row = {"completed_time": ended, "last_updated_time": ended}
    if status != "Cancelled":
        outcome |= {
            "responded_time": answered,
            "resolved_time": ended,
            "resolution": {
                "content": _html(situation.resolution.format_map(words)),
                "submitted_by": row["technician"],
                "submitted_on": ended,
            },
        }
    return outcome


def _subcategory(teller: Teller, category: str) -> str:
    rows = teller.state.tables["subcategories"].items()
    return teller.rnd.choice([key for key, row in rows if row["category"] == category])


def _custom(teller: Teller, words: dict[str, str]) -> Json:
    tag, channel, _, affected, _ = _request_fields(teller.state)
    values: Row = {channel: teller.rnd.choice(("web", "email", "phone"))}
    if teller.rnd.random() < 0.4:  # noqa: PLR2004 - a share
        values |= {tag: words["asset"], affected: str(teller.rnd.choice((1, 1, 2, 12)))}
    return values


def _request_fields(state: State) -> list[str]:
    rows = state.tables["udf"].values()
    return [as_text(row["name"]) for row in rows if row["module"] == "requests"]


def _add_parts(teller: Teller, row: Row, situation: Situation, words: dict[str, str]) -> None:
    """Hang on a ticket what its life left behind: mails, notes, files, tasks, worklogs."""
    state, parent = teller.state, parent_key("requests", row["id"])
    requester = state.tables["users"][as_text(row["requester"])]
    opened: Row = {
        "type": "reply",
        "subject": row["subject"],
        "description": row["description"],
        "from": {"name": requester["name"], "email_id": requester["email_id"]},
        "sent_by": requester["id"],
        "sent_time": row["created_time"],
    }
    state.add("notifications", _mail(opened), parent=parent)
    responded = row.get("responded_time")
    if isinstance(responded, int):
        _add_reply(teller, row, parent, _html(situation.reply.format_map(words)), responded)
        note: Row = {
            "description": _html(situation.note.format_map(words)),
            "show_to_requester": False,
            "added_by": row["technician"],
            "added_time": responded + 60_000,
        }
        state.add("notes", note, parent=parent)
        _add_worklog(teller, row, parent)
    if teller.chance("attachment"):
        _add_log(teller, row)
    if teller.chance("task"):
        _add_task(teller, row, parent)


def _add_reply(teller: Teller, row: Row, parent: str, text: str, at: int) -> None:
    technician = teller.state.tables["users"][as_text(row["technician"])]
    number = as_text(row["id"])
    reply: Row = {
        "type": "reply",
        "subject": f"Re: [Request ID :##RE-{number}##] : {as_text(row['subject'])}"[:250],
        "description": text,
        "from": {"name": technician["name"], "email_id": technician["email_id"]},
        "sent_by": technician["id"],
        "sent_time": at,
    }
    teller.state.add("notifications", _mail(reply), parent=parent)


def _mail(row: Row) -> Row:
    return {"to": [], "cc": [], "bcc": [], "mode": "E-Mail", "content_type": "text/html", **row}


def _add_worklog(teller: Teller, row: Row, parent: str) -> None:
    if teller.rnd.random() < 0.5:  # noqa: PLR2004 - a share
        return
    minutes, start = teller.rnd.randrange(5, 120), as_int(row["responded_time"])
    worklog: Row = {
        "owner": row["technician"],
        "description": row["subject"],
        "start_time": start,
        "end_time": start + minutes * 60_000,
        "time_spent": {"hours": minutes // 60, "minutes": minutes % 60},
        "created_by": row["technician"],
        "created_time": start,
        "include_nonoperational_hours": True,
    }
    teller.state.add("worklogs", worklog, parent=parent)


def _add_log(teller: Teller, row: Row) -> None:
    text = f"ticket {as_text(row['id'])}\n{as_text(row['subject'])}\n".encode()
    file = Upload(part="input_file", name="registro.log", content_type="text/plain", data=text)
    attachment = add_file(teller.state, "requests", row, file)
    attachment |= {"attached_by": row["requester"], "attached_on": row["created_time"]}
    row["attachments"] = [attachment["id"]]


def _add_task(teller: Teller, row: Row, parent: str) -> None:
    done = "completed_time" in row
    task: Row = {
        "title": "Comprobar con el usuario" if teller.rnd.random() < 0.5 else "Check with user",  # noqa: PLR2004
        "owner": row["technician"],
        "group": row["group"],
        "status": teller.ids["statuses"]["Closed" if done else "Open"],
        "percentage_completion": 100 if done else 0,
        "created_by": row["technician"],
        "created_time": row["last_updated_time"],
    }
    teller.state.add("tasks", task, parent=parent)


def _tie(teller: Teller, rows: Sequence[Row]) -> None:
    """Link, merge and trash a few of the older tickets."""
    state, older = teller.state, rows[: -len(_SURE)]
    for before, row in pairwise(older):
        if teller.chance("merged") and "merged_into" not in before:
            row["merged_into"] = before["id"]
        elif teller.chance("trash"):
            row |= {"is_trashed": True, "deleted_time": row["last_updated_time"]}
        elif teller.chance("task") and "merged_into" not in before:
            for one, other in ((row, before), (before, row)):
                link: Row = {"linked_request": other["id"], "comments": "Same outage"}
                state.add("link_requests", link, parent=parent_key("requests", one["id"]))


def _html(text: str) -> str:
    return f"<div>{text.replace(chr(10), '<br>')}<br></div>"
