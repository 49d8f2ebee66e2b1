"""`init`, and the commands of administrators and operators, from an empty directory."""

import json
from pathlib import Path

import anyio
import pytest
from tests.cli.conftest import Cli, Ended

from helpdesk_demo.servicedesk_plus.process import start_simulator
from helpdesk_mcp import settings
from helpdesk_mcp.app import opened
from helpdesk_mcp.crypto.keyring import new_line
from helpdesk_mcp.domain.errors import Invalid

PASSWORD = "correct horse battery"
ADDRESS = "http://127.0.0.1:9/"


def files(folder: Path) -> tuple[str, str]:
    """Write a password and a credential; return where."""
    password, credential = folder / "password", folder / "credential.json"
    password.write_text(f"{PASSWORD}\n", "utf-8")
    credential.write_text(json.dumps({"username": "a", "password": "canary-4711"}), "utf-8")
    return str(password), str(credential)


def init(cli: Cli, folder: Path, *more: str) -> Ended:
    password, credential = files(folder)
    desk = () if "--no-desk" in more else (
        "--desk-name", "it", "--kind", "django_helpdesk", "--address", ADDRESS,
        "--credential-file", credential,
    )  # fmt: skip
    who = ("--name", "Acme SL", "--slug", "acme", "--email", "ana@acme.example")
    return cli("init", *who, "--password-file", password, *desk, *more)


def test_it_makes_everything_and_ends_with_the_address_to_paste(cli: Cli, tmp_path: Path) -> None:
    made = init(cli, tmp_path)
    assert made.status == 0
    assert "http://127.0.0.1:8001/mcp" in made.out
    assert "its test failed: The help desk's address is not one that may be reached" in made.out
    assert "DESK_NETWORKS" in made.out
    assert (tmp_path / "helpdesk-mcp.keys").stat().st_mode & 0o777 == 0o600
    assert "canary" not in made.out + made.err
    assert PASSWORD not in made.out + made.err
    assert cli("tenants", "list").out.splitlines()[1].split()[0] == "acme"
    assert "administrator" in cli("users", "list").out
    assert cli("desks", "list").out.splitlines()[1].split()[:4] == [
        "it", "django_helpdesk", ADDRESS, "yes",
    ]  # fmt: skip
    assert "enrol_person" in cli("audit", "list").out  # of the only organisation
    assert "create_tenant" in cli("audit", "list", "--tenant", "deployment").out


def test_nothing_is_made_where_something_that_was_given_cannot_be_read(
    cli: Cli, tmp_path: Path
) -> None:
    who = ("--name", "Acme SL", "--email", "ana@acme.example", "--no-desk")
    ended = cli("init", *who, "--password-file", str(tmp_path / "nowhere"))
    assert (ended.status, ended.out) == (2, "")
    assert "nowhere cannot be read" in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ("--email", "nobody"),
        ("--slug", "Not A Slug"),
        ("--address", "ftp://desk.example"),
        ("--password-file", "short"),
    ],
)
def test_nothing_is_made_where_an_answer_is_not_possible(
    option: str, wrong: str, cli: Cli, tmp_path: Path
) -> None:
    password, credential = files(tmp_path)
    (tmp_path / "short").write_text("short", "utf-8")
    given = {
        "--name": "Acme SL", "--slug": "acme", "--email": "ana@acme.example",
        "--password-file": password, "--desk-name": "it", "--kind": "django_helpdesk",
        "--address": ADDRESS, "--credential-file": credential,
    } | {option: wrong}  # fmt: skip
    before = sorted(tmp_path.iterdir())
    ended = cli("init", *(word for pair in given.items() for word in pair))
    assert (ended.status, ended.out) == (2, "")
    assert option.removeprefix("--").removesuffix("-file") in ended.err
    assert sorted(tmp_path.iterdir()) == before


def test_it_can_be_run_again_and_changes_nothing_that_is_there(cli: Cli, tmp_path: Path) -> None:
    init(cli, tmp_path)
    before = (tmp_path / "helpdesk-mcp.keys").read_text("utf-8")
    assert init(cli, tmp_path).status == 0
    assert (tmp_path / "helpdesk-mcp.keys").read_text("utf-8") == before
    assert len(cli("desks", "list").out.splitlines()) == 2


