"""The two editions of ServiceDesk Plus as data, and the nine data centres of the Cloud."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from helpdesk_mcp.domain.errors import Invalid

EditionName = Literal["onprem", "cloud"]
MEDIA_TYPE = "application/vnd.manageengine.sdp.v3+json"
KINDS: Mapping[str, EditionName] = {
    "servicedesk_plus": "onprem",
    "servicedesk_plus_cloud": "cloud",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What differs. `routes` holds the spellings of a route segment, the likeliest first."""

    name: EditionName
    note: str
    """The wrapper of a note on a request."""
    routes: Mapping[str, tuple[str, ...]]

    @property
    def is_cloud(self) -> bool:
        return self.name == "cloud"


_SHARED = {
    "users": ("users", "requesters"),
    "closure_codes": ("closure_codes", "request_closure_codes"),
    "metainfo": ("_metainfo", "metainfo"),
}
ONPREM = Edition(
    name="onprem",
    note="note",
    routes={
        **_SHARED,
        "groups": ("support_groups", "groups"),
        "download": ("_download", "download"),
        "conversations": ("_conversations", "conversations"),
        "approve": ("_approve", "approve"),
        "reject": ("_reject", "reject"),
        "close": ("close", "_close"),
        "assign": ("assign", "_assign"),
        "upload": ("upload", "_upload"),
        "fields_required": ("top", "inside", "none"),
    },
)
CLOUD = Edition(
    name="cloud",
    note="request_note",
    routes={
        **_SHARED,
        "groups": ("groups", "support_groups"),
        "download": ("download", "_download"),
        "conversations": ("conversations", "_conversations"),
        "approve": ("approve", "_approve"),
        "reject": ("reject", "_reject"),
        "close": ("_close", "close"),
        "assign": ("_assign", "assign"),
        "upload": ("_uploads", "uploads"),
        "fields_required": ("inside", "top", "none"),
    },
)
EDITIONS: Mapping[EditionName, Edition] = {"onprem": ONPREM, "cloud": CLOUD}


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCenter:
    """One row of the vendor's table: where the API, the tokens and the console are."""

    api: str
    accounts: str
    console: str


def _center(api: str, zone: str) -> DataCenter:
    return DataCenter(
        api=f"https://{api}",
        accounts=f"https://accounts.{zone}",
        console=f"https://api-console.{zone}",
    )


DATA_CENTERS: Mapping[str, DataCenter] = {
    "us": _center("sdpondemand.manageengine.com", "zoho.com"),
    "eu": _center("sdpondemand.manageengine.eu", "zoho.eu"),
    "in": _center("sdpondemand.manageengine.in", "zoho.in"),
    "cn": _center("servicedeskplus.cn", "zoho.com.cn"),
    "au": _center("servicedeskplus.net.au", "zoho.com.au"),
    "jp": _center("servicedeskplus.jp", "zoho.jp"),
    "ca": _center("servicedeskplus.ca", "zohocloud.ca"),
    "uk": _center("servicedeskplus.uk", "zoho.uk"),
    "sa": _center("servicedeskplus.sa", "zoho.sa"),
}


def data_center(name: str) -> DataCenter:
    """Return a data centre by its two letters. Raises Invalid that names the nine."""
    found = DATA_CENTERS.get(name.strip().lower() or "us")
    if found is None:
        known = ", ".join(DATA_CENTERS)
        raise Invalid(f"There is no such data centre. Valid: {known}.", reason="settings")
    return found


def base_url(edition: EditionName, address: str, *, center: str = "us", portal: str = "") -> str:
    """Return the address that API paths are appended to.

    Both `https://host:8443` and `https://host:8443/api/v3` are understood. In the Cloud a custom
    domain takes the place of the data centre's, and the portal is put in unless it is there.
    """
    root = (address or _default_root(edition, center)).rstrip("/").removesuffix("/api/v3")
    if not urlsplit(root).hostname:
        raise Invalid("The help desk's address must start with https://.", reason="settings")
    if edition == "cloud" and portal and "/app/" not in root:
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", portal):
            raise Invalid("The portal's name is the word after /app/ in its address.")
        root = f"{root}/app/{portal}"
    return f"{root}/api/v3/"


def web_page(edition: Edition, base: str) -> str:
    """Return the address of a request's page for people, with `{id}` in it."""
    root = base.rstrip("/").removesuffix("/api/v3")
    path = (
        "ui/requests/{id}/details" if edition.is_cloud else "WorkOrder.do?woMode=viewWO&woID={id}"
    )
    return f"{root}/{path}"


def _default_root(edition: EditionName, center: str) -> str:
    if edition == "onprem":
        raise Invalid("Give the help desk's address: https://host:8443.", reason="settings")
    return data_center(center).api
