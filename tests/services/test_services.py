"""The services of the tests themselves."""

import pytest
from tests.services import run
from tests.services.postgres import APPLICATION, OWNER, Database


def test_the_application_is_no_owner_and_cannot_bypass_row_level_security(
    postgresql: Database,
) -> None:
    with postgresql.admin() as admin:
        roles = admin.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles "
            "WHERE rolname = ANY (%s) ORDER BY 1",
            [[OWNER, APPLICATION]],
        ).fetchall()
        owners = admin.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
    assert roles == [(role, False, False, False, False) for role in (APPLICATION, OWNER)]
    assert owners == [(OWNER,)]


def test_what_one_test_leaves_in_its_database_no_other_sees(postgresql: Database) -> None:
    with postgresql.cluster.connect(postgresql.name, OWNER) as owner:
        owner.execute("CREATE TABLE left_behind (n int)")
        found = owner.execute("SELECT count(*) FROM tokens").fetchone()
    assert found == (0,)


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_a_missing_service_skips_with_a_hint_and_fails_on_ci(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match=r"^Redis is not installed: run `x`\.$"):
        run.missing("Redis", "run `x`")
