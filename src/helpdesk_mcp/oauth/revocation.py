"""The revocation endpoint (RFC 7009): a client gives back a token, and all of its grant ends."""

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint

from helpdesk_mcp.oauth.core import Answer, AuthlibClient, Core, FormRequest, TokenRequest
from helpdesk_mcp.oauth.lookup import of_token
from helpdesk_mcp.oauth.models import Grant


def respond(core: Core, posted: TokenRequest) -> Answer:
    core.register_endpoint(Revocation)
    return core.create_endpoint_response(Revocation.ENDPOINT_NAME, posted)


class Revocation(RevocationEndpoint):
    server: Core

    def authenticate_token(self, request: FormRequest, client: AuthlibClient) -> Grant | None:
        """Return the grant of the client's own token; a stranger's is as good as unknown."""
        if not (secret := request.form.get("token")):
            raise InvalidRequestError("token is missing.")
        found = of_token(self.server, secret)
        return found.grant if found and found.grant.client_id == client.client.id else None

    def revoke_token(self, grant: Grant, _request: FormRequest) -> None:
        if self.server.records.grants.revoke(grant.id, self.server.now, "revoked"):
            self.server.records.remark(
                "oauth.token.revoked",
                tenant=grant.tenant,
                user=grant.user,
                client=grant.client_id,
                target=grant.id,
            )
