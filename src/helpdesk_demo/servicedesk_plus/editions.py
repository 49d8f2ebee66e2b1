"""The two editions, the nine data centres of the Cloud, and how one simulator is configured."""

import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Literal

Edition = Literal["onprem", "cloud"]
Dialect = Literal["new", "old", "cloud"]
DataCenterName = Literal["us", "eu", "in", "cn", "au", "jp", "ca", "uk", "sa"]

MEDIA_TYPE = "application/vnd.manageengine.sdp.v3+json"
DEFAULT_BUILD = 15110
DEFAULT_TICKETS = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCenter:
    """One row of the vendor's table (reference §1.2 [DOC])."""

    name: DataCenterName
    api: str
    accounts: str
    api_domain: str


def _center(name: DataCenterName, api: str, accounts: str, api_domain: str) -> DataCenter:
    return DataCenter(
        name=name,
        api=f"https://{api}",
        accounts=f"https://accounts.{accounts}",
        api_domain=f"https://www.{api_domain}",
    )


DATA_CENTERS = {
    center.name: center
    for center in (
        _center("us", "sdpondemand.manageengine.com", "zoho.com", "zohoapis.com"),
        _center("eu", "sdpondemand.manageengine.eu", "zoho.eu", "zohoapis.eu"),
        _center("in", "sdpondemand.manageengine.in", "zoho.in", "zohoapis.in"),
        _center("cn", "servicedeskplus.cn", "zoho.com.cn", "zohoapis.com.cn"),
        _center("au", "servicedeskplus.net.au", "zoho.com.au", "zohoapis.com.au"),
        _center("jp", "servicedeskplus.jp", "zoho.jp", "zohoapis.jp"),
        _center("ca", "servicedeskplus.ca", "zohocloud.ca", "zohoapis.ca"),
        _center("uk", "servicedeskplus.uk", "zoho.uk", "zohoapis.uk"),
        _center("sa", "servicedeskplus.sa", "zoho.sa", "zohoapis.sa"),
    )
}

# Reference §2.4, and what an administrator of the seeds really granted (seed-systems §2.13).
DEFAULT_SCOPES = ",".join(
    f"SDPOnDemand.{one}"
    for one in (
        "requests.ALL",
        "problems.ALL",
        "changes.ALL",
        "projects.ALL",
        "releases.ALL",
        "solutions.ALL",
        "assets.ALL",
        "cmdb.ALL",
        "contracts.READ",
        "setup.READ",
        "users.READ",
        "general.ALL",
    )
)


def _technician_key() -> str:
    """Return a key of the vendor's form, a GUID of 36 characters [LIVE]."""
    return str(uuid.uuid4()).upper()


def _zoho_secret() -> str:
    return f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"


def _now() -> int:
    return int(time.time() * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What is fixed for the life of one simulator; secrets are new unless given."""

    edition: Edition
    build: int = DEFAULT_BUILD
    seed: int = 1
    tickets: int = DEFAULT_TICKETS
    portal: str = "itdesk"
    data_center: DataCenterName = "us"
    scopes: str = DEFAULT_SCOPES
    api_key: str = field(default_factory=_technician_key, repr=False)
    reader_api_key: str = field(default_factory=_technician_key, repr=False)
    client_id: str = field(default_factory=lambda: f"1000.{secrets.token_hex(15).upper()}")
    client_secret: str = field(default_factory=lambda: secrets.token_hex(21), repr=False)
    refresh_token: str = field(default_factory=_zoho_secret, repr=False)
    control_secret: str | None = field(default=None, repr=False)
    started: int = field(default_factory=_now)
    """The moment the seeded tickets end at, in milliseconds."""

    @property
    def base_path(self) -> str:
        return "/api/v3" if self.edition == "onprem" else f"/app/{self.portal}/api/v3"