def test_nobody_to_ask_is_said_and_not_waited_for(cli: Cli) -> None:
    ended = cli("init", "--no-desk")
    assert ended.status == 2
    assert "E-mail address of its administrator" in ended.err


async def _started() -> None:
    async with opened(settings.load()):
        pass


def test_a_server_that_was_set_up_starts(cli: Cli, tmp_path: Path) -> None:
    init(cli, tmp_path, "--no-desk")
    anyio.run(_started)


@pytest.mark.usefixtures("cli")
def test_a_server_with_nothing_to_serve_says_the_command_that_sets_it_up() -> None:
    with pytest.raises(Invalid, match="run `helpdesk-mcp init`"):
        anyio.run(_started)


def test_s14_a_server_whose_keys_are_gone_does_not_start(cli: Cli, tmp_path: Path) -> None:
    init(cli, tmp_path)
    (tmp_path / "helpdesk-mcp.keys").unlink()
    with pytest.raises(Invalid, match="there is no master key") as refused:
        anyio.run(_started)
    assert refused.value.reason == "keys"


def test_s14_a_server_with_a_wrong_key_does_not_start(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init(cli, tmp_path)
    monkeypatch.setenv("HELPDESK_MASTER_KEY", new_line(1))
    with pytest.raises(Invalid, match="not the one this database was sealed with"):
        anyio.run(_started)


@pytest.mark.parametrize("bad", ["default", "c2hvcnQ=", "0" * 44])
def test_s14_a_bad_key_ends_a_command_with_78(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    monkeypatch.setenv("HELPDESK_MASTER_KEY", bad)
    ended = cli("keys", "status")
    assert ended.status == 78
    assert "helpdesk-mcp keys generate" in ended.err
    assert bad not in ended.err


def test_s14_a_key_file_that_others_can_read_ends_with_78(cli: Cli, tmp_path: Path) -> None:
    cli("keys", "generate")
    (tmp_path / "helpdesk-mcp.keys").chmod(0o644)
    ended = cli("keys", "status")
    assert (ended.status, "chmod 600" in ended.err) == (78, True)


def test_a_key_in_two_places_is_refused(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("keys", "generate")
    monkeypatch.setenv("HELPDESK_MASTER_KEY", new_line(1))
    monkeypatch.setenv("HELPDESK_MASTER_KEY_FILE", str(tmp_path / "helpdesk-mcp.keys"))
    assert cli("keys", "status").status == 78


def test_keys_come_from_systemd(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    cli("keys", "generate", "--output", str(folder / "helpdesk-master-keys"))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    assert cli("keys", "status").out.splitlines()[1].split()[:2] == ["1", "yes"]


def test_keys_are_rotated_and_verified(cli: Cli, tmp_path: Path) -> None:
    """Acme's key and the deployment's seal the desk's credential and a secret of each trail."""
    init(cli, tmp_path)
    assert "Version 2" in cli("keys", "generate").out
    assert "2 data keys are wrapped anew." in cli("keys", "rotate").out
    assert cli("keys", "status").out.splitlines()[1:] == [
        "1        yes          0      may be removed",
        "2        yes   yes    2",
    ]
    verified = cli("keys", "verify")
    assert (verified.status, verified.out) == (
        0,
        "3 sealed values are readable, 0 are not.\n",
    )


def test_a_key_can_be_printed_for_a_secret_store(cli: Cli, tmp_path: Path) -> None:
    printed = cli("keys", "generate", "--show").out
    assert len(printed.split()) == 2
    assert not (tmp_path / "helpdesk-mcp.keys").exists()


def test_desks_are_changed_at_the_command_line(cli: Cli, tmp_path: Path) -> None:
    init(cli, tmp_path)
    _, credential = files(tmp_path)
    added = cli("desks", "add", "hr", "--address", ADDRESS, "--credential-file", credential)
    assert (added.status, "The test failed" in added.out) == (1, True)
    assert cli("desks", "update", "hr", "--default").status == 0
    assert cli("desks", "suspend", "hr", "--reason", "Moved.").out == "hr is suspended.\n"
    assert cli("desks", "resume", "hr").status == 0
    replaced = cli("desks", "replace-credential", "hr", "--credential-file", credential)
    assert "The credential of hr is replaced." in replaced.out
    assert cli("desks", "test", "hr").status == 1
    assert cli("desks", "remove", "hr").status == 0
    assert "username" in cli("desks", "kinds").out
    assert cli("desks", "remove", "hr").err == "helpdesk-mcp: There is no such desk.\n"


def test_a_suspended_desk_with_a_new_credential_that_works_can_be_resumed(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_NETWORKS", "127.0.0.1/32")
    init(cli, tmp_path, "--no-desk")
    with start_simulator(tmp_path / "log", edition="onprem", tickets=8) as desk:
        file = tmp_path / "key.json"
        file.write_text(json.dumps({"api_key": desk.ready.api_key}), "utf-8")
        where = ("--kind", "servicedesk_plus", "--address", desk.ready.url)
        assert cli("desks", "add", "sdp", *where, "--credential-file", str(file)).status == 0
        cli("desks", "suspend", "sdp", "--reason", "The key was revoked.")
        done = cli("desks", "replace-credential", "sdp", "--credential-file", str(file))
    assert "It is still suspended: `helpdesk-mcp desks resume sdp`" in done.out
    cli("desks", "resume", "sdp")
    assert " active " in cli("desks", "list").out


def test_people_are_changed_at_the_command_line(cli: Cli, tmp_path: Path) -> None:
    init(cli, tmp_path, "--no-desk")
    password, _ = files(tmp_path)
    made = cli("users", "create", "bea@acme.example", "--password-file", password)
    assert made.out.startswith("bea@acme.example is agent")
    assert cli("users", "role", "bea@acme.example", "auditor").status == 0
    assert cli("users", "disable", "bea@acme.example").status == 0
    assert cli("users", "enable", "bea@acme.example").status == 0
    set_ = cli("users", "password", "bea@acme.example", "--password-file", password)
    assert "all sessions have ended" in set_.out
    assert cli("users", "operator", "bea@acme.example").status == 0
    assert cli("users", "operator", "nobody@acme.example").status == 1
    assert cli("users", "remove", "bea@acme.example").status == 0
    invited = cli("users", "invite", "eva@acme.example").out
    assert "may join as agent" in invited
    assert "http://127.0.0.1:8001/join/" in invited
    [_, eva] = cli("users", "invitations").out.splitlines()
    assert eva.split()[:2] == ["eva@acme.example", "agent"]
    assert invited.rpartition("/join/")[2].strip() not in eva
    assert cli("users", "withdraw", eva.split()[-1]).status == 0
    assert cli("users", "withdraw", eva.split()[-1]).status == 1
    assert "eva@" not in cli("users", "invitations").out


def test_organisations_are_changed_at_the_command_line(cli: Cli, tmp_path: Path) -> None:
    init(cli, tmp_path, "--no-desk")
    assert cli("tenants", "create", "globex").status == 0
    assert "Give --tenant. There are: acme, globex." in cli("users", "list").err
    assert "servicedesk_plus_cloud" in cli("desks", "kinds").out  # they are everybody's
    changed = cli("tenants", "update", "globex", "--tier", "premium", "--time-zone", "Asia/Tokyo")
    assert changed.status == 0
    assert "premium" in cli("tenants", "list").out
    assert cli("tenants", "update", "globex", "--time-zone", "Mars").status == 2
    assert cli("tenants", "suspend", "globex", "--reason", "Unpaid.").status == 0
    assert "suspended" in cli("users", "list", "--tenant", "globex").err
    assert cli("tenants", "resume", "globex").status == 0
    assert cli("tenants", "delete", "globex").status == 2
    assert cli("tenants", "delete", "globex", "--yes").status == 0
    assert "globex" not in cli("tenants", "list").out


def test_a_token_is_made_for_an_organisation(cli: Cli, tmp_path: Path) -> None:
    init(cli, tmp_path, "--no-desk")
    assert cli("tokens", "create", "--tenant", "acme", "--scopes", "admin").status == 0
    assert "admin" in cli("tokens", "list", "--tenant", "acme").out
    assert "admin" in cli("tokens", "list").out  # of the only organisation
    assert "admin" not in cli("tokens", "list", "--tenant", "default").out.partition("\n")[2]
    assert cli("tokens", "list", "--tenant", "nobody").status == 1


def test_a_database_is_prepared(cli: Cli) -> None:
    assert cli("database", "prepare").out == "The database is ready.\n"
