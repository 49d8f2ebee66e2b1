"""The help desks that the environment configures, as connections of the one tenant."""

from typing import Any

from helpdesk_mcp.desks.configured import Configured
from helpdesk_mcp.domain.tenants import Connection
from helpdesk_mcp.settings import Settings

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
    address = settings.sdp_url or settings.sdp_base_url
    if not key and not (address and not settings.sdp_client_id):
        return []
    options = {"timeout": settings.helpdesk_timeout, **settings.sdp_options}
    return [("servicedesk-plus", address, options, {"api_key": key})]


def _cloud(settings: Settings) -> list[_Found]:
    if not settings.sdp_client_id:
        return []
    both = bool(settings.sdp_api_key.get_secret_value())
    address = "" if both else settings.sdp_url or settings.sdp_base_url
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
