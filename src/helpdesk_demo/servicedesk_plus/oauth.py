"""The routes of the Zoho accounts server: authorise, token, revoke."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from helpdesk_demo.servicedesk_plus.accounts import Accounts
from helpdesk_demo.servicedesk_plus.editions import DATA_CENTERS
from helpdesk_demo.servicedesk_plus.encoding import FORM, Sent
from helpdesk_demo.servicedesk_plus.state import State

_PREFIX = "/accounts/"


def answer_oauth(accounts: Accounts, state: State, request: Request, sent: Sent) -> Response | None:
    """Answer a call to /oauth/v2/…; /accounts/<dc>/oauth/v2/… is another data centre's.

    A client of one data centre is unknown to the others: invalid_client (§2.2 [LIVE Teejer]).
    """
    path, center = request.url.path, state.config.data_center
    if path.startswith(_PREFIX):
        name, _, rest = path.removeprefix(_PREFIX).partition("/")
        if name not in DATA_CENTERS:
            return None
        path, center = f"/{rest}", name
    fields = _fields(sent)
    if center != state.config.data_center:
        fields = {**fields, "client_id": ""}
    match request.method, path:
        case "POST", "/oauth/v2/token":
            answer = accounts.token(fields, state.now, state.knobs)
        case "POST", "/oauth/v2/token/revoke":
            answer = accounts.revoke(fields.get("token", ""))
        case "GET", "/oauth/v2/auth":
            return _authorise(accounts, state, fields)
        case _:
            return None
    return JSONResponse(answer.body, status_code=answer.http)


def _fields(sent: Sent) -> dict[str, str]:
    """Zoho shows query parameters, a form body works as well (§2.1 [DOC, ME-CODE])."""
    fields = dict(parse_qsl(sent.query, keep_blank_values=True))
    if sent.content_type == FORM:
        fields |= dict(parse_qsl(sent.body.decode("latin-1"), keep_blank_values=True))
    return fields


def _authorise(accounts: Accounts, state: State, fields: Mapping[str, str]) -> Response:
    """Consent at once and send the browser back with code, location and accounts-server.

    Reference §2.1 step 4 [DOC, 3P].
    """
    wanted = {"response_type": "code", "client_id": state.config.client_id}
    redirect = fields.get("redirect_uri", "")
    if any(fields.get(name) != value for name, value in wanted.items()) or not redirect:
        return HTMLResponse("<html><body>Invalid request</body></html>", status_code=400)
    center = DATA_CENTERS[state.config.data_center]
    code = accounts.new_code(fields.get("scope", ""), state.now, redirect)
    answer = {"code": code, "location": center.name, "accounts-server": center.accounts}
    if "state" in fields:
        answer["state"] = fields["state"]
    return RedirectResponse(f"{redirect}?{urlencode(answer)}", status_code=302)
