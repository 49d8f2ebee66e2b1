"""Organisations: what an operator of the deployment does with them."""

from dataclasses import dataclass, replace

from helpdesk_mcp.admin.params import DisplayName, Done, Slug, TenantName, Why
from helpdesk_mcp.domain.administration import Office
from helpdesk_mcp.domain.errors import Conflict
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.tenants import Status, Tenant, Tier, zone_named
from helpdesk_mcp.domain.text import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantInfo:
    id: str
    slug: str
    name: Line
    status: Status
    reason: Line
    tier: str
    locale: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantList:
    tenants: tuple[TenantInfo, ...]


@operation(Scope.OPERATOR, Effect.READ, own_words=True, title="List organisations", target="")
async def list_tenants(office: Office) -> TenantList:
    """List every organisation of this deployment."""
    return TenantList(tenants=tuple(_info(tenant) for tenant in await office.tenants.every()))


@operation(
    Scope.OPERATOR, Effect.READ, own_words=True, title="Show an organisation", target="tenant"
)
async def get_tenant(office: Office, tenant: TenantName) -> TenantInfo:
    """Show one organisation."""
    return _info(await office.tenants.get(tenant))


@operation(
    Scope.OPERATOR,
    Effect.WRITE,
    own_words=True,
    title="Create an organisation",
    target="slug",
    holds={"name": Holds.PROSE},
)
async def create_tenant(
    office: Office,
    slug: Slug,
    name: DisplayName,
    tier: Tier = Tier.STANDARD,
    locale: Slug = "en",
    time_zone: DisplayName = "UTC",
) -> TenantInfo:
    """Create an organisation. It has no people and no desks yet.

    `tier` is how often its callers may call: half, once, two and a half or five times what the
    deployment allows.
    """
    zone_named(time_zone)
    draft = Tenant(id="", slug=slug, name=name, tier=tier.value, locale=locale, time_zone=time_zone)
    return _info(await office.tenants.add(draft))


@operation(
    Scope.OPERATOR,
    Effect.WRITE,
    own_words=True,
    title="Change an organisation",
    target="tenant",
    idempotent=True,
    holds={"name": Holds.PROSE},
)
async def update_tenant(
    office: Office,
    tenant: TenantName,
    name: DisplayName | None = None,
    tier: Tier | None = None,
    locale: Slug | None = None,
    time_zone: DisplayName | None = None,
) -> TenantInfo:
    """Change an organisation's name, tier, language or time zone. It is felt in five seconds."""
    before = await office.tenants.get(tenant)
    zone_named(time_zone or before.time_zone)
    changed = replace(
        before,
        name=name or before.name,
        tier=tier.value if tier else before.tier,
        locale=locale or before.locale,
        time_zone=time_zone or before.time_zone,
    )
    return _info(await office.tenants.update(changed))


@operation(
    Scope.OPERATOR,
    Effect.WRITE,
    own_words=True,
    title="Suspend an organisation",
    target="tenant",
    idempotent=True,
    holds={"reason": Holds.PROSE},
)
async def suspend_tenant(office: Office, tenant: TenantName, reason: Why) -> TenantInfo:
    """Stop everything of an organisation within five seconds. Nothing is deleted."""
    return await _set_status(office, tenant, Status.SUSPENDED, reason)


@operation(
    Scope.OPERATOR,
    Effect.WRITE,
    own_words=True,
    title="Resume an organisation",
    target="tenant",
    idempotent=True,
)
async def resume_tenant(office: Office, tenant: TenantName) -> TenantInfo:
    """Let a suspended organisation work again."""
    return await _set_status(office, tenant, Status.ACTIVE, "")


@operation(
    Scope.OPERATOR, Effect.DESTROY, own_words=True, title="Delete an organisation", target="tenant"
)
async def delete_tenant(office: Office, tenant: TenantName, confirm_slug: Slug) -> Done:
    """Delete an organisation for ever: its keys are destroyed, its audit trail stays.

    `confirm_slug` repeats its slug.
    """
    found = await office.tenants.get(tenant)
    if found.slug != confirm_slug:
        raise Conflict("`confirm_slug` is not the slug of this organisation.", reason="confirm")
    await office.tenants.remove(found.id)
    return Done(done="deleted", id=found.id)


async def _set_status(office: Office, tenant: str, status: Status, reason: str) -> TenantInfo:
    found = await office.tenants.get(tenant)
    return _info(await office.tenants.set_status(found.id, status, reason))


def _info(tenant: Tenant) -> TenantInfo:
    return TenantInfo(
        id=tenant.id,
        slug=tenant.slug,
        name=tenant.name,
        status=tenant.status,
        reason=tenant.reason,
        tier=tenant.tier,
        locale=tenant.locale,
        time_zone=tenant.time_zone,
    )


OPERATIONS = (
    list_tenants,
    get_tenant,
    create_tenant,
    update_tenant,
    suspend_tenant,
    resume_tenant,
    delete_tenant,
)
