"""What clients discover: RFC 8414, OpenID Connect Discovery 1.0, and RFC 9728."""

from typing import Any

from helpdesk_mcp.domain.principals import EVERY_SCOPE
from helpdesk_mcp.oauth.authorization import Rules
from helpdesk_mcp.oauth.client_authentication import ASSERTION
from helpdesk_mcp.oauth.models import AuthMethod, GrantType
from helpdesk_mcp.oauth.scopes import IDENTITY

AUTH_METHODS = [str(method) for method in AuthMethod]
"""`none` must be listed: Claude falls back to registration without it."""
SIGNED_BY = list(ASSERTION.algorithms)
"""Each endpoint that takes private_key_jwt must name its algorithms (RFC 8414 §2)."""


def server(rules: Rules) -> dict[str, Any]:
    """Return the metadata of the authorization server: one document, found at several places."""
    issuer = rules.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "registration_endpoint": f"{issuer}/oauth/register",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "jwks_uri": f"{issuer}/oauth/jwks.json",
        **ABILITIES,
    }


ABILITIES: dict[str, Any] = {
    "scopes_supported": [*sorted(IDENTITY), *sorted(EVERY_SCOPE)],
    "response_types_supported": ["code"],
    "response_modes_supported": ["query", "form_post"],
    "grant_types_supported": [str(grant) for grant in GrantType],
    "code_challenge_methods_supported": ["S256"],
    "token_endpoint_auth_methods_supported": AUTH_METHODS,
    "token_endpoint_auth_signing_alg_values_supported": SIGNED_BY,
    "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
    "revocation_endpoint_auth_signing_alg_values_supported": SIGNED_BY,
    "introspection_endpoint_auth_methods_supported": AUTH_METHODS[1:],
    "introspection_endpoint_auth_signing_alg_values_supported": SIGNED_BY,
    "authorization_response_iss_parameter_supported": True,
    "client_id_metadata_document_supported": True,
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "claims_supported": [
        *("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce"),
        *("name", "email", "locale"),
    ],
    "prompt_values_supported": ["none", "login", "consent", "select_account"],
    "request_parameter_supported": False,
    "request_uri_parameter_supported": False,
    "claims_parameter_supported": False,
    "ui_locales_supported": ["en", "es"],
}


def resource(name: str, scopes: list[str], authorization_servers: list[str]) -> dict[str, Any]:
    """Return protected resource metadata (RFC 9728 §2). `offline_access` never stands here."""
    document: dict[str, Any] = {
        "resource": name,
        "resource_name": "helpdesk-mcp",
        "scopes_supported": scopes,
        "bearer_methods_supported": ["header"],
    }
    if authorization_servers:
        document["authorization_servers"] = authorization_servers
    return document
