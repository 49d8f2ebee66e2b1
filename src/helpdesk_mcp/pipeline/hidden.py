"""Text that CSS keeps from a reader's eyes, found by what each text inherits."""

import re
from dataclasses import dataclass, replace
from typing import Final

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

HIDING_ATTRIBUTES: Final = frozenset({"style", "class", "hidden", "color", "bgcolor"})

Colour = tuple[int, int, int]
_WHITE: Final[Colour] = (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """How an element's text looks; `background` is None where a picture may lie behind it."""

    gone: bool = False
    invisible: bool = False
    tiny: bool = False
    colour: Colour | None = (0, 0, 0)
    background: Colour | None = _WHITE

    @property
    def unreadable(self) -> bool:
        return self.gone or self.invisible or self.tiny or self._blends_in

    @property
    def _blends_in(self) -> bool:
        if self.colour is None:
            return True
        if self.background is None:
            return False
        pairs = zip(self.colour, self.background, strict=True)
        return all(abs(ink - paper) <= _SAME for ink, paper in pairs)


_SAME: Final = 16


def hidden_classes(html: str) -> frozenset[str]:
    """Return the classes that a style sheet in the text hides by a plain rule."""
    found: set[str] = set()
    for sheet in _STYLE_SHEET.finditer(html):
        for rule in _RULE.finditer(sheet[1]):
            if _styled(_Look(), _declarations(rule["body"])).unreadable:
                found.update(_CLASS.findall(rule["selectors"]))
    return frozenset(found)


def remove_hidden(soup: BeautifulSoup, classes: frozenset[str]) -> int:
    """Take unreadable text out of the tree; return how many passages that were."""
    passages: set[int] = set()
    stack: list[tuple[Tag, _Look, Tag]] = [(soup, _Look(), soup)]
    doomed: list[NavigableString] = []
    while stack:
        element, look, hider = stack.pop()
        for child in element.children:
            if isinstance(child, Tag):
                seen = _look(child, look, classes)
                stack.append((child, seen, hider if look.unreadable else child))
            elif look.unreadable and isinstance(child, NavigableString) and child.strip():
                doomed.append(child)
                passages.add(id(hider))
    for text in doomed:
        text.extract()
    return len(passages)


def _look(element: Tag, inherited: _Look, classes: frozenset[str]) -> _Look:
    if not element.attrs:
        return inherited
    look = inherited
    if element.has_attr("hidden") or not classes.isdisjoint(element.get_attribute_list("class")):
        look = replace(look, gone=True)
    declarations = {
        "color": _text(element, "color"),
        "background": _text(element, "bgcolor"),
        **_declarations(_text(element, "style")),
    }
    return _styled(look, declarations)


def _text(element: Tag, name: str) -> str:
    value = element.get(name)
    return value if isinstance(value, str) else ""


def _declarations(style: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in _COMMENT.sub("", style[:4000]).lower().split(";"))
    return {
        name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value
    }


def _styled(look: _Look, css: dict[str, str]) -> _Look:
    size = css.get("font-size", "")
    ink = css.get("color", "")
    visibility = css.get("visibility", "")
    return _Look(
        gone=look.gone or _is_gone(css),
        invisible=visibility in {"hidden", "collapse"} if visibility else look.invisible,
        tiny=_is_tiny(size) if size else look.tiny,
        colour=_ink(ink, look.colour),
        background=_paper(css.get("background-color") or css.get("background", ""), css, look),
    )


def _is_gone(css: dict[str, str]) -> bool:
    """Name what no descendant can undo."""
    if css.get("display") == "none" or css.get("mso-hide") == "all":
        return True
    if _is_clear(css.get("opacity", "")):
        return True
    if any(_FAR_OUT.match(css.get(name, "")) for name in ("left", "top", "text-indent")):
        return True
    clipped = css.get("overflow", "").startswith("hidden")
    sizes = (css.get(name, "") for name in ("height", "max-height", "width", "max-width"))
    return clipped and any(_is_tiny(size) for size in sizes)


def _ink(value: str, inherited: Colour | None) -> Colour | None:
    if not value or value in {"inherit", "currentcolor", "initial", "unset"}:
        return inherited
    if value == "transparent" or _is_see_through(value):
        return None
    return _colour(value) or (0, 128, 0)


def _paper(value: str, css: dict[str, str], look: _Look) -> Colour | None:
    if (
        "url(" in css.get("background", "") + css.get("background-image", "")
        or "gradient(" in value
    ):
        return None
    if (
        not value
        or value in {"transparent", "inherit", "none", "initial"}
        or _is_see_through(value)
    ):
        return look.background
    return _colour(value)


def _is_see_through(value: str) -> bool:
    found = _ALPHA.search(value)
    return bool(found and _is_clear(found[1]))


def _is_clear(opacity: str) -> bool:
    number = _number(opacity.removesuffix("%"))
    return number is not None and number <= (5 if opacity.endswith("%") else 0.05)


def _is_tiny(size: str) -> bool:
    found = _LENGTH.match(size)
    number = _number(found[1]) if found else None
    if found is None or number is None:
        return False
    return number <= _TINIEST.get(found[2], 0)


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.match(text) else None


def _colour(value: str) -> Colour | None:
    if found := _HEX.search(value):
        digits = found[1] if len(found[1]) >= _LONG_HEX else "".join(d * 2 for d in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    if found := _RGB.search(value):
        red, green, blue = (min(int(part), 255) for part in found.groups())
        return red, green, blue
    return next((_NAMED[word] for word in value.split() if word in _NAMED), None)


_LONG_HEX: Final = 6
_TINIEST: Final = {"px": 2, "pt": 1.5, "em": 0.1, "rem": 0.1, "%": 10}
_NUMBER: Final = re.compile(r"(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})$")
_NAMED: Final[dict[str, Colour]] = {
    "white": _WHITE,
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "whitesmoke": (245, 245, 245),
    "black": (0, 0, 0),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "navy": (0, 0, 128),
}
_HEX: Final = re.compile(r"#([0-9a-f]{6}(?:[0-9a-f]{2})?|[0-9a-f]{3,4})\b")
_RGB: Final = re.compile(r"rgba?\(\s*(\d{1,4})[\s,]{1,5}(\d{1,4})[\s,]{1,5}(\d{1,4})")
_ALPHA: Final = re.compile(
    r"(?:rgb|hsl)a?\([^()/]{1,60}?(?:,[^(),/]{1,20},[^(),/]{1,20},|/)\s*([\d.]{1,8}%?)\s*\)"
)
_LENGTH: Final = re.compile(r"(\d{0,6}(?:\.\d{0,6})?)\s*(px|pt|em|rem|%|$)")
_FAR_OUT: Final = re.compile(r"-\d{3,}(?:\.\d*)?(?:px|pt|em|rem|%|vw|vh)")
_COMMENT: Final = re.compile(r"/\*[^*]{0,500}\*/")
_STYLE_SHEET: Final = re.compile(r"<style\b[^<>]*>([^<]*)", re.IGNORECASE)
_RULE: Final = re.compile(r"(?P<selectors>[^{}]{1,500})\{(?P<body>[^{}]{0,2000})\}")
_CLASS: Final = re.compile(r"\.([A-Za-z_][\w-]*)")
