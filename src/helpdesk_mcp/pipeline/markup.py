"""HTML of a mail or a web form, sanitised and converted to Markdown in bounded time."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

import nh3
from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from helpdesk_mcp.pipeline.hidden import HIDING_ATTRIBUTES, hidden_classes, remove_hidden

_MAX_CHARACTERS: Final = 1_000_000
_MAX_TAGS: Final = 10_000
_MAX_DEPTH: Final = 80
_MAX_OPEN_FORMATTING: Final = 50


def html_to_markdown(text: str) -> str:
    """Convert what a person would see; say at the end what was hidden or too much."""
    bounded, was_cut = _bounded(text)
    soup = BeautifulSoup(f"<div>{_SANITIZER.clean(bounded)}</div>", "html.parser")
    hidden = remove_hidden(soup, hidden_classes(bounded))
    for element in soup.find_all(_CHANGED):
        _simplify(element)
    _flatten(soup)
    lines = (line.rstrip() for line in _CONVERTER.convert_soup(soup).split("\n"))
    notes = [f"[hidden text removed: {hidden}]"] if hidden else []
    notes += ["[the rest of this HTML was too large and is left out]"] if was_cut else []
    return "\n\n".join([_BLANK_LINES.sub("\n\n", "\n".join(lines)).strip(), *notes]).strip()


def image_words(description: str, host: str) -> str:
    """Name an image in a form that no renderer fetches."""
    words = " ".join(description.split())[:300]
    where = f"({_HOST_ONLY.sub('', host)[:253]})" if host else ""
    return f"[image: {words} {where}".rstrip(" :") + "]"


def is_markup(tags: Iterable[re.Match[str]]) -> bool:
    """Decide by evidence: an attribute, a pair, a tag that stands alone, or two of a list's."""
    opened: set[str] = set()
    for tag in tags:
        if not is_dangerous(tag):
            continue
        if _is_evident(tag, opened):
            return True
        if tag["name"] and tag["end"] and not tag["close"]:
            opened.add(tag["name"].lower())
    return False


def is_dangerous(tag: re.Match[str]) -> bool:
    """Say whether a renderer would act on it; `<String>` and `<Foo id=3>` are only text."""
    if tag["name"] is None:
        return True
    return _is_html_name(tag["name"]) or bool(_ACTIVE.search(tag["rest"]))


def _is_evident(tag: re.Match[str], opened: set[str]) -> bool:
    if tag["name"] is None or _ATTRIBUTE.match(tag["rest"]) or _ACTIVE.search(tag["rest"]):
        return True
    if tag["rest"].strip(" \n\t/") or not tag["end"]:
        return False
    name = tag["name"].lower()
    if tag["close"] or name in _BREAKS:
        return name in opened or name in _BREAKS
    if tag.string[max(tag.start() - 1, 0) : tag.start()].isalnum():
        return False  # a generic type: List<Object>
    return name in _STANDALONE or (name in _SELF_CLOSING and name in opened)


def _is_html_name(name: str) -> bool:
    return name.lower() in _KNOWN or name.lower().startswith(_OFFICE)


def _bounded(text: str) -> tuple[str, bool]:
    """Cut after so many tags, drop formatting nobody closes, and keep `<other>` as text."""
    kept: list[str] = []
    opened = at = 0
    comment_end = text.rfind("-->")
    for count, tag in enumerate(TAG.finditer(text, 0, _MAX_CHARACTERS)):
        if count == _MAX_TAGS:
            return "".join([*kept, _as_text(text[at : tag.start()])]), True
        kept.append(_as_text(text[at : tag.start()]))
        at = tag.end()
        if not is_dangerous(tag) or (tag["declared"] == "!--" and at > comment_end):
            kept.append("&lt;" + tag[0][1:])
        elif (tag["name"] or "").lower() not in _FORMATTING:
            kept.append(tag[0])
        elif tag["close"] or opened < _MAX_OPEN_FORMATTING:
            opened = max(opened - 1, 0) if tag["close"] else opened + 1
            kept.append(tag[0])
    return "".join([*kept, _as_text(text[at:_MAX_CHARACTERS])]), len(text) > _MAX_CHARACTERS


def _as_text(between: str) -> str:
    """Keep `<user@example.com>`, which a parser would take for a tag."""
    return _LETTER_AFTER.sub("&lt;", between)


