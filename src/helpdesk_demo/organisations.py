"""Two organisations for the demo, each with its own desks and people, made anew at every start."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from helpdesk_demo.signing_in import signed_in
from helpdesk_demo.stands import Say, Stand
from helpdesk_mcp.app import App
from helpdesk_mcp.domain.principals import ADMIN_SCOPES, EVERY_SCOPE, Principal
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.stores.tenant_keys import DEPLOYMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    email: str
    role: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """`token` comes from signing the first user in."""

    slug: str
    name: str
    users: tuple[User, ...]
    desks: tuple[str, ...]
    token: str = field(default="", repr=False)


def master_key(place: Path) -> str:
    """Return the demo's master key, made at the first start."""
    if not place.exists():
        place.touch(mode=0o600)
        place.write_text(base64.b64encode(secrets.token_bytes(32)).decode(), "utf-8")
    return place.read_text("utf-8")


async def signed_in_to(
    product: App, stands: Sequence[Sequence[Stand]], url: str, say: Say
) -> list[dict[str, Any]]:
    """Make both organisations, and sign the administrator of each in as a browser would."""
    found: list[dict[str, Any]] = []
    for one in await founded(product, stands):
        user = one.users[0]
        token = await signed_in(url, user.email, user.password, " ".join(sorted(EVERY_SCOPE)))
        say(f"  {one.name}: {user.email} signed in through OAuth and allowed the tour")
        found.append(asdict(replace(one, token=token)))
    return found


NAMES = (("acme", "Acme"), ("globex", "Globex"))
ROLES = ("administrator", "agent")


async def founded(product: App, stands: Sequence[Sequence[Stand]]) -> tuple[Organisation, ...]:
    """Make both organisations with their desks and people. `stands` holds the desks of each."""
    operator = _Office(product, DEPLOYMENT)
    there = {one["slug"]: one for one in (await operator("list_tenants"))["tenants"]}
    found: list[Organisation] = []
    for (slug, name), desks in zip(NAMES, stands, strict=True):
        tenant = there.get(slug) or await operator("create_tenant", slug=slug, name=name)
        office = _Office(product, tenant["id"])
        for desk in (await office("list_desks"))["desks"]:  # of the start before: all is elsewhere
            await office("remove_desk", desk=desk["name"])
        for number, stand in enumerate(desks):
            await office(
                "add_desk",
                name=stand.name,
                kind=stand.kind,
                address=stand.address,
                credential=dict(stand.credential),
                settings=dict(stand.settings),
                default=number == 0,
            )
        users = tuple(_user(slug, role) for role in ROLES)
        known = {one["email"] for one in (await office("list_people"))["people"]}
        for user in users:
            if user.email in known:
                await office("set_password", person=user.email, password=user.password)
            else:
                await office(
                    "enrol_person", email=user.email, role=user.role, password=user.password
                )
        names = tuple(stand.name for stand in desks)
        found.append(Organisation(slug=slug, name=name, users=users, desks=names))
    return tuple(found)


def _user(slug: str, role: str) -> User:
    return User(email=f"{role}@{slug}.example", role=role, password=secrets.token_urlsafe(12))


class _Office:
    """The administrators' road of one tenant, as the operator's shell takes it."""

    def __init__(self, product: App, tenant: str) -> None:
        self._product = product
        self._principal = Principal(
            tenant=tenant, subject="demo", client="demo", scopes=EVERY_SCOPE | ADMIN_SCOPES
        )

    async def __call__(self, operation: str, **arguments: Any) -> dict[str, Any]:
        call = Call(
            principal=self._principal, operation=operation, arguments=arguments, origin="cli"
        )
        return (await self._product.admin.run(call)).data
