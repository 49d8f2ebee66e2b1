"""`helpdesk-mcp audit`."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from tests.cli.conftest import Cli
from tests.stores.opening import event

from helpdesk_mcp import settings
from helpdesk_mcp.app import TENANT, open_store
from helpdesk_mcp.domain.audit import AuditEvent
from helpdesk_mcp.domain.audit_export import FORMULA
from helpdesk_mcp.stores.audit import SqlAuditTrail

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "＝1+1",  # noqa: RUF001 -- the full-width form is meant
    '"=1+1"',
)


def keep(*events: AuditEvent, tenant: str = TENANT) -> None:
    async def store() -> None:
        async with open_store(settings.load()) as database:
            trail = SqlAuditTrail(database, tenant)
            async with trail.running():
                for one in events:
                    trail.note(replace(one, tenant=tenant))

    anyio.run(store)


def test_events_are_listed_newest_last(cli: Cli) -> None:
    keep(event(1, seconds=0.0123), event(2, user="bea", target="7"), event(3, outcome="denied"))
    head, *rows = cli("audit", "list", "--limit", "2").out.splitlines()
    assert head.split() == ["id", "at", "user", "tool", "target", "outcome", "took"]
    assert [row.split()[2] for row in rows] == ["bea", "ana"]
    assert "2027-01-15T08:00:02+00:00  bea   get_ticket  7       ok       0 ms" in rows[0]


def test_d08_the_trail_is_searched_by_the_hash_of_a_value(cli: Cli) -> None:
    [hashed] = cli("audit", "hash", "Anna Ortega").out.split()
    masked = {"requester": f"person:hmac-sha256:{hashed}"}
    keep(event(1, arguments=masked), event(2))
    _, *rows = cli(
        "audit", "list", "--tool", "get_ticket", "--fingerprint", hashed
    ).out.splitlines()
    assert [row.split()[0] for row in rows] == ["0" * 12]
    lines = cli("audit", "export", "--tool", "get_ticket", "--fingerprint", hashed).out.splitlines()
    assert [json.loads(line)["arguments"] for line in lines] == [masked]
    assert "Anna" not in cli("audit", "export", "--tool", "fingerprint_value").out


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        (("--user", "bea"), 1),
        (("--tool", "get_ticket"), 3),
        (("--outcome", "denied"), 1),
        (("--ticket", "7"), 1),
        (("--since", "2027-01-15T08:00:02"), 2),
        (("--since", "2027-01-15T09:00:02+01:00"), 2),
        (("--until", "2027-01-15T08:00:02"), 1),
    ],
    ids=str,
)
def test_events_are_found_by_each_condition(
    cli: Cli, condition: tuple[str, str], count: int
) -> None:
    keep(event(1), event(2, user="bea", target="7"), event(3, outcome="denied"))
    assert len(cli("audit", "list", *condition).out.splitlines()) == 1 + count


def test_one_event_is_shown_whole_by_the_beginning_of_its_id(cli: Cli) -> None:
    keep(event(1, arguments={"queue": "Atención"}), event(255))
    shown = json.loads(cli("audit", "show", f"{255:032x}").out)
    assert (shown["tool_name"], shown["user"], shown["arguments"]) == ("get_ticket", "ana", {})
    assert cli("audit", "show", "0000").status == 2
    assert cli("audit", "show", "ffff").status == 1


def test_control_characters_of_an_event_do_not_reach_the_terminal(cli: Cli) -> None:
    keep(event(1, user="\x1b[31mana\x07"))
    out = cli("audit", "list").out
    assert "\x1b" not in out
    assert "\\x1b[31mana\\x07" in out


def test_json_lines_are_one_safe_object_each(cli: Cli) -> None:
    """Security case D12."""
    keep(event(1, user="</script>\u2028ñ"), event(2))
    out = cli("audit", "export").out
    assert [json.loads(line)["user"] for line in out.splitlines()] == ["</script>\u2028ñ", "ana"]
    assert "<" not in out
    assert out.isascii()


def test_no_cell_of_a_table_is_a_formula(cli: Cli, tmp_path: Path) -> None:
    """Security case D11."""
    keep(*(event(n, user=text, target=text, client=text) for n, text in enumerate(HOSTILE)))
    ended = cli("audit", "export", "--format", "csv", "--output", str(tmp_path / "audit.csv"))
    assert ended.out == f"{len(HOSTILE)} events written to {tmp_path}/audit.csv.\n"
    data = (tmp_path / "audit.csv").read_bytes().decode()
    names, *rows = csv.reader(io.StringIO(data, newline=""))
    assert names == list(AuditEvent.__dataclass_fields__)
    for row, text in zip(rows, HOSTILE, strict=True):
        assert row[names.index("user")].removeprefix("'") == text
        assert not any(cell.lstrip().startswith(FORMULA) for cell in row)


def test_an_empty_trail_is_exported_as_its_head(cli: Cli) -> None:
    assert cli("audit", "export").out == ""
    assert cli("audit", "export", "--format", "csv").out.startswith('"id","at","tenant"')


def test_a_database_that_is_not_one_is_refused_by_its_setting(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://ana:canary@db/x")
    ended = cli("audit", "list")
    assert ended.status == 2
    assert ended.err.startswith("helpdesk-mcp: DATABASE_URL ")
    assert "canary" not in ended.err


def test_a_person_is_listed_and_found_by_their_address(cli: Cli, tmp_path: Path) -> None:
    cli("keys", "generate")
    cli("tenants", "create", "acme")
    (password := tmp_path / "password").write_text("correct horse battery", "utf-8")
    cli("users", "create", "bea@acme.example", "--password-file", str(password))
    person = cli("users", "list").out.split()[-1]
    tenant = cli("tenants", "list").out.splitlines()[1].split()[1]
    keep(event(1, user=person), event(2, user="bea@acme.example"), event(3), tenant=tenant)
    _, *rows = cli("audit", "list", "--user", "bea@acme.example").out.splitlines()
    assert [row.split()[2] for row in rows] == ["bea@acme.example"] * 2
