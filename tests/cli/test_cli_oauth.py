"""`helpdesk-mcp oauth`."""

from pathlib import Path

import pytest
from tests.cli.conftest import Cli

from helpdesk_mcp.crypto.keyring import new_line


@pytest.fixture
def keyed(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("HELPDESK_MASTER_KEY", new_line(1))
    return cli


def test_keys_are_rotated_and_what_is_over_is_swept(keyed: Cli) -> None:
    first, second = keyed("oauth", "rotate-keys"), keyed("oauth", "rotate-keys")
    assert (first.status, second.status) == (0, 0)
    assert first.out != second.out
    assert keyed("oauth", "sweep").out == (
        "Removed 0 clients, 0 requests, 0 tokens and 0 grants.\n"
    )


def test_without_a_master_key_nothing_is_signed(cli: Cli) -> None:
    refused = cli("oauth", "rotate-keys")
    assert refused.status == 78
    assert "HELPDESK_MASTER_KEY" in refused.err


def test_a_provider_is_set_for_an_organisation_that_is_there(keyed: Cli, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    options = ("--issuer", "http://127.0.0.1:9/realm", "--client-id", "us")
    missing = keyed("oauth", "set-provider", "acme", *options, "--secret-file", str(secret))
    assert "cannot be read" in missing.err
    secret.write_text("s3", "utf-8")
    unknown = keyed("oauth", "set-provider", "acme", *options, "--secret-file", str(secret))
    assert unknown.status == 1
    assert "s3" not in unknown.err
    assert keyed("tenants", "create", "acme", "--name", "Acme").status == 0
    plain = ("--issuer", "http://login.acme.example", "--client-id", "us")
    refused = keyed("oauth", "set-provider", "acme", *plain, "--secret-file", str(secret))
    assert "issuer" in refused.err
    assert keyed("oauth", "remove-provider", "acme").status == 1
    done = keyed("oauth", "set-provider", "acme", *options, "--secret-file", str(secret))
    assert done.status == 1
    assert "/sign-in/callback" in done.out
    assert "its test failed: That address is not one to connect to." in done.out
    assert "set_provider" in keyed("audit", "list", "--tenant", "acme").out
    assert keyed("oauth", "remove-provider", "acme").out == "Removed.\n"
