"""What the environment configures: help desks, master keys, addresses, and whose tokens count."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from helpdesk_mcp.crypto.keyring import BadKey, Keyring, parse_keys, read_keys
from helpdesk_mcp.desks.configured import Configured, ConfiguredConnections, check
from helpdesk_mcp.desks.opener import Sources
from helpdesk_mcp.desks.servicedeskplus.memory_tokens import MemoryUpstreamTokens
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Scope
from helpdesk_mcp.domain.tenants import Connection, Connections, UpstreamTokens
from helpdesk_mcp.oauth.external import ExternalRules
from helpdesk_mcp.settings import Settings
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.database import Database
from helpdesk_mcp.stores.tenant_keys import SqlSeals
from helpdesk_mcp.stores.tenants import Gate
from helpdesk_mcp.stores.upstream_tokens import SqlUpstreamTokens
from helpdesk_mcp.web.addresses import Addresses

TENANT = "default"
"""The one tenant of a server that is configured by its environment."""


def desks_of(settings: Settings) -> tuple[Configured, ...]:
    """Return the desks that the settings name, the default one first. None are opened."""
    found = [*_django(settings), *_on_prem(settings), *_cloud(settings)]
    return tuple(
        Configured(
            connection=Connection(
                id=name,
                tenant=TENANT,
                name=name,
                kind=name.replace("-", "_"),
                address=address,
                settings=options,
                is_default=number == 0,
            ),
            credential={key: value for key, value in credential.items() if value},
        )
        for number, (name, address, options, credential) in enumerate(found)
    )


def configured(settings: Settings, desks: Sequence[Configured] = ()) -> tuple[Configured, ...]:
    """Return the desks of the environment, if any. Raises Invalid that says what to mend."""
    found = tuple(desks) or desks_of(settings)
    for one in found:
        check(one)
    return found


def addresses(settings: Settings, port: int) -> Addresses:
    """Return what the server is known as. `port` is the one it is really served on."""
    return Addresses(
        host=settings.host,
        port=port,
        public=settings.public_url,
        more_hosts=settings.allowed_hosts,
        more_origins=settings.allowed_origins,
    )


KEY_FILE = Path("helpdesk-mcp.keys")
"""Where `helpdesk-mcp init` keeps the master keys of a machine that has no other place."""
CREDENTIAL_NAME = "helpdesk-master-keys"


def keyring_of(settings: Settings) -> Keyring | None:
    """Return the master keys, None where there are none. Raises Invalid for bad ones."""
    text = settings.helpdesk_master_key.get_secret_value()
    file = key_file(settings)
    if text and settings.helpdesk_master_key_file is not None:
        raise Invalid(
            "HELPDESK_MASTER_KEY and HELPDESK_MASTER_KEY_FILE are both set; keep one.",
            reason="keys",
        )
    try:
        if text:
            return parse_keys(text)
        if settings.helpdesk_master_key_file is None and not file.exists():
            return None
        return read_keys(file)
    except BadKey as error:
        raise Invalid(str(error), reason="keys") from None


def key_file(settings: Settings) -> Path:
    """Return the file or directory that the master keys are read from."""
    if settings.helpdesk_master_key_file is not None:
        return settings.helpdesk_master_key_file
    if settings.credentials_directory is not None:
        handed = settings.credentials_directory / CREDENTIAL_NAME
        if handed.exists():
            return handed
    return KEY_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """Another authorization server whose tokens count here, and how they are read."""

    issuer: str
    rules: ExternalRules


def external_of(settings: Settings, url: str) -> External | None:
    """Return the other server where AUTH names one. Raises Invalid that says what is missing."""
    if settings.auth != "external":
        return None
    if not settings.oidc_issuer:
        raise Invalid(
            "AUTH=external needs OIDC_ISSUER, the issuer exactly as the provider writes it.",
            reason="settings",
        )
    rules = ExternalRules(
        audience=settings.oidc_audience or f"{url}/mcp",
        tenant=TENANT,
        tenant_claim=settings.oidc_tenant_claim,
        scope_claim=settings.oidc_scope_claim,
        scopes=dict(_translated(entry) for entry in settings.oidc_scopes),
    )
    return External(issuer=settings.oidc_issuer, rules=rules)


def _translated(entry: str) -> tuple[str, frozenset[Scope]]:
    """Read `word=tickets:read+people:read`. Raises Invalid."""
    word, _, ours = entry.partition("=")
    scopes = [scope.strip() for scope in ours.split("+")]
    if not word or any(scope not in EVERY_SCOPE for scope in scopes):
        raise Invalid(
            "OIDC_SCOPES is written word=tickets:read+people:read, with commas between; "
            f"scopes are {' '.join(sorted(EVERY_SCOPE))}.",
            reason="settings",
        )
    return word.strip(), frozenset(Scope(scope) for scope in scopes)


def sources_of(
    found: Sequence[Configured], gate: Gate, database: Database, keyring: Keyring | None
) -> Sources:
    """Return where desks come from: the environment's for its tenant, the database's for others.

    Their access tokens are shared through the database, where there are keys to seal them with.
    """
    here = ConfiguredConnections(found)

    def connections(tenant: str) -> Connections:
        if keyring is None or (found and tenant == TENANT):
            return here if tenant == TENANT else ConfiguredConnections(())
        return SqlConnections(database, tenant, keyring)

    def tokens(tenant: str, connection: Connection) -> UpstreamTokens:
        suspended = partial(connections(tenant).suspend, connection.id)
        if keyring is None:
            return MemoryUpstreamTokens(suspended)
        seals = SqlSeals(database, tenant, keyring)
        name = f"{connection.id}/{connection.version}"  # another credential, another token
        return SqlUpstreamTokens(database, tenant, name, seals, suspended)

    return Sources(tenant=gate.look, connections=connections, tokens=tokens)


_Found = tuple[str, str, dict[str, Any], dict[str, str]]
"""Name, address, settings and credential."""


def _django(settings: Settings) -> list[_Found]:
    if not settings.helpdesk_base_url:
        return []
    options = {
        "default_queue": settings.helpdesk_default_queue,
        "timeout": settings.helpdesk_timeout,
    }
    credential = {
        "username": settings.helpdesk_username,
        "password": settings.helpdesk_password.get_secret_value(),
        "token": settings.helpdesk_token.get_secret_value(),
    }
    return [("django-helpdesk", settings.helpdesk_base_url, options, credential)]


def _on_prem(settings: Settings) -> list[_Found]:
    key = settings.sdp_api_key.get_secret_value()
    address = settings.sdp_url
    if not key and not (address and not settings.sdp_client_id):
        return []
    options = {"timeout": settings.helpdesk_timeout, **settings.sdp_options}
    return [("servicedesk-plus", address, options, {"api_key": key})]


def _cloud(settings: Settings) -> list[_Found]:
    if not settings.sdp_client_id:
        return []
    both = bool(settings.sdp_api_key.get_secret_value())
    address = "" if both else settings.sdp_url
    options = {
        "timeout": settings.helpdesk_timeout,
        "data_center": settings.sdp_data_center,
        "portal": settings.sdp_portal_name,
        **settings.sdp_options,
    }
    credential = {
        "client_id": settings.sdp_client_id,
        "client_secret": settings.sdp_client_secret.get_secret_value(),
        "refresh_token": settings.sdp_refresh_token.get_secret_value(),
    }
    return [("servicedesk-plus-cloud", address, options, credential)]
