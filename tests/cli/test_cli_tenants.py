"""`helpdesk-mcp tenants backup` and `restore`."""

from pathlib import Path

from tests.cli.conftest import Cli


def test_t18_an_operator_backs_up_and_restores_one_organisation(cli: Cli, tmp_path: Path) -> None:
    file = str(tmp_path / "acme.backup")
    cli("keys", "generate")
    for slug in ("acme", "globex"):
        cli("tenants", "create", slug)
    cli("audit", "hash", "x", "--tenant", "acme")
    assert cli("tenants", "backup", "acme", file).status == 0
    assert "is there already" in cli("tenants", "backup", "globex", file).err
    cli("tenants", "delete", "acme", "--yes")
    assert cli("tenants", "restore", file).status == 2  # nobody is here to confirm
    assert cli("tenants", "restore", file, "--yes").out == "acme is as it was.\n"
    assert {line.split()[0] for line in cli("tenants", "list").out.splitlines()[1:]} == {
        "acme",
        "globex",
    }
    own = cli("audit", "list", "--tenant", "acme").out
    assert "fingerprint_value" in own
    assert "restore_tenant" in own
    operators = cli("audit", "list", "--tenant", "deployment").out
    assert "back_up_tenant" in operators
    assert "restore_tenant" in operators
