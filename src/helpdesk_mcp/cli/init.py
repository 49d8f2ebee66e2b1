"""`init`: from nothing to a server that people can sign in to, in one go."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import anyio
from cyclopts import Parameter

from helpdesk_mcp import settings
from helpdesk_mcp.admin.desks import add_desk
from helpdesk_mcp.admin.people import enrol_person
from helpdesk_mcp.admin.tenants import create_tenant
from helpdesk_mcp.back_office import OPERATORS, Administration, administration, tenant_id
from helpdesk_mcp.cli.asking import SecretFile, ask, credential, json_object, new_password
from helpdesk_mcp.cli.keys import add_key
from helpdesk_mcp.cli.office import Desk
from helpdesk_mcp.cli.printing import say
from helpdesk_mcp.desks.kinds import KINDS, kind_of
from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.environment import addresses, key_file, keyring_of
from helpdesk_mcp.pipeline.arguments import parse
from helpdesk_mcp.stores.people import check_password


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to be made. Secrets in it never show."""

    slug: str
    name: str
    email: str
    password: str | None = field(repr=False)
    """None where it is to be typed, if the account is not there yet."""
    desk: dict[str, Any] | None = field(repr=False)


def init(
    *,
    name: str = "",
    slug: str = "",
    email: str = "",
    password_file: SecretFile = None,
    desk: Annotated[bool, Parameter(negative="--no-desk")] = True,
    desk_name: str = "",
    kind: str = "",
    address: str = "",
    credential_file: SecretFile = None,
    settings_json: Annotated[str, Parameter(name="--settings")] = "{}",
) -> None:
    """Set up what a first start needs.

    Parameters
    ----------
    name
        Name of the organisation.
    slug
        Its short name for commands.
    email
        Address of its administrator, who becomes operator of the deployment too.
    password_file
        File with the administrator's password; - for standard input.
    desk
        Connect a help desk.
    desk_name
        What agents call the desk.
    kind
        django_helpdesk, servicedesk_plus, servicedesk_plus_cloud ...
    address
        Web address of the desk.
    credential_file
        File with the desk's credential as a JSON object.
    settings_json
        The desk's settings as a JSON object.

    """
    name = name or ask("Name of the organisation", "My organisation")
    plan = _Plan(
        slug=slug or ask("Its short name", _slug(name)),
        name=name,
        email=email or ask("E-mail address of its administrator"),
        password=new_password(password_file) if password_file else None,
        desk=_desk(desk_name, kind, address, credential_file, settings_json) if desk else None,
    )
    _judge(plan)
    _make_key()
    anyio.run(_set_up, plan)
    found = settings.load()
    url = addresses(found, found.mcp_port).url
    say("\nStart the server:          helpdesk-mcp serve")
    say(f"Paste into ChatGPT, Claude or any MCP client:   {url}/mcp")
    say(f"Administer in a browser:   {url}/console")


def _judge(plan: _Plan) -> None:
    """Refuse what would be refused half-way, when some of it was made."""
    parse(create_tenant, {"slug": plan.slug, "name": plan.name})
    role = Role.ADMINISTRATOR.value
    parse(enrol_person, {"email": plan.email, "role": role, "password": plan.password or ""})
    if plan.password is not None:
        check_password(plan.password, plan.email)
    if plan.desk is not None:
        parse(add_desk, plan.desk)


def _make_key() -> None:
    found = settings.load()
    if keyring_of(found) is None:
        file = key_file(found)
        add_key(file)
        say(f"A master key is in {file}. Keep a copy where the database is not.")


def _desk(
    name: str, kind: str, address: str, credential_file: Path | None, options: str
) -> dict[str, Any]:
    offered = sorted(word for word, known in KINDS.items() if not known.for_tests)
    kind = kind or ask(f"Kind of help desk ({', '.join(offered)})", offered[0])
    found = kind_of(kind)
    fields = tuple(found.credential.json_schema().get("properties", {}))
    return {
        "name": name or ask("What agents call it", "desk"),
        "kind": kind,
        "address": address or (ask("Its web address") if found.needs_address else ""),
        "credential": credential(fields, credential_file),
        "settings": json_object(options),
        "default": True,
    }


async def _set_up(plan: _Plan) -> None:
    async with administration(settings.load()) as office:
        if plan.slug not in await office.slugs():
            await Desk(office, OPERATORS).run("create_tenant", slug=plan.slug, name=plan.name)
            say(f"Organisation {plan.slug} is made.")
        inside = Desk(office, await tenant_id(office.database, plan.slug))
        await _enrol(office, inside, plan)
        if plan.desk is not None:
            await _connect(inside, plan.desk)


async def _enrol(office: Administration, inside: Desk, plan: _Plan) -> None:
    people = (await inside.run("list_people"))["people"]
    if plan.email.casefold() not in {person["email"] for person in people}:
        password = plan.password or await anyio.to_thread.run_sync(new_password, None)
        await inside.run(
            "enrol_person",
            email=plan.email,
            role=Role.ADMINISTRATOR.value,
            password=password,
        )
        say(f"{plan.email} is its administrator.")
    await office.make_operator(plan.email)


async def _connect(inside: Desk, wanted: dict[str, Any]) -> None:
    desks = (await inside.run("list_desks"))["desks"]
    if wanted["name"] not in {desk["name"] for desk in desks}:
        await inside.run("add_desk", **wanted)
    found = await inside.run("test_desk", desk=wanted["name"])
    if found["works"]:
        say(f"The desk {wanted['name']} answers in {found['seconds'] * 1000:.0f} ms.")
    else:
        say(f"The desk {wanted['name']} is connected, but its test failed: {found['message']}")
        say(f"Mend it, then run `helpdesk-mcp desks test {wanted['name']}`.")


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40] or "main"
