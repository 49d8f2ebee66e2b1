"""Templates to responses, with the headers that every page carries."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from helpdesk_mcp.web.pages.cookies import Cookies
from helpdesk_mcp.web.pages.figures import instant, moment, number
from helpdesk_mcp.web.pages.texts import LANGUAGES, NAMES
from helpdesk_mcp.web.pages.visits import Visit

FOLDER: Final = Path(__file__).parent
CONSOLE: Final = FOLDER.parent / "console"
STYLE: Final = FOLDER / "assets" / "pages.css"
SCRIPT: Final = FOLDER / "assets" / "go-on.js"
ICON: Final = FOLDER / "assets" / "icon.svg"


def _version() -> str:
    digest = hashlib.sha256()
    for file in (STYLE, SCRIPT, ICON):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


ASSETS: Final = f"/assets/{_version()}"
"""Where files lie that never change: their address does."""


def policy(*, form_action: str = "", script: bool = False) -> str:
    """Return the Content-Security-Policy of a page.

    Chromium holds the redirects after a form to `form-action` too, so a page whose form may end
    at a client names the client's origin there.
    """
    scripts = "script-src 'self'; " if script else ""
    return (
        f"default-src 'none'; {scripts}style-src 'self'; img-src 'self' data:; "
        f"form-action 'self'{form_action and ' ' + form_action}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


HEADERS: Final = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with it, browsers send our own forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}


@dataclass(frozen=True, slots=True)
class Look:
    """Renders pages. Every value is escaped; a name that a template does not get is an error."""

    cookies: Cookies
    token: Callable[[Visit, str], str]
    environment: Environment = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        environment = Environment(
            loader=FileSystemLoader([FOLDER / "templates", CONSOLE / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        filters = cast("dict[str, Any]", environment.filters)
        filters.update(moment=moment, instant=instant, number=number)
        object.__setattr__(self, "environment", environment)

    def page(
        self,
        visit: Visit,
        template: str,
        *,
        status: int = HTTPStatus.OK,
        form_action: str = "",
        script: bool = False,
        **values: Any,
    ) -> HTMLResponse:
        """Render a template with the visit's texts as `t` and its form tokens as `token`."""
        text = self.environment.get_template(template).render(
            t=visit.texts,
            visit=visit,
            token=partial(self.token, visit),
            assets=ASSETS,
            languages=LANGUAGES,
            language_names=NAMES,
            **values,
        )
        headers = HEADERS | {
            "Content-Security-Policy": policy(form_action=form_action, script=script),
            "Content-Language": visit.texts.language,
        }
        return HTMLResponse(text, status, headers)


def asset_routes() -> list[Route]:
    """Return the routes of style sheet, script and icon."""
    files = ((STYLE, "text/css"), (SCRIPT, "text/javascript"), (ICON, "image/svg+xml"))
    return [Route(f"{ASSETS}/{file.name}", _file(file, kind)) for file, kind in files]


def _file(path: Path, media_type: str) -> Callable[[Request], Any]:
    async def answer(_: Request) -> Response:
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        }
        return FileResponse(path, media_type=media_type, headers=headers)

    return answer
