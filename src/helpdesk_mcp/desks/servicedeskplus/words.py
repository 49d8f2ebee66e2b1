"""What a caller's word for a priority or a status is called on one desk. Pure functions."""

from collections.abc import Iterable, Mapping

from helpdesk_mcp.domain.choices import Choice, find, folded, pick

# Our four priorities, each with the words that mean it, the likeliest first. Where a desk has no
# urgent priority, urgent is its high one (seed-systems §1.2): the next class is looked at.
NEUTRAL = {
    "urgent": ("urgent", "critical", "urgente", "critico", "critica", "emergency", "very high"),
    "high": ("high", "alta", "alto", "important"),
    "medium": ("medium", "normal", "media", "medio", "moderate"),
    "low": ("low", "baja", "bajo", "minor"),
}
_LESSER = {"urgent": "high", "high": "", "medium": "", "low": ""}
STATUS_CLASSES = {
    "open": ("open", "abierto", "abierta", "nuevo", "nueva", "new", "reopened", "reabierto"),
    "closed": ("closed", "cerrado", "cerrada", "close"),
    "onhold": ("onhold", "on hold", "hold", "en espera", "pendiente", "pending", "en pausa"),
    "resolved": ("resolved", "resuelto", "resuelta", "solved", "solucionado", "solucionada"),
    "in progress": ("in progress", "en curso", "en progreso", "en proceso", "wip"),
    "cancelled": ("cancelled", "canceled", "cancelado", "cancelada"),
}


def priority(choices: Iterable[Choice], wanted: str, mapping: Mapping[str, str]) -> Choice:
    """Return the priority a word means here: the desk's own name, its mapping, or ours."""
    offered = tuple(choices)
    if (found := find(offered, mapped(wanted, mapping))) is not None:
        return found
    kind = next((k for k, words in NEUTRAL.items() if folded(wanted) in words), "")
    while kind:
        chosen = find(offered, mapped(kind, mapping)) or _named(offered, NEUTRAL[kind])
        if chosen is not None:
            return chosen
        kind = _LESSER[kind]
    return pick(offered, wanted, "priority")


def status(choices: Iterable[Choice], wanted: str, mapping: Mapping[str, str]) -> Choice:
    """Return the status a word means here. `words` of a choice hold its internal name."""
    offered = tuple(choices)
    if (found := find(offered, mapped(wanted, mapping))) is not None:
        return found
    for words in STATUS_CLASSES.values():
        if folded(wanted) in words and (chosen := _named(offered, words)) is not None:
            return chosen
    return pick(offered, wanted, "status")


def mapped(wanted: str, mapping: Mapping[str, str]) -> str:
    """Return what an administrator says that a word means on this desk."""
    plain = folded(wanted)
    return next((name for word, name in mapping.items() if folded(word) == plain), wanted)


def _named(offered: tuple[Choice, ...], words: tuple[str, ...]) -> Choice | None:
    """Return the choice whose name holds one of the words: "4 - Critical" holds "critical"."""
    for word in words:
        for choice in offered:
            if f" {word} " in f" {folded(choice.name)} " or word in map(folded, choice.words):
                return choice
    return None
