"""The authorization endpoint: questions that wait for a person, and their one answer."""

import secrets as random
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

from helpdesk_mcp.domain.principals import ROLE_SCOPES, Scope
from helpdesk_mcp.oauth import authorization, redirects, secrets
from helpdesk_mcp.oauth.authorization import Rules, judge, leave, stop
from helpdesk_mcp.oauth.flow import Consent, Leave, Question, Stop
from helpdesk_mcp.oauth.models import Asked, Client, Code, Grant, Pending
from helpdesk_mcp.oauth.ports import Ledger, Records

PATIENCE = 600.0
"""Seconds in which a question must be answered."""
CODE_LIFETIME = 60.0
GRANT_LIFETIME = 90 * 86_400.0
"""Seconds after which a person must consent again, however busy the grant is."""


class FindClient(Protocol):
    """Finds a client by its id, fetching its metadata document if the id is an address."""

    async def find(self, client_id: str) -> Client | Stop: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The `Flow` that the sign-in and consent pages call."""

    clients: FindClient
    ledger: Ledger
    rules: Rules
    clock: Callable[[], float] = time.time

    async def begin(
        self, parameters: Sequence[tuple[str, str]], *, browser: str
    ) -> Question | Leave | Stop:
        wanted = authorization.client_id(parameters)
        if isinstance(wanted, Stop):
            return wanted
        client = await self.clients.find(wanted)
        if isinstance(client, Stop):
            return client
        asked = judge(parameters, client, self.rules)
        if not isinstance(asked, Asked):
            return asked
        pending = Pending(
            id=random.token_urlsafe(24),
            browser=secrets.digest(browser),
            asked=asked,
            expires_at=self.clock() + PATIENCE,
        )
        await self.ledger.run(lambda records: records.questions.add(pending))
        return _question(pending, client)

    async def question(self, question_id: str, *, browser: str) -> Question | Stop:
        def look(records: Records) -> Question | Stop:
            found = records.questions.find(question_id, secrets.digest(browser), self.clock())
            if found is None or (client := records.clients.find(found.asked.client_id)) is None:
                return answered()
            return _question(found, client)

        return await self.ledger.look(look)

    async def remembered(self, question_id: str, *, browser: str, user: str) -> Consent | None:
        def look(records: Records) -> Consent | None:
            found = records.questions.find(question_id, secrets.digest(browser), self.clock())
            if found is None or (client := records.clients.find(found.asked.client_id)) is None:
                return None
            asked = found.asked
            earlier = records.grants.remembered(
                user, client, asked.redirect_uri, asked.resource, _words(asked)
            )
            if earlier is None:
                return None
            return Consent(
                user=user,
                tenant=earlier.tenant,
                desks=earlier.desks,
                scopes=earlier.scopes,
                auth_time=0.0,
            )

        return await self.ledger.look(look)

    async def approve(self, question_id: str, consent: Consent, *, browser: str) -> Leave | Stop:
        now = self.clock()
        code = secrets.new(secrets.CODE)

        def grant(records: Records) -> Leave | Stop:
            found = records.questions.answer(question_id, secrets.digest(browser), now)
            if found is None:
                return answered()
            return self._granted(records, found.asked, consent, code, now)

        return await self.ledger.run(grant)

    async def refuse(
        self, question_id: str, *, browser: str, error: str = "access_denied"
    ) -> Leave | Stop:
        def refused(records: Records) -> Leave | Stop:
            found = records.questions.answer(question_id, secrets.digest(browser), self.clock())
            if found is None:
                return answered()
            records.remark("oauth.consent.refused", error, client=found.asked.client_id)
            return self._way_back(found.asked, ("error", error))

        return await self.ledger.run(refused)

    def _granted(
        self, records: Records, asked: Asked, consent: Consent, code: str, now: float
    ) -> Leave | Stop:
        client = records.clients.find(asked.client_id)
        standing = records.members.standing(consent.tenant, consent.user)
        allowed = ROLE_SCOPES[standing.role] if standing is not None else frozenset[Scope]()
        scopes = consent.scopes & asked.scopes & allowed
        mine = client is not None and client.tenant in {"", consent.tenant}
        if client is None or standing is None or not mine or not (scopes or asked.identity):
            facts = {"tenant": consent.tenant, "user": consent.user, "client": asked.client_id}
            records.remark("oauth.consent.denied", "access_denied", **facts)
            return self._way_back(asked, ("error", "access_denied"))
        grant = _grant(asked, consent, scopes, now)
        records.grants.add(grant)
        records.clients.used(client.id, now)
        if not redirects.is_local(asked.redirect_uri):
            # Any program on the person's machine can listen there (RFC 8252 §8.6): always ask.
            records.grants.remember(grant, asked.redirect_uri, _words(asked))
        records.codes.add(_code(asked, grant, code, now))
        records.remark(
            "oauth.consent.granted",
            tenant=grant.tenant,
            user=grant.user,
            client=client.id,
            target=grant.id,
        )
        return self._way_back(asked, ("code", code))

    def _way_back(self, asked: Asked, answer: tuple[str, str]) -> Leave:
        return leave(
            asked.redirect_uri,
            [answer],
            asked.state,
            self.rules.issuer,
            form_post=asked.form_post,
        )


def answered() -> Stop:
    """Return the page for a question that is not open in this browser."""
    return stop(
        "invalid_request",
        "This request was answered already, is too old, or was begun in another browser.",
        "Go back to the program and connect again.",
        reason="answered",
        status=HTTPStatus.FORBIDDEN,
    )


def _grant(asked: Asked, consent: Consent, scopes: frozenset[Scope], now: float) -> Grant:
    return Grant(
        id=uuid.uuid4().hex,
        tenant=consent.tenant,
        user=consent.user,
        client_id=asked.client_id,
        resource=asked.resource,
        scopes=scopes,
        identity=asked.identity,
        desks=consent.desks,
        auth_time=consent.auth_time,
        created_at=now,
        used_at=now,
        expires_at=now + GRANT_LIFETIME,
        document=asked.document,
    )


def _code(asked: Asked, grant: Grant, code: str, now: float) -> Code:
    return Code(
        digest=secrets.digest(code),
        grant=grant.id,
        client_id=grant.client_id,
        redirect_uri=asked.redirect_uri,
        redirect_sent=asked.redirect_sent,
        challenge=asked.challenge,
        nonce=asked.nonce,
        expires_at=now + CODE_LIFETIME,
    )


def _words(asked: Asked) -> frozenset[str]:
    return frozenset(str(scope) for scope in asked.scopes) | asked.identity


def _question(pending: Pending, client: Client) -> Question:
    asked = pending.asked
    return Question(
        id=pending.id,
        client_id=client.id,
        client_name=client.name,
        client_host=client.host,
        redirect_uri=asked.redirect_uri,
        redirect_host=_host(asked.redirect_uri),
        redirect_is_local=redirects.is_local(asked.redirect_uri),
        resource=asked.resource,
        scopes=tuple(sorted(asked.scopes)),
        began_at=pending.expires_at - PATIENCE,
        identity=tuple(sorted(asked.identity)),
        prompt=asked.prompt,
        max_age=asked.max_age,
    )


def _host(uri: str) -> str:
    """Return what to show as the place a person is sent to: a host, or an app's own scheme."""
    parts = urlsplit(uri)
    return parts.netloc or f"{parts.scheme}:"
