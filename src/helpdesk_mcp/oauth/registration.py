"""The registration endpoint (RFC 7591): open, so it is limited, and what nobody uses is swept."""

import secrets as random
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from helpdesk_mcp.domain.limits import Rate
from helpdesk_mcp.oauth import client_metadata, secrets
from helpdesk_mcp.oauth.client_metadata import BadMetadata, Metadata
from helpdesk_mcp.oauth.core import JSON_HEADERS, Answer
from helpdesk_mcp.oauth.models import AuthMethod, Client, Source
from helpdesk_mcp.oauth.ports import Records
from helpdesk_mcp.oauth.strict import BadToken, parse_object

LARGEST = 16_384
"""Bytes of a registration."""
MOST_UNUSED = 500
UNUSED_FOR = 86_400.0
"""Seconds after which a client that never got a grant is removed."""
PER_ADDRESS = Rate(burst=10, per_second=10 / 3_600)


def check(body: bytes) -> Metadata | Answer:
    """Return what a client says of itself, or the answer that refuses it."""
    if len(body) > LARGEST:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return refused("invalid_client_metadata", f"At most {LARGEST} bytes.", status)
    try:
        said = parse_object(body)
    except BadToken:
        return refused("invalid_client_metadata", "Send one JSON object, without repeated names.")
    try:
        return client_metadata.read(said, default_method=AuthMethod.BASIC)
    except BadMetadata as error:
        return refused(error.error, error.reason)


def register(records: Records, said: Metadata, now: float) -> Answer:
    """Store a new client and answer with its id, and its secret if it wants one."""
    records.clients.forget_unused(now - UNUSED_FOR)
    if records.clients.unused(Source.REGISTERED) >= MOST_UNUSED:
        return limited(3_600.0)
    secret = secrets.new(secrets.CLIENT) if said.auth_method in SECRET_METHODS else None
    client = Client(
        id=random.token_urlsafe(18),
        name=said.name,
        source=Source.REGISTERED,
        redirect_uris=said.redirect_uris,
        auth_method=said.auth_method,
        grant_types=said.grant_types,
        native=said.native,
        digest=secrets.digest(secret) if secret is not None else None,
        jwks=said.jwks,
        jwks_uri=said.jwks_uri,
        scopes=said.scopes,
        created_at=now,
    )
    records.clients.put(client)
    records.remark("oauth.client.registered", client=client.id)
    return Answer(status=HTTPStatus.CREATED, body=_document(client, secret))


SECRET_METHODS = frozenset({AuthMethod.BASIC, AuthMethod.POST})


def _document(client: Client, secret: str | None) -> Mapping[str, Any]:
    document: dict[str, Any] = {
        "client_id": client.id,
        "client_id_issued_at": int(client.created_at),
        "client_name": client.name,
        "redirect_uris": list(client.redirect_uris),
        "grant_types": sorted(client.grant_types),
        "response_types": ["code"],
        "token_endpoint_auth_method": client.auth_method,
        "application_type": "native" if client.native else "web",
    }
    if secret is not None:
        document |= {"client_secret": secret, "client_secret_expires_at": 0}
    if client.jwks is not None:
        document["jwks"] = client.jwks
    if client.jwks_uri:
        document["jwks_uri"] = client.jwks_uri
    if client.scopes is not None:
        document["scope"] = " ".join(sorted(client.scopes))
    return document


def refused(error: str, reason: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Answer:
    return Answer(status=status, body={"error": error, "error_description": reason})


def limited(seconds: float) -> Answer:
    return Answer(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        body={
            "error": "temporarily_unavailable",
            "error_description": "Too many registrations. Use a client ID metadata document.",
        },
        headers=(*JSON_HEADERS, ("Retry-After", str(max(1, round(seconds))))),
    )
