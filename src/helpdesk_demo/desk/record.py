"""The record of a seeded help desk: where tests and the tour find what they need."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from helpdesk_demo.desk.hostile import hostile_tickets
from helpdesk_demo.desk.plans import Status, TicketPlan


def record_of(
    plans: Sequence[TicketPlan], ids: Mapping[str, int], now: datetime
) -> dict[str, object]:
    """Return ticket ids by kind of attack and by example, and the counts of what was planned."""
    attacks = {plan.key for plan in hostile_tickets(now)}
    ordinary = [plan for plan in plans if plan.key not in attacks]
    return {
        "hostile": {plan.key: ids[plan.key] for plan in plans if plan.key in attacks},
        "examples": examples_of(ordinary, ids, now),
        "counts": {
            "tickets": len(plans),
            "posts": sum(len(plan.posts) for plan in plans),
            "attachments": sum(len(post.files) for plan in plans for post in plan.posts),
            "by_status": {
                str(int(status)): number
                for status, number in sorted(Counter(plan.status for plan in plans).items())
            },
            "by_queue": dict(sorted(Counter(plan.queue for plan in plans).items())),
        },
    }


def examples_of(
    plans: Sequence[TicketPlan], ids: Mapping[str, int], now: datetime
) -> dict[str, int]:
    """Return the newest ticket of every kind; a kind that was not drawn is left out."""
    kinds: dict[str, Callable[[TicketPlan], bool]] = {
        "open_unassigned": lambda plan: plan.status == Status.OPEN and plan.owner is None,
        "open_assigned": lambda plan: plan.status == Status.OPEN and plan.owner is not None,
        "reopened": lambda plan: plan.status == Status.REOPENED,
        "resolved": lambda plan: plan.status == Status.RESOLVED,
        "closed": lambda plan: plan.status == Status.CLOSED,
        "duplicate": lambda plan: plan.status == Status.DUPLICATE,
        "on_hold": lambda plan: plan.on_hold,
        "overdue": lambda plan: plan.is_open and plan.due is not None and plan.due < now,
        "blocked": lambda plan: plan.blocked_by is not None,
        "checklist": lambda plan: plan.checklist is not None,
        "cc": lambda plan: bool(plan.cc),
        "attachment": lambda plan: any(post.files for post in plan.posts),
        "private_note": lambda plan: any(not post.public and post.text for post in plan.posts),
        "custom_fields": lambda plan: len(plan.fields) > 2,  # noqa: PLR2004 - more than the usual two
        "english": lambda plan: plan.is_open and plan.language == "en",
        "spanish": lambda plan: plan.is_open and plan.language == "es",
    }
    return {
        kind: ids[found.key]
        for kind, fits in kinds.items()
        if (found := next((plan for plan in reversed(plans) if fits(plan)), None))
    }
