"""The documented tools of an earlier ServiceDesk Plus server, and which of ours each one is."""

from scripts.reference.markdown import code, page, table
from scripts.reference.tools import needed

from helpdesk_mcp.domain.aliases import Alias
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.tools.aliases import ALIASES
from helpdesk_mcp.tools.catalog import TOOLS

BY_NAME = {tool.name: tool for tool in TOOLS}
UNCHANGED = """
approve_change complete_change complete_project_task create_project_milestone create_project_task
delete_asset delete_change delete_problem delete_project get_asset get_asset_history
get_asset_statistics get_change get_change_statistics get_contract get_problem
get_problem_statistics get_project get_project_progress get_project_statistics import_assets_csv
list_asset_computers list_assets list_changes list_contracts list_problems list_project_milestones
list_project_tasks list_projects reject_change submit_change_for_approval update_asset_state
update_project_task
"""
"""Documented names that are ours too."""


def tool_names_page() -> str:
    return page(
        "Names of an earlier server",
        "An earlier MCP server for ServiceDesk Plus documented the tools below.\n"
        "Each can be called by its documented name, directly or with `run_tool`; none is listed.\n"
        "`search_tools` finds our tool by either name, and the audit trail records ours.\n"
        "`claude_code_command` ran programs on the server and is deliberately absent.\n"
        "Its map of scopes also named `create_user`, `update_user` and tools that write "
        "contracts, none of which it had; nor has this server.\n\n"
        'A person, group or status may be an object: `{"email": …}`, `{"id": …}` or '
        '`{"name": …}`.\n'
        "What stood in `data` may stand there still.\n"
        "A filter or an order that cannot be kept is refused with the next step, never left out.",
        table(
            ("documented name", "is our", "documented arguments", "scopes"),
            [_row(name) for name in sorted({*ALIASES, *UNCHANGED.split()})],
        ),
    )


def _row(name: str) -> tuple[str, ...]:
    if (alias := ALIASES.get(name)) is None:
        tool = BY_NAME[name]
        return code(name), _link(tool), "", needed(tool)
    tools = _link(BY_NAME[alias.tool])
    if alias.instead is not None:
        tools += f"; {alias.instead.told} {_link(BY_NAME[alias.instead.alias.tool])}"
    return code(name), tools, _arguments(alias), needed(BY_NAME[alias.tool])


def _link(tool: AnyOperation) -> str:
    return f"[`{tool.name}`](tools.md#{tool.name})"


def _arguments(alias: Alias) -> str:
    renamed = [f"{code(other)} is {code(ours)}" for other, ours in sorted(alias.renamed.items())]
    fixed = [f"{code(name)} is {code(value)}" for name, value in alias.fixed.items()]
    usual = [f"{code(name)} is usually {code(value)}" for name, value in alias.usual.items()]
    told = alias.instead.told if alias.instead else ""
    silent = [name for name in sorted(alias.left_out) if code(name) not in told]
    left_out = [f"{code(name)} says nothing here" for name in silent]
    also = ["others are taken apart as documented"] if alias.adapt is not None else []
    return "; ".join((*renamed, *fixed, *usual, *left_out, *also))
