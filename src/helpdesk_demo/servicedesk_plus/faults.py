"""Trouble on demand: throttling, failing answers, broken connections, answers that never come."""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, with_config

from helpdesk_demo.servicedesk_plus.errors import Refused
from helpdesk_demo.servicedesk_plus.state import State

URL_BLOCKED = (
    "URL blocked as maximum access limit for the page is exceeded. Please try after sometime."
)
Trouble = Literal[
    "status",
    "html",
    "slow",
    "drop",
    "hang",
    "half_body",
    "commit_then_status",
    "commit_then_drop",
    "commit_then_hang",
]


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Meets the next `times` calls that match, after `skip` that pass."""

    kind: Trouble
    method: str = "*"
    path: str = ""
    """A regular expression, searched in the path."""
    times: int = 1
    skip: int = 0
    http: int = 503
    code: int | None = None
    """For the kind status: answer in the vendor's envelope with this code inside."""
    seconds: float = 60

    def meets(self, method: str, path: str) -> bool:
        return self.method in ("*", method) and re.search(self.path, path) is not None


FAULT = TypeAdapter(Fault)


@dataclass(slots=True)
class Faults:
    waiting: list[Fault] = field(default_factory=list[Fault])

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault of this call, if it has one, and count it down."""
        for number, fault in enumerate(self.waiting):
            if not fault.meets(method, path):
                continue
            if fault.skip:
                self.waiting[number] = replace(fault, skip=fault.skip - 1)
                continue
            if fault.times > 1:
                self.waiting[number] = replace(fault, times=fault.times - 1)
            else:
                del self.waiting[number]
            return fault
        return None


@dataclass(slots=True)
class Throttle:
    """On-prem counts per URL and locks it; the Cloud counts all calls together (§3.3)."""

    calls: defaultdict[str, list[int]] = field(
        default_factory=lambda: defaultdict[str, list[int]](list)
    )
    locked_until: dict[str, int] = field(default_factory=dict[str, int])

    def check(self, state: State, method: str, path: str) -> None:
        """Count a call, or refuse it as the edition does."""
        knobs, now = state.knobs, state.now
        if not knobs.throttle_requests:
            return
        key = "" if state.is_cloud else f"{method} {path}"
        if self.locked_until.get(key, 0) > now:
            raise _blocked(state)
        window = now - int(knobs.throttle_window * 1000)
        recent = [at for at in self.calls[key] if at > window]
        if len(recent) >= knobs.throttle_requests:
            self.locked_until[key] = now + int(knobs.throttle_lock * 1000)
            raise _blocked(state)
        self.calls[key] = [*recent, now]


def _blocked(state: State) -> Refused:
    """On-prem a 400 with a sentence [LIVE], in the Cloud 4015 with 429 [DOC] or 400 [LIVE]."""
    if state.is_cloud:
        return Refused(4015, http=state.knobs.throttle_http)
    return Refused(4000, URL_BLOCKED, http=400)
