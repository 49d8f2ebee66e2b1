"""The settings, from the fields of `Settings`."""

from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from scripts.reference.markdown import code, page, table

from helpdesk_mcp.settings import SECRET_FILES, Settings

NEEDED = {
    "HELPDESK_BASE_URL": "https://desk.example.org/",
    "HELPDESK_USERNAME": "agent",
    "HELPDESK_PASSWORD": "",
}
"""What everybody sets, with an example; the rest has a default that works."""


def variable(name: str, field: FieldInfo) -> str:
    """Return the environment variable that sets a field."""
    alias = field.validation_alias
    return alias if isinstance(alias, str) else name.upper()


def variables() -> list[str]:
    """Return every environment variable that is read."""
    return [variable(name, field) for name, field in Settings.model_fields.items()] + [
        f"{secret.upper()}_FILE" for secret in SECRET_FILES
    ]


def settings_page() -> str:
    rows = [
        (
            code(variable(name, field)),
            f"{field.description}.{_range(field)}",
            code(_default(field)) or "empty",
        )
        for name, field in Settings.model_fields.items()
    ]
    files = [
        (code(f"{name.upper()}_FILE"), f"File that holds {code(name.upper())}.", "empty")
        for name in SECRET_FILES
    ]
    return page(
        "Settings",
        "Every setting is an environment variable, and can stand in a file `.env` in the working "
        "directory.\nThe environment wins over `.env`.\nA variable that is set to nothing counts "
        "as not set.\nA bad value stops the start with a message that names the variable.",
        table(("variable", "meaning", "default"), rows),
        "## Secrets from files",
        "Docker, Kubernetes and systemd hand secrets over as files.\nThe file's content, without "
        "surrounding white space, takes the place of the variable.",
        table(("variable", "meaning", "default"), files),
        "`helpdesk-mcp doctor` checks the settings and says how to fix each.",
    )


def example() -> str:
    """Return `.env.example`: what must be set, then every default as a comment."""
    lines = [
        "# Copy to .env and fill in; or set the same names in the environment.",
        "# Without a django-helpdesk remove its three lines and set those of ServiceDesk Plus.",
        "# Written by scripts/docs from src/helpdesk_mcp/settings.py.",
    ]
    for name, field in Settings.model_fields.items():
        what = variable(name, field)
        lines += ["", f"# {field.description}."]
        if what in NEEDED:
            lines.append(f"{what}={NEEDED[what]}")
        else:
            lines.append(f"# {what}={_default(field)}")
        if name in SECRET_FILES:
            lines.append(f"# {what}_FILE=")
    return "\n".join(lines) + "\n"


def _default(field: FieldInfo) -> str:
    default: Any = field.get_default(call_default_factory=True)
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default is None or default in ((), {}) else str(default)


def _range(field: FieldInfo) -> str:
    words = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
    limits = [
        f"{words[name]} {getattr(limit, name)}"
        for limit in field.metadata
        for name in words
        if hasattr(limit, name)
    ]
    allowed = getattr(field.annotation, "__args__", ())
    if allowed and all(isinstance(value, str) for value in allowed):
        limits.append("one of " + ", ".join(allowed))
    text = ", ".join(limits)
    return f" {text[0].upper()}{text[1:]}." if text else ""
