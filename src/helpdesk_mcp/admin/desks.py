"""An organisation's desks: connect, test, map, suspend. Credentials go in and never come out."""

from dataclasses import dataclass, field, replace
from typing import Any

from helpdesk_mcp.admin.params import (
    Address,
    Credential,
    DeskName,
    Done,
    NewDeskName,
    Settings,
    Slug,
    Why,
    present,
)
from helpdesk_mcp.domain.administration import DeskBook, DeskProber, KindInfo, Office
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.probes import Probe
from helpdesk_mcp.domain.tenants import Connection, Status
from helpdesk_mcp.domain.text import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskInfo:
    """A desk without its credential. `settings` holds the mappings too."""

    id: str
    name: str
    kind: str
    address: str
    is_default: bool
    status: Status
    reason: Line
    version: int
    settings: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskList:
    desks: tuple[DeskInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindList:
    kinds: tuple[KindInfo, ...]


@operation(Scope.ADMIN, Effect.READ, own_words=True, title="List desks", target="")
async def list_desks(office: Office) -> DeskList:
    """List the organisation's desks, the default one first."""
    return DeskList(desks=tuple(_info(desk) for desk in await _book(office).every()))


@operation(Scope.ADMIN, Effect.READ, own_words=True, title="List kinds of desk", target="")
async def list_desk_kinds(office: Office) -> KindList:
    """List the kinds of help desk that can be connected, with the fields each needs."""
    return KindList(kinds=tuple(_prober(office).kinds()))


@operation(
    Scope.ADMIN,
    Effect.WRITE,
    own_words=True,
    title="Connect a desk",
    target="name",
    holds={"credential": Holds.SECRET},
)
async def add_desk(
    office: Office,
    name: NewDeskName,
    kind: Slug | NewDeskName,
    address: Address,
    credential: Credential,
    settings: Settings | None = None,
    default: bool = False,
) -> DeskInfo:
    """Connect a help desk. The credential is sealed at once; `test_desk` says whether it works."""
    draft = Connection(
        id="",
        tenant="",
        name=name,
        kind=kind,
        address=address,
        settings=settings or {},
        is_default=default,
    )
    _prober(office).judge(draft, credential)
    return _info(await _book(office).add(draft, credential))


@operation(Scope.ADMIN, Effect.READ, own_words=True, title="Test a desk", target="desk")
async def test_desk(office: Office, desk: DeskName) -> Probe:
    """Sign in at a desk with its stored credential and ask what it offers."""
    book = _book(office)
    connection = await book.get(desk)
    return await _prober(office).probe(connection, await book.credential(connection.id))


@operation(
    Scope.ADMIN,
    Effect.WRITE,
    own_words=True,
    title="Change a desk",
    target="desk",
    idempotent=True,
    holds={"credential": Holds.SECRET},
)
async def update_desk(
    office: Office,
    desk: DeskName,
    name: NewDeskName | None = None,
    address: Address | None = None,
    settings: Settings | None = None,
    default: bool | None = None,
    credential: Credential | None = None,
) -> DeskInfo:
    """Change a desk's name, address, settings with their mappings, or make it the default.

    `settings` takes the place of the old ones. A desk that is somewhere else now needs its
    `credential` again: a stored one goes to nobody but the desk it was given for.
    """
    book = _book(office)
    before = await book.get(desk)
    after = replace(
        before,
        name=before.name if name is None else name,
        address=before.address if address is None else address,
        settings=before.settings if settings is None else settings,
        is_default=before.is_default if default is None else default,
    )
    prober = _prober(office)
    prober.judge(after, credential)
    if credential is None and prober.leads_elsewhere(before, after):
        raise Invalid(
            "This would send the stored credential somewhere else; give the credential together "
            "with the new address, proxy, certificates or accounts server.",
            reason="credential_again",
            fields=("credential",),
        )
    return _info(await book.update(after, credential))


@operation(
    Scope.ADMIN,
    Effect.WRITE,
    own_words=True,
    title="Replace a desk's credential",
    target="desk",
    holds={"credential": Holds.SECRET},
)
async def replace_desk_credential(office: Office, desk: DeskName, credential: Credential) -> Done:
    """Put a new credential in the place of the old one. Neither can be read back."""
    book = _book(office)
    connection = await book.get(desk)
    _prober(office).judge(connection, credential)
    await book.replace_credential(connection.id, credential)
    return Done(done="credential replaced", id=connection.id)


@operation(
    Scope.ADMIN,
    Effect.WRITE,
    own_words=True,
    title="Suspend a desk",
    target="desk",
    idempotent=True,
    holds={"reason": Holds.PROSE},
)
async def suspend_desk(office: Office, desk: DeskName, reason: Why) -> DeskInfo:
    """Stop using a desk. Calls to it answer with the reason."""
    book = _book(office)
    connection = await book.get(desk)
    await book.suspend(connection.id, reason)
    return _info(await book.get(connection.id))


@operation(
    Scope.ADMIN, Effect.WRITE, own_words=True, title="Resume a desk", target="desk", idempotent=True
)
async def resume_desk(office: Office, desk: DeskName) -> DeskInfo:
    """Use a suspended desk again."""
    book = _book(office)
    connection = await book.get(desk)
    await book.resume(connection.id)
    return _info(await book.get(connection.id))


@operation(Scope.ADMIN, Effect.DESTROY, own_words=True, title="Disconnect a desk", target="desk")
async def remove_desk(office: Office, desk: DeskName) -> Done:
    """Disconnect a desk and forget its credential. Nothing changes at the desk itself."""
    connection = await _book(office).get(desk)
    await _book(office).remove(connection.id)
    return Done(done="removed", id=connection.id)


def _book(office: Office) -> DeskBook:
    return present(office.desks, "credentials")


def _prober(office: Office) -> DeskProber:
    return present(office.prober, "desks")


def _info(desk: Connection) -> DeskInfo:
    return DeskInfo(
        id=desk.id,
        name=desk.name,
        kind=desk.kind,
        address=desk.address,
        is_default=desk.is_default,
        status=desk.status,
        reason=desk.reason,
        version=desk.version,
        settings=dict(desk.settings),
    )


OPERATIONS = (
    list_desks,
    list_desk_kinds,
    add_desk,
    test_desk,
    update_desk,
    replace_desk_credential,
    suspend_desk,
    resume_desk,
    remove_desk,
)
