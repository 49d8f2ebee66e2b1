"""One API call from bytes to answer: route, key, licence, decoding, handler, envelope."""

from dataclasses import dataclass

from starlette.requests import Request

from helpdesk_demo.servicedesk_plus import (
    approvals,
    attachments,
    cmdb,
    conversations,
    definitions,
    effort,
    errors,
    modules,
    notes,
    people,
    request_actions,
    requests,
    setup,
)
from helpdesk_demo.servicedesk_plus.access import caller_of, check_license, dialect_of
from helpdesk_demo.servicedesk_plus.accounts import Accounts
from helpdesk_demo.servicedesk_plus.calls import Call, Reply
from helpdesk_demo.servicedesk_plus.encoding import Sent, decode
from helpdesk_demo.servicedesk_plus.errors import Page, Refused, Warned
from helpdesk_demo.servicedesk_plus.faults import Throttle
from helpdesk_demo.servicedesk_plus.rendering import View
from helpdesk_demo.servicedesk_plus.request_rules import end_holds
from helpdesk_demo.servicedesk_plus.routing import Match, Table
from helpdesk_demo.servicedesk_plus.state import State
from helpdesk_demo.servicedesk_plus.values import is_digits

TABLE = Table(
    one.router
    for one in (
        requests,
        definitions,
        request_actions,
        notes,
        conversations,
        attachments,
        effort,
        approvals,
        modules,
        people,
        setup,
        cmdb,
    )
)
_HTML_ROUTES = {"html_400": 400, "html_401": 401}


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The v3 API over one state."""

    state: State
    accounts: Accounts
    throttle: Throttle

    def answer(self, request: Request, path: str, sent: Sent) -> Reply:
        """Answer a call to a path below the base; a Page is left to the caller."""
        try:
            return self._handle(request, path, sent)
        except Refused as refusal:
            # Errors may come with HTTP 200 as well (reference §3.1 [ME-CODE]).
            http = 200 if self.state.knobs.errors_with_200 else refusal.http
            return Reply(body=refusal.body, http=http)
        except Warned as warning:
            return Reply(body=warning.body, http=self.state.knobs.warning_http)

    def _handle(self, request: Request, path: str, sent: Sent) -> Reply:
        # The route is looked for before the key is checked (reference §3.2 [LIVE]).
        state, match = self.state, self._find(request.method, path)
        route = match.route
        self.throttle.check(state, route.method, path)
        caller = caller_of(state, self.accounts, request.headers, route)
        check_license(state, route)
        _check_ids(match)
        dialect = dialect_of(state, request.headers)
        decoded = decode(sent, route, state.knobs)
        end_holds(state)
        origin = f"{request.url.scheme}://{request.url.netloc}"
        call = Call(
            view=View(state=state, dialect=dialect, origin=origin),
            caller=caller,
            path=match.values,
            data=decoded.data,
            data_in_query=decoded.in_query,
            query=decoded.query,
            form=decoded.form,
            uploads=decoded.uploads,
        )
        return route.handler(call)

    def _find(self, method: str, path: str) -> Match:
        state = self.state
        try:
            return TABLE.find(method, path, state.config.edition, state.knobs)
        except Refused as refusal:
            # Unknown Cloud routes have answered with a web page, too (§2.3 [LIVE PTTG]).
            http = _HTML_ROUTES.get(state.knobs.unknown_route)
            if http is not None and refusal.http == 404:  # noqa: PLR2004 - Not Found
                raise Page(http) from refusal
            raise


def _check_ids(match: Match) -> None:
    for name, value in match.values.items():
        if not is_digits(value):
            raise Refused(4001, errors.INVALID_ID).about(field=name)
