"""The token endpoint: RFC 6749 §4.1.3 with PKCE (RFC 7636 §4.6), §4.4 and §6, RFC 9700 §4.14."""

import base64
import hashlib
import hmac
import re
import uuid
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
)
from authlib.oauth2.rfc6749.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)

from helpdesk_mcp.domain.principals import ROLE_SCOPES, Scope
from helpdesk_mcp.oauth import scopes, secrets
from helpdesk_mcp.oauth.core import (
    Answer,
    AuthlibClient,
    Core,
    FormRequest,
    Issue,
    Reply,
    TokenRequest,
    lost,
)
from helpdesk_mcp.oauth.models import Code, Grant, RefreshToken, Standing
from helpdesk_mcp.oauth.scopes import BadScope, spoken
from helpdesk_mcp.oauth.tokens import LIFETIME

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
MOST_FAILURES = 3
"""Wrong proofs after which a code is dead."""
GRACE = 30.0
"""Seconds in which a refresh token that was just rotated works once more: an answer may be lost."""
NOTICED = 60.0
"""Seconds for which a grant's last use is not written again."""


class UnsupportedGrantType(OAuth2Error):
    error = "unsupported_grant_type"


def respond(core: Core, posted: TokenRequest) -> Answer:
    """Answer a token request. What it leaves in the records must be committed whatever it says."""
    for grant in (CodeGrant, RefreshGrant, HeadlessGrant):
        core.register_grant(grant)
    refusal = _refusal(posted)
    if refusal is not None:
        return core.handle_error_response(FormRequest(posted), refusal)
    return core.create_token_response(posted)


def _refusal(posted: TokenRequest) -> OAuth2Error | None:
    asked = posted.form.get("grant_type")
    if not asked:
        return InvalidRequestError("grant_type is missing.")
    if asked not in {grant.GRANT_TYPE for grant in (CodeGrant, RefreshGrant, HeadlessGrant)}:
        return UnsupportedGrantType("Use authorization_code, refresh_token or client_credentials.")
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeInHand:
    """A code as Authlib asks about one."""

    code: Code
    grant: Grant
    standing: Standing
    names_redirect: bool

    def get_redirect_uri(self) -> str | None:
        wanted = self.code.redirect_sent or self.names_redirect
        return self.code.redirect_uri if wanted else None

    def get_scope(self) -> str:
        return _capped(self.grant, self.standing, self.grant.scopes)


