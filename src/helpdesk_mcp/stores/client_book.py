"""The OAuth clients that one tenant's administrators made, as they work on them."""

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.domain.administration import ClientDraft, ClientInfo, NewClient
from helpdesk_mcp.domain.errors import Invalid, NotFound
from helpdesk_mcp.domain.principals import EVERY_SCOPE
from helpdesk_mcp.oauth import redirects, secrets
from helpdesk_mcp.oauth.client_metadata import BadMetadata, keys_of
from helpdesk_mcp.oauth.models import INTERACTIVE, AuthMethod, Client, GrantType, Source
from helpdesk_mcp.oauth.redirects import BadRedirect
from helpdesk_mcp.stores.clients import SqlClients
from helpdesk_mcp.stores.transactions import tenant_transaction


class SqlClientBook:
    """The port `Clients` of administration, born for one tenant."""

    def __init__(
        self, database: AsyncEngine, tenant: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._clock = clock

    async def every(self) -> tuple[ClientInfo, ...]:
        async with tenant_transaction(self._database, self._tenant) as reader:
            found = await reader.run_sync(lambda c: SqlClients(c).of_tenant(self._tenant))
        return tuple(_info(client) for client in found)

    async def add(self, draft: ClientDraft) -> NewClient:
        """Register a client. Its secret is in the answer and nowhere else."""
        secret = "" if draft.jwks is not None else secrets.new(secrets.CLIENT)
        client = self._client(draft, secret)
        async with tenant_transaction(self._database, self._tenant) as transaction:
            await transaction.run_sync(lambda c: SqlClients(c).put(client))
        return NewClient(client=_info(client), secret=secret)

    async def remove(self, client_id: str) -> None:
        """End a client: its tokens stop within five seconds, its refresh tokens at once."""
        now = self._clock()
        async with tenant_transaction(self._database, self._tenant) as transaction:
            mine = await transaction.run_sync(lambda c: SqlClients(c).of_tenant(self._tenant))
            if client_id not in {client.id for client in mine}:
                raise NotFound("There is no such client.", reason="unknown_client")
            await transaction.run_sync(lambda c: SqlClients(c).disable(client_id, now))

    def _client(self, draft: ClientDraft, secret: str) -> Client:
        grants = frozenset({GrantType.CLIENT_CREDENTIALS}) if draft.headless else INTERACTIVE
        return Client(
            id=f"hdk_{uuid.uuid4().hex}",
            name=draft.name,
            source=Source.ADMINISTRATOR,
            redirect_uris=() if draft.headless else _redirects(draft),
            auth_method=AuthMethod.BASIC if secret else AuthMethod.PRIVATE_KEY,
            grant_types=grants,
            tenant=self._tenant,
            digest=secrets.digest(secret) if secret else None,
            jwks=_keys(draft),
            scopes=_scopes(draft),
            desks=draft.desks,
            created_at=self._clock(),
        )


def _redirects(draft: ClientDraft) -> tuple[str, ...]:
    if not draft.redirect_uris:
        raise Invalid(
            "A client that people sign in with needs a redirect URI; one that acts by itself "
            "is `headless`.",
            reason="redirect_uris",
        )
    try:
        return redirects.check_registrable(draft.redirect_uris, native=True)
    except BadRedirect as error:
        raise Invalid(error.reason, reason="redirect_uris") from None


def _keys(draft: ClientDraft) -> Mapping[str, Any] | None:
    try:
        return keys_of({"jwks": draft.jwks})
    except BadMetadata as error:
        raise Invalid(error.reason, reason="jwks") from None


def _scopes(draft: ClientDraft) -> frozenset[str] | None:
    """Return what the client may ask for. Nobody narrows a headless one later: it must say."""
    wanted = frozenset(draft.scopes & EVERY_SCOPE)
    if draft.headless and not wanted:
        raise Invalid("A client that acts by itself needs scopes.", reason="scopes")
    return wanted or None


def _info(client: Client) -> ClientInfo:
    return ClientInfo(
        id=client.id,
        name=client.name,
        host=client.host,
        redirect_uris=client.redirect_uris,
        source=client.source.value,
        scopes=tuple(sorted(client.scopes or ())),
        desks=tuple(sorted(client.desks)),
        created_at=datetime.fromtimestamp(client.created_at, UTC),
        used_at=datetime.fromtimestamp(client.used_at, UTC) if client.used_at else None,
    )
