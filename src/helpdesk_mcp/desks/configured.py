"""Desks that are configured where the server runs, for its one tenant: not kept in the store."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter

from helpdesk_mcp.desks.kinds import (
    DeskKind,
    Nothing,
    checked_credential,
    checked_settings,
    kind_of,
)
from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.errors import Invalid, NotFound
from helpdesk_mcp.domain.tenants import Connection, Status, UpstreamTokens
from helpdesk_mcp.telemetry.metrics import Metrics

GIVEN = "given"
"""The kind of a desk that is given as it is, already open."""


RESTART = "Then set what it gives, and start the server again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A connection, and the credential that goes with it."""

    connection: Connection
    credential: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


class ConfiguredConnections:
    """The connections of a tenant that are configured. A suspension lasts until the next start."""

    def __init__(self, configured: Sequence[Configured]) -> None:
        self._held = {one.connection.id: one for one in configured}

    async def every(self) -> tuple[Connection, ...]:
        return tuple(one.connection for one in self._held.values())

    async def credential(self, connection_id: str) -> Mapping[str, str]:
        return self._one(connection_id).credential

    async def suspend(self, connection_id: str, reason: str) -> None:
        one = self._one(connection_id)
        connection = replace(
            one.connection,
            status=Status.SUSPENDED,
            reason=f"{reason} {RESTART}",
            version=one.connection.version + 1,
        )
        self._held[connection_id] = replace(one, connection=connection)

    def _one(self, connection_id: str) -> Configured:
        if (one := self._held.get(connection_id)) is None:
            raise NotFound("There is no such desk.", reason="unknown_desk")
        return one


def check(one: Configured) -> None:
    """Raise Invalid that says which desk cannot be opened as it is configured, and why."""
    connection = one.connection
    kind = kind_of(connection.kind)
    try:
        checked_settings(kind, connection.settings)
        checked_credential(kind, one.credential)
    except Invalid as error:
        raise Invalid(
            f"{kind.title}: {error.message} {_where(connection.kind, error)}", reason=error.reason
        ) from None
    if kind.needs_address and not connection.address:
        raise Invalid(f"{kind.title}: its address is missing. Set SDP_URL.", reason="settings")


def _where(kind: str, error: Invalid) -> str:
    """Return which variables of the environment to look at."""
    if kind == "django_helpdesk":
        return "Set HELPDESK_USERNAME and HELPDESK_PASSWORD, or HELPDESK_TOKEN."
    if error.reason != "credential":
        return "Look at SDP_OPTIONS."
    return f"Set {' and '.join(f'SDP_{name.upper()}' for name in error.fields)}."


def given(tenant: str, name: str = "desk") -> Configured:
    """Return the connection to a desk that is already open; `holding` makes its kind."""
    return Configured(
        connection=Connection(
            id=name, tenant=tenant, name=name, kind=GIVEN, address="", is_default=True
        )
    )


def holding(desk: Desk) -> DeskKind:
    """Return the kind of a desk that is already open, and that is never closed."""

    @asynccontextmanager
    async def opens(
        connection: Connection,
        credential: Mapping[str, str],
        metrics: Metrics,
        tokens: UpstreamTokens | None,
    ) -> AsyncGenerator[Desk]:
        del connection, credential, metrics, tokens
        yield desk

    return DeskKind(
        title="A desk that is open already",
        desk=type(desk),
        opens=opens,
        credential=TypeAdapter(Nothing),
        settings=TypeAdapter(Nothing),
        needs_address=False,
        for_tests=True,
    )
