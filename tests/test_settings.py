"""Settings: where they come from, which wins, and what a bad one is told."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.environment import desks_of
from helpdesk_mcp.settings import Settings, load

Env = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: Env) -> None:  # pyright: ignore[reportUnusedFunction] -- pytest uses it
    for name, field in Settings.model_fields.items():
        variable = str(field.validation_alias or name).upper()
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(f"{variable}_FILE", raising=False)


def test_everything_has_a_safe_default() -> None:
    found = load(None)
    assert (found.host, found.mcp_port, found.level) == ("127.0.0.1", 8001, "INFO")
    assert (found.read_only, found.legacy_sessions) == (False, False)


def test_every_option_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_there_are_at_most_forty_five_options() -> None:
    assert len(Settings.model_fields) <= 45


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: Env) -> None:
    file = tmp_path / ".env"
    file.write_text("HELPDESK_USERNAME=file\nMCP_PORT=9001\nUNKNOWN=kept out\n")
    monkeypatch.setenv("HELPDESK_USERNAME", "environment")
    found = load(file)
    assert (found.helpdesk_username, found.mcp_port) == ("environment", 9001)


def test_an_empty_variable_is_no_variable(monkeypatch: Env) -> None:
    monkeypatch.setenv("MCP_PORT", "")
    assert load(None).mcp_port == 8001


def test_a_missing_file_is_no_file(tmp_path: Path) -> None:
    assert load(tmp_path / "none").mcp_port == 8001


@pytest.mark.parametrize("option", ["helpdesk_password", "helpdesk_token"])
def test_a_secret_comes_from_the_file_its_variable_names(
    tmp_path: Path, monkeypatch: Env, option: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from-a-file\n")
    monkeypatch.setenv(f"{option.upper()}_FILE", str(secret))
    monkeypatch.setenv(option.upper(), "from-the-environment")
    found: SecretStr = getattr(load(None), option)
    assert found.get_secret_value() == "from-a-file"
    given: SecretStr = getattr(load(None, **{option: "given"}), option)
    assert given.get_secret_value() == "given"


def test_a_secret_file_may_be_named_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-a-file")
    file = tmp_path / ".env"
    file.write_text(f"HELPDESK_PASSWORD_FILE={tmp_path}/secret\n")
    assert load(file).helpdesk_password.get_secret_value() == "from-a-file"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "binary"])
def test_a_secret_file_that_cannot_be_read_is_named_by_its_variable(
    tmp_path: Path, monkeypatch: Env, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "canary").write_bytes(content)
    monkeypatch.setenv("HELPDESK_PASSWORD_FILE", str(tmp_path / "canary"))
    with pytest.raises(Invalid) as caught:
        load(None)
    assert caught.value.message == "HELPDESK_PASSWORD_FILE names a file that cannot be read."


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MCP_PORT", "canary"),
        ("MCP_PORT", "70000"),
        ("HELPDESK_TIMEOUT", "0"),
        ("LOG_LEVEL", "canary"),
        ("READ_ONLY", "canary"),
        ("MAX_BODY_BYTES", "1"),
        ("READS_PER_MINUTE", "0"),
        ("HELPDESK_BASE_URL", "canary.example"),
        ("HELPDESK_BASE_URL", "https://ana:canary@desk.example/"),
        ("HELPDESK_BASE_URL", "https://"),
        ("HELPDESK_BASE_URL", "http://desk example/canary"),
        ("PUBLIC_URL", "ftp://canary"),
        ("SDP_OPTIONS", "{canary"),
        ("SDP_OPTIONS", '["canary"]'),
    ],
)
def test_a_bad_value_is_named_by_its_variable_and_never_shown(
    monkeypatch: Env, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(Invalid) as caught:
        load(None)
    assert caught.value.message.startswith(f"Bad settings. {variable}: ")
    assert "canary" not in caught.value.message
    assert caught.value.__cause__ is None


def test_every_bad_value_is_named_at_once(monkeypatch: Env) -> None:
    monkeypatch.setenv("MCP_PORT", "x")
    monkeypatch.setenv("LOG_LEVEL", "x")
    with pytest.raises(Invalid, match=r"MCP_PORT: .*; LOG_LEVEL: "):
        load(None)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8000", "https://desk.example.org/help/", "http://[::1]:8000/", ""],
)
def test_an_address_is_taken(monkeypatch: Env, address: str) -> None:
    monkeypatch.setenv("HELPDESK_BASE_URL", address)
    assert load(None).helpdesk_base_url == address


def test_lists_are_written_with_commas(monkeypatch: Env) -> None:
    monkeypatch.setenv("HELPDESK_ALLOWED_HOSTS", "a.example, b.example:443,")
    monkeypatch.setenv("TOOLS_OFF", "add_attachment")
    found = load(None)
    assert found.allowed_hosts == ("a.example", "b.example:443")
    assert found.tools_off == ("add_attachment",)
    assert load(None, tools_off=("a", "b")).tools_off == ("a", "b")


def test_the_level_may_be_written_small_and_debugging_wins(monkeypatch: Env) -> None:
    monkeypatch.setenv("LOG_LEVEL", "warning")
    assert load(None).level == "WARNING"
    monkeypatch.setenv("MCP_DEBUG", "true")
    assert load(None).level == "DEBUG"


def test_secrets_are_shown_nowhere(monkeypatch: Env) -> None:
    """Security case D09."""
    monkeypatch.setenv("HELPDESK_PASSWORD", "canary-1")
    monkeypatch.setenv("HELPDESK_TOKEN", "canary-2")
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://ana:canary-3@db/x")
    found = load(None)
    shown = f"{found!r} {found!s} {found.model_dump_json(exclude={'database_url'})}"
    assert "canary" not in shown


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(None).mcp_port = 1  # pyright: ignore[reportAttributeAccessIssue] -- this is what is refused


@pytest.mark.parametrize("name", ["SDP_URL", "SDP_BASE_URL"])
def test_service_desk_plus_has_its_address_by_either_name(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "https://sdp.example.org:8443")
    monkeypatch.setenv("SDP_API_KEY", "canary")
    [desk] = desks_of(load(None))
    assert (desk.connection.kind, desk.connection.address) == (
        "servicedesk_plus",
        "https://sdp.example.org:8443",
    )


def test_the_desks_of_the_environment_stand_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "HELPDESK_BASE_URL": "https://desk.example.org/",
        "SDP_URL": "https://sdp.example.org",
        "SDP_API_KEY": "canary",
        "SDP_CLIENT_ID": "1000.X",
        "SDP_DATA_CENTER": "EU",
        "SDP_PORTAL_NAME": "itdesk",
    }.items():
        monkeypatch.setenv(name, value)
    desks = desks_of(load(None))
    assert [desk.connection.name for desk in desks] == [
        "django-helpdesk",
        "servicedesk-plus",
        "servicedesk-plus-cloud",
    ]
    assert [desk.connection.is_default for desk in desks] == [True, False, False]
    assert desks[2].connection.address == ""
    assert desks[2].connection.settings["data_center"] == "eu"
    assert "canary" not in repr(desks)
