"""Authlib's server framework over one transaction: which grant answers, and how errors look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidGrantError,
    OAuth2Error,
    OAuth2Payload,
    OAuth2Request,
)

from helpdesk_mcp.oauth import secrets
from helpdesk_mcp.oauth.authorization import Rules
from helpdesk_mcp.oauth.client_authentication import PublishedKeys, authenticate
from helpdesk_mcp.oauth.models import Client, Grant, GrantType, RefreshToken, Standing
from helpdesk_mcp.oauth.ports import Records
from helpdesk_mcp.oauth.tokens import LIFETIME, Mint

IDLE = 30 * 86_400.0
"""Seconds after which a refresh token that nobody used is worth nothing."""
Reply = tuple[int, Any, list[tuple[str, str]]]
"""Status, body and headers, as Authlib's grants answer."""
JSON_HEADERS = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an endpoint answers: a JSON object, or nothing."""

    status: int
    body: Mapping[str, Any] | None
    headers: tuple[tuple[str, str], ...] = JSON_HEADERS


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """A form that was posted, read strictly: no name twice but `resource`."""

    form: Mapping[str, str] = field(repr=False)
    resources: Sequence[str] = ()
    authorization: str = field(default="", repr=False)


class InvalidTarget(OAuth2Error):
    """The resource is not the one that was granted (RFC 8707 §2)."""

    error = "invalid_target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What tokens are made from: the grant, the person behind it if any, and a parent token."""

    grant: Grant
    standing: Standing | None
    nonce: str | None = None
    parent: bytes | None = None


class _Form(OAuth2Payload):
    def __init__(self, form: Mapping[str, str]) -> None:
        self._form = form

    @property
    def data(self) -> Mapping[str, str]:
        return self._form

    @property
    def datalist(self) -> Mapping[str, list[str]]:
        return {name: [value] for name, value in self._form.items()}


class FormRequest(OAuth2Request):
    """A posted form as Authlib knows requests."""

    def __init__(self, posted: TokenRequest) -> None:
        # The edge has judged scheme and host; Authlib would take the address for its own judgement.
        super().__init__("POST", "https://authorization.server/")
        self.posted = posted
        self.payload = _Form(posted.form)

    @property
    def form(self) -> Mapping[str, str]:
        return self.posted.form


class Core(AuthorizationServer):
    """One request's server: it holds the transaction, the keys and the moment."""

    def __init__(
        self,
        records: Records,
        mint: Mint,
        rules: Rules,
        published: PublishedKeys | None = None,
    ) -> None:
        super().__init__()
        self.published = published
        self.records = records
        self.mint = mint
        self.rules = rules

    @property
    def now(self) -> float:
        return self.mint.now

    def create_oauth2_request(self, request: TokenRequest) -> FormRequest:
        return FormRequest(request)

    def handle_response(
        self, status: int, body: Mapping[str, Any], headers: Sequence[tuple[str, str]]
    ) -> Answer:
        more = (header for header in headers if header[0] == "WWW-Authenticate")
        return Answer(status=status, body=body, headers=(*JSON_HEADERS, *more))

    def send_signal(self, *_: object, **__: object) -> None:
        """Nobody listens: what happened is remarked where it happens."""

    def authenticate_client(self, request: FormRequest, *_: object) -> "AuthlibClient":
        posted = request.posted
        audiences = (self.rules.issuer, f"{self.rules.issuer}/oauth/token")
        client = authenticate(
            posted.form,
            posted.authorization,
            self.records,
            audiences,
            self.mint.now,
            self.published,
        )
        return AuthlibClient(client)

    def save_token(self, token: Mapping[str, Any], request: FormRequest) -> None:
        """Nothing to do: what must be stored was stored when the token was made."""

    def generate_token(
        self, *, user: Issue, scope: str, include_refresh_token: bool = True, **_: object
    ) -> dict[str, Any]:
        """Make the tokens of an answer. Authlib hands on as `user` what its hooks returned."""
        access = self.mint.access_token(user.grant, scope)
        token: dict[str, Any] = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "scope": scope,
        }
        if include_refresh_token:
            token["refresh_token"] = self._refresh_token(user)
        if "openid" in user.grant.identity and user.standing is not None:
            token["id_token"] = self.mint.id_token(user.grant, user.standing, access, user.nonce)
        return token

    def _refresh_token(self, issue: Issue) -> str:
        secret = secrets.new(secrets.REFRESH)
        self.records.refresh_tokens.add(
            RefreshToken(
                digest=secrets.digest(secret),
                grant=issue.grant.id,
                parent=issue.parent,
                issued_at=self.now,
                expires_at=min(self.now + IDLE, issue.grant.expires_at),
            )
        )
        return secret

    def living(self, grant: Grant | None) -> tuple[Grant, Standing]:
        """Return a grant that still holds, and the person's standing. Raises InvalidGrantError."""
        if grant is None or grant.revoked_at is not None or grant.expires_at <= self.now:
            raise lost()
        standing = self.records.members.standing(grant.tenant, grant.user)
        if standing is None or standing.signed_out_at > grant.created_at:
            raise lost()
        if not self.rules.resources.serves(grant.resource):
            raise lost()  # not invalid_target: clients would ask for the same again, for ever (A72)
        return grant, standing

    def check_resource(self, request: FormRequest, grant: Grant) -> None:
        """Raise InvalidTarget if the request names another resource than the grant's."""
        asked = request.posted.resources
        if len(asked) > 1 or any(not self._same(one, grant.resource) for one in asked):
            raise InvalidTarget("The token is for the resource that was granted.")

    def _same(self, asked: str, granted: str) -> bool:
        return self.rules.resources.matches(asked, granted)


class AuthlibClient:
    """A client as Authlib asks about one."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in set(GrantType) and GrantType(grant_type) in self.client.grant_types


def lost() -> InvalidGrantError:
    """Return the one answer for everything that does not work any more."""
    return InvalidGrantError("It is unknown, used, expired or revoked. Sign in again.")
