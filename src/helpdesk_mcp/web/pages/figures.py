"""Moments and numbers as people of a language and a time zone write them."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_datetime
from babel.numbers import format_decimal

from helpdesk_mcp.domain.tenants import Tenant
from helpdesk_mcp.web.pages.texts import Texts

MINUTE = "d MMM y, HH:mm"
SECOND = "d MMM y, HH:mm:ss"


def moment(value: str | None, tenant: Tenant, texts: Texts, pattern: str = MINUTE) -> str:
    """Return an ISO 8601 moment in the tenant's time zone; without one, the word for never."""
    if not value:
        return texts("console.never")
    found = datetime.fromisoformat(value)
    return format_datetime(found, pattern, tzinfo=zone_of(tenant), locale=texts.language)


def instant(value: str, tenant: Tenant, texts: Texts) -> str:
    return moment(value, tenant, texts, SECOND)


def number(value: float, texts: Texts) -> str:
    return format_decimal(value, "#,##0.#", locale=texts.language)


def zone_of(tenant: Tenant) -> ZoneInfo:
    try:
        return ZoneInfo(tenant.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
