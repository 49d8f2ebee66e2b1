"""`desks`: an organisation's connections to its help desks."""

from typing import Annotated, Any

from cyclopts import App, Parameter

from helpdesk_mcp.cli.asking import SecretFile, credential, json_object
from helpdesk_mcp.cli.office import Desk, in_organisation, working
from helpdesk_mcp.cli.printing import say, table
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.telemetry.metrics import place_of

app = App(name="desks")
app.command(
    "helpdesk_mcp.cli.connect_zoho:connect_zoho",
    help=(
        "Connect ServiceDesk Plus Cloud: exchange the code of a self client for a refresh token."
        "\n\nSays what to do in Zoho's API console, then asks for the client's id, its secret and "
        "the code. Where input is not a terminal they are read from it, one a line."
    ),
)


@app.command
def add(
    name: str,
    *,
    kind: str = "django_helpdesk",
    address: str = "",
    tenant: str = "",
    credential_file: SecretFile = None,
    settings: str = "{}",
    default: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Connect a help desk and test it. Its credential is asked for and sealed at once.

    Parameters
    ----------
    name
        What agents call it: lower-case letters, digits, - and _.
    kind
        See `helpdesk-mcp desks kinds`.
    address
        Web address of the desk.
    tenant
        Slug of the organisation; the only one if left out.
    credential_file
        File with the credential as a JSON object; - for standard input.
    settings
        JSON object: timeout, mappings and more.
    default
        Make it the desk that is meant when none is named.

    """
    given = credential(_fields(tenant, kind), credential_file)
    options = json_object(settings)

    async def work(desk: Desk) -> tuple[dict[str, Any], dict[str, Any]]:
        made = await desk.run(
            "add_desk",
            name=name,
            kind=kind,
            address=address,
            credential=given,
            settings=options,
            default=default,
        )
        return made, await desk.run("test_desk", desk=made["id"])

    made, found = in_organisation(work, tenant)
    say(f"{made['name']} is connected ({made['id']}).")
    tell(found)


@app.command(name="list")
def list_(*, tenant: str = "") -> None:
    """List the desks of an organisation, without their credentials.

    `place` is what their metrics are labelled by.
    """
    desks = _run(tenant, "list_desks")["desks"]
    rows = [
        (
            d["name"],
            d["kind"],
            d["address"],
            "yes" if d["is_default"] else "",
            d["status"],
            place_of(d["id"]),
            d["id"],
        )
        for d in desks
    ]
    table(("name", "kind", "address", "default", "status", "place", "id"), rows)


@app.command
def kinds() -> None:
    """List the kinds of help desk, and the fields of their credentials and settings."""

    async def work(desk: Desk) -> list[dict[str, Any]]:
        return (await desk.run("list_desk_kinds"))["kinds"]

    found = working(work)
    rows = [(k["kind"], " ".join(k["credential"]), " ".join(k["settings"])) for k in found]
    table(("kind", "credential", "settings"), rows)


@app.command(name="test")
def try_(desk: str, *, tenant: str = "") -> None:
    """Sign in at a desk and ask what it offers. Exits 1 if that does not work."""
    tell(_run(tenant, "test_desk", desk=desk))


@app.command
def update(
    desk: str,
    *,
    tenant: str = "",
    name: str | None = None,
    address: str | None = None,
    settings: str | None = None,
    default: Annotated[bool, Parameter(negative=())] = False,
    credential_file: SecretFile = None,
) -> None:
    """Change a desk's name, address or settings, or make it the default.

    A desk that is somewhere else now needs its credential again: give --credential-file.
    """
    given = None if credential_file is None else credential((), credential_file)
    made = _run(
        tenant,
        "update_desk",
        desk=desk,
        name=name,
        address=address,
        settings=None if settings is None else json_object(settings),
        default=default or None,
        credential=given,
    )
    say(f"{made['name']} is changed (version {made['version']}).")


@app.command
def replace_credential(desk: str, *, tenant: str = "", credential_file: SecretFile = None) -> None:
    """Put a new credential in the place of the old one, and test it."""

    async def found(office: Desk) -> dict[str, Any]:
        desks: list[dict[str, Any]] = (await office.run("list_desks"))["desks"]
        nothing: dict[str, Any] = {}
        return next((d for d in desks if desk in {d["id"], d["name"]}), nothing)

    known = in_organisation(found, tenant)
    given = credential(_fields(tenant, known.get("kind", "")), credential_file)
    _run(tenant, "replace_desk_credential", desk=desk, credential=given)
    say(f"The credential of {desk} is replaced.")
    tell(_run(tenant, "test_desk", desk=desk))
    if known.get("status") == "suspended":
        say(f"It is still suspended: `helpdesk-mcp desks resume {desk}` lets agents use it again.")


@app.command
def suspend(desk: str, *, reason: str, tenant: str = "") -> None:
    """Stop using a desk."""
    say(f"{_run(tenant, 'suspend_desk', desk=desk, reason=reason)['name']} is suspended.")


@app.command
def resume(desk: str, *, tenant: str = "") -> None:
    """Use a suspended desk again."""
    say(f"{_run(tenant, 'resume_desk', desk=desk)['name']} works again.")


@app.command
def remove(desk: str, *, tenant: str = "") -> None:
    """Disconnect a desk and forget its credential."""
    _run(tenant, "remove_desk", desk=desk)
    say(f"{desk} is disconnected.")


def _fields(tenant: str, kind: str) -> tuple[str, ...]:
    for known in _run(tenant, "list_desk_kinds")["kinds"]:
        if known["kind"] == kind:
            return tuple(known["credential"])
    raise Invalid("There is no such desk or kind; see `helpdesk-mcp desks kinds`.")


def tell(found: dict[str, Any]) -> None:
    """Say what a test of a desk found. Exits 1 if it does not work."""
    if not found["works"]:
        say(f"The test failed: {found['message']}")
        raise SystemExit(1)
    say(f"It answers in {found['seconds'] * 1000:.0f} ms and offers {', '.join(found['offers'])}.")


def _run(tenant: str, operation: str, **arguments: Any) -> dict[str, Any]:
    async def work(desk: Desk) -> dict[str, Any]:
        return await desk.run(operation, **arguments)

    return in_organisation(work, tenant)
