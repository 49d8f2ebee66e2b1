"""Tries connections before and after they are stored: the administrator's view of the kinds."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import anyio

from helpdesk_mcp.desks.kinds import (
    KINDS,
    DeskKind,
    checked_credential,
    checked_settings,
    kind_of,
)
from helpdesk_mcp.domain.administration import KindInfo
from helpdesk_mcp.domain.desk import capability_names
from helpdesk_mcp.domain.errors import HelpdeskError, Invalid
from helpdesk_mcp.domain.probes import Probe
from helpdesk_mcp.domain.tenants import Connection
from helpdesk_mcp.telemetry.metrics import Metrics

LEADING = ("accounts_url", "proxy", "ca")
"""Settings that, with the address, decide who receives a credential and whose word is believed."""
PATIENCE = 20.0
"""Seconds a desk has to answer a test."""


class KindProber:
    """The port `DeskProber` over the kinds of desk that there are."""

    def __init__(self, metrics: Metrics, kinds: Mapping[str, DeskKind] = KINDS) -> None:
        self._metrics = metrics
        self._kinds = kinds

    def kinds(self) -> Sequence[KindInfo]:
        return [
            KindInfo(
                kind=name,
                title=kind.title,
                credential=_fields(kind.credential.json_schema()),
                settings=tuple(
                    name
                    for name in _fields(kind.settings.json_schema())
                    if name not in kind.meaningless
                ),
                needs_address=kind.needs_address,
            )
            for name, kind in self._kinds.items()
            if not kind.for_tests
        ]

    def judge(self, connection: Connection, credential: Mapping[str, str] | None) -> None:
        kind = kind_of(connection.kind)
        checked_settings(kind, connection.settings)
        if credential is not None:
            checked_credential(kind, credential)
        if kind.needs_address and not connection.address:
            raise Invalid("This kind of desk needs an address.", reason="address")

    def leads_elsewhere(self, before: Connection, after: Connection) -> bool:
        if before.address.rstrip("/") != after.address.rstrip("/"):
            return True
        old, new = before.settings, after.settings
        return any(_line_by_line(old.get(name)) != _line_by_line(new.get(name)) for name in LEADING)

    async def probe(self, connection: Connection, credential: Mapping[str, str]) -> Probe:
        began = time.monotonic()
        try:
            with anyio.fail_after(PATIENCE):
                self.judge(connection, credential)
                opens = self._kinds[connection.kind].opens
                async with opens(connection, credential, self._metrics, None) as desk:
                    await desk.ping()
                    offers = await desk.capabilities()
        except HelpdeskError as error:
            return Probe(works=False, reason=error.reason, message=error.message)
        except TimeoutError:
            return Probe(works=False, reason="timeout", message="The desk took too long to answer.")
        return Probe(
            works=True,
            seconds=round(time.monotonic() - began, 3),
            offers=capability_names(offers),
        )


def _line_by_line(setting: Any) -> list[str]:
    """Return a text in which a form may have changed the ends of lines."""
    return [line.rstrip("/") for line in str(setting or "").split()]


def _fields(schema: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(schema.get("properties", {}))
