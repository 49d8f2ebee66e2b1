"""One transaction of the authorization server: its records, and the audit events it leaves."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
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
from helpdesk_mcp.stores.transactions import enter_door

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
        with _translated():
            async with self._database.begin() as transaction:
                if transaction.dialect.name == "sqlite":
                    # Take the write lock at once: a read that turns into a write would wait for
                    # another that does the same, for ever.
                    await transaction.exec_driver_sql("BEGIN IMMEDIATE")
                result = await transaction.run_sync(
                    lambda connection: work(self._records(connection, remarks))
                )
        for remark in remarks:
            await self._witness(remark)
        return result

    async def look(self, work: Callable[[Records], Result]) -> Result:
        with _translated():
            async with self._database.connect() as reader:
                return await reader.run_sync(lambda connection: work(self._records(connection, [])))

    def _records(self, connection: Connection, remarks: list[Remark]) -> Records:
        enter_door(connection)  # tokens, codes and clients tell their tenant, they do not know it
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


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise Unavailable(
            "The authorization server's database cannot be reached.",
            reason="store",
            retry_after=1.0,
        ) from error
