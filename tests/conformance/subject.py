"""The product as the suite and the clients meet it: all of it, over a real help desk."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.types import ASGIApp
from tests.conformance.everything import with_everything

from helpdesk_demo.desk.process import DeskProcess
from helpdesk_mcp.app import App, opened, tokens
from helpdesk_mcp.domain.principals import EVERY_SCOPE
from helpdesk_mcp.settings import load
from helpdesk_mcp.web.callers import from_scope
from helpdesk_mcp.web.mcp import mcp_server


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A running product and a token that may do everything."""

    app: App
    token: str = field(repr=False)

    def site(self, port: int) -> ASGIApp:
        return self.app.site(port)

    def site_with_everything(self, port: int) -> ASGIApp:
        """The same site, whose MCP server also serves what the suite looks for by name."""
        return self.app.site(port, with_everything(mcp_server(self.app.pipeline, from_scope)))


@asynccontextmanager
async def product(
    folder: Path, desk: DeskProcess, *, legacy_sessions: bool = False
) -> AsyncGenerator[Product]:
    settings = load(
        env_file=None,
        database_url=f"sqlite+aiosqlite:///{folder / 'product.sqlite3'}",
        helpdesk_base_url=desk.url,
        helpdesk_username=desk.username,
        helpdesk_password=desk.password,
        legacy_sessions=legacy_sessions,
        sessions_per_token=1_000,  # the suite opens many and closes none
    )
    async with opened(settings) as app:
        _, token = await tokens(app.database).create(
            name="tests",
            subject="tester",
            client="tests",
            scopes=EVERY_SCOPE,
            expires_at=None,
        )
        yield Product(app=app, token=token)
