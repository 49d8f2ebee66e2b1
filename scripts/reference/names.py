"""The documented tools of an earlier ServiceDesk Plus server, and which of ours each one is."""

from scripts.reference.markdown import code, page, table
from scripts.reference.tools import needed

from helpdesk_mcp.domain.aliases import Alias
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.tools.aliases import ALIASES
from helpdesk_mcp.tools.catalog import TOOLS

BY_NAME = {tool.name: tool for tool in TOOLS}


def tool_names_page() -> str:
    return page(
        "Names of an earlier server",
        "An earlier MCP server for ServiceDesk Plus documented the tools below.\n"
        "Each can be called by its documented name, directly or with `run_tool`; none is listed.\n"
        "`search_tools` finds our tool by either name, and the audit trail records ours.\n"
        "Tools that are not in the table had the same name there as here.\n"
        "`claude_code_command` ran programs on the server and is deliberately absent.",
        table(
            ("documented name", "is our", "documented arguments", "scopes"),
            [
                (code(name), _link(BY_NAME[alias.tool]), _arguments(alias), _scopes(alias))
                for name, alias in sorted(ALIASES.items())
            ],
        ),
    )


def _link(tool: AnyOperation) -> str:
    return f"[`{tool.name}`](tools.md#{tool.name})"


def _scopes(alias: Alias) -> str:
    return needed(BY_NAME[alias.tool])


def _arguments(alias: Alias) -> str:
    renamed = [f"{code(other)} is {code(ours)}" for other, ours in sorted(alias.renamed.items())]
    fixed = [f"{code(name)} is {code(value)}" for name, value in alias.fixed.items()]
    usual = [f"{code(name)} is usually {code(value)}" for name, value in alias.usual.items()]
    left_out = [f"{code(name)} says nothing here" for name in sorted(alias.left_out)]
    also = ["others are taken apart as documented"] if alias.adapt is not None else []
    return "; ".join((*renamed, *fixed, *usual, *left_out, *also))
