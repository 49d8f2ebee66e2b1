"""What was asked of the simulator, without the secrets that came with it."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from helpdesk_demo.servicedesk_plus.encoding import FORM, Sent
from helpdesk_demo.servicedesk_plus.values import Json, Row, parse_json

_HEADERS = ("accept", "content-type", "portalid", "user-agent")
_SECRETS = ("code", "client_secret", "refresh_token", "token")
_HIDDEN = "•••"


def note(request: Request, sent: Sent, http: int | None) -> Row:
    """Return one entry of the list; `http` is None when the true answer was kept back."""
    fields = dict(parse_qsl(sent.query, keep_blank_values=True))
    if sent.content_type == FORM:
        fields |= dict(parse_qsl(sent.body.decode("latin-1"), keep_blank_values=True))
    text = fields.pop("input_data", None)
    headers: Row = {name: request.headers.get(name) for name in _HEADERS}
    rest: Row = {name: _HIDDEN if name in _SECRETS else value for name, value in fields.items()}
    return {
        "method": request.method,
        "path": request.url.path,
        "headers": headers,
        "parameters": rest,
        "input": _readable(text),
        "http": http,
    }


def _readable(text: str | None) -> Json:
    if text is None:
        return None
    try:
        return parse_json(text)
    except ValueError:
        return text
