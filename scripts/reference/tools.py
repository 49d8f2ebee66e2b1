"""Tools, their arguments, the other names they answer to, and the scopes they need."""

from typing import Any

from scripts.reference.markdown import code, codes, page, table

from helpdesk_mcp.domain.operations import AnyOperation, Effect, input_schema, output_schema
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.toolbox import Toolbox
from helpdesk_mcp.tools.catalog import TOOLS

SCOPES = {
    Scope.TICKETS_READ: "Read tickets, conversations, files, queues and what a ticket can hold.",
    Scope.TICKETS_WRITE: "Open, change, assign and close tickets; write internal notes.",
    Scope.REPLIES_SEND: "Reply to the requester and close, together with `tickets:write`.",
    Scope.PEOPLE_READ: "Find people a ticket can be assigned to, with their e-mail addresses.",
    Scope.KNOWLEDGE_READ: "Search and read the knowledge base.",
    Scope.TICKETS_DELETE: (
        "Put tickets in the trash and out again; merge and delete, with the scope to write."
    ),
    Scope.KNOWLEDGE_WRITE: "Write, publish and put away articles of the knowledge base.",
    Scope.APPROVALS_DECIDE: (
        "Approve and reject as the account that the desk asked; publish articles."
    ),
    Scope.PROBLEMS_READ: "Read problems and count them.",
    Scope.PROBLEMS_WRITE: "Open, analyze, change and close problems.",
    Scope.CHANGES_READ: "Read changes and who was asked to approve them.",
    Scope.CHANGES_WRITE: "Open, plan, change and complete changes.",
    Scope.PROJECTS_READ: "Read projects, milestones and their tasks.",
    Scope.PROJECTS_WRITE: "Open and change projects, milestones and their tasks.",
    Scope.ASSETS_READ: "Read assets, contracts and the configuration database.",
    Scope.ASSETS_WRITE: ("Register, change and assign assets; write the configuration database."),
    Scope.AUDIT_READ: "read the audit trail; never for agents",
    Scope.ADMIN: "administer the tenant; never for agents",
    Scope.OPERATOR: "administer the deployment; never for agents",
}
EFFECTS = {
    Effect.READ: "reads",
    Effect.WRITE: "writes",
    Effect.DESTROY: "destroys",
}


def tools_page() -> str:
    return page(
        "Tools",
        "Which of these a client sees depends on the scopes of its token, on what the help desk "
        "offers to its account, on `READ_ONLY` and on `TOOLS_OFF`.\nEvery id is a string.\n"
        "Names work wherever ids do, in English and Spanish.",
        table(
            ("tool", "what it does", "scopes", "effect"),
            [(_link(tool), tool.summary, needed(tool), EFFECTS[tool.effect]) for tool in TOOLS],
        ),
        *(_section(tool) for tool in TOOLS),
    )


def names_page() -> str:
    unlisted = [(code(tool.name), tool.summary, needed(tool)) for tool in TOOLS if not tool.listed]
    renamed = [
        (code(tool.name), code(other), code(ours))
        for tool in TOOLS
        for other, ours in sorted(tool.renamed.items())
    ]
    return page(
        "Other accepted names",
        "Clients written for earlier help-desk servers keep working: their tool and argument "
        "names are understood.\nThey are accepted and never listed, so that a model sees one "
        "name for one thing.\nGiving an argument under two names at once is an error.",
        "## Tools that can be called but are not listed",
        table(("tool", "what it does", "scopes"), unlisted),
        "## Arguments",
        table(("tool", "accepted", "is our"), renamed),
    )


def scopes_page() -> str:
    rows = [
        (
            code(scope),
            SCOPES[scope],
            ", ".join(_needs(tool, scope) for tool in TOOLS if scope in _all(tool)),
        )
        for scope in Scope
    ]
    return page(
        "Scopes",
        "A token carries scopes.\nA tool whose scopes a token lacks is not listed to it; calling "
        "it all the same is answered with HTTP 403 and names what is missing.",
        table(("scope", "allows", "needed by"), rows),
        "`helpdesk-mcp tokens create --scopes all` gives every scope.",
    )


def needed(tool: AnyOperation) -> str:
    """Return the scopes a call needs, and those that an argument needs besides."""
    also = (f"{code(scope)} with {code(name)}" for name, scope in tool.scopes_if.items())
    return ", ".join([*(code(scope) for scope in sorted(tool.scopes)), *also])


def _all(tool: AnyOperation) -> frozenset[Scope]:
    return tool.scopes | {*tool.scopes_if.values()}


def _needs(tool: AnyOperation, scope: Scope) -> str:
    names = [name for name, needs in tool.scopes_if.items() if needs == scope]
    return f"{code(tool.name)} with {codes(names)}" if names else code(tool.name)


def _link(tool: AnyOperation) -> str:
    return f"[`{tool.name}`](#{tool.name})"


def _section(tool: AnyOperation) -> str:
    hints = {
        "read-only": tool.effect is Effect.READ,
        "destructive": tool.effect is Effect.DESTROY,
        "idempotent": tool.idempotent,
        "open world": True,
    }
    facts = [
        f"- Scopes: {needed(tool) or 'none'}",
        "- Hints: "
        + ", ".join(f"{hint} {'yes' if is_so else 'no'}" for hint, is_so in hints.items()),
        f"- Toolset: {code(tool.toolset)}",
        *(() if tool.needs is Toolbox else (f"- Needs a desk with: {code(tool.needs.__name__)}",)),
        f"- Answers with: {codes(_results(tool)) or 'what the tool answers that it runs'}",
    ]
    if not tool.listed:
        facts.append("- Not listed: `search_tools` finds it, `run_tool` runs it.")
    parts = [f"## {tool.name}", tool.summary, "\n".join(facts), _arguments(tool)]
    return "\n\n".join(parts)


def _arguments(tool: AnyOperation) -> str:
    schema = input_schema(tool)
    if not schema["properties"]:
        return "No arguments."
    required = schema.get("required", [])
    others: dict[str, list[str]] = {}
    for other, ours in sorted(tool.renamed.items()):
        others.setdefault(ours, []).append(other)
    rows = [
        (
            code(name) + (" (required)" if name in required else ""),
            _kind(argument),
            argument.get("description", ""),
            code(argument["default"]) if "default" in argument else "",
            codes(others.get(name, ())),
        )
        for name, argument in schema["properties"].items()
    ]
    return table(("argument", "type", "meaning", "default", "also accepted as"), rows)


def _results(tool: AnyOperation) -> list[str]:
    result: dict[str, Any] = output_schema(tool)["anyOf"][0]
    return list(result.get("properties", ()))


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + codes(schema["enum"])
    if "const" in schema:
        return code(schema["const"])
    if "anyOf" in schema:
        return " or ".join(_kind(option) for option in schema["anyOf"])
    kind = schema.get("type", "any value")
    if schema.get("format") == "date":
        kind = "date"
    limits = [
        f"{word} {schema[key]}"
        for key, word in (("minimum", "from"), ("maximum", "to"), ("maxLength", "up to"))
        if key in schema
    ]
    unit = " characters" if "maxLength" in schema else ""
    return f"{kind}, {' '.join(limits)}{unit}" if limits else str(kind)
