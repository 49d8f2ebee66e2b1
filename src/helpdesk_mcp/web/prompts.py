"""MCP prompts: four jobs of a help desk, in English and Spanish."""

import mcp_types as types
from mcp.shared.exceptions import MCPError

from helpdesk_mcp.tools.prompts import PROMPTS, Job
from helpdesk_mcp.web.callers import Context, refuse_state

LONGEST_ARGUMENT = 200


async def list_prompts(
    _: Context, params: types.PaginatedRequestParams | None
) -> types.ListPromptsResult:
    if params is not None and params.cursor is not None:
        raise MCPError(types.INVALID_PARAMS, "This cursor is not one of ours.")
    return types.ListPromptsResult(prompts=[_definition(job) for job in PROMPTS])


async def get_prompt(_: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
    refuse_state(params.request_state)
    job = next((job for job in PROMPTS if job.name == params.name), None)
    if job is None:
        raise MCPError(types.INVALID_PARAMS, "Unknown prompt; see prompts/list.")
    given = {name: _clean(value) for name, value in (params.arguments or {}).items()}
    if missing := [n for n, required in job.arguments.items() if required and not given.get(n)]:
        raise MCPError(types.INVALID_PARAMS, f"The prompt needs {', '.join(missing)}.")
    spanish = given.pop("language", "").lower().startswith("es")
    if unknown := [name for name in given if name not in job.arguments]:
        raise MCPError(types.INVALID_PARAMS, f"The prompt has no argument {unknown[0]!r:.60}.")
    text = job.text(given, spanish=spanish)
    return types.GetPromptResult(
        description=job.description_es if spanish else job.description,
        messages=[
            types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
        ],
    )


def _definition(job: Job) -> types.Prompt:
    arguments = [
        types.PromptArgument(name=name, description=job.hints[name], required=required)
        for name, required in job.arguments.items()
    ]
    language = types.PromptArgument(name="language", description="en or es", required=False)
    return types.Prompt(
        name=job.name,
        title=f"{job.title} / {job.title_es}",
        description=f"{job.description} / {job.description_es}",
        arguments=[*arguments, language],
    )


def _clean(value: str) -> str:
    """Make an argument one line: it goes into a sentence."""
    return " ".join(value.split())[:LONGEST_ARGUMENT]
