"""Connections to SQLite that can be given up at any moment, as those of a cancelled call are.

The driver's own have two faults then. They wait for their thread to say that it ended, also when
it has ended already: so does the process, for ever, when it should end. And they are closed while
a statement is still known to somebody: SQLite then keeps the transaction, and everybody else out.
"""

import sqlite3
from functools import partial
from typing import Any

import aiosqlite


class PatientConnection(aiosqlite.Connection):
    """Is stopped once, whoever asks for it, and leaves no transaction behind."""

    def stop(self) -> Any:
        if not self._running:
            return None
        self._give_up()
        return super().stop()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] -- the driver does not say of what

    async def close(self) -> None:
        if self._running:
            self._give_up()
            await super().close()

    def _give_up(self) -> None:
        """Have the thread roll back first; it does one thing after the other."""
        if self._connection is not None:
            self._tx.put_nowait((None, self._connection.rollback))  # pyright: ignore[reportUnknownMemberType] -- as above


def connection(database: str, **options: Any) -> PatientConnection:
    """Return a connection to await. Its thread keeps no process from ending."""
    made = PatientConnection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    made._thread.daemon = True  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- as SQLAlchemy does for the driver's own
    return made
