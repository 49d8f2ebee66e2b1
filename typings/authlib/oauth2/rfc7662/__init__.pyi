from authlib.oauth2.rfc6749 import OAuth2Request, TokenEndpoint

class IntrospectionEndpoint(TokenEndpoint):
    def check_params(self, request: OAuth2Request, client: object) -> None: ...
