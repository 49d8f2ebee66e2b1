"""One ticket's conversation, step by step, between a customer and the staff."""

import re
from collections.abc import Sequence
from datetime import datetime
from random import Random

from helpdesk_demo.desk.content import Colleague, Content
from helpdesk_demo.desk.files import connection_log, mail_file, pdf_file, png_file
from helpdesk_demo.desk.hours import later
from helpdesk_demo.desk.plans import Change, File, Post, Status
from helpdesk_demo.desk.scenes import Scene, plain

ON_HOLD = "On hold"

# Hours until each step, at least and at most.
_PAUSES = {
    "open": (0, 0),
    "assign": (0.2, 3),
    "note": (0.3, 6),
    "reply": (0.2, 5),
    "answer": (0.5, 20),
    "chase": (24, 60),
    "hold": (2, 24),
    "resolve": (1, 40),
    "thanks": (0.5, 20),
    "close": (20, 90),
    "reopen": (20, 90),
    "again": (0.5, 6),
}
# What staff do in a step: the title it leaves, whether the customer sees it, the new status.
_BY_STAFF: dict[str, tuple[str, bool, Status | None]] = {
    "note": ("Comment", False, None),
    "hold": (ON_HOLD, False, None),
    "reply": ("Comment", True, None),
    "again": ("Comment", True, None),
    "resolve": ("Resolved", True, Status.RESOLVED),
    "close": ("Closed", True, Status.CLOSED),
}
_LABELS = {
    Status.OPEN: "Open",
    Status.REOPENED: "Reopened",
    Status.RESOLVED: "Resolved",
    Status.CLOSED: "Closed",
}


class Conversation:
    """Writes the posts of one ticket; what would lie in the future is left out."""

    def __init__(self, rnd: Random, content: Content, scene: Scene, now: datetime) -> None:
        self._rnd = rnd
        self._talk = content.people.talk[scene.language]
        self._scene = scene
        self._now = now
        self._owner = self._choose_owner(content.people.staff)
        self._status = Status.OPEN

    def run(self, steps: Sequence[str], created: datetime, *, with_file: bool) -> list[Post]:
        posts: list[Post] = []
        at = created
        for step in steps:
            if step != "open":
                at = later(self._rnd, at, *_PAUSES[step])
            if at >= self._now:
                break
            posts.append(self._post(step, at, with_file=with_file))
        return posts

    def _choose_owner(self, staff: Sequence[Colleague]) -> Colleague:
        return self._rnd.choice([one for one in staff if self._scene.situation.queue in one.queues])

    def _post(self, step: str, at: datetime, *, with_file: bool) -> Post:
        if step == "open":
            return self._opened(at, with_file=with_file)
        if step == "assign":
            return self._assigned(at)
        if step in _BY_STAFF:
            title, public, status = _BY_STAFF[step]
            return self._by_staff(at, title, self._staff_text(step), public=public, status=status)
        status = Status.REOPENED if step == "reopen" else None
        return self._by_customer(at, self._customer_text(step), status=status)

    def _staff_text(self, step: str) -> str:
        situation = self._scene.situation
        match step:
            case "note":
                return self._scene.told(situation.note) or "Checked, nothing unusual."
            case "reply":
                return self._letter(situation.reply)
            case "again":
                return self._letter(self._said("again"))
            case "resolve":
                return self._scene.told(situation.resolution)
            case "hold":
                return self._said("hold")
            case _:
                return ""

    def _customer_text(self, step: str) -> str:
        if step == "answer":
            return self._scene.told(self._scene.situation.answer)
        return self._said(step)

    def _opened(self, at: datetime, *, with_file: bool) -> Post:
        customer = self._scene.customer
        sign_off = self._rnd.choice(self._talk["closings"])
        text = f"{self._scene.told(self._scene.situation.body)}\n\n{sign_off}\n{customer.name}"
        by_mail = self._rnd.random() < 0.4  # noqa: PLR2004 - a share
        return Post(
            at=at,
            title="Ticket Opened",
            text=text,
            public=True,
            author=None if by_mail else customer.username,
            message_id=f"<{self._rnd.getrandbits(48):012x}@mail.example.org>" if by_mail else None,
            files=(self._file(at, text),) if with_file else (),
        )

    def _assigned(self, at: datetime) -> Post:
        owner = self._owner.username
        return Post(
            at=at,
            title=f"Assigned to {owner}",
            text="",
            public=False,
            author=owner,
            changes=(Change(field="Owner", old=None, new=owner),),
        )

    def _by_staff(
        self, at: datetime, title: str, text: str, *, public: bool, status: Status | None
    ) -> Post:
        return Post(
            at=at,
            title=title,
            text=text,
            public=public,
            author=self._owner.username,
            status=status,
            minutes=self._rnd.choice((5, 10, 10, 15, 20, 30, 45, 60, 90)),
            changes=self._moved_to(status),
            mailed_to=(self._scene.customer.email,) if public else None,
        )

    def _by_customer(self, at: datetime, text: str, *, status: Status | None) -> Post:
        return Post(
            at=at,
            title="Reopened" if status else "Comment",
            text=text,
            public=True,
            author=self._scene.customer.username,
            status=status,
            changes=self._moved_to(status),
            files=(self._file(at, text),) if _mentions_file(text) else (),
        )

    def _moved_to(self, status: Status | None) -> tuple[Change, ...]:
        if status is None:
            return ()
        old, self._status = self._status, status
        return (Change(field="Status", old=_LABELS[old], new=_LABELS[status]),)

    def _said(self, kind: str) -> str:
        return self._rnd.choice(self._talk[kind])

    def _letter(self, text: str) -> str:
        greeting = self._scene.told(self._said("greetings"))
        signature = f"{self._said('closings')}\n{self._owner.name}"
        return f"{greeting}\n\n{self._scene.told(text)}\n\n{signature}"

    def _file(self, at: datetime, text: str) -> File:
        words = self._scene.words
        if re.search(r"photo|foto", text, re.IGNORECASE):
            return png_file(
                f"photo-{at:%Y%m%d}.png", *(self._rnd.randrange(90, 250) for _ in "rgb")
            )
        match self._scene.situation.queue:
            case "billing" | "clientes":
                lines = [
                    words["invoice"],
                    words["order"],
                    words["amount"],
                    self._scene.customer.name,
                ]
                return pdf_file(f"{words['invoice']}.pdf", lines)
            case "network":
                return connection_log("vpn-client.txt", at, words["ip"])
            case _:
                return mail_file(
                    f"{plain(self._scene.customer.name)}.eml",
                    sender="notice@example.net",
                    recipient=self._scene.customer.email,
                    subject=self._scene.title,
                    text=self._scene.told(self._scene.situation.body),
                )


def _mentions_file(text: str) -> bool:
    return re.search(r"\battach|\badjunt|escanead|lo adjunto", text, re.IGNORECASE) is not None
