"""The help desks of the demo: a real django-helpdesk, and simulators of ServiceDesk Plus."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpdesk_demo.desk.process import PortTaken, start_desk
from helpdesk_demo.servicedesk_plus.editions import Edition
from helpdesk_demo.servicedesk_plus.process import start_simulator

DJANGO = "django-helpdesk"
ON_PREM = "servicedesk-plus"
CLOUD = "servicedesk-plus-cloud"
ALL = "all"
CHOICES = (DJANGO, ON_PREM, CLOUD, ALL)
TICKETS = 400
"""Tickets of a simulator."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A running help desk: how helpdesk-mcp reaches it, and how a person looks at it."""

    name: str
    address: str
    credential: Mapping[str, str] = field(repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def kind(self) -> str:
        return self.name.replace("-", "_")


class CannotStart(Exception):
    """The demo cannot run as it was asked to; the message says what to do."""


@contextmanager
def started(choice: str, data: Path, port: int, say: Say) -> Generator[Sequence[Stand]]:
    """Start the chosen desks; leaving stops them. Raises CannotStart."""
    names = CHOICES[:-1] if choice == ALL else (choice,)
    with ExitStack() as running:
        yield tuple(running.enter_context(_START[name](data, port, say)) for name in names)


@contextmanager
def _django(data: Path, port: int, say: Say) -> Generator[Stand]:
    """Start the embedded django-helpdesk. The first start makes its database and tickets."""
    first = not (data / "helpdesk").exists()
    note = " (first start: making its database and 340 sample tickets)" if first else ""
    say(f"starting django-helpdesk{note}")
    try:
        desk = start_desk(
            data / "helpdesk", port=port, progress=lambda line: say(f"  [dim]{line}[/dim]")
        )
    except PortTaken as error:
        raise CannotStart(
            f"Port {port} is taken: another demo may be running. "
            "Choose another with DEMO_HELPDESK_PORT=8012 (0 takes any free one)."
        ) from error
    with desk:
        say(f"  a real help desk is at {desk.url}")
        yield Stand(
            name=DJANGO,
            address=desk.url,
            credential={"username": desk.username, "password": desk.password},
            settings={"default_queue": "it"},
            username=desk.username,
            password=desk.password,
        )


@contextmanager
def _on_prem(data: Path, port: int, say: Say) -> Generator[Stand]:
    del port  # a simulator takes a free one
    with _simulator(data, ON_PREM, "onprem", say) as (address, made):
        yield Stand(name=ON_PREM, address=address, credential={"api_key": made.api_key})


@contextmanager
def _cloud(data: Path, port: int, say: Say) -> Generator[Stand]:
    del port
    with _simulator(data, CLOUD, "cloud", say) as (_, made):
        yield Stand(
            name=CLOUD,
            address=made.origin,
            credential={
                "client_id": made.client_id,
                "client_secret": made.client_secret,
                "refresh_token": made.refresh_token,
            },
            settings={"portal": made.portal, "accounts_url": made.accounts_url},
        )


@contextmanager
def _simulator(data: Path, name: str, edition: Edition, say: Say) -> Generator[tuple[str, Any]]:
    data.mkdir(parents=True, exist_ok=True)
    say(f"starting a simulator of {name}, with {TICKETS} tickets")
    with start_simulator(data / f"{name}.log", edition=edition, tickets=TICKETS) as simulator:
        say(f"  it answers at {simulator.url}")
        yield simulator.ready.origin, simulator.ready


_START = {DJANGO: _django, ON_PREM: _on_prem, CLOUD: _cloud}
