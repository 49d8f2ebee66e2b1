"""What outlives a server: its database and keys, three organisations and their people."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.oauth.person import Person
from tests.services import postgres

from helpdesk_mcp.crypto.keyring import new_line, parse_keys
from helpdesk_mcp.crypto.passwords import Passwords
from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.domain.tenants import Connection, Tenant
from helpdesk_mcp.stores.accounts import SqlAccounts
from helpdesk_mcp.stores.connections import SqlConnections
from helpdesk_mcp.stores.database import migrate, open_database, prepare
from helpdesk_mcp.stores.people import SqlPeople
from helpdesk_mcp.stores.tenants import SqlTenants

PASSWORD = "password of a correct horse"
EVERYWHERE = "both@example.test"
PEOPLE: Mapping[str, Mapping[str, Role]] = {
    "acme": {
        "ana": Role.AGENT,
        "bob": Role.AGENT,
        "boss": Role.ADMINISTRATOR,
        "eve": Role.AGENT,
        "sue": Role.SUPERVISOR,
    },
    "globex": {"gus": Role.AGENT},
    "initech": {"zoe": Role.AGENT},
}
IN_BOTH = ("acme", "globex")


def quick() -> Passwords:
    """The product's passwords, hashed with less work than a real one deserves."""
    return Passwords(hasher=PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@dataclass(slots=True, kw_only=True)
class Ground:
    """`people` by first name, or name@organisation for who is in several.

    `above` is the URL of a role that row-level security does not bind: the tests' own eyes.
    """

    url: str
    owner: str = ""
    above: str = ""
    port: int = 0
    master_key: str = field(repr=False)
    passwords: Passwords = field(default_factory=quick)
    tenants: dict[str, str] = field(default_factory=dict[str, str])
    people: dict[str, Person] = field(default_factory=dict[str, Person])

    @classmethod
    async def on(cls, kind: str, folder: Path, end: ExitStack) -> "Ground":
        """Prepare a database of this kind; what it needs goes when `end` does."""
        if kind == "sqlite":
            return await cls.on_sqlite(folder)
        own = end.enter_context(postgres.fresh())
        return await cls.prepared(own.application, own.owner, own.above)

    @classmethod
    async def on_sqlite(cls, folder: Path) -> "Ground":
        return await cls.prepared(f"sqlite+aiosqlite:///{folder}/whole.sqlite3")

    @classmethod
    async def prepared(cls, url: str, owner: str = "", above: str = "") -> "Ground":
        """Prepare a database. `owner` is the URL of the role that owns the schema."""
        ground = cls(url=url, owner=owner, above=above or url, master_key=new_line(1))
        if owner:
            await prepare(owner, url)
        database = open_database(url)
        try:
            await migrate(database)
            for slug in PEOPLE:
                await ground._found(database, slug)
            await ground._invite(database)
        finally:
            await database.dispose()
        return ground

    async def _found(self, database: AsyncEngine, slug: str) -> None:
        name = slug.title()
        tenant = await SqlTenants(database).add(Tenant(id="", slug=slug, name=name))
        self.tenants[slug] = tenant.id
        members = SqlPeople(database, tenant.id, self.passwords)
        for first, role in PEOPLE[slug].items():
            email = f"{first}@{slug}.test"
            await members.enrol(email, first.title(), role, PASSWORD)
            self.people[first] = Person(email=email, password=PASSWORD, tenant=name)
        desk = Connection(
            id="", tenant=tenant.id, name=f"{slug}-desk", kind="memory", address="", is_default=True
        )
        await SqlConnections(database, tenant.id, parse_keys(self.master_key)).add(desk, {})

    async def _invite(self, database: AsyncEngine) -> None:
        """Have one person join two organisations, as people do: by invitations."""
        accounts = SqlAccounts(database, self.passwords)
        person = ""
        for slug in IN_BOTH:
            members = SqlPeople(database, self.tenants[slug], self.passwords)
            invited = await members.invite(EVERYWHERE, "Both", Role.AGENT, by="boss")
            password = "" if person else PASSWORD
            person = await accounts.accept(invited.secret, password=password, person=person)
            self.people[f"both@{slug}"] = Person(
                email=EVERYWHERE, password=PASSWORD, tenant=slug.title()
            )
