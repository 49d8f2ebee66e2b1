"""Tenants, their people and what they may: each tenant sees and changes its own."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stores.tenancy import PASSWORD, QUICK, Clock, granted, tenant

from helpdesk_mcp.domain.approvals import Question, Verdict
from helpdesk_mcp.domain.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from helpdesk_mcp.domain.principals import Principal, Role
from helpdesk_mcp.domain.tenants import Status, Tenant, TenantPolicy
from helpdesk_mcp.stores.accounts import SqlAccounts, SqlStandings
from helpdesk_mcp.stores.approvals import SqlApprovals, SqlPendingCalls
from helpdesk_mcp.stores.grants import SqlGrants
from helpdesk_mcp.stores.people import SqlPeople
from helpdesk_mcp.stores.tenants import FRESH, Gate, SqlPolicies, SqlTenants
from helpdesk_mcp.stores.transactions import door_transaction

ASKED = Question(operation="delete_ticket", digest="d", target="7", arguments={"ticket_id": "7"})


def people(database: AsyncEngine, tenant: str) -> SqlPeople:
    return SqlPeople(database, tenant, QUICK)


def caller(tenant: str, subject: str = "ana") -> Principal:
    return Principal(tenant=tenant, subject=subject, client="c", scopes=frozenset())


async def test_a_person_is_enrolled_and_can_be_found_to_sign_in(database: AsyncEngine) -> None:
    own = await tenant(database)
    accounts = SqlAccounts(database, QUICK)
    made = await people(database, own).enrol(" Ana@Example.org", "Ana", Role.AGENT, PASSWORD)
    found = await accounts.by_email("ana@example.ORG")
    assert found is not None
    assert (found.id, found.name, found.operator) == (made.id, "Ana", False)
    assert (await QUICK.verify(found.password, PASSWORD)).right
    assert [(place.tenant.id, place.role) for place in await accounts.memberships(made.id)] == [
        (own, Role.AGENT)
    ]
    with pytest.raises(Conflict):
        await people(database, own).enrol("ana@example.org", "", Role.AGENT, PASSWORD)


@pytest.mark.parametrize("password", ["short", "ana@example.org", "x" * 1025])
async def test_a_bad_password_is_refused(database: AsyncEngine, password: str) -> None:
    with pytest.raises(Invalid):
        await people(database, await tenant(database)).enrol(
            "ana@example.org", "", Role.AGENT, password
        )


async def test_t01_people_of_another_tenant_do_not_exist(database: AsyncEngine) -> None:
    acme, globex = [people(database, await tenant(database)) for _ in range(2)]
    theirs = await globex.enrol("bea@example.org", "Bea", Role.AGENT, PASSWORD)
    assert await acme.every() == ()
    said: set[str] = set()
    for identifier in (theirs.id, "0" * 32, "bea@example.org"):
        for attempt in (
            acme.get(identifier),
            acme.set_role(identifier, Role.ADMINISTRATOR),
            acme.set_status(identifier, Status.SUSPENDED),
            acme.remove(identifier),
            acme.set_password(identifier, PASSWORD),
        ):
            with pytest.raises(NotFound) as refused:
                await attempt
            said.add(refused.value.message)
    assert said == {"There is no such person."}
    assert await globex.get(theirs.id) == theirs


async def test_the_last_administrator_stays(database: AsyncEngine) -> None:
    own = people(database, await tenant(database))
    first = await own.enrol("a@example.org", "", Role.ADMINISTRATOR, PASSWORD)
    for attempt in (
        own.set_role(first.id, Role.AGENT),
        own.set_status(first.id, Status.SUSPENDED),
        own.remove(first.id),
    ):
        with pytest.raises(Conflict):
            await attempt
    await own.enrol("b@example.org", "", Role.ADMINISTRATOR, PASSWORD)
    await own.set_role(first.id, Role.AUDITOR)
    await own.set_status(first.id, Status.SUSPENDED)
    assert (await own.get(first.id)).status is Status.SUSPENDED
    await own.remove(first.id)
    assert await SqlAccounts(database, QUICK).by_id(first.id) is None


async def test_of_two_administrators_who_depose_each_other_at_once_one_stays(
    database: AsyncEngine,
) -> None:
    own = people(database, await tenant(database))
    both = [
        await own.enrol(f"{name}@example.org", "", Role.ADMINISTRATOR, PASSWORD) for name in "ab"
    ]
    said = await asyncio.gather(
        *(own.set_role(one.id, Role.AGENT) for one in both), return_exceptions=True
    )
    refused = [error for error in said if error is not None]
    assert [type(error) for error in refused] in ([Conflict], [Unavailable])
    left = [one for one in await own.every() if one.role is Role.ADMINISTRATOR]
    assert len(left) == 1


async def test_who_was_removed_and_comes_back_finds_no_agent_of_old(database: AsyncEngine) -> None:
    one, other = [await tenant(database) for _ in range(2)]
    accounts, store = SqlAccounts(database, QUICK), people(database, one)
    ana = await store.enrol("ana@example.org", "", Role.AGENT, PASSWORD)
    for own in (other, one):
        invited = await people(database, own).invite("ana@example.org", "", Role.AGENT, by="op")
        await accounts.accept(invited.secret, person=ana.id)
    kept, ended = [await granted(database, own, user=ana.id) for own in (other, one)]
    await store.remove(ana.id)
    invited = await store.invite("ana@example.org", "", Role.AGENT, by="op")
    await accounts.accept(invited.secret, person=ana.id)
    async with door_transaction(database) as reader:
        found = await reader.run_sync(
            lambda c: [SqlGrants(c).find(grant.id) for grant in (kept, ended)]
        )
    assert [grant and grant.revoked_at is not None for grant in found] == [False, True]


async def test_an_invitation_is_accepted_once(database: AsyncEngine) -> None:
    own = await tenant(database)
    clock = Clock()
    store = SqlPeople(database, own, QUICK, clock)
    accounts = SqlAccounts(database, QUICK, clock)
    invited = await store.invite("Ana@example.org", "Ana", Role.SUPERVISOR, by="op")
    assert invited.secret not in repr(invited)
    assert await accounts.invitation(invited.secret) == "ana@example.org"
    person = await accounts.accept(invited.secret, password=PASSWORD)
    assert (await store.get(person)).role is Role.SUPERVISOR
    with pytest.raises(NotFound):
        await accounts.accept(invited.secret, password=PASSWORD)
    late = await store.invite("b@example.org", "", Role.AGENT, by="op")
    [told] = await store.invited()
    assert told == replace(late, secret=""), "who lists it cannot join with it"
    wrong = await store.invite("c@example.org", "", Role.ADMINISTRATOR, by="op")
    other = people(database, await tenant(database))
    for stranger, identifier in ((other, wrong.id), (store, "0" * 32), (store, invited.id)):
        with pytest.raises(NotFound):
            await stranger.withdraw(identifier)
    await store.withdraw(wrong.id)
    with pytest.raises(NotFound):
        await accounts.accept(wrong.secret, password=PASSWORD)
    assert await store.invited() == (told,)
    clock.now += 8 * 24 * 3_600
    with pytest.raises(NotFound):
        await accounts.accept(late.secret, password=PASSWORD)
    assert await store.invited() == ()


async def test_t04_a_person_of_one_tenant_joins_another_only_when_signed_in(
    database: AsyncEngine,
) -> None:
    one, other = [await tenant(database) for _ in range(2)]
    accounts = SqlAccounts(database, QUICK)
    ana = await people(database, one).enrol("ana@example.org", "", Role.AGENT, PASSWORD)
    invited = await people(database, other).invite("ana@example.org", "", Role.AGENT, by="op")
    with pytest.raises(Conflict):
        await accounts.accept(invited.secret, password="another password")
    assert await accounts.accept(invited.secret, person=ana.id) == ana.id
    assert {place.tenant.id for place in await accounts.memberships(ana.id)} == {one, other}


async def test_nobody_sets_the_password_of_a_person_who_is_elsewhere_too(
    database: AsyncEngine,
) -> None:
    one, other = [await tenant(database) for _ in range(2)]
    ana = await people(database, one).enrol("ana@example.org", "", Role.AGENT, PASSWORD)
    await people(database, one).set_password(ana.id, "a new password")
    invited = await people(database, other).invite("ana@example.org", "", Role.AGENT, by="op")
    await SqlAccounts(database, QUICK).accept(invited.secret, person=ana.id)
    for own in (one, other):
        with pytest.raises(Denied):
            await people(database, own).set_password(ana.id, "stolen, stolen")


async def test_a_new_password_ends_every_session_from_before(database: AsyncEngine) -> None:
    own = await tenant(database)
    clock = Clock()
    accounts = SqlAccounts(database, QUICK, clock)
    ana = await people(database, own).enrol("ana@example.org", "", Role.AGENT, PASSWORD)
    await accounts.set_password(ana.id, "a new password")
    found = await accounts.by_id(ana.id)
    assert found is not None
    assert found.signed_out_at == 0.0, "what the person granted goes on"
    await accounts.set_password(ana.id, "a new password", agents=True)
    found = await accounts.by_id(ana.id)
    assert found is not None
    assert found.signed_out_at == clock.now
    assert not (await QUICK.verify(found.password, PASSWORD)).right


async def test_an_organisation_cannot_take_the_account_of_an_operator(
    database: AsyncEngine,
) -> None:
    own = await tenant(database)
    accounts, store = SqlAccounts(database, QUICK), people(database, own)
    ana = await store.enrol("ana@example.org", "", Role.AGENT, PASSWORD)
    await accounts.make_operator(ana.id)
    with pytest.raises(Denied):
        await store.set_password(ana.id, "stolen, stolen")
    stolen = await accounts.vouched_for("https://own", "s", tenant=own, email="ana@example.org")
    assert stolen is None
    await store.set_password(ana.id, "forgotten, found", by_operator=True)
    await store.remove(ana.id)
    kept = await accounts.by_id(ana.id)
    assert kept is not None
    assert kept.operator


async def test_an_operator_is_made_and_known(database: AsyncEngine) -> None:
    own = await tenant(database)
    accounts = SqlAccounts(database, QUICK)
    ana = await people(database, own).enrol("ana@example.org", "", Role.AGENT, PASSWORD)
    await accounts.make_operator(ana.id)
    await accounts.make_operator(ana.id)
    found = await accounts.by_id(ana.id)
    assert found is not None
    assert found.operator


async def test_a_standing_needs_person_place_and_tenant(database: AsyncEngine) -> None:
    own = await tenant(database)
    store = people(database, own)
    ana = await store.enrol("ana@example.org", "", Role.AGENT, PASSWORD)

    async def standing() -> Role | None:
        async with door_transaction(database) as transaction:
            found = await transaction.run_sync(lambda c: SqlStandings(c).person(own, ana.id))
            return found[0] if found else None

    assert await standing() is Role.AGENT
    await store.set_status(ana.id, Status.SUSPENDED)
    assert await standing() is None
    await store.set_status(ana.id, Status.ACTIVE)
    await SqlTenants(database).set_status(own, Status.SUSPENDED, "Unpaid.")
    assert await standing() is None
    async with door_transaction(database) as transaction:
        assert not await transaction.run_sync(lambda c: SqlStandings(c).serves(own))


async def test_t05_a_suspension_is_felt_within_five_seconds(database: AsyncEngine) -> None:
    own = await tenant(database)
    clock = Clock()
    gate = Gate(database, clock)
    await gate.check(own)
    await SqlTenants(database).set_status(own, Status.SUSPENDED, "Unpaid.")
    await gate.check(own)
    clock.now += FRESH
    with pytest.raises(Denied):
        await gate.check(own)
    await SqlTenants(database).set_status(own, Status.ACTIVE, "")
    clock.now += 5
    await gate.check(own)
    await SqlTenants(database).remove(own)
    clock.now += 5
    assert not await gate.admits(own)
    assert not await gate.admits("nobody")
    assert await gate.admits("default")


async def test_a_tenant_is_found_by_id_and_by_slug(database: AsyncEngine) -> None:
    own = await tenant(database, "acme")
    store = SqlTenants(database)
    assert await store.get("acme") == await store.get(own)
    assert [one.slug for one in await store.every()] == ["acme"]
    with pytest.raises(Conflict):
        await store.add(Tenant(id="", slug="acme", name="Again"))
    with pytest.raises(NotFound):
        await store.set_status("nobody", Status.ACTIVE, "")


async def test_a_policy_is_kept_and_comes_with_its_tenant(database: AsyncEngine) -> None:
    own = await tenant(database)
    policy = TenantPolicy(read_only=True, needs_approval=frozenset({"delete_ticket"}))
    assert await SqlPolicies(database, own).get() == TenantPolicy()
    for _ in range(2):
        await SqlPolicies(database, own).set(policy)
    assert await SqlPolicies(database, own).get() == policy
    assert (await Gate(database).tenant(own)).policy == policy
    assert await SqlPolicies(database, await tenant(database)).get() == TenantPolicy()


async def test_an_approval_is_good_for_one_run_of_that_call(database: AsyncEngine) -> None:
    own = await tenant(database)
    approvals, box = SqlApprovals(database), SqlPendingCalls(database, own)
    for _ in range(2):
        assert await approvals.check(caller(own), ASKED) is Verdict.PENDING
    [waiting] = await box.every()
    assert (waiting.tool, waiting.target, waiting.user) == ("delete_ticket", "7", "ana")
    await box.answer(waiting.id, Verdict.APPROVED, by="bea")
    assert await approvals.check(caller(own, "eve"), ASKED) is Verdict.PENDING
    assert await approvals.check(caller(own), ASKED) is Verdict.APPROVED
    assert await approvals.check(caller(own), ASKED) is Verdict.PENDING
    assert len(await box.every()) == 2


async def test_a_refusal_stands_for_a_while_and_an_answer_cannot_be_changed(
    database: AsyncEngine,
) -> None:
    own = await tenant(database)
    clock = Clock()
    approvals = SqlApprovals(database, clock)
    box = SqlPendingCalls(database, own, clock)
    await approvals.check(caller(own), ASKED)
    [waiting] = await box.every()
    await box.answer(waiting.id, Verdict.REFUSED, by="bea")
    assert await approvals.check(caller(own), ASKED) is Verdict.REFUSED
    with pytest.raises(NotFound):
        await box.answer(waiting.id, Verdict.APPROVED, by="eve")
    clock.now += 3_600
    assert await approvals.check(caller(own), ASKED) is Verdict.PENDING


async def test_t01_a_call_that_waits_in_another_tenant_cannot_be_answered(
    database: AsyncEngine,
) -> None:
    own, other = [await tenant(database) for _ in range(2)]
    await SqlApprovals(database).check(caller(other), ASKED)
    [waiting] = await SqlPendingCalls(database, other).every()
    box = SqlPendingCalls(database, own)
    assert await box.every() == ()
    for identifier in (waiting.id, "0" * 64):
        with pytest.raises(NotFound):
            await box.answer(identifier, Verdict.APPROVED, by="eve")
