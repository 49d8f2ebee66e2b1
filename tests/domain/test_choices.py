"""A caller's word finds a desk's value, in English or Spanish, and never a value by chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_mcp.domain.choices import (
    PRIORITY_WORDS,
    STATUS_WORDS,
    Choice,
    find,
    folded,
    pick,
)
from helpdesk_mcp.domain.errors import Invalid

STATUSES = tuple(
    Choice(id=str(number), name=name, words=STATUS_WORDS[name.casefold()])
    for number, name in enumerate(("Open", "Reopened", "Resolved", "Closed", "Duplicate"), start=1)
)
PRIORITIES = tuple(
    Choice(id=str(number), name=name, words=PRIORITY_WORDS[name.casefold()])
    for number, name in enumerate(("Critical", "High", "Normal", "Low", "Very Low"), start=1)
)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("Open", "Open"),
        ("abierto", "Open"),
        ("ABIERTA", "Open"),
        ("  cerrado ", "Closed"),
        ("Resuelto", "Resolved"),
        ("reabierta", "Reopened"),
        ("duplicado", "Duplicate"),
        ("4", "Closed"),
    ],
)
def test_a_status_is_found_by_name_word_or_id_in_either_language(word: str, name: str) -> None:
    assert pick(STATUSES, word, "status").name == name


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("urgente", "Critical"),
        ("Urgent", "Critical"),
        ("Crítico", "Critical"),
        ("alta", "High"),
        ("medium", "Normal"),
        ("Media", "Normal"),
        ("baja", "Low"),
        ("very_low", "Very Low"),
        ("muy-baja", "Very Low"),
        ("5", "Very Low"),
    ],
)
def test_a_priority_is_found_by_name_word_or_id_in_either_language(word: str, name: str) -> None:
    assert pick(PRIORITIES, word, "priority").name == name


def test_an_id_wins_over_a_name_and_a_name_over_a_word() -> None:
    by_word = Choice(id="10", name="First", words=("b", "2"))
    by_name = Choice(id="11", name="2", words=())
    by_id = Choice(id="2", name="Third", words=())
    assert find((by_word, by_name, by_id), "2") == by_id
    assert find((by_word, by_name), "2") == by_name
    assert find((by_word,), "2") == by_word


def test_an_unknown_word_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(Invalid) as caught:
        pick(STATUSES, "hecho", "status")
    assert caught.value.reason == "unknown_value"
    assert caught.value.message == (
        "There is no such status. "
        "Valid: Open (1), Reopened (2), Resolved (3), Closed (4), Duplicate (5)."
    )


def test_a_name_that_is_its_own_id_is_listed_once() -> None:
    with pytest.raises(Invalid, match=r"Valid: ana\."):
        pick((Choice(id="ana", name="ana"),), "eva", "person")


def test_a_long_list_of_valid_words_is_cut_and_says_so() -> None:
    many = tuple(Choice(id=str(n), name=f"queue {n}") for n in range(45))
    with pytest.raises(Invalid) as caught:
        pick(many, "none", "queue")
    assert caught.value.message.endswith("queue 39 (39) and 5 more.")


def test_two_of_the_same_name_are_never_guessed_between() -> None:
    people = (Choice(id="3", name="Ana López"), Choice(id="8", name="ana lopez"))
    with pytest.raises(Invalid) as caught:
        pick(people, "Ana Lopez", "person")
    assert caught.value.reason == "ambiguous"
    assert "3, 8" in caught.value.message
    assert pick(people, "8", "person") == people[1]


@given(st.text())
def test_folding_twice_changes_nothing_more(word: str) -> None:
    assert folded(folded(word)) == folded(word)


@given(st.text())
def test_spacing_never_matters(word: str) -> None:
    assert folded(f"  {word}\t") == folded(word)


@given(st.text(alphabet="abcdefghijklmnñopqrstuvwxyzáéíóúüç -_"))
def test_case_and_accents_never_matter(word: str) -> None:
    plain = word.translate(str.maketrans("ñáéíóúüç", "naeiouuc"))
    assert folded(word.upper()) == folded(word) == folded(plain)


@given(st.text(max_size=30))
def test_what_is_not_offered_is_never_found(word: str) -> None:
    ids = {choice.id for choice in STATUSES}
    words = {folded(word) for choice in STATUSES for word in (choice.name, *choice.words)}
    found = find(STATUSES, word)
    assert (found is not None) == (word.strip() in ids or folded(word) in words)
