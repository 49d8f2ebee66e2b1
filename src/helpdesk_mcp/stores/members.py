"""The people behind grants: whether they still belong, and what their role allows today."""

from sqlalchemy import Connection

from helpdesk_mcp.oauth.models import Standing
from helpdesk_mcp.stores.accounts import SqlStandings


class SqlMembers:
    """The port `Members`, in a transaction that came through the door."""

    def __init__(self, connection: Connection) -> None:
        self._standings = SqlStandings(connection)

    def standing(self, tenant: str, user: str) -> Standing | None:
        if (found := self._standings.person(tenant, user)) is None:
            return None
        role, person = found
        return Standing(
            role=role,
            email=person.email,
            name=person.name,
            locale=person.locale,
            signed_out_at=person.signed_out_at,
        )

    def serves(self, tenant: str) -> bool:
        return self._standings.serves(tenant)
