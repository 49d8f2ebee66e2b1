"""The people behind grants in SQL: whether they still belong, and what their role allows."""

from sqlalchemy import Connection, select

from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.domain.tenants import Status
from helpdesk_mcp.oauth.models import Standing
from helpdesk_mcp.stores.tenancy_tables import memberships, people, tenants

m, p, t = memberships.c, people.c, tenants.c


class SqlMembers:
    """Everybody, in one transaction that came through the door: a grant names tenant and user."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standing(self, tenant: str, user: str) -> Standing | None:
        joined = memberships.join(people, m.person == p.id).join(tenants, m.tenant == t.id)
        active = Status.ACTIVE.value
        wanted = (
            select(m.role, p.email, p.name, p.locale, p.signed_out_at)
            .select_from(joined)
            .where(m.tenant == tenant, m.person == user)
            .where(m.status == active, p.status == active, t.status == active)
        )
        row = self._connection.execute(wanted).one_or_none()
        if row is None:
            return None
        return Standing(
            role=Role(row.role),
            email=row.email,
            name=row.name,
            locale=row.locale,
            signed_out_at=row.signed_out_at,
        )

    def serves(self, tenant: str) -> bool:
        wanted = select(t.id).where(t.id == tenant, t.status == Status.ACTIVE.value)
        return self._connection.execute(wanted).one_or_none() is not None
