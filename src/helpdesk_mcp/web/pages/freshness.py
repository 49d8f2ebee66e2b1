"""How young a sign-in must be for what a client asks (OpenID Connect Core §3.1.2.1)."""

from typing import Final

from helpdesk_mcp.oauth.flow import Question

ANEW: Final = frozenset({"login", "select_account"})
"""Prompts that want a person to sign in again, whatever session there is."""


def longest_age(question: Question) -> int | None:
    """Return how many seconds before the request a sign-in may lie; None if any will do."""
    return 0 if question.prompt & ANEW else question.max_age


def is_fresh(question: Question, auth_time: float) -> bool:
    age = longest_age(question)
    return age is None or auth_time >= question.began_at - age
