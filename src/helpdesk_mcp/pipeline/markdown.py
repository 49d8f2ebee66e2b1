"""Prose from outside as Markdown that fetches nothing; HTML is converted, plain text left alone."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlsplit

from helpdesk_mcp.pipeline.characters import strip_invisible
from helpdesk_mcp.pipeline.markup import TAG, html_to_markdown, image_words, is_dangerous, is_markup

_PASSES: Final = 4


def to_markdown(text: str) -> str:
    """Return prose without markup that hides, runs or fetches; doing it twice changes nothing."""
    text = strip_invisible(text)
    for _ in range(_PASSES):
        after = _once(text)
        if after == text:
            return text
        text = after
    return _defused(text)


def looks_like_html(text: str) -> bool:
    """Tell markup from prose that merely mentions a tag, a type or an address in angle brackets."""
    if "<" not in text:
        return False
    start = len(text) - len(text.lstrip())
    code = [] if TAG.match(text, start) else code_spans(text)
    last_comment = text.rfind("-->")
    return is_markup(
        found
        for found in TAG.finditer(text)
        if not _within(code, found.start())
        and (found["declared"] != "!--" or found.end() <= last_comment)
    )


def code_spans(text: str) -> list[tuple[int, int]]:
    """Return where fenced and inline code stands, as Markdown reads it; unclosed code is none."""
    if "`" not in text and "~~~" not in text:
        return []
    spans: list[tuple[int, int]] = []
    prose_from = 0
    for start, end in _fences(text):
        spans += _inline_spans(text, prose_from, start)
        spans.append((start, end))
        prose_from = end
    return spans + list(_inline_spans(text, prose_from, len(text)))


def _once(text: str) -> str:
    if not looks_like_html(text):
        return _without_fetching(text, code_spans(text))
    converted = strip_invisible(html_to_markdown(text))
    harmless = _without_fetching(converted, code_spans(converted))
    return _escape_tags(harmless, code_spans(harmless))


def _defused(text: str) -> str:
    """End a text that changes with every pass: nothing in it counts as code, so all is escaped."""
    return _escape_tags(
        _REFERENCE.sub(r"\1 :", _IMAGE_START.sub("! [", _BAD_LINK.sub("] (", text))), []
    )


def _without_fetching(text: str, code: list[tuple[int, int]]) -> str:
    """Turn images into words and keep links only to http, https and mailto."""
    if "[" not in text and "<" not in text:
        return text

    def outside(replace: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
        return lambda found: found[0] if _within(code, found.start()) else replace(found)

    if "![" in text:
        text = _IMAGE.sub(outside(_image), text)
        code = code_spans(text)
        last = max(text.rfind("]("), text.rfind("]["), len(text) if _REFERENCE.search(text) else -1)
        text = _IMAGE_START.sub(outside(lambda m: "! [" if m.start() < last else m[0]), text)
        code = code_spans(text)
    text = _BAD_LINK.sub(outside(lambda _: "] ("), text)
    code = code_spans(text)
    return _BAD_AUTOLINK.sub(outside(lambda found: "\\" + found[0]), text)


def _image(found: re.Match[str]) -> str:
    try:
        host = urlsplit(found["url"]).hostname or ""
    except ValueError:
        host = ""
    return image_words(found["alt"], host)


def _escape_tags(text: str, code: list[tuple[int, int]]) -> str:
    def escape(found: re.Match[str]) -> str:
        if _within(code, found.start()) or not is_dangerous(found):
            return found[0]
        return "\\" + found[0]

    return TAG.sub(escape, text)


def _fences(text: str) -> Iterator[tuple[int, int]]:
    opened: re.Match[str] | None = None
    for line in _FENCE_LINE.finditer(text):
        if opened is None:
            opened = line
        elif line["mark"].startswith(opened["mark"]) and not line["info"].strip():
            yield opened.start(), line.end()
            opened = None


def _inline_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Pair backtick runs of one length within a paragraph."""
    for paragraph in _PARAGRAPH.finditer(text, start, end):
        runs = list(_BACKTICKS.finditer(text, paragraph.start(), paragraph.end()))
        closing: dict[int, int] = {}
        partner: list[int] = [0] * len(runs)
        for at in range(len(runs) - 1, -1, -1):
            length = runs[at].end() - runs[at].start()
            partner[at] = closing.get(length, 0)
            closing[length] = at
        at = 0
        while at < len(runs):
            opens = text[runs[at].start() - 1 : runs[at].start()] != "\\"
            if opens and partner[at]:
                yield runs[at].start(), runs[partner[at]].end()
                at = partner[at]
            at += 1


def _start(span: tuple[int, int]) -> int:
    return span[0]


def _within(spans: list[tuple[int, int]], position: int) -> bool:
    at = bisect_right(spans, position, key=_start) - 1
    return at >= 0 and position < spans[at][1]


_FENCE_LINE: Final = re.compile(r"^[ ]{0,3}(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)$", re.MULTILINE)
_PARAGRAPH: Final = re.compile(r"[^\n]+(?:\n[^\n]+)*")
_BACKTICKS: Final = re.compile(r"`+")

_IMAGE: Final = re.compile(
    r"!\[(?P<alt>(?:[^\[\]\n]|\[[^\[\]\n]{0,200}\]){0,300})\]"
    r"\(\s{0,9}<?(?P<url>[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)?)>?(?:\s[^()\n]{0,300})?\)"
)
_IMAGE_START: Final = re.compile(r"!\[")
_REFERENCE: Final = re.compile(r"^( {0,3}\[[^\[\]\n]{1,200}\]):", re.MULTILINE)
_BAD_LINK: Final = re.compile(
    # A target with a scheme of its own, however spelt, or one that borrows ours ("//host").
    r"\]\((?=\s{0,9}<?(?:[/\\]{2}|[^\s()<>/?]{0,200}?[:\\&]))(?!\s{0,9}<?(?:https?://|mailto:))",
    re.IGNORECASE,
)
_BAD_AUTOLINK: Final = re.compile(r"(?<!\\)<(?=(?:javascript|vbscript|data|file):)", re.IGNORECASE)
