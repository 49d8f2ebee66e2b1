from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Request

class BaseGrant:
    GRANT_TYPE: str
    request: Any
    server: Any
    def __init__(self, request: OAuth2Request, server: Any) -> None: ...
    def validate_token_request(self) -> None: ...
    def create_token_response(self) -> tuple[int, Any, list[tuple[str, str]]]: ...

class AuthorizationCodeGrant(BaseGrant): ...

class RefreshTokenGrant(BaseGrant):
    INCLUDE_NEW_REFRESH_TOKEN: bool

class ClientCredentialsGrant(BaseGrant): ...
