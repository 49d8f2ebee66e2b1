"""What a person reads in this repository, taken apart: blocks of code, links, commands."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("changes/README.md"))
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page."""

    page: str
    language: str
    text: str


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(*languages: str) -> list[Block]:
    """Return the fenced blocks of every page in these languages."""
    return [block for page in PAGES for block in _blocks(page) if block.language in languages]


def prose(page: Path) -> str:
    """Return a page without its blocks of code and without code inside lines."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", page.read_text("utf-8")))


def links(page: Path) -> list[str]:
    return _LINK.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and the site make them."""
    text = _FENCE.sub("", page.read_text("utf-8"))
    return {_slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def commands(block: Block) -> Iterator[list[str]]:
    """Yield the words behind each `helpdesk-mcp` of a block of shell."""
    joined = block.text.replace("\\\n", " ")
    for line in re.split(r"\n|\||\$\(|\)|&&", joined):
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            continue  # a part of a longer word; bash judges the whole
        for at, word in enumerate(words):
            if word.rpartition("/")[2] == "helpdesk-mcp" and _starts(words[:at]):
                yield words[at + 1 :]


def tracked() -> list[Path]:
    """Return the files that are, or are about to be, in the repository."""
    listing = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    told = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True)  # noqa: S603 -- our own words
    names = told.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def _starts(before: list[str]) -> bool:
    """Whether a command begins behind these words: there are none but variables."""
    return all(re.fullmatch(r"[A-Z_]+=.*", word) for word in before)


def _blocks(page: Path) -> Iterator[Block]:
    for found in _FENCE.finditer(page.read_text("utf-8")):
        yield Block(name_of(page), found["language"], found["text"])


def _slug(heading: str) -> str:
    plain = re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", plain))


_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
