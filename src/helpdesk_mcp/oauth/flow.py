"""What happens between a client's authorization request and a person's answer to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from helpdesk_mcp.domain.principals import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An authorization request that waits for a person: what the consent page shows.

    `client_host` is the verified host of a client ID metadata document, empty for registered
    clients, whose name is only what they say of themselves. `scopes` is what the client asked for
    (`identity` holds its OpenID Connect scopes: openid, profile, email, offline_access). `prompt`
    and `max_age` (seconds) are the request's own (OpenID Connect Core §3.1.2.1). `redirect_uri` is
    the validated one: the page's policy must let a form's answer lead there. `began_at` is when
    the request came, in seconds since the epoch: with `prompt=login` a sign-in must be younger.
    """

    id: str
    client_id: str
    client_name: str
    client_host: str
    redirect_uri: str
    redirect_host: str
    redirect_is_local: bool
    resource: str
    scopes: tuple[Scope, ...]
    began_at: float
    identity: tuple[str, ...] = ()
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Send the browser back to the client: `parameters` go into the query of `redirect_uri`.

    With `form_post` they are posted by a form instead. Always 303, never 307 (RFC 9700 §4.12).
    """

    redirect_uri: str
    parameters: tuple[tuple[str, str], ...]
    form_post: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """An error page: the request names no client or redirect that can be trusted with an error.

    `reason` is a stable word for `message` and `hint`, by which pages find them in other languages.
    """

    status: int
    error: str
    message: str
    hint: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person allowed: in which tenant, on which connections (ids), with which scopes."""

    user: str
    tenant: str
    desks: frozenset[str]
    scopes: frozenset[Scope]
    auth_time: float


class Flow(Protocol):
    """The authorization endpoint without its pages. `browser` is a secret of this browser alone.

    A question belongs to the browser that began it and is answered once, within ten minutes.
    """

    async def begin(
        self, parameters: Sequence[tuple[str, str]], *, browser: str
    ) -> Question | Leave | Stop:
        """Judge a request (RFC 6749 §4.1.1, RFC 7636, RFC 8707). Nothing is granted."""
        ...

    async def question(self, question_id: str, *, browser: str) -> Question | Stop: ...

    async def remembered(self, question_id: str, *, browser: str, user: str) -> Consent | None:
        """Return an earlier consent of this person to exactly this: client, redirect, scopes."""
        ...

    async def approve(self, question_id: str, consent: Consent, *, browser: str) -> Leave | Stop:
        """Grant, once. The second answer to a question is a Stop with status 403."""
        ...

    async def refuse(
        self, question_id: str, *, browser: str, error: str = "access_denied"
    ) -> Leave | Stop:
        """Answer no; `error` may be `login_required` or `consent_required` for prompt=none."""
        ...
