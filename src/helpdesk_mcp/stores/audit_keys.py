"""The keys of the audit trail's fingerprints: one for each tenant, sealed, destroyed with it."""

import secrets as random
import time
from collections.abc import Callable

import anyio
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from helpdesk_mcp.crypto.keyring import Keyring
from helpdesk_mcp.crypto.sealing import KEY_BYTES, Unreadable
from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.stores.database import secret
from helpdesk_mcp.stores.tables import audit, secrets
from helpdesk_mcp.stores.tenancy_tables import audit_keys
from helpdesk_mcp.stores.tenant_keys import SqlSeals
from helpdesk_mcp.stores.transactions import Row, tenant_transaction

OF_THE_DATABASE = "audit"
"""The name of the key of all fingerprints where there are no master keys to seal others with."""
MOST_KNOWN = 10_000
c = audit_keys.c


class SqlAuditKeys:
    """The port `AuditKeys`. A key is made when its tenant's first event is recorded."""

    def __init__(
        self,
        database: AsyncEngine,
        keyring: Keyring | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._known: dict[str, bytes] = {}

    async def current(self, tenant: str) -> bytes:
        if tenant not in self._known:
            with anyio.CancelScope(shield=True):  # who is cancelled is recorded all the same
                await self._learn(tenant)
        return self._known[tenant]

    async def every(self, tenant: str) -> tuple[bytes, ...]:
        current = await self.current(tenant)
        if self._keyring is None:
            return (current,)
        async with tenant_transaction(self._database, tenant) as reader:
            since = (await reader.execute(select(c.created_at).where(c.tenant == tenant))).scalar()
            oldest = select(func.min(audit.c.at)).where(audit.c.tenant == tenant)
            first = (await reader.execute(oldest)).scalar()
            named = select(secrets.c.value).where(secrets.c.name == OF_THE_DATABASE)
            shared = (await reader.execute(named)).scalar()
        if shared is None or since is None or first is None or first >= since:
            return (current,)
        return (current, shared)

    async def _learn(self, tenant: str) -> None:
        if self._keyring is None:
            key = await secret(self._database, OF_THE_DATABASE)
        else:
            key = await self._unsealed(tenant, self._keyring)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[tenant] = key

    async def _unsealed(self, tenant: str, keyring: Keyring) -> bytes:
        seals = SqlSeals(self._database, tenant, keyring, self._clock)
        if (row := await self._row(tenant)) is None:
            await self._make(tenant, seals)
            row = await self._row(tenant)
        if row is None:
            raise _unreadable()  # the tenant was deleted meanwhile
        try:
            return (await seals.sealer()).unseal("audit_keys", "key", tenant, row["key"])
        except Unreadable:
            raise _unreadable() from None

    async def _make(self, tenant: str, seals: SqlSeals) -> None:
        sealer = await seals.sealer(seals=1)
        sealed = sealer.seal("audit_keys", "key", tenant, random.token_bytes(KEY_BYTES))
        row = {"tenant": tenant, "key": sealed, "created_at": self._clock()}
        try:
            async with tenant_transaction(self._database, tenant) as transaction:
                await transaction.execute(insert(audit_keys).values(row))
        except IntegrityError:
            return  # another replica made it first

    async def _row(self, tenant: str) -> Row | None:
        async with tenant_transaction(self._database, tenant) as reader:
            return await _of(reader, tenant)


async def _of(reader: AsyncConnection, tenant: str) -> Row | None:
    found = await reader.execute(select(audit_keys).where(c.tenant == tenant))
    return found.mappings().one_or_none()


def _unreadable() -> Unavailable:
    return Unavailable(
        "The key of this organisation's audit fingerprints cannot be read; "
        "`helpdesk-mcp keys verify` names what else cannot.",
        reason="keys",
    )
