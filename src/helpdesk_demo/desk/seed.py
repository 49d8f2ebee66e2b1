"""Writes the planned help desk into django-helpdesk's tables, a few statements per table."""

# pyright: basic, reportAttributeAccessIssue=false, reportGeneralTypeIssues=false
# Django's models are untyped, so this module is the edge where the typed plans end.
# Rows are written in bulk: saving one follow-up would save its ticket again and lose its dates.

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import transaction
from helpdesk.models import (
    Checklist,
    ChecklistTask,
    ChecklistTemplate,
    CustomField,
    EscalationExclusion,
    FollowUp,
    FollowUpAttachment,
    KBCategory,
    KBItem,
    PreSetReply,
    Queue,
    Ticket,
    TicketCC,
    TicketChange,
    TicketCustomFieldValue,
    TicketDependency,
    UserSettings,
)

from helpdesk_demo.desk.content import Content, load_content
from helpdesk_demo.desk.plans import Person, Post, TicketPlan
from helpdesk_demo.desk.record import record_of
from helpdesk_demo.desk.scenes import customers_of, staff_of
from helpdesk_demo.desk.story import plan_tickets

AGENT = Person(username="agent", name="Help Desk Agent", email="agent@example.com")
ADMIN = Person(username="admin", name="Ada Admin", email="admin@example.com")


def seed(
    record: Path,
    *,
    password: str,
    versions: dict[str, str],
    now: datetime,
    tickets: int,
    draw: int = 7,
) -> None:
    """Fill an empty help desk and write down in the file `record` what can be found where."""
    content = load_content()
    plans = plan_tickets(content, now=now, seed=draw, count=tickets)
    with transaction.atomic():
        _Writer(content, now).write(plans, str(make_password(password)))
        ids = dict(zip([plan.key for plan in plans], _ticket_ids(), strict=True))
        found = record_of(plans, ids, now) | {"versions": versions}
        record.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _ticket_ids() -> list[int]:
    return list(Ticket.objects.order_by("id").values_list("id", flat=True))


