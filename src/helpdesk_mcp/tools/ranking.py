"""Which tools a few words mean: BM25 over names, titles, summaries and arguments."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.tools.vocabulary import terms

NAME, TITLE, TOPIC, SUMMARY, ARGUMENT, OTHER = 5.0, 3.0, 2.0, 1.5, 0.7, 0.3
"""How much a word counts by where it stands."""
BEGINS_ALIKE = 0.5
"""What a word counts that only begins like the one asked for, from four letters on."""
SATURATION, LENGTH = 1.4, 0.5
"""The constants k1 and b of BM25."""


def ranked(
    operations: Sequence[AnyOperation], query: str, other_names: Mapping[str, Sequence[str]]
) -> list[AnyOperation]:
    """Return the operations that a query may mean, the likeliest first.

    `other_names` are names under which a tool is known besides its own. A query that is a name
    puts that tool first.
    """
    weights = [_weights(o, other_names.get(o.name, ())) for o in operations]
    wanted = list(dict.fromkeys(terms(query)))
    scores = _scores(weights, wanted)
    exact = folded(query)
    for at, operation in enumerate(operations):
        if exact in map(folded, (operation.name, *other_names.get(operation.name, ()))):
            scores[at] += 1_000
    order = sorted(range(len(operations)), key=lambda at: (-scores[at], at))
    return [operations[at] for at in order if scores[at] > 0]


def _weights(operation: AnyOperation, others: Iterable[str]) -> Counter[str]:
    fields = operation.arguments.model_fields
    parts = (
        (NAME, operation.name),
        (TITLE, operation.title),
        (TOPIC, operation.toolset),
        (SUMMARY, operation.summary),
        (ARGUMENT, " ".join((*fields, *operation.renamed))),
        (OTHER, " ".join(others)),
    )
    weights: Counter[str] = Counter()
    for weight, text in parts:
        for term in set(terms(text)):
            weights[term] += weight  # pyright: ignore[reportArgumentType] -- a counter of fractions
    return weights


def _scores(weights: Sequence[Mapping[str, float]], wanted: Iterable[str]) -> list[float]:
    scores = [0.0] * len(weights)
    lengths = [sum(document.values()) for document in weights]
    usual = sum(lengths) / len(lengths) if lengths else 1.0
    for term in wanted:
        found = [_weight(document, term) for document in weights]
        holding = sum(1 for weight in found if weight)
        rare = math.log(1 + (len(weights) - holding + 0.5) / (holding + 0.5))
        for at, weight in enumerate(found):
            norm = SATURATION * (1 - LENGTH + LENGTH * lengths[at] / usual)
            scores[at] += rare * weight * (SATURATION + 1) / (weight + norm)
    return scores


def _weight(document: Mapping[str, float], term: str) -> float:
    if term in document:
        return document[term]
    if len(term) < 4:  # noqa: PLR2004 -- too short to be the beginning of a word
        return 0.0
    alike = (w for other, w in document.items() if other.startswith(term) or term.startswith(other))
    return BEGINS_ALIKE * max((w for w in alike), default=0.0)
