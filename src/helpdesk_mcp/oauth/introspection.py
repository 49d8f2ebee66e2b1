"""The introspection endpoint (RFC 7662): what a client may know about its own tokens."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from helpdesk_mcp.oauth.client_authentication import unbelieved
from helpdesk_mcp.oauth.core import Answer, AuthlibClient, Core, FormRequest, TokenRequest
from helpdesk_mcp.oauth.lookup import Found, of_token
from helpdesk_mcp.oauth.models import AuthMethod


def respond(core: Core, posted: TokenRequest) -> Answer:
    core.register_endpoint(Introspection)
    return core.create_endpoint_response(Introspection.ENDPOINT_NAME, posted)


class Introspection(IntrospectionEndpoint):
    server: Core

    def authenticate_token(self, request: FormRequest, client: AuthlibClient) -> Found | None:
        if client.client.auth_method is AuthMethod.NONE:
            raise unbelieved()  # RFC 7662 §2.1: who asks must have proved who it is
        if not (secret := request.form.get("token")):
            raise InvalidRequestError("token is missing.")
        found = of_token(self.server, secret)
        return found if found and found.grant.client_id == client.client.id else None

    def create_introspection_payload(self, found: Found | None) -> dict[str, Any]:
        if found is None or not found.active:
            return {"active": False}
        grant = found.grant
        return {
            "active": True,
            "iss": self.server.rules.issuer,
            "aud": grant.resource,
            "sub": grant.user or grant.client_id,
            "client_id": grant.client_id,
            "scope": found.scope,
            "token_type": found.kind,
            "iat": int(found.issued_at),
            "exp": int(found.expires_at),
        }
