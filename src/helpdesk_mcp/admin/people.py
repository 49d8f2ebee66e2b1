"""An organisation's people: invite, give a role, disable, remove."""

from dataclasses import dataclass

from helpdesk_mcp.admin.params import DisplayName, Done, Email, Id, Password, Person
from helpdesk_mcp.domain.administration import Invited, Office
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.principals import Role, Scope
from helpdesk_mcp.domain.tenants import Member, Status
from helpdesk_mcp.domain.text import Line, Moment

PERSON = {"person": Holds.PERSON}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInfo:
    id: str
    email: Line
    name: Line
    role: Role
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonList:
    people: tuple[PersonInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An invitation. `secret` is shown this once: whoever brings it joins with that role."""

    id: str
    email: Line
    role: Role
    expires_at: Moment
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvitation:
    """An invitation that nobody has accepted yet."""

    id: str
    email: Line
    role: Role
    expires_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationList:
    invitations: tuple[OpenInvitation, ...]


@operation(Scope.ADMIN, Effect.READ, own_words=True, title="List people", target="")
async def list_people(office: Office) -> PersonList:
    """List the organisation's people and their roles."""
    return PersonList(people=tuple(_info(member) for member in await office.members.every()))


@operation(
    Scope.ADMIN,
    Effect.WRITE,
    own_words=True,
    title="Invite a person",
    target="",
    holds={"email": Holds.PERSON, "name": Holds.PERSON},
)
async def invite_person(
    office: Office, email: Email, role: Role, name: DisplayName = "-"
) -> Invitation:
    """Invite a person, who joins with the secret within seven days. No mail is sent."""
    invited: Invited = await office.members.invite(
        email, "" if name == "-" else name, role, by=office.principal.subject
    )
    return Invitation(
        id=invited.id,
        email=invited.email,
        role=invited.role,
        expires_at=invited.expires_at,
        secret=invited.secret,
    )


@operation(Scope.ADMIN, Effect.READ, own_words=True, title="List invitations", target="")
async def list_invitations(office: Office) -> InvitationList:
    """List the invitations that are still open. Their secrets are not kept."""
    found = await office.members.invited()
    return InvitationList(
        invitations=tuple(
            OpenInvitation(id=one.id, email=one.email, role=one.role, expires_at=one.expires_at)
            for one in found
        )
    )


@operation(
    Scope.ADMIN, Effect.WRITE, own_words=True, title="Withdraw an invitation", target="invitation"
)
async def withdraw_invitation(office: Office, invitation: Id) -> Done:
    """End an open invitation. Its link joins nobody any more."""
    await office.members.withdraw(invitation)
    return Done(done="withdrawn", id=invitation)


@operation(
    Scope.ADMIN,
    Effect.WRITE,
    own_words=True,
    title="Enrol a person",
    target="",
    holds={"email": Holds.PERSON, "name": Holds.PERSON, "password": Holds.SECRET},
)
async def enrol_person(
    office: Office, email: Email, role: Role, password: Password, name: DisplayName = "-"
) -> PersonInfo:
    """Make an account that the organisation manages, with a first password."""
    shown = "" if name == "-" else name
    return _info(await office.members.enrol(email, shown, role, password))


@operation(
    Scope.ADMIN,
    Effect.WRITE,
    own_words=True,
    title="Set a role",
    target="",
    idempotent=True,
    holds=PERSON,
)
async def set_role(office: Office, person: Person, role: Role) -> PersonInfo:
    """Give a person another role. It caps what their agents may do at once."""
    member = await office.members.get(person)
    await office.members.set_role(member.id, role)
    return _info(await office.members.get(member.id))


@operation(
    Scope.ADMIN,
    Effect.WRITE,
    own_words=True,
    title="Disable a person",
    target="",
    idempotent=True,
    holds=PERSON,
)
async def disable_person(office: Office, person: Person) -> PersonInfo:
    """Keep a person and their agents out, within seconds, until they are enabled."""
    return await _set_status(office, person, Status.SUSPENDED)


@operation(
    Scope.ADMIN,
    Effect.WRITE,
    own_words=True,
    title="Enable a person",
    target="",
    idempotent=True,
    holds=PERSON,
)
async def enable_person(office: Office, person: Person) -> PersonInfo:
    """Let a disabled person in again."""
    return await _set_status(office, person, Status.ACTIVE)


@operation(
    Scope.ADMIN, Effect.DESTROY, own_words=True, title="Remove a person", target="", holds=PERSON
)
async def remove_person(office: Office, person: Person) -> Done:
    """Take a person out of the organisation and end what their agents were granted.

    What they did stays in the audit trail.
    """
    member = await office.members.get(person)
    await office.members.remove(member.id)
    return Done(done="removed", id=member.id)


@operation(
    Scope.ADMIN,
    Effect.WRITE,
    own_words=True,
    title="Set a password",
    target="",
    holds={**PERSON, "password": Holds.SECRET},
)
async def set_password(office: Office, person: Person, password: Password) -> Done:
    """Set a person's password and end all their sessions.

    Only for accounts that the organisation manages alone; an operator's, only by an operator.
    """
    member = await office.members.get(person)
    by_operator = Scope.OPERATOR in office.principal.scopes
    await office.members.set_password(member.id, password, by_operator=by_operator)
    return Done(done="password set", id=member.id)


async def _set_status(office: Office, person: str, status: Status) -> PersonInfo:
    member = await office.members.get(person)
    await office.members.set_status(member.id, status)
    return _info(await office.members.get(member.id))


def _info(member: Member) -> PersonInfo:
    return PersonInfo(
        id=member.id,
        email=member.email,
        name=member.name,
        role=member.role,
        status=member.status,
    )


OPERATIONS = (
    list_people,
    invite_person,
    list_invitations,
    withdraw_invitation,
    enrol_person,
    set_role,
    disable_person,
    enable_person,
    remove_person,
    set_password,
)
