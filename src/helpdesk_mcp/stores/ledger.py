"""One transaction of the authorization server: its records, and the audit events it leaves."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from helpdesk_mcp.domain.errors import Unavailable
from helpdesk_mcp.oauth.ports import Members, Records, Remark, Witness
from helpdesk_mcp.stores.clients import SqlClients
from helpdesk_mcp.stores.codes import SqlCodes, SqlRefreshTokens
from helpdesk_mcp.stores.grants import SqlGrants
from helpdesk_mcp.stores.questions import SqlAssertions, SqlQuestions

Result = TypeVar("Result")
OpenMembers = Callable[[Connection], Members]


class SqlLedger:
    """Runs synchronous work on the asynchronous engine, one transaction each.

    The work runs in a greenlet of SQLAlchemy's, which waits for the database without holding up
    the event loop: the protocol core may be synchronous, and there is no second pool for it.
    """

    def __init__(self, database: AsyncEngine, members: OpenMembers, witness: Witness) -> None:
        self._database = database
        self._members = members
        self._witness = witness

    async def run(self, work: Callable[[Records], Result]) -> Result:
        remarks: list[Remark] = []
        try:
            async with self._database.begin() as transaction:
                result = await transaction.run_sync(
                    lambda connection: work(self._records(connection, remarks))
                )
        except (SQLAlchemyError, OSError) as error:
            raise Unavailable(
                "The authorization server's database cannot be reached.",
                reason="store",
                retry_after=1.0,
            ) from error
        for remark in remarks:
            await self._witness(remark)
        return result

    def _records(self, connection: Connection, remarks: list[Remark]) -> Records:
        if connection.dialect.name == "sqlite":
            # Take the write lock at once: a read that turns into a write would find it taken.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        return Records(
            clients=SqlClients(connection),
            questions=SqlQuestions(connection),
            codes=SqlCodes(connection),
            refresh_tokens=SqlRefreshTokens(connection),
            grants=SqlGrants(connection),
            assertions=SqlAssertions(connection),
            members=self._members(connection),
            remarks=remarks,
        )