class CodeGrant(AuthorizationCodeGrant):
    """Redeems a code: proofs first, and then one statement that uses it up."""

    request: FormRequest
    server: Core

    def validate_token_request(self) -> None:
        self._found: Code | None = None
        try:
            super().validate_token_request()
            self._prove()
        except InvalidGrantError:
            if self._found is not None:
                self.server.records.codes.fail(self._found.digest)
            raise

    def query_authorization_code(self, code: str, client: AuthlibClient) -> CodeInHand | None:
        found = self.server.records.codes.find(secrets.digest(code))
        # Another client's code is no business of this one: nothing is counted or revoked (A46).
        if found is None or found.client_id != client.client.id:
            return None
        if found.used_at is not None:
            _replayed(self.server, found.grant)
            return None
        if found.expires_at <= self.server.now or found.failures >= MOST_FAILURES:
            return None
        grant, standing = self.server.living(self.server.records.grants.find(found.grant))
        self._found = found
        self.server.check_resource(self.request, grant)
        names_redirect = "redirect_uri" in self.request.form
        return CodeInHand(code=found, grant=grant, standing=standing, names_redirect=names_redirect)

    def _prove(self) -> None:
        """Check the code verifier (RFC 7636 §4.6). Raises an OAuth2Error."""
        in_hand: CodeInHand = self.request.authorization_code
        verifier = self.request.form.get("code_verifier")
        if not verifier:
            raise InvalidRequestError("code_verifier is missing.")
        if not VERIFIER.fullmatch(verifier):
            raise InvalidGrantError("code_verifier does not match.")
        hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        if not hmac.compare_digest(hashed.rstrip(b"=").decode(), in_hand.code.challenge):
            raise InvalidGrantError("code_verifier does not match.")

    def authenticate_user(self, in_hand: CodeInHand) -> Issue | None:
        """Use the code up, and return whom it was for. None: another was quicker."""
        if not self.server.records.codes.redeem(in_hand.code.digest, self.server.now):
            _replayed(self.server, in_hand.grant.id)
            return None
        _remark(self.server, "oauth.code.redeemed", in_hand.grant)
        return Issue(grant=in_hand.grant, standing=in_hand.standing, nonce=in_hand.code.nonce)

    def delete_authorization_code(self, in_hand: CodeInHand) -> None:
        """Keep it: only a code that is still known can be seen to be replayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshInHand:
    """A refresh token as Authlib asks about one."""

    token: RefreshToken
    grant: Grant
    standing: Standing

    def check_client(self, client: AuthlibClient) -> bool:
        return client.client.id == self.grant.client_id

    def get_scope(self) -> str:
        return spoken(self.grant.scopes, self.grant.identity)


class RefreshGrant(RefreshTokenGrant):
    """Rotates a refresh token: one statement uses it up, and one leaf of its family lives."""

    INCLUDE_NEW_REFRESH_TOKEN = True
    request: FormRequest
    server: Core

    def authenticate_refresh_token(self, secret: str) -> RefreshInHand | None:
        token = self.server.records.refresh_tokens.find(secrets.digest(secret))
        client: AuthlibClient = self.request.client
        grant = self.server.records.grants.find(token.grant) if token is not None else None
        if token is None or grant is None or grant.client_id != client.client.id:
            return None
        if token.used_at is not None or token.dead_at is not None:
            self._judge_reuse(token)
        if token.expires_at <= self.server.now:
            return None
        grant, standing = self.server.living(grant)
        self.server.check_resource(self.request, grant)
        return RefreshInHand(token=token, grant=grant, standing=standing)

    def _judge_reuse(self, token: RefreshToken) -> None:
        """Let a token that was just rotated pass, unless it shows that two hold the family."""
        now = self.server.now
        if token.dead_at is not None:
            # Twins of one rotation race: the slower one's token died unused. Later than that,
            # whoever holds a dead token got it from somebody who went on with another.
            if now > token.dead_at + GRACE:
                self._reused(token)
            raise lost()
        if now > (token.used_at or 0.0) + GRACE:
            self._reused(token)
            raise lost()

    def _reused(self, token: RefreshToken) -> None:
        grant = self.server.records.grants.find(token.grant)
        if grant is not None and self.server.records.grants.revoke(
            grant.id, self.server.now, "reuse"
        ):
            _remark(self.server, "oauth.refresh.reuse", grant, outcome="denied")

    def authenticate_user(self, in_hand: RefreshInHand) -> Issue:
        records, now = self.server.records, self.server.now
        digest = in_hand.token.digest
        if not records.refresh_tokens.rotate(digest, now):
            # It was rotated within the grace: its successor must be unused, and dies for this one.
            if not records.refresh_tokens.kill_successor(digest, now):
                self._reused(in_hand.token)
                raise lost()
            _remark(self.server, "oauth.refresh.repeated", in_hand.grant)
        if now >= in_hand.grant.used_at + NOTICED:
            records.grants.used(in_hand.grant.id, now)
        return Issue(grant=in_hand.grant, standing=in_hand.standing, parent=digest)

    def issue_token(self, issue: Issue, in_hand: RefreshInHand) -> dict[str, object]:
        """Make the tokens. What was asked narrows this access token only (RFC 6749 §6, A66)."""
        asked = set((self.request.payload.scope or in_hand.get_scope()).split())
        wanted = frozenset(scope for scope in in_hand.grant.scopes if scope in asked)
        words = _capped(in_hand.grant, in_hand.standing, wanted, frozenset(asked))
        return self.server.generate_token(user=issue, scope=words)

    def revoke_old_credential(self, in_hand: RefreshInHand) -> None:
        """Nothing to do: rotating it was what used it up."""


class HeadlessGrant(ClientCredentialsGrant):
    """Gives a headless client a token for what an administrator allowed it (RFC 6749 §4.4)."""

    request: FormRequest
    server: Core

    def validate_requested_scope(self) -> None:
        client: AuthlibClient = self.request.client
        try:
            wanted = scopes.parse(self.request.payload.scope, client.client.scopes)
        except BadScope:
            raise InvalidScopeError from None
        mcp = self.server.rules.resources.mcp
        self._grant = Grant(
            id=uuid.uuid4().hex,
            tenant=client.client.tenant,
            user="",
            client_id=client.client.id,
            resource=mcp,
            scopes=wanted.scopes & self.server.rules.resources.scopes(mcp),
            desks=client.client.desks,
            created_at=self.server.now,
            used_at=self.server.now,
            expires_at=self.server.now + LIFETIME,
        )
        self.server.check_resource(self.request, self._grant)

    def create_token_response(self) -> Reply:
        self.server.records.grants.add(self._grant)
        self.server.records.clients.used(self._grant.client_id, self.server.now)
        _remark(self.server, "oauth.token.issued", self._grant)
        words = spoken(self._grant.scopes, frozenset())
        issue = Issue(grant=self._grant, standing=None)
        token = self.server.generate_token(user=issue, scope=words, include_refresh_token=False)
        return 200, token, []


def _capped(
    grant: Grant,
    standing: Standing,
    wanted: frozenset[Scope],
    identity: frozenset[str] | None = None,
) -> str:
    """Return the scope of a token: never more than was granted, nor than the role allows now."""
    about = grant.identity if identity is None else grant.identity & identity
    return spoken(wanted & grant.scopes & ROLE_SCOPES[standing.role], about)


def _replayed(core: Core, grant_id: str) -> None:
    """Revoke all that came of a code that was used twice (RFC 6749 §4.1.2)."""
    grant = core.records.grants.find(grant_id)
    if grant is not None and core.records.grants.revoke(grant_id, core.now, "replay"):
        _remark(core, "oauth.code.replay", grant, outcome="denied")


def _remark(core: Core, event: str, grant: Grant, outcome: str = "ok") -> None:
    core.records.remark(
        event,
        outcome,
        tenant=grant.tenant,
        user=grant.user,
        client=grant.client_id,
        target=grant.id,
    )
