"""What one ServiceDesk Plus takes besides its address and credential: mappings, zone, wishes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, with_config

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.tenants import UNCHOSEN, zone_named


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """A connection's settings. Everything has a default that suits most desks.

    `ca` and `client_certificate` are PEM, or files where the operator configures the desk; the
    certificate's key is a part of the credential. `priorities`, `statuses` and `sites` say what a
    caller's word is called on this desk: `{"urgent": "High"}`. `labels` names custom fields where
    the desk does not: `{"udf_sline_1802": "Asset tag"}`. `time_zone` goes before the tenant's own.
    `technician` is who the credential
    belongs to, for "me". `resolver_line` writes the technicians who solved it into a resolution.
    `replies_by_mail` lets us try the vendor's undocumented way to mail a requester.
    """

    data_center: str = "us"
    portal: str = ""
    portal_id: str = ""
    timeout: float = 15.0
    ca: str = ""
    client_certificate: str = ""
    proxy: str = ""
    accounts_url: str = ""
    time_zone: str = ""
    technician: str = ""
    priorities: Mapping[str, str] = field(default_factory=dict[str, str])
    statuses: Mapping[str, str] = field(default_factory=dict[str, str])
    sites: Mapping[str, str] = field(default_factory=dict[str, str])
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    resolver_line: bool = False
    replies_by_mail: bool = False

    @property
    def zone(self) -> ZoneInfo:
        return zone_named(self.time_zone or UNCHOSEN)


_OPTIONS = TypeAdapter(Options)


class OnPremCredential(BaseModel):
    """The key of a technician, and the key of our certificate where the desk asks for one."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    api_key: str = Field(min_length=1, max_length=1_000, repr=False)
    client_key: str = Field("", max_length=20_000, repr=False)


class CloudCredential(BaseModel):
    """What `desks connect-zoho` gives."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: str = Field(min_length=1, max_length=200)
    client_secret: str = Field(min_length=1, max_length=1_000, repr=False)
    refresh_token: str = Field(min_length=1, max_length=1_000, repr=False)


def options_of(settings: Mapping[str, object]) -> Options:
    """Read a connection's settings. Raises Invalid that names what is wrong with them."""
    try:
        return _OPTIONS.validate_python(dict(settings))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}"
            for e in error.errors(include_input=False)
        )
        raise Invalid(f"Bad settings of the desk. {problems}", reason="settings") from None
