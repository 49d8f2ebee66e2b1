"""Who a person is at another OpenID provider, from what it says of them (OIDC Core §5.1)."""

from dataclasses import dataclass
from typing import Any

from helpdesk_mcp.oauth import strict
from helpdesk_mcp.oauth.strict import Claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signed in, as the provider says. `email` is empty unless the provider verified it.

    `auth_time` is when they did so there, if it says so.
    """

    issuer: str
    subject: str
    tenant: str
    question: str
    auth_time: float | None = None
    email: str = ""
    name: str = ""


def identity_of(claims: Claims, told: Claims, *, tenant: str, question: str) -> Identity:
    """Return who an ID token is of, with what the provider tells of the same person."""
    return Identity(
        issuer=strict.text(claims, "iss"),
        subject=strict.text(claims, "sub"),
        tenant=tenant,
        question=question,
        auth_time=_moment(claims, "auth_time"),
        email=said(told, "email") if _is_verified(told) else "",
        name=said(told, "name"),
    )


def _is_verified(told: Claims) -> bool:
    """Whether the provider verified the address (OpenID Connect Core §5.1).

    Entra ID never says so by that name: its optional claim `xms_edov` tells that the owner of the
    address's domain is verified. It counts only where the standard claim is not there.
    """
    if "email_verified" in told:
        return told["email_verified"] is True
    return told.get("xms_edov") in (True, "1", "true")


def _moment(claims: Claims, name: str) -> float | None:
    value: Any = claims.get(name)
    return float(value) if isinstance(value, int | float) and value > 1 else None


def said(claims: Claims, name: str) -> str:
    """Return a claim that is a text; nothing for any other."""
    value: Any = claims.get(name)
    return value if isinstance(value, str) else ""
