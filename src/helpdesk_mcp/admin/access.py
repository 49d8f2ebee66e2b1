"""Clients and grants: which programs may ask, and which agents are connected."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from helpdesk_mcp.admin.params import DeskName, DisplayName, Done, Id, present
from helpdesk_mcp.domain.administration import (
    Alarm,
    ClientDraft,
    ClientInfo,
    Clients,
    GrantInfo,
    Grants,
    Office,
)
from helpdesk_mcp.domain.operations import Effect, operation
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Scope

Uris = Annotated[tuple[str, ...], Field(max_length=20, description="Exact redirect URIs")]
Names = Annotated[tuple[DeskName, ...], Field(max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientList:
    clients: tuple[ClientInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredClient:
    """A client just registered. `secret` is shown this once; absent for public clients."""

    client: ClientInfo
    secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantList:
    grants: tuple[GrantInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MyGrants:
    """A person's connected agents, and what they should know of connections that were ended."""

    grants: tuple[GrantInfo, ...]
    alarms: tuple[Alarm, ...] = ()


@operation(Scope.ADMIN, Effect.READ, own_words=True, title="List OAuth clients", target="")
async def list_clients(office: Office) -> ClientList:
    """List the OAuth clients that the organisation registered."""
    return ClientList(clients=await _clients(office).every())


@operation(
    Scope.ADMIN, Effect.WRITE, own_words=True, title="Register an OAuth client", target="name"
)
async def register_client(
    office: Office,
    name: DisplayName,
    redirect_uris: Uris = (),
    headless: bool = False,
    scopes: Annotated[tuple[Scope, ...], Field(max_length=40)] = (),
    desks: Names = (),
    jwks: dict[str, Any] | None = None,
) -> RegisteredClient:
    """Register an OAuth client; `headless` makes one that acts by itself, with these scopes.

    `desks` are ids or names; without them it reaches all that the organisation has. With `jwks`,
    its public keys, it proves itself by private_key_jwt instead of a secret.
    """
    named = [(await present(office.desks, "credentials").get(desk)).id for desk in desks]
    made = await _clients(office).add(
        ClientDraft(
            name=name,
            redirect_uris=redirect_uris,
            headless=headless,
            scopes=frozenset(scopes) & EVERY_SCOPE,
            desks=frozenset(named),
            jwks=jwks,
        )
    )
    return RegisteredClient(client=made.client, secret=made.secret or None)


@operation(
    Scope.ADMIN, Effect.DESTROY, own_words=True, title="Remove an OAuth client", target="client"
)
async def remove_client(office: Office, client: Id) -> Done:
    """Remove an OAuth client and end everything that was granted to it."""
    await _clients(office).remove(client)
    return Done(done="removed", id=client)


@operation((), Effect.READ, own_words=True, title="List my connected agents", target="")
async def list_my_grants(office: Office) -> MyGrants:
    """List the agents that you connected: what each may do, and when it last did.

    `alarms` are connections that were ended because an old token of them was used again.
    """
    me, grants = office.principal.subject, _grants(office)
    return MyGrants(grants=await grants.every(me), alarms=await grants.alarms(me))


@operation((), Effect.WRITE, own_words=True, title="Disconnect one of my agents", target="grant")
async def revoke_my_grant(office: Office, grant: Id) -> Done:
    """End an agent's access that you gave. It stops within five seconds."""
    await _grants(office).revoke(grant, office.principal.subject)
    return Done(done="revoked", id=grant)


@operation((), Effect.WRITE, own_words=True, title="Dismiss an alarm", target="grant")
async def dismiss_my_alarm(office: Office, grant: Id) -> Done:
    """Take note that a connection of yours was ended because of a misused token."""
    await _grants(office).dismiss(grant, office.principal.subject)
    return Done(done="dismissed", id=grant)


@operation(Scope.ADMIN, Effect.READ, own_words=True, title="List connected agents", target="")
async def list_grants(office: Office) -> GrantList:
    """List every agent that the organisation's people connected."""
    return GrantList(grants=await _grants(office).every())


@operation(Scope.ADMIN, Effect.WRITE, own_words=True, title="Disconnect an agent", target="grant")
async def revoke_grant(office: Office, grant: Id) -> Done:
    """End an agent's access, whoever gave it. It stops within five seconds."""
    await _grants(office).revoke(grant)
    return Done(done="revoked", id=grant)


def _clients(office: Office) -> Clients:
    return present(office.clients, "OAuth clients")


def _grants(office: Office) -> Grants:
    return present(office.grants, "grants")


OPERATIONS = (
    list_clients,
    register_client,
    remove_client,
    list_my_grants,
    revoke_my_grant,
    dismiss_my_alarm,
    list_grants,
    revoke_grant,
)
