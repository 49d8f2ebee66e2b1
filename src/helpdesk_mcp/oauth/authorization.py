"""The authorization request: RFC 6749 §4.1.1, PKCE 7636, resource 8707, issuer 9207, OIDC §3.1.2.

Pure: parameters, the client and the rules go in; a good request, a redirect with an error, or a
page comes out. Nothing leads anywhere before the redirect URI was matched (RFC 9700 §4.11.2).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from helpdesk_mcp.oauth import redirects, scopes
from helpdesk_mcp.oauth.flow import Leave, Stop
from helpdesk_mcp.oauth.models import Asked, Client, GrantType, Source
from helpdesk_mcp.oauth.scopes import BadScope, BadTarget, Resources, Wanted

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""S256 of anything is 43 characters of base64url (RFC 7636 §4.2)."""
LONGEST_CLIENT_ID = 1_024
LONGEST_STATE = 2_048
LONGEST_NONCE = 1_024
PROMPTS = frozenset({"none", "login", "consent", "select_account"})
AGE = re.compile(r"[0-9]{1,9}")
RESPONSE_MODES = frozenset({"query", "form_post"})

Parameters = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for every request at this server. `issuer` is its address, without a slash."""

    issuer: str
    resources: Resources
    localhost_any_port: bool = True


class _Fault(Exception):
    """The request is refused by an error that goes back to the client."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


def client_id(parameters: Parameters) -> str | Stop:
    """Return which client asks, or the page that says why that cannot be told."""
    ids = [value for name, value in parameters if name == "client_id"]
    if len(ids) != 1 or not 0 < len(ids[0]) <= LONGEST_CLIENT_ID or not ids[0].isprintable():
        return stop("invalid_request", "The request does not name one client.", reason="client")
    return ids[0]


def unknown_client() -> Stop:
    return stop(
        "invalid_client",
        "This program is not known here.",
        "Remove the connector from the program and add it again.",
        reason="unknown_client",
    )


def judge(parameters: Parameters, client: Client, rules: Rules) -> Asked | Leave | Stop:
    """Judge a request of a known client."""
    redirect = _redirect(parameters, client, rules)
    if isinstance(redirect, Stop):
        return redirect
    given = dict(parameters)
    mode = given.get("response_mode", "query")
    state: str | None = given.get("state")
    if state is not None and (len(state) > LONGEST_STATE or _count(parameters, "state") > 1):
        state = None
    try:
        asked = _read(parameters, client, rules, redirect)
    except _Fault as fault:
        answer = [("error", fault.error), ("error_description", fault.description)]
        return leave(redirect, answer, state, rules.issuer, form_post=mode == "form_post")
    if asked.resource == rules.resources.admin and client.source is not Source.ADMINISTRATOR:
        return stop(
            "invalid_target",
            "This program asks to administer your organisation, which no program may that "
            "registered itself.",
            "Its developer asks for the help desk's own address, which ends in /mcp. "
            "Administrators use the console, or a token of `helpdesk-mcp tokens create`.",
            reason="administers",
        )
    return asked


def _redirect(parameters: Parameters, client: Client, rules: Rules) -> str | Stop:
    asked = [value for name, value in parameters if name == "redirect_uri"]
    if len(asked) > 1:
        return stop(
            "invalid_request", "The request names two places to return to.", reason="redirect"
        )
    if not asked:
        if len(client.redirect_uris) == 1:
            return client.redirect_uris[0]
        return stop(
            "invalid_request", "The request does not say where to return to.", reason="redirect"
        )
    native = client.native and rules.localhost_any_port
    if redirects.matched(asked[0], client.redirect_uris, native=native):
        return asked[0]
    return stop(
        "invalid_request",
        "The request would return to an address that the program did not register.",
        "Its developer registers the exact redirect URI.",
        reason="unregistered",
    )


def _read(parameters: Parameters, client: Client, rules: Rules, redirect: str) -> Asked:
    given = dict(parameters)
    _check_form(parameters, given)
    _check_response(given, client)
    challenge = _challenge(given)
    wanted = _scopes(given, client)
    resource = _resource(given, rules.resources)
    return Asked(
        client_id=client.id,
        redirect_uri=redirect,
        redirect_sent="redirect_uri" in given,
        resource=resource,
        scopes=wanted.scopes & rules.resources.scopes(resource),
        identity=wanted.identity,
        challenge=challenge,
        state=given.get("state"),
        nonce=_nonce(given),
        form_post=given.get("response_mode") == "form_post",
        prompt=_prompt(given),
        max_age=_max_age(given),
        document=client.document,
    )


