"""Finding the client of an authorization request, by registration or by metadata document."""

from dataclasses import dataclass

from helpdesk_mcp.oauth.authorization import unknown_client
from helpdesk_mcp.oauth.flow import Stop
from helpdesk_mcp.oauth.models import Client
from helpdesk_mcp.oauth.ports import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClients:
    """Clients that are in the database already."""

    ledger: Ledger

    async def find(self, client_id: str) -> Client | Stop:
        found = await self.ledger.look(lambda records: records.clients.find(client_id))
        return found or unknown_client()
