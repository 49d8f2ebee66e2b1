"""`tenants`: the organisations that this deployment serves."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from helpdesk_mcp.cli.asking import ask
from helpdesk_mcp.cli.office import Desk, working
from helpdesk_mcp.cli.printing import say, table
from helpdesk_mcp.domain.tenants import Tier

app = App(name="tenants")


@app.command
def create(
    slug: str,
    *,
    name: str = "",
    tier: Tier = Tier.STANDARD,
    locale: str = "en",
    time_zone: str = "UTC",
) -> None:
    """Create an organisation. `helpdesk-mcp users create` and `desks add` furnish it.

    Parameters
    ----------
    slug
        Short name for commands: lower-case letters, digits and hyphens.
    name
        Its full name; the slug if left out.
    tier
        How often its callers may call: half of what the deployment allows, once, two and a half
        times or five times that.
    locale
        Language of its people: en or es.
    time_zone
        Such as Europe/Madrid.

    """

    async def work(desk: Desk) -> str:
        made = await desk.run(
            "create_tenant",
            slug=slug,
            name=name or slug,
            tier=tier,
            locale=locale,
            time_zone=time_zone,
        )
        return made["id"]

    say(f"Organisation {slug} is {working(work)}.")


@app.command(name="list")
def list_() -> None:
    """List all organisations."""

    async def work(desk: Desk) -> list[tuple[str, ...]]:
        found = (await desk.run("list_tenants"))["tenants"]
        return [(t["slug"], t["id"], t["name"], t["status"], t["tier"]) for t in found]

    table(("slug", "id", "name", "status", "tier"), working(work))


@app.command
def update(
    tenant: str,
    *,
    name: str | None = None,
    tier: Tier | None = None,
    locale: str | None = None,
    time_zone: str | None = None,
) -> None:
    """Change an organisation's name, tier, language or time zone, within five seconds."""
    changes = {"name": name, "tier": tier, "locale": locale, "time_zone": time_zone}

    async def work(desk: Desk) -> None:
        await desk.run("update_tenant", tenant=tenant, **changes)

    working(work)
    say(f"{tenant} is changed.")


@app.command
def suspend(tenant: str, *, reason: str) -> None:
    """Stop everything of an organisation within five seconds. Nothing is deleted."""

    async def work(desk: Desk) -> None:
        await desk.run("suspend_tenant", tenant=tenant, reason=reason)

    working(work)
    say(f"{tenant} is suspended.")


@app.command
def resume(tenant: str) -> None:
    """Let a suspended organisation work again."""

    async def work(desk: Desk) -> None:
        await desk.run("resume_tenant", tenant=tenant)

    working(work)
    say(f"{tenant} works again.")


@app.command
def delete(tenant: str, *, yes: Annotated[bool, Parameter(negative=())] = False) -> None:
    """Delete an organisation for ever: its keys are destroyed, its audit trail stays.

    Parameters
    ----------
    tenant
        Its slug.
    yes
        Do not ask.

    """
    if not yes and ask(f"Type {tenant} to delete it for ever") != tenant:
        say("Nothing was deleted.")
        return

    async def work(desk: Desk) -> None:
        await desk.run("delete_tenant", tenant=tenant, confirm_slug=tenant)

    working(work)
    say(f"{tenant} is deleted; what was sealed for it cannot be read any more.")


@app.command
def backup(tenant: str, file: Path) -> None:
    """Write an organisation's settings, people and sealed credentials to a new, sealed file.

    Only a deployment with the master key of this one can read it.

    Parameters
    ----------
    tenant
        Its slug.
    file
        The new file.

    """

    async def work(desk: Desk) -> int:
        return (await desk.run("back_up_tenant", tenant=tenant, file=str(file)))["rows"]

    rows = working(work)
    say(f"{rows} rows of {tenant} are in {file}. Keep the master key elsewhere: it opens the file.")


@app.command
def restore(file: Path, *, yes: Annotated[bool, Parameter(negative=())] = False) -> None:
    """Put an organisation back to what a backup holds. No other organisation is touched.

    Its audit trail goes on and shows this. Agents that people connected are disconnected.

    Parameters
    ----------
    file
        What `tenants backup` wrote.
    yes
        Do not ask.

    """
    question = "What the organisation changed since then is lost. Type restore to go on"
    if not yes and ask(question) != "restore":
        say("Nothing was restored.")
        return

    async def work(desk: Desk) -> dict[str, Any]:
        return await desk.run("restore_tenant", file=str(file))

    done = working(work)
    say(f"{done['slug']} is as it was.")
    if done["left_out"]:
        say(f"{done['left_out']} people have no account that is this organisation's: invite them.")
