"""The envelope of a 2026-07-28 request: which ones are so plain that nobody need look closer."""

from typing import Any, cast

Pairs = dict[str, Any]
NAMES = frozenset({"name", "version"})
BARE = frozenset({"roots", "sampling", "experimental", "extensions"})


def is_plain(client: Any, capabilities: Any) -> bool:
    """Whether a client's name and capabilities surely have the shape that the protocol asks."""
    return _is_named(client) and _is_able(capabilities)


def _is_named(client: Any) -> bool:
    if client is None:
        return True
    if not isinstance(client, dict):
        return False
    said = cast("Pairs", client)
    known = NAMES <= said.keys() <= NAMES | {"title"}
    return known and all(isinstance(value, str) for value in said.values())


def _is_able(capabilities: Any) -> bool:
    if not isinstance(capabilities, dict):
        return False
    return all(map(_is_bare, cast("Pairs", capabilities).items()))


def _is_bare(declared: tuple[str, Any]) -> bool:
    name, value = declared
    if name == "elicitation" and isinstance(value, dict):
        modes = cast("Pairs", value)
        return modes.keys() <= {"form", "url"} and all(mode == {} for mode in modes.values())
    return name in BARE and value == {}
