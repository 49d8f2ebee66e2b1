"""Every word on the pages, in each language, and which language a browser gets."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

LANGUAGES: Final = ("en", "es")
NAMES: Final = {"en": "English", "es": "Español"}
FOLDER: Final = Path(__file__).parent / "texts"
LONGEST_HEADER: Final = 512


@dataclass(frozen=True, slots=True)
class Said:
    """What the server says, in the reader's language; `original` is English, where it must be."""

    text: str
    original: str = ""


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language. `texts("sign_in.title")`; unknown names raise KeyError.

    `said` are the server's own messages by their reason; in the language it speaks itself, only
    those that are not for people. `titles` are the tools', where they do not speak it themselves.
    """

    language: str
    words: dict[str, str]
    said: dict[str, str] = field(default_factory=dict[str, str])
    titles: dict[str, str] = field(default_factory=dict[str, str])

    def __call__(self, name: str, /, **values: object) -> str:
        text = self.words[name]
        return text.format(**values) if values else text

    def __contains__(self, name: str) -> bool:
        return name in self.words

    def title(self, tool: str, own: str) -> str:
        """Return what a tool is called."""
        return self.titles.get(tool, own)

    def kept(self, reason: str) -> str:
        """Return why something was stopped: a person's own words, or the product's, translated."""
        return self.said.get(f"kept.{reason}", reason)

    def problem(self, reason: str, message: str, fields: tuple[str, ...] = ()) -> Said:
        """Say what went wrong; fields are named as the forms name them."""
        if reason not in self.said:
            own = self.language == LANGUAGES[0]
            return Said(
                message if own else self.words["console.untranslated"], "" if own else message
            )
        names = [self.words.get(f"field.{one.rpartition('.')[2]}", one) for one in fields]
        return Said(self.said[reason].format(fields=", ".join(names) or "-"))


def read(language: str) -> Texts:
    """Read a language's catalogue: tables of names and texts, joined by dots."""
    words, said = FOLDER / f"{language}.toml", FOLDER / f"said.{language}.toml"
    titles = {} if language == LANGUAGES[0] else _table(FOLDER / f"tools.{language}.toml")
    return Texts(language, _table(words), _table(said), titles)


def _table(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        return _flat(tomllib.load(file))


def preferred(accepted: str) -> str:
    """Return the language an `Accept-Language` header likes best (RFC 9110 §12.5.4)."""
    wishes: list[tuple[float, str]] = []
    for part in accepted[:LONGEST_HEADER].lower().split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.split("-")[0].strip()
        if language in LANGUAGES and (liking := _weight(weight)) > 0:
            wishes.append((liking, language))
    best = max(wishes, key=lambda wish: wish[0], default=(0.0, LANGUAGES[0]))
    return best[1]


def _weight(text: str) -> float:
    if not text:
        return 1.0
    try:
        return min(1.0, float(text))
    except ValueError:
        return 0.0


def _flat(tree: dict[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            found |= _flat(cast("dict[str, Any]", value), f"{before}{name}.")
        else:
            found[before + name] = str(value)
    return found


CATALOGUES: Final = {language: read(language) for language in LANGUAGES}


def asked_language(ui_locales: str | None) -> str:
    """Return the first language of ours in a client's list (OpenID Connect Core §3.1.2.1)."""
    tags = (tag.partition("-")[0].lower() for tag in (ui_locales or "").split()[:20])
    return next((tag for tag in tags if tag in LANGUAGES), "")
