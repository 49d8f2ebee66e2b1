"""The kinds of help desk there are: what connects to one, and what opens it."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from helpdesk_mcp.desks.django_helpdesk.desk import Account, DjangoHelpdesk
from helpdesk_mcp.desks.egress import Egress, egress_of
from helpdesk_mcp.desks.exchange import Guard, desk_client
from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.desks.reach import Reach
from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus
from helpdesk_mcp.desks.servicedeskplus.opening import opened as servicedesk_plus
from helpdesk_mcp.desks.servicedeskplus.options import CloudCredential, OnPremCredential, Options
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.tenants import Connection, UpstreamTokens, zone_named
from helpdesk_mcp.telemetry.metrics import Metrics, place_of

Opens = Callable[
    [Connection, Mapping[str, str], Metrics, UpstreamTokens | None],
    AbstractAsyncContextManager[Desk],
]
"""Opens a desk from its connection and credential. Nothing is sent yet. Raises Invalid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskKind:
    """One kind of help desk. The forms validate what people and programs write.

    `needs_address` is false where the kind knows its vendor's addresses. `for_tests` keeps a
    kind out of what administrators are offered. `meaningless` are settings of its form that are
    of another kind: taken, and never offered.
    """

    title: str
    desk: type[Desk]
    opens: Opens
    credential: TypeAdapter[Any]
    settings: TypeAdapter[Any]
    needs_address: bool = True
    for_tests: bool = False
    meaningless: frozenset[str] = frozenset()


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DjangoCredential(Form):
    """A staff account: its name and password, or a REST token where the desk has tokens."""

    username: str = Field("", max_length=200)
    password: str = Field("", max_length=1_000, repr=False)
    token: str = Field("", max_length=1_000, repr=False)

    @model_validator(mode="after")
    def _complete(self) -> "DjangoCredential":
        if not self.token and not (self.username and self.password):
            raise ValueError("give username and password, or a token")
        return self


class DjangoSettings(Form):
    default_queue: str = Field("", max_length=200, description="Queue of tickets that name none")
    timeout: float = Field(15.0, gt=0, le=50, description="Seconds one exchange may take")


class Nothing(Form):
    """A form without fields."""


def kind_of(name: str) -> DeskKind:
    """Return a kind by its name. Raises Invalid that names the kinds there are."""
    if (kind := KINDS.get(name)) is None:
        known = ", ".join(sorted(k for k, v in KINDS.items() if not v.for_tests))
        raise Invalid(f"There is no such kind of help desk. Valid: {known}.", reason="kind")
    return kind


def checked_settings(kind: DeskKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was set of a kind's settings. Raises Invalid that names each bad one."""
    try:
        kind.settings.validate_python(dict(given))
    except ValidationError as error:
        said, fields = _problems(error)
        raise Invalid(
            f"Bad settings of the desk. {said}", reason="settings", fields=fields
        ) from None
    return dict(given)


def checked_credential(kind: DeskKind, given: Mapping[str, Any]) -> dict[str, str]:
    """Return a credential that is complete. Raises Invalid that never repeats a part of it."""
    try:
        kind.credential.validate_python(dict(given))
    except ValidationError as error:
        said, fields = _problems(error)
        raise Invalid(f"Bad credential. {said}", reason="credential", fields=fields) from None
    return {name: str(value) for name, value in given.items()}


def _problems(error: ValidationError) -> tuple[str, tuple[str, ...]]:
    found: list[tuple[str, str]] = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(str(part) for part in problem["loc"])[:60] or "all"
        found.append((where, problem["msg"].removeprefix("Value error, ")))
    said = "; ".join(f"{where}: {message}" for where, message in found)
    return said, tuple(where for where, _ in found)


def opening(
    connection: Connection,
    credential: Mapping[str, str],
    metrics: Metrics,
    tokens: UpstreamTokens | None = None,
) -> AbstractAsyncContextManager[Desk]:
    """Open a desk of whatever kind. Nothing is sent yet. Raises Invalid that says what is wrong."""
    kind = kind_of(connection.kind)
    checked_settings(kind, connection.settings)
    checked_credential(kind, credential)
    return kind.opens(connection, credential, metrics, tokens)


@asynccontextmanager
async def _django(
    connection: Connection,
    credential: Mapping[str, str],
    metrics: Metrics,
    tokens: UpstreamTokens | None = None,
) -> AsyncGenerator[Desk]:
    del tokens  # this desk hands out none
    kind = KINDS["django_helpdesk"]
    chosen = DjangoSettings(**checked_settings(kind, connection.settings))
    account = Account(**checked_credential(kind, credential))
    guard = Guard(kind=connection.kind, place=place_of(connection.id), deadline=chosen.timeout)
    reach = Reach(egress=egress_of(connection))
    async with desk_client(connection.address, guard, metrics, reach) as http:
        zone = zone_named(connection.zone) if connection.zone else None
        yield DjangoHelpdesk(http, account, default_queue=chosen.default_queue, zone=zone)


@asynccontextmanager
async def _memory(
    connection: Connection,
    credential: Mapping[str, str],
    metrics: Metrics,
    tokens: UpstreamTokens | None = None,
) -> AsyncGenerator[Desk]:
    del connection, credential, metrics, tokens
    yield MemoryDesk()


KINDS: Mapping[str, DeskKind] = {
    "django_helpdesk": DeskKind(
        title="django-helpdesk",
        desk=DjangoHelpdesk,
        opens=_django,
        credential=TypeAdapter(DjangoCredential),
        settings=TypeAdapter(DjangoSettings),
    ),
    "servicedesk_plus": DeskKind(
        title="ServiceDesk Plus",
        desk=ServiceDeskPlus,
        opens=servicedesk_plus,
        credential=TypeAdapter(OnPremCredential),
        settings=TypeAdapter(Options),
        meaningless=frozenset({"data_center", "portal", "accounts_url"}),
    ),
    "servicedesk_plus_cloud": DeskKind(
        title="ServiceDesk Plus Cloud",
        desk=ServiceDeskPlus,
        opens=servicedesk_plus,
        credential=TypeAdapter(CloudCredential),
        settings=TypeAdapter(Options),
        needs_address=False,
        meaningless=frozenset({"client_certificate", "portal_id"}),
    ),
    "memory": DeskKind(
        title="A desk in memory",
        desk=MemoryDesk,
        opens=_memory,
        credential=TypeAdapter(Nothing),
        settings=TypeAdapter(Nothing),
        needs_address=False,
        for_tests=True,
    ),
}


def within(kinds: Mapping[str, DeskKind], networks: tuple[str, ...]) -> dict[str, DeskKind]:
    """Return kinds whose tenants' desks may also be in these private networks. Raises Invalid."""
    Egress(networks=networks)
    return {
        name: replace(kind, opens=partial(_within, kind.opens, networks))
        for name, kind in kinds.items()
    }


def _within(
    opens: Opens,
    networks: tuple[str, ...],
    connection: Connection,
    credential: Mapping[str, str],
    metrics: Metrics,
    tokens: UpstreamTokens | None = None,
) -> AbstractAsyncContextManager[Desk]:
    return opens(replace(connection, networks=networks), credential, metrics, tokens)
