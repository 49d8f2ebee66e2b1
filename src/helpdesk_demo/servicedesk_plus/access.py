"""Who may call: technician keys on-prem, Zoho tokens and their scopes in the Cloud."""

from starlette.datastructures import Headers

from helpdesk_demo.servicedesk_plus import errors
from helpdesk_demo.servicedesk_plus.accounts import Accounts
from helpdesk_demo.servicedesk_plus.editions import MEDIA_TYPE, Dialect
from helpdesk_demo.servicedesk_plus.errors import Page, Refused
from helpdesk_demo.servicedesk_plus.routing import Route
from helpdesk_demo.servicedesk_plus.state import State
from helpdesk_demo.servicedesk_plus.values import Row

# A module's licence may be named by a knob; scopes are named as in reference §2.4.
_SCHEMES = ("Zoho-oauthtoken ", "Bearer ")


def dialect_of(state: State, headers: Headers) -> Dialect:
    """Choose the payload format: on-prem without the Accept header it is the old one [DOC]."""
    asked = MEDIA_TYPE in [one.strip() for one in headers.get("accept", "").split(",")]
    if state.is_cloud:
        if not asked and state.knobs.accept == "required":
            raise Refused(4013)
        return "cloud"
    if asked:
        return "new"
    if state.knobs.accept_missing == "refuse":
        raise Refused(4013)
    return "old"


def caller_of(state: State, accounts: Accounts, headers: Headers, route: Route) -> Row:
    """Return the user behind the credential, or refuse; scopes and rights are checked here."""
    if state.is_cloud:
        _check_scopes(state, _scopes(state, accounts, headers), route)
        return state.named("users", "Alice Nguyen")
    caller = _keeper_of_key(state, headers)
    portal = headers.get("portalid")
    if portal is not None and portal not in state.tables["portals"]:
        raise Refused(4001).about(field="PORTALID")
    if caller.get("reads_only") is True and route.method != "GET":
        raise Refused(4002, errors.NO_PERMISSION)
    return caller


def check_license(state: State, route: Route) -> None:
    """Refuse a module outside the licence with 7001 (reference §3.2 [DOC])."""
    if route.scope in state.knobs.unlicensed or route.segments[0] in state.knobs.unlicensed:
        raise Refused(7001)


def _keeper_of_key(state: State, headers: Headers) -> Row:
    """Both header names work [DOC, 3P]; a wrong key is HTTP 400 with an inner 401 [LIVE]."""
    key = headers.get("authtoken", headers.get("technician_key", ""))
    config = state.config
    names = {config.api_key: "Alice Nguyen", config.reader_api_key: "Bob Okafor"}
    if key not in names:
        if state.knobs.wrong_key == "401":
            raise Refused(4022, errors.WRONG_KEY)
        raise Refused(401, errors.WRONG_KEY, http=400)
    user = state.named("users", names[key])
    return {**user, "reads_only": key == config.reader_api_key}


def _scopes(state: State, accounts: Accounts, headers: Headers) -> frozenset[str]:
    value = headers.get("authorization", "")
    for scheme in _SCHEMES:
        if value.startswith(scheme):
            found = accounts.scopes_of(value.removeprefix(scheme), state.now)
            if found is not None:
                return found
    if state.knobs.expired_token == "html":  # noqa: S105 - a knob's position
        raise Page(401)
    raise Refused(4022, http=401)


def _check_scopes(state: State, scopes: frozenset[str], route: Route) -> None:
    """Refuse a missing scope with HTTP 401 [LIVE]; what its body says nobody recorded."""
    module = f"SDPOnDemand.{route.scope}."
    if {module + route.operation, module + "ALL"} & scopes:
        return
    if state.knobs.missing_scope == "4002":
        raise Refused(4002, "UNAUTHORISED", http=401)
    raise Refused(4022, http=401)
