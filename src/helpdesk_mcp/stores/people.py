"""One tenant's people: members, roles, invitations, and accounts that the tenant manages."""

import hashlib
import secrets
import time
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from helpdesk_mcp.crypto.passwords import Busy, Passwords, TooLong
from helpdesk_mcp.domain.administration import Invited
from helpdesk_mcp.domain.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.domain.tenants import Member, Status
from helpdesk_mcp.stores.oauth_tables import consents, grants
from helpdesk_mcp.stores.tenancy_tables import invitations, memberships, operators, people
from helpdesk_mcp.stores.transactions import Row, door_transaction, enter_door, tenant_transaction

INVITED_FOR = 7 * 24 * 3_600.0
m, p, i = memberships.c, people.c, invitations.c


class SqlPeople:
    """The port `Members` of one tenant."""

    def __init__(
        self,
        database: AsyncEngine,
        tenant: str,
        passwords: Passwords,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._passwords = passwords
        self._clock = clock

    async def every(self) -> tuple[Member, ...]:
        wanted = self._joined().order_by(p.email)
        async with tenant_transaction(self._database, self._tenant) as reader:
            rows = (await reader.execute(wanted)).mappings().all()
        return tuple(_member(row) for row in rows)

    async def get(self, person: str) -> Member:
        wanted = self._joined().where((p.id == person) | (p.email == address(person)))
        async with tenant_transaction(self._database, self._tenant) as reader:
            row = (await reader.execute(wanted)).mappings().one_or_none()
        if row is None:
            raise unknown()
        return _member(row)

    async def invite(self, email: str, name: str, role: Role, by: str) -> Invited:
        secret = secrets.token_urlsafe(32)
        expires = self._clock() + INVITED_FOR
        row = {
            "tenant": self._tenant,
            "id": uuid.uuid4().hex,
            "digest": digest(secret),
            "email": address(email),
            "name": name,
            "role": role.value,
            "invited_by": by,
            "created_at": self._clock(),
            "expires_at": expires,
        }
        async with tenant_transaction(self._database, self._tenant) as transaction:
            await transaction.execute(insert(invitations).values(row))
        return Invited(
            id=str(row["id"]),
            email=address(email),
            role=role,
            expires_at=datetime.fromtimestamp(expires, UTC),
            secret=secret,
        )

    async def invited(self) -> tuple[Invited, ...]:
        """Return the invitations that are open, without their secrets: nobody keeps those."""
        wanted = select(invitations).where(self._open()).order_by(i.created_at)
        async with tenant_transaction(self._database, self._tenant) as reader:
            rows = (await reader.execute(wanted)).mappings().all()
        return tuple(
            Invited(
                id=row["id"],
                email=row["email"],
                role=Role(row["role"]),
                expires_at=datetime.fromtimestamp(row["expires_at"], UTC),
            )
            for row in rows
        )

    async def withdraw(self, invitation_id: str) -> None:
        """End an open invitation: its link joins nobody any more."""
        mine = self._open() & (i.id == invitation_id)
        async with tenant_transaction(self._database, self._tenant) as transaction:
            if (await transaction.execute(delete(invitations).where(mine))).rowcount == 0:
                raise NotFound("There is no such invitation.", reason="unknown_invitation")

    async def enrol(self, email: str, name: str, role: Role, password: str) -> Member:
        """Make an account that this tenant manages, and its membership."""
        hashed = await hashed_password(self._passwords, password, email)
        row = account(address(email), name, hashed, home=self._tenant, now=self._clock())
        try:
            async with tenant_transaction(self._database, self._tenant) as transaction:
                await transaction.run_sync(enter_door)
                await transaction.execute(insert(people).values(row))
                place = membership(self._tenant, row["id"], role, self._clock())
                await transaction.execute(insert(memberships).values(place))
        except IntegrityError:
            raise Conflict(
                "This address has an account; invite its owner instead.", reason="taken"
            ) from None
        return await self.get(row["id"])

    async def set_role(self, person_id: str, role: Role) -> None:
        await self._change(person_id, role=role.value)

    async def set_status(self, person_id: str, status: Status) -> None:
        """Disable or enable a member. Who is disabled is out of this tenant within seconds."""
        await self._change(person_id, status=status.value)

    async def remove(self, person_id: str) -> None:
        """End a membership and what the person granted here: who comes back begins anew.

        An account that was in no other tenant goes with it, but never an operator's: it is not
        one organisation's to delete.
        """
        async with (
            tenant_transaction(self._database, self._tenant) as transaction,
            self._administered(transaction, person_id),
        ):
            done = await transaction.execute(delete(memberships).where(self._place(person_id)))
            if done.rowcount == 0:
                raise unknown()
            await self._end_grants(transaction, person_id)
            await transaction.run_sync(enter_door)
            elsewhere = select(m.person).where(m.person == person_id)
            if (await transaction.execute(elsewhere)).first() is None:
                own = (p.id == person_id) & (p.home == self._tenant)
                own &= p.id.not_in(select(operators.c.person))
                await transaction.execute(delete(people).where(own))

    async def set_password(
        self, person_id: str, password: str, *, by_operator: bool = False
    ) -> None:
        member = await self.get(person_id)
        hashed = await hashed_password(self._passwords, password, member.email)
        async with door_transaction(self._database) as transaction:
            places = await transaction.execute(select(m.tenant).where(m.person == member.id))
            own = (p.id == member.id) & (p.home == self._tenant) & p.issuer.is_(None)
            if not by_operator:  # the keys to every organisation are not one organisation's
                own &= p.id.not_in(select(operators.c.person))
            managed = (await transaction.execute(select(p.id).where(own))).one_or_none()
            if managed is None or set(places.scalars()) != {self._tenant}:
                raise Denied(
                    "This person signs in with an account that your organisation does not "
                    "manage; they change their password themselves.",
                    reason="not_managed",
                )
            changed = {"password": hashed, "signed_out_at": self._clock()}
            await transaction.execute(update(people).where(own).values(changed))

    def _open(self) -> ColumnElement[bool]:
        still = i.accepted_at.is_(None) & (i.expires_at > self._clock())
        return (i.tenant == self._tenant) & still

    def _joined(self) -> Any:
        columns = (p.id, p.email, p.name, p.status, m.role, m.status.label("place"))
        joined = memberships.join(people, m.person == p.id)
        return select(*columns).select_from(joined).where(m.tenant == self._tenant)

    def _place(self, person_id: str) -> ColumnElement[bool]:
        return (m.tenant == self._tenant) & (m.person == person_id)

    async def _change(self, person_id: str, **values: str) -> None:
        async with (
            tenant_transaction(self._database, self._tenant) as transaction,
            self._administered(transaction, person_id),
        ):
            done = await transaction.execute(
                update(memberships).where(self._place(person_id)).values(values)
            )
            if done.rowcount == 0:
                raise unknown()

    @asynccontextmanager
    async def _administered(
        self, transaction: AsyncConnection, person_id: str
    ) -> AsyncGenerator[None]:
        """Raise Conflict at the end if an administrator is gone and nobody is left who is one.

        Of two who depose each other at once the second waits: for the rows on PostgreSQL, for the
        right to write on SQLite. So it looks again when it has written.
        """
        administers = (m.role == Role.ADMINISTRATOR.value) & (m.status == Status.ACTIVE.value)
        wanted = select(m.person).where((m.tenant == self._tenant) & administers)
        locked = await transaction.execute(wanted.order_by(m.person).with_for_update())
        was_one = person_id in locked.scalars().all()
        yield
        if was_one and (await transaction.execute(wanted)).first() is None:
            raise Conflict("This is the last administrator; make another one first.", reason="last")

    async def _end_grants(self, transaction: AsyncConnection, person_id: str) -> None:
        mine = (grants.c.tenant == self._tenant) & (grants.c.user == person_id)
        ended = update(grants).where(mine & grants.c.revoked_at.is_(None))
        values = {"revoked_at": self._clock(), "revoked_for": "removed"}
        await transaction.execute(ended.values(values))
        given = (consents.c.tenant == self._tenant) & (consents.c.user == person_id)
        await transaction.execute(delete(consents).where(given))


def address(email: str) -> str:
    """Return the one spelling of an e-mail address under which an account is known."""
    return email.strip().casefold()


def digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def check_password(password: str, email: str) -> None:
    """Raise Invalid for a password that nobody may have."""
    fewest = 12
    if len(password) < fewest or password.casefold() in {address(email), "x" * len(password)}:
        raise Invalid(
            f"A password has at least {fewest} characters and is not the address.",
            reason="password",
        )


async def hashed_password(passwords: Passwords, password: str, email: str) -> str:
    """Return the hash of a new password. Raises Invalid for a bad one."""
    check_password(password, email)
    try:
        return await passwords.hash(password)
    except TooLong:
        raise Invalid("A password has at most 1024 bytes.", reason="password") from None
    except Busy:
        raise busy() from None


def busy() -> Unavailable:
    return Unavailable(
        "Too many people are signing in; try again shortly.", reason="busy", retry_after=2.0
    )


def account(email: str, name: str, hashed: str | None, *, home: str, now: float) -> dict[str, Any]:
    return {
        "id": uuid.uuid4().hex,
        "email": email,
        "name": name,
        "locale": "",
        "password": hashed,
        "status": Status.ACTIVE.value,
        "home": home,
        "signed_out_at": 0.0,
        "created_at": now,
    }


def membership(tenant: str, person: str, role: Role, now: float) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "person": person,
        "role": role.value,
        "status": Status.ACTIVE.value,
        "created_at": now,
    }


def unknown() -> NotFound:
    return NotFound("There is no such person.", reason="unknown_person")


def _member(row: Row) -> Member:
    active = row["status"] == row["place"] == Status.ACTIVE.value
    return Member(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        role=Role(row["role"]),
        status=Status.ACTIVE if active else Status.SUSPENDED,
    )
