"""Everybody who can sign in, before it is known for which tenant: found by address or identity."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from helpdesk_mcp.crypto.passwords import Passwords
from helpdesk_mcp.domain.errors import Conflict, NotFound
from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.domain.sessions import Membership, Person
from helpdesk_mcp.domain.tenants import Status
from helpdesk_mcp.stores.people import account, address, digest, hashed_password, membership
from helpdesk_mcp.stores.tenancy_tables import invitations, memberships, operators, people, tenants
from helpdesk_mcp.stores.tenants import tenant_of
from helpdesk_mcp.stores.transactions import (
    Row,
    door_transaction,
    enter_tenant,
    operator_transaction,
)

m, p, t = memberships.c, people.c, tenants.c


class SqlAccounts:
    """The port `People`: the one store of people that yields tenants instead of taking one."""

    def __init__(
        self, database: AsyncEngine, passwords: Passwords, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._clock = clock

    async def by_email(self, email: str) -> Person | None:
        return await self._find(p.email == address(email))

    async def by_id(self, person_id: str) -> Person | None:
        return await self._find(p.id == person_id)

    async def by_identity(self, issuer: str, subject: str) -> Person | None:
        """Return whom an OpenID provider knows by this subject."""
        return await self._find((p.issuer == issuer) & (p.subject == subject))

    async def vouched_for(
        self, issuer: str, subject: str, *, tenant: str, email: str
    ) -> Person | None:
        """Return whom a tenant's provider vouches for, knowing them by the address the first time.

        Only an account that this tenant manages, and that is in no other, is taken for its own:
        a provider of one organisation must not open the accounts of another, nor an operator's.
        """
        if (known := await self.by_identity(issuer, subject)) is not None or not email:
            return known
        async with door_transaction(self._database) as transaction:
            places = select(m.person, m.tenant)
            mine = (p.email == address(email)) & (p.home == tenant) & p.issuer.is_(None)
            mine &= p.id.not_in(select(operators.c.person))
            found = (await transaction.execute(select(p.id).where(mine))).scalar_one_or_none()
            everywhere = (await transaction.execute(places.where(m.person == found))).all()
            if found is None or {place.tenant for place in everywhere} != {tenant}:
                return None
            identity = {"issuer": issuer, "subject": subject}
            await transaction.execute(update(people).where(mine).values(identity))
        return await self.by_identity(issuer, subject)

    async def memberships(self, person_id: str) -> tuple[Membership, ...]:
        joined = memberships.join(tenants, m.tenant == t.id)
        active = (m.status == Status.ACTIVE.value) & (t.status == Status.ACTIVE.value)
        wanted = select(tenants, m.role).select_from(joined).where(m.person == person_id, active)
        async with door_transaction(self._database) as reader:
            rows = (await reader.execute(wanted.order_by(t.name))).mappings().all()
        return tuple(Membership(tenant=tenant_of(row), role=Role(row["role"])) for row in rows)

    async def rehash(self, person_id: str, hashed: str) -> None:
        await self._change(person_id, password=hashed)

    async def set_password(self, person_id: str, password: str, *, agents: bool = False) -> None:
        """Change somebody's own password; with `agents` end what they granted and every session.

        Raises Invalid, NotFound.
        """
        if (person := await self.by_id(person_id)) is None:
            raise NotFound("There is no such person.", reason="unknown_person")
        hashed = await hashed_password(self._passwords, password, person.email)
        ended = {"signed_out_at": self._clock()} if agents else {}
        await self._change(person_id, password=hashed, **ended)

    async def invitation(self, secret: str) -> str | None:
        """Return the address an open invitation was sent to."""
        async with door_transaction(self._database) as reader:
            row = (await reader.execute(self._open(secret))).mappings().one_or_none()
        return row["email"] if row is not None else None

    async def accept(self, secret: str, *, password: str = "", person: str = "") -> str:
        """Accept an invitation, once: with a new account, or as the signed-in person it is for.

        Returns the person's id. Raises NotFound for an invitation that is not open, Conflict for
        an address that has an account whose owner is not signed in.
        """
        email = await self.invitation(secret)
        if email is None:
            raise _no_invitation()
        hashed = None if person else await hashed_password(self._passwords, password, email)
        async with door_transaction(self._database) as transaction:
            row = (await transaction.execute(self._open(secret))).mappings().one_or_none()
            if row is None or not await self._take(transaction, row):
                raise _no_invitation()
            who = await self._owner(transaction, row, person, hashed)
            await transaction.run_sync(enter_tenant, row["tenant"])
            await self._join(transaction, row, who)
        return who

    async def make_operator(self, person_id: str) -> None:
        """Make somebody an operator of the deployment."""
        async with operator_transaction(self._database) as transaction:
            await transaction.execute(delete(operators).where(operators.c.person == person_id))
            row = {"person": person_id, "created_at": self._clock()}
            await transaction.execute(insert(operators).values(row))

    async def _find(self, which: ColumnElement[bool]) -> Person | None:
        joined = people.outerjoin(operators, operators.c.person == p.id)
        wanted = select(people, operators.c.person.label("operator")).select_from(joined)
        async with door_transaction(self._database) as reader:
            row = (await reader.execute(wanted.where(which))).mappings().one_or_none()
        return _person(row) if row is not None else None

    async def _change(self, person_id: str, **values: Any) -> None:
        async with door_transaction(self._database) as transaction:
            await transaction.execute(update(people).where(p.id == person_id).values(values))

    def _open(self, secret: str) -> Any:
        i = invitations.c
        still = i.accepted_at.is_(None) & (i.expires_at > self._clock())
        return select(invitations).where(i.digest == digest(secret), still)

    async def _take(self, transaction: AsyncConnection, row: Row) -> bool:
        i = invitations.c
        mine = (i.tenant == row["tenant"]) & (i.id == row["id"]) & i.accepted_at.is_(None)
        done = await transaction.execute(
            update(invitations).where(mine).values(accepted_at=self._clock())
        )
        return done.rowcount == 1

    async def _owner(
        self,
        transaction: AsyncConnection,
        invitation: Row,
        person: str,
        hashed: str | None,
    ) -> str:
        """Return the account that an invitation is for, made now if there is none."""
        email = invitation["email"]
        wanted = select(p.id).where(p.email == email)
        found = (await transaction.execute(wanted)).scalar_one_or_none()
        if found is None and hashed is not None:
            row = account(
                email,
                invitation["name"],
                hashed,
                home=invitation["tenant"],
                now=self._clock(),
            )
            await transaction.execute(insert(people).values(row))
            return row["id"]
        if found is None or found != person:
            raise Conflict("Sign in as the person who was invited, then accept.", reason="taken")
        return found

    async def _join(self, transaction: AsyncConnection, invitation: Row, person: str) -> None:
        row = membership(invitation["tenant"], person, Role(invitation["role"]), self._clock())
        try:
            async with transaction.begin_nested():
                await transaction.execute(insert(memberships).values(row))
        except IntegrityError:
            return  # already a member: the invitation changes no role


class SqlStandings:
    """People's places in tenants inside a synchronous transaction that came through the door."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def person(self, tenant: str, person_id: str) -> tuple[Role, Person] | None:
        """Return role and person; None unless person, membership and tenant are all active."""
        joined = memberships.join(people, m.person == p.id).join(tenants, m.tenant == t.id)
        place = (m.tenant == tenant) & (m.person == person_id)
        states = (p.status, m.status, t.status)
        wanted = select(people, m.role).select_from(joined)
        for state in states:
            wanted = wanted.where(state == Status.ACTIVE.value)
        row = self._connection.execute(wanted.where(place)).mappings().one_or_none()
        return (Role(row["role"]), _person({**row, "operator": None})) if row else None

    def serves(self, tenant: str) -> bool:
        """Return whether a tenant exists and is active."""
        active = (t.id == tenant) & (t.status == Status.ACTIVE.value)
        return self._connection.execute(select(t.id).where(active)).first() is not None


def _person(row: Row) -> Person:
    return Person(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        locale=row["locale"],
        status=Status(row["status"]),
        signed_out_at=row["signed_out_at"],
        operator=row["operator"] is not None,
        password=row["password"] or "",
    )


def _no_invitation() -> NotFound:
    return NotFound(
        "This invitation is used, too old, or none of ours.", reason="unknown_invitation"
    )
