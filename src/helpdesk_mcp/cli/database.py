"""`database`: its schema and the rights of the server's role."""

import anyio
from cyclopts import App

from helpdesk_mcp import settings
from helpdesk_mcp.back_office import open_store
from helpdesk_mcp.cli.printing import say

app = App(name="database")


@app.command
def prepare() -> None:
    """Bring the schema up to date, protect it, and give the server's role its rights.

    With DATABASE_OWNER_URL the owner does it, and the role of DATABASE_URL, which must exist,
    may then work with the tables but neither own nor change them. The server does the same when
    it starts, if it knows the owner.
    """

    async def work() -> None:
        async with open_store(settings.load()):
            pass

    anyio.run(work)
    say("The database is ready.")
