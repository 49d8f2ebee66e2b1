"""One organisation's backup: what an operator does at the server's own shell."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from helpdesk_mcp.admin.params import TenantName, present
from helpdesk_mcp.domain.administration import Office
from helpdesk_mcp.domain.backups import Backup, Restored
from helpdesk_mcp.domain.operations import Effect, operation
from helpdesk_mcp.domain.principals import Scope

File = Annotated[
    str,
    Field(
        min_length=1, max_length=4_096, description="A file of the machine where the command runs"
    ),
]


@operation(Scope.OPERATOR, Effect.READ, own_words=True, title="Back up", target="tenant")
async def back_up_tenant(office: Office, tenant: TenantName, file: File) -> Backup:
    """Write one organisation's settings, people and sealed credentials to a new, sealed file."""
    found = await office.tenants.get(tenant)
    return await present(office.backups, "credentials").write(found, Path(file))


@operation(Scope.OPERATOR, Effect.DESTROY, own_words=True, title="Restore", target="file")
async def restore_tenant(office: Office, file: File) -> Restored:
    """Put one organisation back to what a backup holds, and touch no other.

    Its audit trail goes on; agents that people connected are disconnected.
    """
    backups = present(office.backups, "credentials")
    return await backups.restore(Path(file), office.principal.subject)


OPERATIONS = (back_up_tenant, restore_tenant)
