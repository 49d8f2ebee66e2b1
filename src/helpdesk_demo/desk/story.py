"""Tells the life of every ordinary ticket: who wrote what, when, and how it ended."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from helpdesk_demo.desk.content import Content, Language
from helpdesk_demo.desk.conversation import ON_HOLD, Conversation
from helpdesk_demo.desk.hostile import hostile_tickets
from helpdesk_demo.desk.hours import opening_moment
from helpdesk_demo.desk.plans import Person, Post, Status, TicketPlan
from helpdesk_demo.desk.scenes import Scene, customers_of, fill_words

SPAN_DAYS = 120
MIN_TICKETS = 40

LIVES: dict[str, tuple[str, ...]] = {
    "new": ("open",),
    "chased": ("open", "chase"),
    "assigned": ("open", "assign", "note"),
    "answered": ("open", "assign", "reply", "answer", "note"),
    "held": ("open", "assign", "reply", "hold"),
    "resolved": ("open", "assign", "reply", "answer", "note", "resolve"),
    "closed": ("open", "assign", "reply", "answer", "resolve", "thanks", "close"),
    "reopened": ("open", "assign", "reply", "answer", "resolve", "reopen", "again"),
}
# (younger than days, weight of each life)
_FATES = (
    (7, {"new": 4, "chased": 1, "assigned": 3, "answered": 4, "held": 1, "resolved": 2}),
    (30, {"new": 1, "assigned": 2, "answered": 3, "held": 1, "resolved": 4, "closed": 3}),
    (SPAN_DAYS + 5, {"chased": 1, "held": 1, "reopened": 2, "resolved": 6, "closed": 16}),
)
# The first tickets live every life, so that the smallest desk has one of each.
_SURE = (*LIVES, "answered", "closed", "reopened", "held", "new", "assigned")
_DUE_DAYS = {1: 1, 2: 2, 3: 6, 4: 12, 5: 20}


def plan_tickets(content: Content, *, now: datetime, seed: int, count: int) -> list[TicketPlan]:
    """Return `count` tickets, oldest first, the hostile ones among them."""
    if count < MIN_TICKETS:
        raise ValueError(f"A seeded help desk needs at least {MIN_TICKETS} tickets.")
    rnd, attacks = Random(seed), hostile_tickets(now)
    ordinary = _Teller(rnd, content, now).tell(count - len(attacks))
    return sorted([*ordinary, *attacks], key=lambda plan: plan.created)


class _Teller:
    """Draws situations and people at random and lets each ticket run its course."""

    def __init__(self, rnd: Random, content: Content, now: datetime) -> None:
        self._rnd = rnd
        self._content = content
        self._now = now
        self._customers = customers_of(content)

    def tell(self, count: int) -> list[TicketPlan]:
        twins = max(2, count // 40)
        plans = [self._ticket(number) for number in range(count - twins)]
        plans += [self._twin(number, plan) for number, plan in enumerate(plans[4 : 4 + twins])]
        return self._with_dependencies(plans)

    def _ticket(self, number: int) -> TicketPlan:
        sure = number < len(_SURE)
        days = 4 + number if sure else self._rnd.random() ** 1.2 * SPAN_DAYS
        created = opening_moment(self._rnd, self._now, days=days)
        life = _SURE[number] if sure else self._fate(created)
        scene = self._scene(number, created)
        conversation = Conversation(self._rnd, self._content, scene, self._now)
        posts = conversation.run(LIVES[life], created, with_file=number % 14 == 0)
        return self._plan(f"t{number}", scene, posts)

    def _fate(self, created: datetime) -> str:
        age = (self._now - created).days
        weights = next(weights for younger, weights in _FATES if age < younger)
        return self._rnd.choices(list(weights), list(weights.values()))[0]

    def _scene(self, number: int, created: datetime) -> Scene:
        """Take the situations of both languages in turn, so that each is told."""
        language: Language = "es" if number % 2 else "en"
        told = self._content.situations[language]
        customer = self._rnd.choice([one for one in self._customers if one.language == language])
        words = fill_words(self._rnd, self._content, language, customer, created)
        situation = told[number // 2 * 5 % len(told)]
        return Scene(situation=situation, language=language, customer=customer, words=words)

    def _plan(self, key: str, scene: Scene, posts: Sequence[Post]) -> TicketPlan:
        status = next((post.status for post in reversed(posts) if post.status), Status.OPEN)
        priority = self._priority(scene)
        solved = status in (Status.RESOLVED, Status.CLOSED, Status.REOPENED)
        created = posts[0].at
        return TicketPlan(
            key=key,
            queue=scene.situation.queue,
            title=scene.title,
            body=posts[0].text,
            language=scene.language,
            submitter=scene.customer.email,
            created=created,
            priority=priority,
            posts=tuple(posts),
            status=status,
            owner=_owner(posts),
            on_hold=any(post.title == ON_HOLD for post in posts),
            due=self._due(created, priority),
            resolution=scene.told(scene.situation.resolution) if solved else None,
            fields=self._fields(scene, posts, solved=solved),
            cc=self._followers(scene.customer),
            checklist=self._rnd.choice((0, 1, 2)) if self._rnd.random() < 0.08 else None,  # noqa: PLR2004 - a share
        )

    def _priority(self, scene: Scene) -> int:
        shift = self._rnd.choices((-1, 0, 1), (1, 6, 2))[0]
        return min(5, max(1, scene.situation.priority + shift))

    def _due(self, created: datetime, priority: int) -> datetime | None:
        if self._rnd.random() < 0.35:  # noqa: PLR2004 - a share
            return None
        day = created + timedelta(days=_DUE_DAYS[priority] + self._rnd.randrange(3))
        return day.replace(hour=17, minute=0, second=0, microsecond=0)

    def _fields(self, scene: Scene, posts: Sequence[Post], *, solved: bool) -> dict[str, str]:
        values = {"channel": "email" if posts[0].message_id else self._rnd.choice(("web", "phone"))}
        if re.search(r"\{(asset|laptop|printer)\}", scene.situation.body + scene.situation.title):
            values["asset"] = scene.words["asset"]
        if solved and scene.situation.cause:
            values["rootcause"] = scene.situation.cause
        if self._rnd.random() < 0.3:  # noqa: PLR2004 - a share
            values["affected"] = str(self._rnd.choice((1, 1, 2, 4, 12, 30)))
        if scene.situation.queue in ("facilities", "it"):
            values["onsite"] = str(self._rnd.random() < 0.4)  # noqa: PLR2004 - a share
        return values

    def _followers(self, customer: Person) -> tuple[str, ...]:
        if self._rnd.random() < 0.85:  # noqa: PLR2004 - a share
            return ()
        others = [one.email for one in self._customers if one.email != customer.email]
        return tuple(self._rnd.sample(others, self._rnd.choice((1, 1, 2))))

    def _twin(self, number: int, original: TicketPlan) -> TicketPlan:
        """Send the same ticket again a little later; staff merged it into the first."""
        at = original.created + timedelta(minutes=self._rnd.randrange(12, 90))
        language: Language = "es" if original.language == "es" else "en"
        merged = self._content.people.talk[language]["merged"][0]
        opened = replace(original.posts[0], at=at, files=())
        joined = Post(
            at=at + timedelta(minutes=25),
            title="Duplicate",
            text=merged,
            public=False,
            author=original.owner or self._content.people.staff[0].username,
            status=Status.DUPLICATE,
        )
        return replace(
            original,
            key=f"d{number}",
            created=at,
            posts=(opened, joined),
            status=Status.DUPLICATE,
            merged_into=original.key,
            on_hold=False,
            resolution=None,
            due=None,
            cc=(),
            checklist=None,
        )

    def _with_dependencies(self, plans: list[TicketPlan]) -> list[TicketPlan]:
        """Let a few open tickets wait for another one; the first waits for an open one."""
        waiting = [plan for plan in plans if plan.is_open and plan.blocked_by is None]
        blocked = dict[str, str]()
        for first, second in zip(waiting[0:8:2], waiting[1:8:2], strict=False):
            blocked[first.key] = second.key
        return [replace(plan, blocked_by=blocked.get(plan.key)) for plan in plans]


def _owner(posts: Sequence[Post]) -> str | None:
    owners = (change.new for post in posts for change in post.changes if change.field == "Owner")
    return next(owners, None)
