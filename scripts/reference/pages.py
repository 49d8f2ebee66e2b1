"""Every generated file of the repository, by its path."""

from scripts.reference import commands, errors, interfaces, names, observed, options, tools


def pages() -> dict[str, str]:
    """Return the text of each generated file."""
    return {
        ".env.example": options.example(),
        "docs/reference/settings.md": options.settings_page(),
        "docs/reference/tools.md": tools.tools_page(),
        "docs/reference/names.md": tools.names_page(),
        "docs/reference/tool-names.md": names.tool_names_page(),
        "docs/reference/scopes.md": tools.scopes_page(),
        "docs/reference/resources-and-prompts.md": interfaces.resources_page(),
        "docs/reference/rest.md": interfaces.rest_page(),
        "docs/reference/errors.md": errors.errors_page(),
        "docs/reference/command-line.md": commands.commands_page(),
        "docs/reference/metrics.md": observed.metrics_page(),
        "docs/reference/audit-events.md": observed.audit_page(),
    }