def _simplify(element: Tag) -> None:
    """Make words of images, plain targets of links, and blocks of tables used for layout."""
    if element.name == "img":
        element.replace_with(_picture(element))
    elif element.name == "a":
        target = element.get("href")
        if isinstance(target, str):
            element["href"] = _MARKDOWN_IN_URL.sub(lambda m: f"%{ord(m[0]):02X}", target.strip())
    elif element.name == "table" and _is_layout(element):
        for part in [element, *element.find_all(_TABLE_PARTS)]:
            part.name = "div"


def _picture(element: Tag) -> str:
    source, description = element.get("src"), element.get("alt")
    try:
        host = urlsplit(source).hostname if isinstance(source, str) else None
    except ValueError:
        host = None
    words = description if isinstance(description, str) else ""
    if not words and any(element.get(side) in ("0", "1") for side in ("width", "height")):
        return ""  # a tracking pixel
    return image_words(words, host or "")


def _is_layout(table: Tag) -> bool:
    if table.find("table"):
        return True
    rows = table.find_all("tr", limit=20)
    return all(len(row.find_all(["td", "th"], limit=2)) <= 1 for row in rows)


def _flatten(soup: BeautifulSoup) -> None:
    """Make plain text of what nests too deep for a converter that calls itself."""
    stack: list[tuple[Tag, int]] = [(soup, 0)]
    while stack:
        element, depth = stack.pop()
        if depth > _MAX_DEPTH:
            element.replace_with(element.get_text(" "))
            continue
        stack += [(child, depth + 1) for child in element.children if isinstance(child, Tag)]


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_FORMATTING: Final = _words("a b big code em font i nobr s small strike strong tt u")
_BREAKS: Final = frozenset({"br", "hr"})
_STANDALONE: Final = _words("html head body script style iframe svg math object embed")
_SELF_CLOSING: Final = _words("p li td th tr dt dd div option")
_CHANGED: Final = ["img", "a", "table"]
_TABLE_PARTS: Final = ["tr", "td", "th", "tbody", "thead", "tfoot", "table", "caption"]
_KEPT: Final = _words(
    "a b strong i em u p br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code kbd samp table "
    "thead tbody tfoot tr td th caption del s strike span div font dl dt dd sub sup img "
    "center small big section article header footer main aside address figure figcaption q "
    "cite mark ins"
)
_EMPTIED: Final = _words(
    "script style iframe object embed svg math title template noscript noembed noframes xmp "
    "textarea select button audio video canvas applet"
)
_KNOWN: Final = (
    _KEPT
    | _EMPTIED
    | _words(
        "html head body form meta link base input label option optgroup fieldset legend frame "
        "frameset area map abbr acronym bdi bdo col colgroup details summary dfn dialog dir "
        "hgroup isindex keygen layer listing marquee menu nav nobr output param picture plaintext "
        "portal progress rp rt ruby search slot source time track tt var wbr basefont bgsound "
        "blink image foreignobject"
    )
)
_OFFICE: Final = ("o:", "v:", "w:", "st1:", "m:", "x:", "svg:")

TAG: Final = re.compile(
    r"(?<!\\)<(?:(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:-]{0,40})(?=[\s/>])(?P<rest>[^<>]*)"
    r"(?P<end>>?)|(?P<declared>!--|!doctype\b))",
    re.IGNORECASE,
)
_ATTRIBUTE: Final = re.compile(
    r"[\s/]+(?:[a-z][\w:.-]{0,60}\s+){0,3}(?:[a-z][\w:.-]{0,60}\s{0,9}=(?!=)|hidden\b)",
    re.IGNORECASE,
)
_ACTIVE: Final = re.compile(r"[\s/\"'](?:on[a-z]{3,30}|style)\s{0,9}=", re.IGNORECASE)
_LETTER_AFTER: Final = re.compile(r"<(?=[a-zA-Z])")
_BLANK_LINES: Final = re.compile(r"\n{3,}")
_HOST_ONLY: Final = re.compile(r"[^\w.:-]")
_MARKDOWN_IN_URL: Final = re.compile(r"[\s()<>\"`\[\]\\]")

_SANITIZER: Final = nh3.Cleaner(
    tags=set(_KEPT),
    clean_content_tags=set(_EMPTIED),
    attributes={
        "*": set(HIDING_ATTRIBUTES),
        "img": {"src", "alt", "width", "height"},
        "a": {"href"},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel=None,
)
_CONVERTER: Final = MarkdownConverter(
    heading_style="atx", bullets="-", escape_asterisks=False, escape_underscores=False
)
