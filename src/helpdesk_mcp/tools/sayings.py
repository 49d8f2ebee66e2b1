"""What people ask of tickets in one sentence, English or Spanish: state, urgency, days, words.

"high priority VPN tickets from the last 7 days" is a priority, a period, and one word to look for.
"""

import re
from dataclasses import dataclass

_NOUN = (
    r"(?:tickets?|requests?|incidents?|issues?|cases?|incidencias?|solicitud(?:es)?|peticion(?:es)?"
    r"|petición|casos?|tiques?)"
)
_STATUSES = {
    "Open": r"open|abiert[oa]s?",
    "On Hold": r"on hold|pending|pendientes?|en espera",
    "In Progress": r"in progress|en curso|en progreso",
    "Resolved": r"resolved|resuelt[oa]s?",
    "Closed": r"closed|cerrad[oa]s?",
    "Cancelled": r"cancell?ed|cancelad[oa]s?",
}
_PRIORITIES = {
    "Urgent": r"urgent|critical|urgentes?|críticas?",
    "High": r"high[- ]priority|(?:de )?prioridad alta|(?:de )?alta prioridad",
    "Medium": r"(?:medium|normal)[- ]priority|(?:de )?prioridad (?:media|normal)",
    "Low": r"low[- ]priority|(?:de )?prioridad baja|(?:de )?baja prioridad",
}
_UNIT = r"(?:days?|weeks?|months?|d[ií]as?|semanas?|mes(?:es)?)"
_PERIOD = re.compile(
    r"\b(?:today|yesterday|hoy|ayer"
    rf"|(?:last|past|previous) (?:\w{{1,6}} )?{_UNIT}|this (?:week|month|quarter|year)"
    rf"|(?:[uú]ltim[oa]s|pasad[oa]s) \w{{1,6}} {_UNIT}"
    r"|est[ea] (?:semana|mes|trimestre|año)|(?:la |el )?(?:semana|mes) pasad[oa])\b"
)
_FILLING = re.compile(
    rf"\b(?:{_NOUN}|show|list|find|me|all|the|from|of|in|with|my|created|about|since"
    r"|muestra|lista|busca|tod[oa]s|las|los|de|del|la|el|en|con|cread[oa]s|sobre|desde)\b"
)


@dataclass(frozen=True, slots=True)
class Saying:
    """`words` is what is left to look for."""

    words: str = ""
    status: str | None = None
    priority: str | None = None
    period: str | None = None

    def arguments(self) -> dict[str, str]:
        told = {"status": self.status, "priority": self.priority, "period": self.period}
        return {name: value for name, value in told.items() if value is not None}


def said(text: str) -> Saying:
    """Take a sentence apart. A state is one beside a word for tickets, or where it begins."""
    rest = " ".join(text.casefold().split())
    period = _PERIOD.search(rest)
    rest = _PERIOD.sub(" ", rest, count=1).strip()
    priority, rest = _taken(rest, _PRIORITIES)
    named = re.search(rf"\b{_NOUN}\b", rest) is not None
    status, rest = _taken(rest, _STATUSES, only_first=not named)
    if not (status or priority or period or named):
        return Saying(text.strip())
    rest = _FILLING.sub(" ", rest)
    return Saying(" ".join(rest.split()), status, priority, period[0] if period else None)


def _taken(text: str, words: dict[str, str], *, only_first: bool = False) -> tuple[str | None, str]:
    for name, pattern in words.items():
        found = re.search(rf"{'^' if only_first else ''}\b(?:{pattern})\b", text)
        if found is not None:
            return name, f"{text[: found.start()]} {text[found.end() :]}".strip()
    return None, text
