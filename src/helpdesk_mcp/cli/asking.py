"""What commands ask people for: answers and secrets, which never stand in a command line."""

import getpass
import json
import sys
from pathlib import Path
from typing import Annotated, Any, cast

from cyclopts import Parameter

from helpdesk_mcp.domain.errors import Invalid

SecretFile = Annotated[Path | None, Parameter(allow_leading_hyphen=True)]
"""A file that holds a secret; `-` is standard input."""


def ask(question: str, default: str = "") -> str:
    """Return an answer; the default for an empty one, or where nobody can be asked."""
    if not sys.stdin.isatty():
        if default:
            return default
        raise Invalid(f"Nobody is here to answer “{question}”; give the option instead.")
    shown = f"{question} [{default}]: " if default else f"{question}: "
    return input(shown).strip() or default


def secret(question: str, file: Path | None) -> str:
    """Return a secret from a file (`-`: standard input), or typed unseen."""
    if file is not None:
        return _text(file).rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Invalid(f"Nobody is here to type “{question}”; give a file, or - for standard input.")
    return getpass.getpass(f"{question}: ")


def new_password(file: Path | None) -> str:
    """Return a new password, typed twice if it is typed."""
    password = secret("Password (12 characters or more)", file)
    if file is None and secret("Once more", None) != password:
        raise Invalid("The two passwords differ.")
    return password


def credential(fields: tuple[str, ...], file: Path | None) -> dict[str, str]:
    """Return a desk's credential: a JSON object in a file, or each field typed unseen."""
    if file is None:
        typed = {field: secret(f"{field} (empty: none)", None) for field in fields}
        return {field: value for field, value in typed.items() if value}
    return {name: str(value) for name, value in json_object(_text(file)).items()}


def json_object(text: str) -> dict[str, Any]:
    try:
        found: object = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid("This is not a JSON object.")
    return cast("dict[str, Any]", found)


def _text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise Invalid(f"{file} cannot be read.") from None
