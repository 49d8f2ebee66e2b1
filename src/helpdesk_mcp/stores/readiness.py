"""Whether a database and its keys are ready to serve, and which one command makes them so."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.crypto.keyring import Keyring
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.stores.master_keys import MasterKeys
from helpdesk_mcp.stores.row_security import bypasses
from helpdesk_mcp.stores.tenancy_tables import tenant_keys, tenants
from helpdesk_mcp.stores.transactions import operator_transaction

NOTHING = (
    "No help desk is configured: set HELPDESK_BASE_URL, HELPDESK_USERNAME and HELPDESK_PASSWORD, "
    "or SDP_URL and SDP_API_KEY (see .env.example). To serve organisations that sign in, run "
    "`helpdesk-mcp init`. To try it: `make demo`."
)


async def check_ready(database: AsyncEngine, keyring: Keyring | None, *, desks: bool) -> None:
    """Raise Invalid that says what to do, unless there is something to serve and all fits.

    `desks`: the environment configures some, which need neither tenants nor keys.
    """
    async with operator_transaction(database) as reader:
        organisations = (await reader.execute(select(func.count()).select_from(tenants))).scalar()
        sealed = (await reader.execute(select(func.count()).select_from(tenant_keys))).scalar()
        above = await reader.run_sync(bypasses)
    if keyring is not None:
        await MasterKeys(database, keyring).admit()
    elif sealed:
        raise Invalid(
            "This database holds sealed credentials, but there is no master key. Put the key "
            "file back, or set HELPDESK_MASTER_KEY; `helpdesk-mcp keys status` shows what is "
            "missing.",
            reason="keys",
        )
    if not organisations and not desks:
        raise Invalid(NOTHING, reason="settings")
    if organisations and above:
        raise Invalid(
            "The role of DATABASE_URL is above row-level security, or owns the tables and could "
            "end it, so it must not serve organisations. Set DATABASE_OWNER_URL to this role, "
            "DATABASE_URL to another one that is no member of it, and run `helpdesk-mcp database "
            "prepare`.",
            reason="database_role",
        )