class _Writer:
    """Holds the rows that later rows point to: users, queues, custom fields, tickets."""

    def __init__(self, content: Content, now: datetime) -> None:
        self._content = content
        self._now = now
        self._users: dict[str, User] = {}
        self._queues: dict[str, Queue] = {}
        self._tickets: dict[str, Ticket] = {}

    def write(self, plans: Sequence[TicketPlan], password_hash: str) -> None:
        self._write_users(password_hash)
        self._write_queues()
        self._write_knowledge()
        self._write_presets()
        self._write_tickets(plans)
        self._write_posts(plans)
        self._write_custom_fields(plans)
        self._write_relations(plans)
        self._write_checklists(plans)
        self._write_ticket_dates(plans)

    def _write_users(self, password_hash: str) -> None:
        staff = {one.username for one in staff_of(self._content)} | {AGENT.username, ADMIN.username}
        people = [ADMIN, AGENT, *staff_of(self._content), *customers_of(self._content)]
        rows = [
            User(
                username=one.username,
                first_name=one.first_name,
                last_name=one.name.partition(" ")[2],
                email=one.email,
                password=password_hash,
                is_staff=one.username in staff,
                is_superuser=one is ADMIN,
            )
            for one in people
        ]
        created = User.objects.bulk_create(rows)
        UserSettings.objects.bulk_create(UserSettings(user=user) for user in created)
        self._users = {user.username: user for user in created}

    def _write_queues(self) -> None:
        for sheet in self._content.people.queue:
            self._queues[sheet.slug] = Queue.objects.create(
                slug=sheet.slug,
                title=sheet.title,
                email_address=f"{sheet.slug}@example.com",
                locale=sheet.locale,
                allow_public_submission=sheet.public,
                escalate_days=sheet.escalate_days,
                enable_notifications_on_email_events=sheet.slug == "it",
            )
        christmas = EscalationExclusion(name="Christmas", date=date(self._now.year, 12, 25))
        christmas.save()

    def _write_knowledge(self) -> None:
        for category in self._content.categories:
            row = KBCategory.objects.create(
                name=category.title,
                title=category.title,
                slug=category.slug,
                description=category.description,
                queue=self._queues[category.queue],
                public=category.public,
            )
            KBItem.objects.bulk_create(
                KBItem(
                    category=row,
                    title=item.title,
                    question=item.question,
                    answer=item.answer,
                    order=order,
                    votes=7 * order % 11,
                    recommendations=5 * order % 11 * (7 * order % 11) // 11,
                    last_updated=self._now - timedelta(days=9 * order + 3),
                )
                for order, item in enumerate(category.items, 1)
            )

    def _write_presets(self) -> None:
        for preset in self._content.people.preset:
            row = PreSetReply.objects.create(name=preset.name, body=preset.body)
            row.queues.set(self._queues[slug] for slug in preset.queues or ())
        ChecklistTemplate.objects.bulk_create(
            ChecklistTemplate(name=sheet.name, task_list=sheet.tasks)
            for sheet in self._content.people.checklist
        )

    def _write_tickets(self, plans: Sequence[TicketPlan]) -> None:
        rows = [
            Ticket(
                title=plan.title,
                queue=self._queues[plan.queue],
                description=plan.body,
                submitter_email=plan.submitter,
                assigned_to=self._users[plan.owner] if plan.owner else None,
                status=int(plan.status),
                on_hold=plan.on_hold,
                priority=plan.priority,
                due_date=plan.due,
                resolution=plan.resolution,
            )
            for plan in plans
        ]
        created = Ticket.objects.bulk_create(rows)
        self._tickets = {plan.key: row for plan, row in zip(plans, created, strict=True)}

    def _write_posts(self, plans: Sequence[TicketPlan]) -> None:
        told = [(plan, post) for plan in plans for post in plan.posts]
        rows = FollowUp.objects.bulk_create(self._follow_up(plan, post) for plan, post in told)
        TicketChange.objects.bulk_create(
            TicketChange(
                followup=row, field=change.field, old_value=change.old, new_value=change.new
            )
            for row, (_, post) in zip(rows, told, strict=True)
            for change in post.changes
        )
        for row, (_, post) in zip(rows, told, strict=True):
            for file in post.files:
                FollowUpAttachment.objects.create(
                    followup=row,
                    file=ContentFile(file.data, file.name),
                    filename=file.name,
                    mime_type=file.mime_type,
                    size=len(file.data),
                )

    def _follow_up(self, plan: TicketPlan, post: Post) -> FollowUp:
        return FollowUp(
            ticket=self._tickets[plan.key],
            date=post.at,
            title=post.title,
            comment=post.text,
            public=post.public,
            user=self._users[post.author] if post.author else None,
            new_status=None if post.status is None else int(post.status),
            time_spent=None if post.minutes is None else timedelta(minutes=post.minutes),
            message_id=post.message_id,
            email_recipients=None if post.mailed_to is None else list(post.mailed_to),
        )

    def _write_custom_fields(self, plans: Sequence[TicketPlan]) -> None:
        fields = {
            sheet.name: CustomField.objects.create(
                name=sheet.name,
                label=sheet.label,
                data_type=sheet.data_type,
                max_length=sheet.max_length,
                list_values=sheet.list_values,
                staff_only=sheet.staff_only,
                ordering=order,
            )
            for order, sheet in enumerate(self._content.people.field, 1)
        }
        TicketCustomFieldValue.objects.bulk_create(
            TicketCustomFieldValue(ticket=self._tickets[plan.key], field=fields[name], value=value)
            for plan in plans
            for name, value in plan.fields.items()
        )

    def _write_relations(self, plans: Sequence[TicketPlan]) -> None:
        by_email = {user.email: user for user in self._users.values()}
        for plan in plans:
            row = self._tickets[plan.key]
            for number, email in enumerate(plan.cc):
                follower = {"email": email} if number else {"user": by_email[email]}
                TicketCC.objects.create(ticket=row, can_view=True, **follower)
            if plan.blocked_by:
                TicketDependency.objects.create(
                    ticket=row, depends_on=self._tickets[plan.blocked_by]
                )
            row.merged_to = self._tickets[plan.merged_into] if plan.merged_into else None

    def _write_checklists(self, plans: Sequence[TicketPlan]) -> None:
        for plan in plans:
            if plan.checklist is None:
                continue
            sheet = self._content.people.checklist[plan.checklist]
            checklist = Checklist.objects.create(ticket=self._tickets[plan.key], name=sheet.name)
            done = len(sheet.tasks) // 2 if plan.is_open else len(sheet.tasks)
            ChecklistTask.objects.bulk_create(
                ChecklistTask(
                    checklist=checklist,
                    description=task,
                    position=position,
                    completion_date=plan.modified if position < done else None,
                )
                for position, task in enumerate(sheet.tasks)
            )

    def _write_ticket_dates(self, plans: Sequence[TicketPlan]) -> None:
        """Put the dates back that creation has stamped with today, and link merged tickets."""
        for plan in plans:
            row = self._tickets[plan.key]
            row.created, row.modified = plan.created, plan.modified
        rows = list(self._tickets.values())
        Ticket.objects.bulk_update(rows, ["created", "modified", "merged_to"], batch_size=100)
