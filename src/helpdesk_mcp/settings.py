"""Environment, `.env` and `*_FILE` secrets to one frozen Settings. The only reader of either."""

import json
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from helpdesk_mcp.domain.errors import Invalid

ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:/[!-~]*)?")
LISTS = ("allowed_hosts", "allowed_origins", "tools_off", "toolsets", "desk_networks")
SECRET_FILES = (
    "helpdesk_password",
    "helpdesk_token",
    "sdp_api_key",
    "sdp_client_secret",
    "sdp_refresh_token",
)


class Settings(BaseSettings):
    """Every option and its default. Each is an environment variable of the same name."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    helpdesk_base_url: str = Field(
        "", description="Address of django-helpdesk, e.g. https://desk.example.org/"
    )
    helpdesk_username: str = Field("", description="Staff account that helpdesk-mcp works as")
    helpdesk_password: SecretStr = Field(SecretStr(""), description="Its password")
    helpdesk_token: SecretStr = Field(
        SecretStr(""), description="REST token instead of a password, where the desk has tokens"
    )
    helpdesk_default_queue: str = Field(
        "", description="Queue of new tickets that name none: its name, slug or id"
    )
    helpdesk_timeout: float = Field(
        15.0, gt=0, le=50, description="Seconds one exchange with a desk may take"
    )
    sdp_url: str = Field(
        "",
        description="Address of ServiceDesk Plus, e.g. https://sdp.example.org:8443; in the "
        "Cloud only for a custom domain. SDP_BASE_URL means the same",
    )
    sdp_api_key: SecretStr = Field(
        SecretStr(""), description="Key of a technician of ServiceDesk Plus on-prem"
    )
    sdp_client_id: str = Field("", description="Zoho client of ServiceDesk Plus Cloud")
    sdp_client_secret: SecretStr = Field(SecretStr(""), description="Its secret")
    sdp_refresh_token: SecretStr = Field(
        SecretStr(""),
        description="Its refresh token; `helpdesk-mcp desks connect-zoho` gets one",
    )
    sdp_data_center: str = Field("us", description="us, eu, in, cn, au, jp, ca, uk or sa")
    sdp_portal_name: str = Field("", description="Word after /app/ in the Cloud's addresses")
    sdp_options: Annotated[dict[str, Any], NoDecode] = Field(
        default_factory=dict[str, Any],
        description="More of ServiceDesk Plus, as JSON: time zone, mappings, own CA file",
    )

    host: str = Field("127.0.0.1", description="Address to listen on")
    mcp_port: int = Field(
        8001, ge=0, le=65535, description="Port to listen on; 0 takes any free one"
    )
    public_url: str = Field(
        "", description="Address clients use, when a proxy stands before the server"
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        validation_alias="HELPDESK_ALLOWED_HOSTS",
        description="More Host headers to accept, comma-separated",
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        validation_alias="HELPDESK_ALLOWED_ORIGINS",
        description="Browser origins to accept, comma-separated",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Addresses or networks whose X-Forwarded-For is believed when sign-ins and "
        "registrations are counted by address, comma-separated",
    )
    max_body_bytes: int = Field(
        1_048_576, ge=1_024, le=16_777_216, description="Largest request body"
    )
    legacy_sessions: bool = Field(
        default=False,
        description="Keep sessions for MCP clients before 2026-07-28; one process only",
    )

    sessions_per_token: int = Field(
        50, ge=1, description="Sessions or streams of older MCP clients one token may hold open"
    )

    desk_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Private networks where organisations' desks and sign-in providers may be, "
        "comma-separated: "
        "10.0.0.0/8, or 10.1.2.3/32:8443 for one port",
    )
    database_url: str = Field(
        "sqlite+aiosqlite:///helpdesk-mcp.sqlite3",
        repr=False,  # it may hold a password
        description="SQLAlchemy URL of the database",
    )
    database_owner_url: str = Field(
        "",
        repr=False,
        description="URL of the role that owns the schema, where DATABASE_URL's may not change it",
    )
    helpdesk_master_key: SecretStr = Field(
        SecretStr(""),
        description="Master key: 32 random bytes in base64; several as `1 …,2 …`",
    )
    helpdesk_master_key_file: Path | None = Field(
        None,
        description="File of the master keys, or directory with one a version; without it "
        "`helpdesk-mcp.keys` here, or `helpdesk-master-keys` of systemd's credentials",
    )
    credentials_directory: Path | None = Field(
        None, description="Where systemd puts credentials; it sets this itself"
    )
    auth: Literal["embedded", "external"] = Field(
        "embedded",
        description="Who makes tokens: this server, or another (`external`, with OIDC_ISSUER)",
    )
    oidc_issuer: str = Field(
        "", description="Issuer of an OpenID provider whose access tokens count, as it writes it"
    )
    oidc_audience: str = Field(
        "", description="What its tokens name as their audience; by default the MCP address"
    )
    oidc_tenant_claim: str = Field(
        "", description="Claim with the slug or id of an organisation; empty where there is one"
    )
    oidc_scope_claim: str = Field("scope", description="Claim with what the token may do")
    oidc_scopes: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="What its words mean, e.g. `helpdesk.read=tickets:read+people:read`, "
        "comma-separated",
    )

    read_only: bool = Field(
        default=False, description="Refuse every write, whatever a token allows"
    )
    tools_off: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Tools to switch off, comma-separated"
    )
    toolsets: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Toolsets whose tools are all listed, comma-separated, or `all`; "
        "the others are found with search_tools",
    )
    reads_per_minute: int = Field(600, ge=1, description="Reads one caller may make a minute")
    writes_per_minute: int = Field(120, ge=1, description="Writes one caller may make a minute")

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        "INFO", description="How much is logged"
    )
    mcp_debug: bool = Field(default=False, description="Log at DEBUG; for stdio, to standard error")
    otel_exporter_otlp_endpoint: str = Field(
        "", description="Send OpenTelemetry traces there (needs the `otel` extra)"
    )

    @field_validator(
        *("allowed_hosts", "allowed_origins", "tools_off", "toolsets", "oidc_scopes"),
        "trusted_proxies",
        "desk_networks",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("sdp_options", mode="before")
    @classmethod
    def _object(cls, value: Any) -> Any:
        try:
            return json.loads(value) if isinstance(value, str) else value
        except ValueError:
            example = '{"time_zone": "Europe/Madrid"}'
            raise ValueError(f"must be one JSON object, such as {example}") from None

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            ip_network(entry, strict=False)
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("helpdesk_base_url", "sdp_url", "public_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if not value:
            return value
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        if not ADDRESS.fullmatch(value):
            raise ValueError("is not an address; user names and passwords do not belong in it")
        return value

    @field_validator("sdp_data_center")
    @classmethod
    def _lower(cls, value: str) -> str:
        return value.strip().lower()

    @property
    def level(self) -> str:
        return "DEBUG" if self.mcp_debug else self.log_level


def load(env_file: Path | None = Path(".env"), **given: Any) -> Settings:
    """Read the settings. Raises Invalid that names each bad option and how to set it."""
    options = _from_elsewhere(env_file) | given
    try:
        found = Settings(_env_file=env_file, **options)  # pyright: ignore[reportCallIssue] -- pydantic-settings takes _env_file
    except ValidationError as error:
        problems = "; ".join(
            f"{_variable(str(e['loc'][0]))}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors(include_input=False)
        )
        raise Invalid(f"Bad settings. {problems}", reason="settings") from None
    return found


def _variable(option: str) -> str:
    return option.upper()


class _Files(BaseSettings):
    model_config = SettingsConfigDict(
        extra="ignore", env_file_encoding="utf-8", env_ignore_empty=True
    )

    helpdesk_password_file: Path | None = None
    helpdesk_token_file: Path | None = None
    sdp_api_key_file: Path | None = None
    sdp_client_secret_file: Path | None = None
    sdp_refresh_token_file: Path | None = None
    sdp_base_url: str = ""


def _from_elsewhere(env_file: Path | None) -> dict[str, SecretStr | str]:
    """Read secrets whose `*_FILE` variable names a file, and SDP_URL under its other name."""
    files = _Files(_env_file=env_file)  # pyright: ignore[reportCallIssue] -- pydantic-settings takes _env_file
    options: dict[str, SecretStr | str] = {}
    if files.sdp_base_url:
        options["sdp_url"] = files.sdp_base_url
    for option in SECRET_FILES:
        path: Path | None = getattr(files, f"{option}_file")
        if path is None:
            continue
        try:
            options[option] = SecretStr(path.read_text("utf-8").strip())
        except (OSError, UnicodeDecodeError):
            raise Invalid(f"{_variable(option)}_FILE names a file that cannot be read.") from None
    return options
