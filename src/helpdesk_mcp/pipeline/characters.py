"""Characters that a person would not see, and how to take them out of a text."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final


def strip_invisible(text: str) -> str:
    r"""Remove what a person would not see; line separators become ``\n``.

    Joiners stay only between two letters of a script that needs them (Arabic, Indic) or inside an
    emoji; a variation selector stays only behind a symbol. Runs of them, which can carry bytes, go.
    """
    if _plainly_visible(text):
        return text
    return _INVISIBLE.sub("", _LINE_END.sub("\n", text))


def to_line(text: str) -> str:
    """Return one line for a subject, a name or a file name."""
    line = " ".join(strip_invisible(text).split())
    if line.isascii():
        return line
    return unicodedata.normalize("NFC", _MARK_RUN.sub(r"\1", line))


def is_storable(document: object) -> bool:
    """Whether every text in a JSON document can be written as UTF-8 and holds no NUL."""
    pending = [document]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            if _UNSTORABLE.search(item):
                return False
        elif isinstance(item, Mapping):
            pending.extend(item)  # pyright: ignore[reportUnknownArgumentType] -- any JSON
            pending.extend(item.values())  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType] -- any JSON
        elif isinstance(item, list):
            pending.extend(item)  # pyright: ignore[reportUnknownArgumentType] -- any JSON
    return True


def _plainly_visible(text: str) -> bool:
    """Say yes to most texts without looking at each character in Python's regex engine."""
    try:
        data = text.encode("ascii" if text.isascii() else "latin-1")
    except UnicodeEncodeError:
        return not _SUSPECT.search(text)
    return len(data.translate(None, _LATIN_CONTROLS)) == len(data)


_LATIN_CONTROLS: Final = bytes(
    code for code in (*range(0x20), *range(0x7F, 0xA0), 0xAD) if code not in b"\t\n"
)
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
_LINE_END: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

# Normalising sorts a run of combining marks in quadratic time: keep as many as a script needs.
_MARKS: Final = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_MARK_RUN: Final = re.compile(f"([{_MARKS}]{{8}})[{_MARKS}]+")

_JOINED_SCRIPTS: Final = (
    "\u0600-\u06ff\u0700-\u07ff\u08a0-\u08ff\u0900-\u0dff\u1000-\u109f"
    "\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc"
)
_SYMBOLS: Final = "\u00a9\u00ae\u203c-\u3163\u3165-\u3299\U0001f000-\U0001faff"
_JOINERS: Final = (
    f"(?<![{_JOINED_SCRIPTS}])(?<![{_SYMBOLS}])(?<![{_SYMBOLS}]\ufe0f)[\u200c\u200d]"
    f"|[\u200c\u200d](?![{_JOINED_SCRIPTS}{_SYMBOLS}])"
)
_NEVER_SEEN: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(1 << 16, 17 << 16, 1 << 16)
    )
)
_SUSPECT: Final = re.compile(f"[{_NEVER_SEEN}\u200c\u200d\u2028\u2029\ufe0e\ufe0f]")
_INVISIBLE: Final = re.compile(
    # ECMA-48 §5.4: a control sequence with its parameters, then a control string with its end.
    "(?:\x1b\\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\\\|\x9c)"
    "|\x1b[ -/]{0,4}[0-~]?"
    f"|[{_NEVER_SEEN}]|{_JOINERS}|(?<![#*0-9{_SYMBOLS}])[\ufe0e\ufe0f]"
)
