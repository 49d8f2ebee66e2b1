"""Parameter types and small answers that administrators' operations share."""

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import Field

from helpdesk_mcp.domain.errors import Unavailable

T = TypeVar("T")

TenantName = Annotated[
    str, Field(min_length=1, max_length=64, description="Id or slug of an organisation")
]
Slug = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$",
        description="Short name: lower-case letters, digits and hyphens",
    ),
]
DisplayName = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", description="A name")
]
DeskName = Annotated[str, Field(min_length=1, max_length=64, description="Id or name of a desk")]
NewDeskName = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
        description="What callers write in `desk`: lower-case letters, digits, _ and -",
    ),
]
Address = Annotated[
    str,
    Field(
        max_length=500,
        pattern=r"^(?:https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:/[!-~]*)?)?$",
        description="Web address of the desk, without user name or password",
    ),
]
Settings = Annotated[
    dict[str, Any],
    Field(max_length=100, description="Timeout, mappings and more; see `list_desk_kinds`"),
]
Credential = Annotated[
    dict[str, str],
    Field(min_length=1, max_length=20, description="Written here, used, never shown again"),
]
Person = Annotated[
    str, Field(min_length=1, max_length=320, description="Id or e-mail address of a person")
]
Email = Annotated[
    str,
    Field(max_length=320, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$", description="An address"),
]
Password = Annotated[str, Field(max_length=1024, repr=False, description="12 characters or more")]
Id = Annotated[str, Field(min_length=1, max_length=2048, description="An id from a list")]
Why = Annotated[str, Field(min_length=1, max_length=500, description="For the administrators")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A change that was made, and to what."""

    done: str
    id: str


def present(port: T | None, what: str) -> T:
    """Return a port of the office. Raises Unavailable where this deployment lacks it."""
    if port is None:
        raise Unavailable(
            f"This server keeps no {what}: run `helpdesk-mcp init` on it.", reason="not_set_up"
        )
    return port
