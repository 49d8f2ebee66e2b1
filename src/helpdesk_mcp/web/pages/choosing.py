"""Small choices: the organisation to act in, and the language of the pages."""

from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpdesk_mcp.oauth.flow import Question
from helpdesk_mcp.web.pages import forms
from helpdesk_mcp.web.pages.door import Door
from helpdesk_mcp.web.pages.forms import Form
from helpdesk_mcp.web.pages.onward import Onward, go, onward, own_path, source_of
from helpdesk_mcp.web.pages.refusing import Refusal
from helpdesk_mcp.web.pages.texts import LANGUAGES
from helpdesk_mcp.web.pages.visits import Visit


@dataclass(frozen=True, slots=True)
class ChoicePages:
    door: Door

    def routes(self) -> list[Route]:
        return [
            self.door.show("/choose", self.show),
            self.door.act("/choose", "choose", self.choose),
            self.door.open_act("/language", self.speak),
        ]

    async def show(self, visit: Visit, request: Request) -> Response:
        query = request.query_params
        to = onward(query.get("for", ""), query.get("next", ""))
        if visit.signed_in is None:
            return go(to.via("/sign-in"))
        if not visit.signed_in.places:
            raise Refusal(HTTPStatus.FORBIDDEN, "no_place")
        source = await self._source(visit, to)
        places = visit.signed_in.places
        return self.door.look.page(visit, "choose.html", form_action=source, to=to, places=places)

    async def choose(self, visit: Visit, _: Request, form: Form) -> Response:
        to = onward(form.one("for"), form.one("next"))
        if visit.signed_in is None:
            return go(to.via("/sign-in"))
        tenant = form.one("tenant")
        if tenant not in {place.tenant.id for place in visit.signed_in.places}:
            raise Refusal(HTTPStatus.FORBIDDEN, "no_place")
        response = go(to.address)
        await self.door.visits.choose(visit.signed_in, tenant, response)
        return response

    async def speak(self, visit: Visit, request: Request) -> Response:
        """Remember a language in this browser. No token: nobody gains by it."""
        forms.check_sender(request, self.door.parts.public_url)
        form = await forms.read(request)
        response = go(own_path(form.one("back")))
        if (language := form.one("language")) in LANGUAGES:
            self.door.visits.cookies.keep_language(response, language)
        del visit
        return response

    async def _source(self, visit: Visit, to: Onward) -> str:
        """Return where a remembered consent may lead straight from this page's form."""
        if not to.question:
            return ""
        found = await self.door.parts.flow.question(to.question, browser=visit.browser)
        return source_of(found.redirect_uri) if isinstance(found, Question) else ""
