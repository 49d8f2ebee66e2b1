"""`users`: the people of an organisation, and the operators of the deployment."""

from typing import Any

import anyio
from cyclopts import App

from helpdesk_mcp import settings
from helpdesk_mcp.back_office import administration
from helpdesk_mcp.cli.asking import SecretFile, new_password
from helpdesk_mcp.cli.office import Desk, in_organisation
from helpdesk_mcp.cli.printing import say, table
from helpdesk_mcp.domain.principals import Role
from helpdesk_mcp.environment import addresses

app = App(name="users")


@app.command
def create(
    email: str,
    *,
    tenant: str = "",
    role: Role = Role.AGENT,
    name: str = "",
    password_file: SecretFile = None,
) -> None:
    """Make an account with a password, which is asked for.

    Parameters
    ----------
    email
        The address to sign in with.
    tenant
        Slug of the organisation; the only one if left out.
    role
        agent, supervisor, administrator or auditor.
    name
        The person's name.
    password_file
        File with the password; - for standard input.

    """
    password = new_password(password_file)
    made = _run(
        tenant, "enrol_person", email=email, role=role.value, name=name or None, password=password
    )
    say(f"{made['email']} is {made['role']} ({made['id']}).")


@app.command
def invite(email: str, *, tenant: str = "", role: Role = Role.AGENT, name: str = "") -> None:
    """Invite a person, who chooses a password. Prints the link of the invitation once."""
    made = _run(tenant, "invite_person", email=email, role=role.value, name=name or None)
    found = settings.load()
    link = f"{addresses(found, found.mcp_port).url}/join/{made['secret']}"
    say(f"{made['email']} may join as {made['role']} until {made['expires_at']} with:\n")
    say(link)


@app.command
def invitations(*, tenant: str = "") -> None:
    """List the invitations that nobody has accepted yet."""
    found = _run(tenant, "list_invitations")["invitations"]
    rows = [(one["email"], one["role"], one["expires_at"], one["id"]) for one in found]
    table(("email", "role", "until", "id"), rows)


@app.command
def withdraw(invitation: str, *, tenant: str = "") -> None:
    """Withdraw an open invitation, by its id: its link joins nobody any more."""
    _run(tenant, "withdraw_invitation", invitation=invitation)
    say("The invitation is withdrawn.")


@app.command(name="list")
def list_(*, tenant: str = "") -> None:
    """List the people of an organisation."""
    people = _run(tenant, "list_people")["people"]
    rows = [(p["email"], p["name"], p["role"], p["status"], p["id"]) for p in people]
    table(("email", "name", "role", "status", "id"), rows)


@app.command
def role(person: str, new_role: Role, *, tenant: str = "") -> None:
    """Give a person another role; it caps what their agents may do at once."""
    made = _run(tenant, "set_role", person=person, role=new_role.value)
    say(f"{made['email']} is {made['role']}.")


@app.command
def disable(person: str, *, tenant: str = "") -> None:
    """Keep a person and their agents out, within seconds."""
    say(f"{_run(tenant, 'disable_person', person=person)['email']} is disabled.")


@app.command
def enable(person: str, *, tenant: str = "") -> None:
    """Let a disabled person in again."""
    say(f"{_run(tenant, 'enable_person', person=person)['email']} is enabled.")


@app.command
def remove(person: str, *, tenant: str = "") -> None:
    """Take a person out of an organisation."""
    _run(tenant, "remove_person", person=person)
    say(f"{person} is removed.")


@app.command
def password(person: str, *, tenant: str = "", password_file: SecretFile = None) -> None:
    """Set a person's password, which is asked for, and end all their sessions."""
    new = new_password(password_file)
    _run(tenant, "set_password", person=person, password=new)
    say(f"{person} has a new password; all sessions have ended.")


@app.command
def operator(email: str) -> None:
    """Make somebody who has an account an operator of the whole deployment."""

    async def work() -> None:
        async with administration(settings.load()) as office:
            await office.make_operator(email)

    anyio.run(work)
    say(f"{email} is an operator.")


def _run(tenant: str, operation: str, **arguments: Any) -> dict[str, Any]:
    async def work(desk: Desk) -> dict[str, Any]:
        return await desk.run(operation, **arguments)

    return in_organisation(work, tenant)
