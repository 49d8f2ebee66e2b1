"""`helpdesk-mcp tokens`."""

import re

import pytest
from tests.cli.conftest import Cli

from helpdesk_mcp.cli.tokens import until
from helpdesk_mcp.domain.errors import Invalid

NOW = 1_800_000_000.0


def test_a_token_is_made_shown_once_listed_and_revoked(cli: Cli) -> None:
    made = cli("tokens", "create", "--scopes", "tickets:read,people:read", "--name", "laptop")
    assert made.status == 0
    found = re.match(
        r"Token ([0-9a-f]{16}) for operator: people:read tickets:read; expires", made.out
    )
    assert found is not None
    secret = made.out.splitlines()[-1]
    assert re.fullmatch(r"hdm_[\w-]{43}", secret)
    listed = cli("tokens", "list")
    assert secret not in listed.out
    assert re.search(rf"{found[1]}  laptop  operator  cli-token  .*  live", listed.out)
    assert cli("tokens", "revoke", found[1]).status == 0
    assert "revoked 20" in cli("tokens", "list").out
    again = cli("tokens", "revoke", found[1])
    assert (again.status, again.out) == (1, "")
    assert again.err == (
        "helpdesk-mcp: There is no such live token; see `helpdesk-mcp tokens list`.\n"
    )


def test_a_quiet_token_is_nothing_but_the_token(cli: Cli) -> None:
    made = cli("tokens", "create", "--quiet", "--scopes", "all", "--expires", "never")
    assert re.fullmatch(r"hdm_[\w-]{43}\n", made.out)
    [row] = cli("tokens", "list").out.splitlines()[1:]
    assert row.split()[1:] == ["operator", "cli-token", "all", "never", "live"]


@pytest.mark.parametrize(
    ("scopes", "message"),
    [
        ("tickets:all", "There is no scope 'tickets:all'. Valid: tickets:read "),
        (" , ", "Give at least one scope: tickets:read "),
    ],
    ids=["unknown", "none"],
)
def test_scopes_that_are_none_are_refused_with_the_valid_ones(
    cli: Cli, scopes: str, message: str
) -> None:
    ended = cli("tokens", "create", "--scopes", scopes)
    assert ended.status == 2
    assert message in ended.err


@pytest.mark.parametrize(
    ("expires", "seconds"),
    [("30m", 1_800), ("12h", 43_200), ("30d", 2_592_000), ("8w", 4_838_400)],
)
def test_a_duration_counts_from_now(expires: str, seconds: float) -> None:
    assert until(expires, NOW) == NOW + seconds


@pytest.mark.parametrize(
    ("expires", "at"),
    [
        ("2027-01-31", 1_801_353_600.0),
        ("2027-01-31T00:00:00", 1_801_353_600.0),
        ("2027-01-31T01:00:00+01:00", 1_801_353_600.0),
        ("never", None),
    ],
)
def test_a_date_is_in_utc_unless_it_says_otherwise(expires: str, at: float | None) -> None:
    assert until(expires, NOW) == at


@pytest.mark.parametrize(
    "expires", ["", "0d", "-1d", "30", "30 days", "1y", "2020-01-01", "31/01/2027", "٣d"]
)
def test_other_ends_are_refused(expires: str) -> None:
    with pytest.raises(Invalid, match="--expires"):
        until(expires, NOW)


def test_a_past_date_is_refused_on_the_command_line(cli: Cli) -> None:
    ended = cli("tokens", "create", "--expires", "2020-01-01")
    assert (ended.status, ended.err) == (2, "helpdesk-mcp: `--expires` lies in the past.\n")
