"""Copies of the metadata documents of well-known clients, for when their address does not answer.

Each says what its owner publishes: the address itself, and where the client may be sent back to.
A document that can be fetched always wins over its copy.
"""

import json
from collections.abc import Mapping


def _document(
    client_id: str, name: str, *redirect_uris: str, method: str = "none", **more: str
) -> tuple[str, bytes]:
    said = {
        "client_id": client_id,
        "client_name": name,
        "redirect_uris": list(redirect_uris),
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": method,
        **more,
    }
    return client_id, json.dumps(said).encode()


PINNED: Mapping[str, bytes] = dict(
    [
        _document(
            "https://claude.ai/oauth/mcp-oauth-client-metadata",
            "Claude",
            "https://claude.ai/api/mcp/auth_callback",
            "https://claude.com/api/mcp/auth_callback",
        ),
        _document(
            "https://claude.ai/oauth/claude-code-client-metadata",
            "Claude Code",
            "http://localhost/callback",
            "http://127.0.0.1/callback",
        ),
        _document(
            "https://chatgpt.com/oauth/client.json",
            "ChatGPT",
            "https://chatgpt.com/connector_platform_oauth_redirect",
            method="private_key_jwt",
            jwks_uri="https://chatgpt.com/oauth/jwks.json",
        ),
        _document(
            "https://vscode.dev/oauth/client-metadata.json",
            "Visual Studio Code",
            "http://127.0.0.1:33418/",
            "https://vscode.dev/redirect",
            application_type="native",
        ),
    ]
)
"""Claude's document has been answered with HTML, 404 and 403 for weeks on end."""
