"""Organisations' own OpenID providers in SQL, and the sign-ins through them that are under way."""

import time
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from helpdesk_mcp.crypto.keyring import Keyring
from helpdesk_mcp.crypto.sealing import Unreadable
from helpdesk_mcp.domain.errors import NotFound, Unavailable
from helpdesk_mcp.domain.probes import Probe, ProviderInfo
from helpdesk_mcp.domain.sessions import PASSWORD
from helpdesk_mcp.domain.tenants import Status
from helpdesk_mcp.oauth.provider import IssuerProber
from helpdesk_mcp.oauth.upstream import UpstreamClient, UpstreamState
from helpdesk_mcp.stores.oauth_tables import providers, upstream_states
from helpdesk_mcp.stores.session_tables import sessions
from helpdesk_mcp.stores.tenancy_tables import people, tenants
from helpdesk_mcp.stores.tenant_keys import SqlSeals
from helpdesk_mcp.stores.transactions import door_transaction, enter_door, tenant_transaction

p, s, t = providers.c, upstream_states.c, tenants.c
TABLE, COLUMN = "oauth_providers", "client_secret"


class SqlUpstreamClients:
    """How each organisation's provider knows us."""

    def __init__(self, database: AsyncEngine, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def of_slug(self, slug: str) -> UpstreamClient | None:
        return await self._of(t.slug == slug)

    async def of_tenant(self, tenant: str) -> UpstreamClient | None:
        return await self._of(t.id == tenant)

    async def _of(self, which: ColumnElement[bool]) -> UpstreamClient | None:
        active = select(t.id).where(which, t.status == Status.ACTIVE.value)
        async with door_transaction(self._database) as reader:
            tenant = (await reader.execute(active)).scalar_one_or_none()
        if tenant is None:
            return None
        async with tenant_transaction(self._database, tenant) as reader:
            found = await reader.execute(select(providers).where(p.tenant == tenant))
            row = found.mappings().one_or_none()
        return await self._opened(dict(row)) if row is not None else None

    async def described(self, tenant: str) -> ProviderInfo | None:
        """Return a tenant's provider without the secret."""
        wanted = select(p.issuer, p.client_id).where(p.tenant == tenant)
        async with tenant_transaction(self._database, tenant) as reader:
            row = (await reader.execute(wanted)).one_or_none()
        return ProviderInfo(issuer=row.issuer, client_id=row.client_id) if row else None

    async def put(self, client: UpstreamClient) -> None:
        """Set an organisation's provider, in place of an earlier one.

        Whom another issuer vouched for is known by their address again, and signed out.
        """
        sealer = await SqlSeals(self._database, client.tenant, self._keyring).sealer(seals=1)
        secret = client.client_secret.encode()
        row = asdict(client) | {
            "client_secret": sealer.seal(TABLE, COLUMN, client.tenant, secret),
            "updated_at": time.time(),
        }
        async with tenant_transaction(self._database, client.tenant) as transaction:
            await transaction.execute(delete(providers).where(p.tenant == client.tenant))
            await transaction.execute(insert(providers).values(row))
            await _forget_others(transaction, client.tenant, client.issuer)

    async def remove(self, tenant: str) -> bool:
        async with tenant_transaction(self._database, tenant) as transaction:
            done = await transaction.execute(delete(providers).where(p.tenant == tenant))
            await _forget_others(transaction, tenant, "")
        return done.rowcount == 1

    async def _opened(self, row: dict[str, Any]) -> UpstreamClient:
        tenant = row["tenant"]
        sealer = await SqlSeals(self._database, tenant, self._keyring).sealer()
        try:
            secret = sealer.unseal(TABLE, COLUMN, tenant, row["client_secret"])
        except Unreadable:
            raise Unavailable(
                "The secret for this organisation's provider cannot be read. Its administrator "
                "sets it again.",
                reason="credential_unreadable",
            ) from None
        return UpstreamClient(
            tenant=tenant,
            issuer=row["issuer"],
            client_id=row["client_id"],
            client_secret=secret.decode(),
        )


async def _forget_others(transaction: AsyncConnection, tenant: str, issuer: str) -> None:
    """Forget what any issuer but this one vouched for in a tenant: identities and sessions."""
    await transaction.run_sync(enter_door)
    linked = (people.c.home == tenant) & (people.c.issuer != issuer)
    nobody = {"issuer": None, "subject": None}
    await transaction.execute(update(people).where(linked).values(nobody))
    b = sessions.c
    elsewhere = (b.chosen_tenant == tenant) & b.via.not_in((PASSWORD, issuer))
    await transaction.execute(delete(sessions).where(elsewhere))


class SqlSignInProvider:
    """The port `SignInProvider` of one tenant's administrators."""

    def __init__(
        self, database: AsyncEngine, tenant: str, keyring: Keyring, prober: IssuerProber
    ) -> None:
        self._clients = SqlUpstreamClients(database, keyring)
        self._tenant = tenant
        self._prober = prober

    async def get(self) -> ProviderInfo | None:
        """Return it; its secret is not opened, so one that cannot be read can be replaced."""
        return await self._clients.described(self._tenant)

    async def set(self, provider: ProviderInfo, client_secret: str) -> None:
        await self._clients.put(
            UpstreamClient(
                tenant=self._tenant,
                issuer=provider.issuer,
                client_id=provider.client_id,
                client_secret=client_secret,
            )
        )

    async def remove(self) -> None:
        if not await self._clients.remove(self._tenant):
            raise NotFound("This organisation has no provider.", reason="unknown_provider")

    async def probe(self, issuer: str) -> Probe:
        return await self._prober.probe(issuer)


class SqlUpstreamStates:
    """Sign-ins that are under way: found by the digest of their state, and taken once."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

    async def add(self, state: UpstreamState) -> None:
        async with door_transaction(self._database) as transaction:
            old = s.expires_at < state.expires_at - 3_600
            await transaction.execute(delete(upstream_states).where(old))
            await transaction.execute(insert(upstream_states).values(asdict(state)))

    async def take(self, digest: bytes, browser: bytes, now: float) -> UpstreamState | None:
        mine = (s.digest == digest) & (s.browser == browser) & (s.expires_at > now)
        taken = delete(upstream_states).where(mine).returning(upstream_states)
        async with door_transaction(self._database) as transaction:
            row = (await transaction.execute(taken)).mappings().one_or_none()
        return UpstreamState(**dict(row)) if row is not None else None
