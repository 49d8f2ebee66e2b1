"""The Zoho accounts server: codes, access tokens, refresh tokens, and the limits on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpdesk_demo.servicedesk_plus.editions import DATA_CENTERS, Config
from helpdesk_demo.servicedesk_plus.knobs import Knobs
from helpdesk_demo.servicedesk_plus.values import Row

_MINUTE = 60_000
_CODE_LIFE = 3 * _MINUTE
DENIED: Row = {
    "error_description": "You have made too many requests continuously."
    " Please try again after some time.",
    "error": "Access Denied",
    "status": "failure",
}


@dataclass(slots=True, kw_only=True)
class Grant:
    """A refresh token: what it may do, and when access tokens were made from it."""

    token: str = field(repr=False)
    scopes: str
    issued: list[int] = field(default_factory=list[int])
    live: list[str] = field(default_factory=list[str], repr=False)


@dataclass(slots=True, kw_only=True)
class AccessToken:
    scopes: frozenset[str]
    expires: int


@dataclass(slots=True, kw_only=True)
class Code:
    scopes: str
    expires: int
    redirect_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    body: Row
    http: int = 200


class Refusal(Exception):
    """An OAuth error; Zoho sends most of them with HTTP 200 [3P], so look for access_token."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.answer = Answer(body={"error": error})


class Accounts:
    """The tokens of one data centre, for one client and one user."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.grants: list[Grant] = [Grant(token=config.refresh_token, scopes=config.scopes)]
        self.codes: dict[str, Code] = {}
        self.access: dict[str, AccessToken] = {}
        self._made = 0

    def new_code(self, scopes: str, now: int, redirect_uri: str | None = None) -> str:
        """Do what "Generate Code" of the API console does: scopes are fixed here."""
        code = f"1000.{self._secret('code')}"
        self.codes[code] = Code(scopes=scopes, expires=now + _CODE_LIFE, redirect_uri=redirect_uri)
        return code

    def token(self, form: Mapping[str, str], now: int, knobs: Knobs) -> Answer:
        """Answer POST /oauth/v2/token: a code or a refresh token for an access token.

        Reference §2.1 [DOC, LIVE]; errors §2.2 [3P, LIVE]; limits §2.3 [DOC].
        """
        try:
            self._check_client(form)
            match form.get("grant_type"):
                case "authorization_code":
                    return self._exchange(form, now, knobs)
                case "refresh_token":
                    return self._refresh(form, now, knobs)
                case _:
                    return Refusal("unsupported_grant_type").answer
        except Refusal as refusal:
            return refusal.answer

    def revoke(self, token: str) -> Answer:
        """Answer POST /oauth/v2/token/revoke (reference §2.1 [3P]; the body is [UNKNOWN])."""
        grant = self._grant(token)
        if grant is None and token not in self.access:
            return Answer(body={"error": "invalid_token"}, http=400)
        self.access.pop(token, None)
        if grant is not None:
            self.drop(grant)
        return Answer(body={"status": "success"})

    def drop(self, grant: Grant) -> None:
        """Forget a refresh token and the access tokens made from it."""
        self.grants.remove(grant)
        for token in grant.live:
            self.access.pop(token, None)

    def expire_access_tokens(self) -> None:
        for token in self.access.values():
            token.expires = 0

    def scopes_of(self, token: str, now: int) -> frozenset[str] | None:
        """Return the scopes of a live access token."""
        found = self.access.get(token)
        return found.scopes if found is not None and found.expires > now else None

    def _check_client(self, form: Mapping[str, str]) -> None:
        if form.get("client_id") != self.config.client_id:
            raise Refusal("invalid_client")
        if form.get("client_secret") != self.config.client_secret:
            raise Refusal("invalid_client_secret")

    def _exchange(self, form: Mapping[str, str], now: int, knobs: Knobs) -> Answer:
        code = self.codes.pop(form.get("code", ""), None)
        if code is None or code.expires < now:
            raise Refusal("invalid_code")
        if code.redirect_uri is not None and form.get("redirect_uri") != code.redirect_uri:
            raise Refusal("invalid_redirect_uri")
        grant = Grant(token=f"1000.{self._secret('refresh')}", scopes=code.scopes)
        self.grants.append(grant)
        while len(self.grants) > knobs.refresh_tokens_per_user:
            self.drop(self.grants[0])
        answer = self._issue(grant, now, knobs)
        return Answer(body={**answer.body, "refresh_token": grant.token})

    def _refresh(self, form: Mapping[str, str], now: int, knobs: Knobs) -> Answer:
        grant = self._grant(form.get("refresh_token", ""))
        if grant is None:
            raise Refusal("invalid_code")
        grant.issued = [at for at in grant.issued if at > now - 10 * _MINUTE]
        last_minute = [at for at in grant.issued if at > now - _MINUTE]
        too_many = len(grant.issued) >= knobs.tokens_per_ten_minutes
        if too_many or len(last_minute) >= knobs.refreshes_per_minute:
            return Answer(body=dict(DENIED), http=400)
        return self._issue(grant, now, knobs)

    def _issue(self, grant: Grant, now: int, knobs: Knobs) -> Answer:
        token = f"1000.{self._secret('access')}"
        scopes = grant.scopes.split(",")
        life = knobs.token_seconds
        self.access[token] = AccessToken(scopes=frozenset(scopes), expires=now + life * 1000)
        grant.issued.append(now)
        grant.live.append(token)
        while len(grant.live) > knobs.live_tokens:
            self.access.pop(grant.live.pop(0), None)
        center = DATA_CENTERS[self.config.data_center]
        return Answer(
            body={
                "access_token": token,
                "scope": " ".join(scopes),
                "api_domain": center.api_domain,
                "token_type": "Bearer",
                "expires_in": life,
            }
        )

    def _grant(self, token: str) -> Grant | None:
        return next((one for one in self.grants if one.token == token), None)

    def _secret(self, kind: str) -> str:
        """Return a value nobody has used; a simulator need not be unguessable."""
        self._made += 1
        return f"{kind}{self.config.seed:04d}.{self._made:032x}"
