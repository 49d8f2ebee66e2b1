"""Arguments on their way in: validated, under our names, with problems phrased for an agent."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import AnyOperation, Arguments
from helpdesk_mcp.pipeline.characters import is_storable


def ours(operation: AnyOperation, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments under our names, whatever they were given under."""
    return {operation.renamed.get(name, name): value for name, value in given.items()}


def parse(operation: AnyOperation, given: Mapping[str, Any]) -> Arguments:
    """Validate arguments. Raises Invalid that names each bad field and never repeats its value."""
    if not is_storable(given):  # JSON over HTTP was checked; stdio and addresses come here first
        raise Invalid(
            "An argument holds a NUL character or half a surrogate pair.", reason="arguments"
        )
    renamed: dict[str, Any] = {}
    for name, value in given.items():
        ours = operation.renamed.get(name, name)
        if ours in renamed:
            raise Invalid(f"`{ours}` is given twice, once under another name.")
        renamed[ours] = value
    try:
        return operation.arguments.model_validate(renamed)
    except ValidationError as error:
        found = _problems(operation, error)
        said = "; ".join(f"{where}: {what}" for where, what in list(found.items())[:8])
        raise Invalid(f"Bad arguments. {said}", reason="arguments", fields=tuple(found)) from error


def _problems(operation: AnyOperation, error: ValidationError) -> dict[str, str]:
    known = ", ".join(operation.arguments.model_fields)
    problems: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(str(part) for part in problem["loc"][:3])[:60] or "arguments"
        unknown = problem["type"] == "extra_forbidden"
        problems[where] = f"unknown (known: {known})" if unknown else problem["msg"]
    return problems
