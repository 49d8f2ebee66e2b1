"""The pages put together: their routes, in the order of a person's way through them."""

from urllib.parse import urlsplit

from starlette.routing import BaseRoute

from helpdesk_mcp.web.pages.choosing import ChoicePages
from helpdesk_mcp.web.pages.consent import ConsentPages
from helpdesk_mcp.web.pages.cookies import Cookies
from helpdesk_mcp.web.pages.door import Door
from helpdesk_mcp.web.pages.forms import FormTokens
from helpdesk_mcp.web.pages.look import Look, asset_routes
from helpdesk_mcp.web.pages.parts import Parts
from helpdesk_mcp.web.pages.sign_in import SignInPages
from helpdesk_mcp.web.pages.visits import Visit, Visits


def door_of(parts: Parts) -> Door:
    cookies = Cookies(secure=urlsplit(parts.public_url).scheme == "https")
    tokens = FormTokens(parts.forms_key, parts.sessions)

    def token(visit: Visit, purpose: str) -> str:
        return tokens.make(visit.owner, purpose, visit.now)

    return Door(
        parts=parts,
        visits=Visits(parts, cookies),
        look=Look(cookies, token),
        tokens=tokens,
    )


def page_routes(parts: Parts) -> list[BaseRoute]:
    """Return everything people see with a browser, and the files it needs."""
    door = door_of(parts)
    return [
        *asset_routes(),
        *SignInPages(door).routes(),
        *ChoicePages(door).routes(),
        *ConsentPages(door).routes(),
    ]
