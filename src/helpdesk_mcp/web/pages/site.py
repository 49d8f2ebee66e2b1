"""The pages put together: their routes, in the order of a person's way through them."""

from urllib.parse import urlsplit

from starlette.routing import Route

from helpdesk_mcp.web.pages.choosing import ChoicePages
from helpdesk_mcp.web.pages.consent import ConsentPages
from helpdesk_mcp.web.pages.cookies import Cookies
from helpdesk_mcp.web.pages.door import Door
from helpdesk_mcp.web.pages.forms import FormTokens
from helpdesk_mcp.web.pages.joining import JoinPages
from helpdesk_mcp.web.pages.look import Look, asset_routes
from helpdesk_mcp.web.pages.organisation import OrganisationPages
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


def page_routes(door: Door) -> list[Route]:
    """Return the pages around signing in and consent, and the files all pages need."""
    invitations = door.parts.invitations
    joining = JoinPages(door, invitations).routes() if invitations is not None else []
    upstream = door.parts.upstream
    organisation = OrganisationPages(door, upstream).routes() if upstream is not None else []
    return [
        *joining,
        *organisation,
        *asset_routes(),
        *SignInPages(door).routes(),
        *ChoicePages(door).routes(),
        *(ConsentPages(door).routes() if door.parts.asks else ()),
    ]