def _check_form(parameters: Parameters, given: Mapping[str, str]) -> None:
    # `resource` may repeat (RFC 8707 §2), but a token of ours is for one resource only.
    if _count(parameters, "resource") > 1:
        raise _Fault("invalid_target", "Ask for one resource at a time.")
    if any(count > 1 for count in Counter(name for name, _ in parameters).values()):
        raise _Fault("invalid_request", "A parameter is sent twice.")
    if len(given.get("state", "")) > LONGEST_STATE:
        raise _Fault("invalid_request", f"state has at most {LONGEST_STATE} characters.")
    if "request" in given:
        raise _Fault("request_not_supported", "Send the parameters themselves.")
    if "request_uri" in given:
        raise _Fault("request_uri_not_supported", "Send the parameters themselves.")
    if given.get("response_mode", "query") not in RESPONSE_MODES:
        raise _Fault("invalid_request", "response_mode is query or form_post.")


def _check_response(given: Mapping[str, str], client: Client) -> None:
    if not (response := given.get("response_type")):
        raise _Fault("invalid_request", "response_type is missing.")
    if response != "code":
        raise _Fault("unsupported_response_type", "response_type is code.")
    if GrantType.CODE not in client.grant_types:
        raise _Fault("unauthorized_client", "This client does not use the code flow.")


def _challenge(given: Mapping[str, str]) -> str:
    if not (challenge := given.get("code_challenge")):
        raise _Fault("invalid_request", "PKCE is required: send code_challenge.")
    # An absent method means plain (RFC 7636 §4.3), which is not secure enough.
    if given.get("code_challenge_method") != "S256":
        raise _Fault("invalid_request", "code_challenge_method is S256.")
    if not CHALLENGE.fullmatch(challenge):
        raise _Fault("invalid_request", "code_challenge is not 43 characters of base64url.")
    return challenge


def _scopes(given: Mapping[str, str], client: Client) -> Wanted:
    try:
        return scopes.parse(given.get("scope"), client.scopes)
    except BadScope:
        raise _Fault("invalid_scope", "scope asks for what does not exist here.") from None


def _resource(given: Mapping[str, str], resources: Resources) -> str:
    if "resource" not in given:  # clients before RFC 8707 was required mean the MCP endpoint
        return resources.mcp
    try:
        return resources.canonical(given["resource"])
    except BadTarget:
        raise _Fault("invalid_target", "resource is not served here.") from None


def _nonce(given: Mapping[str, str]) -> str | None:
    if len(given.get("nonce", "")) > LONGEST_NONCE:
        raise _Fault("invalid_request", f"nonce has at most {LONGEST_NONCE} characters.")
    return given.get("nonce")


def _prompt(given: Mapping[str, str]) -> frozenset[str]:
    prompt = frozenset(given.get("prompt", "").split())
    if not prompt <= PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise _Fault("invalid_request", "prompt is none, login, consent or select_account.")
    return prompt


def _max_age(given: Mapping[str, str]) -> int | None:
    if "max_age" not in given:
        return None
    if not AGE.fullmatch(given["max_age"]):
        raise _Fault("invalid_request", "max_age is a number of seconds.")
    return int(given["max_age"])


def _count(parameters: Parameters, wanted: str) -> int:
    return sum(name == wanted for name, _ in parameters)


def leave(
    redirect: str,
    answer: Sequence[tuple[str, str]],
    state: str | None,
    issuer: str,
    *,
    form_post: bool,
) -> Leave:
    """Return the way back to the client; it always says who answers (RFC 9207 §2)."""
    echoed = (("state", state),) if state is not None else ()
    return Leave(
        redirect_uri=redirect,
        parameters=(*answer, *echoed, ("iss", issuer)),
        form_post=form_post,
    )


def stop(
    error: str,
    message: str,
    hint: str = "",
    *,
    reason: str,
    status: HTTPStatus = HTTPStatus.BAD_REQUEST,
) -> Stop:
    return Stop(status=status.value, error=error, message=message, hint=hint, reason=reason)
