"""Text in and out of fields that hold HTML: what was written comes back as it was meant."""

import html
import re

from helpdesk_mcp.domain.errors import Invalid

# On-prem wraps every description in a block of its own (reference §4.2).
_WRAPPED = re.compile(r'\s*<div class="sdp-ze-default-wrapper"[^>]*>(.*)</div>\s*', re.DOTALL)
LONGEST_SUBJECT = 250


def to_html(text: str) -> str:
    """Write plain text as HTML that shows exactly it, line by line."""
    return html.escape(clean(text, "text"), quote=False).replace("\r\n", "\n").replace("\n", "<br>")


def unwrapped(markup: str | None) -> str | None:
    """Return a description without the desk's own wrapping."""
    if not markup:
        return None
    match = _WRAPPED.fullmatch(markup)
    return match[1] if match else markup


def clean(text: str, what: str) -> str:
    """Refuse text that the desk cannot store, before anything is sent."""
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise Invalid(f"The {what} holds characters that cannot be stored.", reason="characters")
    return text


def subject_of(text: str) -> str:
    """Return a subject as the desk takes it: one line of at most 250 characters."""
    subject = " ".join(clean(text, "subject").split())
    if not subject or len(subject) > LONGEST_SUBJECT:
        raise Invalid(f"The subject has 1 to {LONGEST_SUBJECT} characters.", reason="subject")
    return subject
