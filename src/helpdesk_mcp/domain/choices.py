"""Names for ids: what a desk offers, and how a caller's word finds it, in English or Spanish."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from helpdesk_mcp.domain.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of a field as a desk knows it: its id, its name, other words that mean it."""

    id: str
    name: str
    words: tuple[str, ...] = ()


def folded(word: str) -> str:
    """Fold case, accents and spacing, so that "Crítico" and "critico " are the same word."""
    if word.isascii():
        kept = word.casefold()
    else:
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
        kept = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(kept.replace("_", " ").replace("-", " ").split())


def find(choices: Iterable[Choice], wanted: str) -> Choice | None:
    """Return the choice with this id, name or word. An id wins over a name, a name over a word."""
    offered = tuple(choices)
    for choice in offered:
        if choice.id == wanted.strip():
            return choice
    word = folded(wanted)
    for choice in offered:
        if folded(choice.name) == word:
            return choice
    return next((c for c in offered if word in map(folded, c.words)), None)


def pick(choices: Iterable[Choice], wanted: str, what: str) -> Choice:
    """Return the choice the caller means, or say which there are. Never guesses."""
    offered = tuple(choices)
    if (choice := find(offered, wanted)) is not None:
        same = [c.id for c in offered if folded(c.name) == folded(choice.name)]
        if choice.id != wanted.strip() and len(same) > 1:
            ids = ", ".join(same)
            raise Invalid(f"Several are named so: give the {what}'s id: {ids}.", reason="ambiguous")
        return choice
    names = ", ".join(c.name if c.name == c.id else f"{c.name} ({c.id})" for c in offered[:40])
    more = f" and {len(offered) - 40} more" if len(offered) > 40 else ""  # noqa: PLR2004 -- the 40 above
    raise Invalid(f"There is no such {what}. Valid: {names}{more}.", reason="unknown_value")


def refuse_code(code: str | None) -> None:
    """Refuse a closing code on a desk that has none."""
    if code is not None:
        raise Invalid("This help desk has no closing codes; leave `code` out.", reason="no_codes")


STATUS_WORDS = {
    "open": ("abierto", "abierta", "nuevo", "nueva", "new"),
    "reopened": ("reabierto", "reabierta", "reopen"),
    "resolved": ("resuelto", "resuelta", "solucionado", "solucionada", "solved", "fixed"),
    "closed": ("cerrado", "cerrada", "close"),
    "duplicate": ("duplicado", "duplicada"),
    "on hold": ("en espera", "pendiente", "pending", "hold"),
    "in progress": ("en curso", "en progreso", "en proceso"),
}

PRIORITY_WORDS = {
    "critical": ("urgent", "urgente", "critico", "critica", "critical"),
    "high": ("alta", "alto", "high"),
    "normal": ("medium", "media", "medio", "normal"),
    "medium": ("normal", "media", "medio"),
    "low": ("baja", "bajo", "low"),
    "very low": ("muy baja", "muy bajo", "lowest", "minima"),
    "urgent": ("urgente", "critical", "critico", "critica"),
}
