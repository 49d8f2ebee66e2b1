"""The documentation says what is there: complete, current, and with commands that exist."""

import ast
import json
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from scripts.reference import commands as reference_commands
from scripts.reference.errors import raised
from scripts.reference.observed import described_metrics
from scripts.reference.options import variables
from scripts.reference.pages import pages
from tests.architecture.documents import (
    PAGES,
    ROOT,
    Block,
    anchors,
    blocks,
    commands,
    links,
    name_of,
    prose,
    tracked,
)

from helpdesk_mcp.cli.main import app
from helpdesk_mcp.domain.audit import AuditEvent
from helpdesk_mcp.domain.errors import Code, Written
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.settings import load
from helpdesk_mcp.tools.catalog import TOOLS
from helpdesk_mcp.tools.prompts import PROMPTS
from helpdesk_mcp.web.resources import KINDS

GENERATED = pages()
DOCUMENTED = {
    "settings": variables(),
    "tools": [tool.name for tool in TOOLS],
    "names": [other for tool in TOOLS for other in tool.renamed],
    "scopes": list(Scope),
    "errors": [*Code, *Written, *(reason for _, reason, _ in raised() if reason != "…")],
    "metrics": [name for name, _, _, _ in described_metrics()],
    "audit-events": [field.name for field in fields(AuditEvent)],
    "resources-and-prompts": [*(k.template for k in KINDS), *(job.name for job in PROMPTS)],
}
SHELL = blocks("sh")
COMMANDS = [  # each once, though a page may show it twice
    (page, list(words))
    for page, words in dict.fromkeys((b.page, tuple(w)) for b in SHELL for w in commands(b))
]
# Spelled apart, so that this file does not name them.
REGISTRIES = tuple(
    f"{name}.{end}" for name, end in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))
)
HOMES = re.compile(r"(?<![\w./~])/(?:root|Users|home/(?!user\b|agent\b))[/\w]*")


def of_pages(found: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", found, ids=name_of)


def of_blocks(found: list[Block]) -> pytest.MarkDecorator:
    names = [f"{block.page}-{number}" for number, block in enumerate(found)]
    return pytest.mark.parametrize("block", found, ids=names)


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_page_agrees_with_the_code(name: str) -> None:
    page = ROOT / name
    written = page.read_text("utf-8") if page.exists() else ""
    assert written == GENERATED[name], "run scripts/docs"


@pytest.mark.parametrize("page", DOCUMENTED)
def test_everything_there_is_has_a_line_in_the_reference(page: str) -> None:
    text = (ROOT / "docs" / "reference" / f"{page}.md").read_text("utf-8")
    missing = [name for name in DOCUMENTED[page] if f"`{name}`" not in text]
    assert missing == []


def test_every_command_has_a_section_in_the_reference() -> None:
    text = (ROOT / "docs/reference/command-line.md").read_text("utf-8")
    lines = [" ".join(("helpdesk-mcp", *words)) for words in reference_commands.command_lines()]
    assert [line for line in lines if f"\n## {line}\n" not in text] == []


@of_pages(PAGES)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    broken = [link for link in links(page) if "://" not in link and not _leads(page, link)]
    assert broken == []


@of_pages(PAGES)
def test_a_page_has_one_title_and_no_endless_line(page: Path) -> None:
    text = prose(page)
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1
    sentences = [
        line
        for line in text.splitlines()
        if not line.startswith(("|", "#", "<", "-", "!")) and len(line) > 260
    ]
    assert sentences == []


@of_pages(sorted((ROOT / "docs").rglob("*.md")))
def test_every_page_of_the_documentation_can_be_reached(page: Path) -> None:
    reached = {
        (other.parent / link.partition("#")[0]).resolve()
        for other in PAGES
        for link in links(other)
    }
    nav = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert page in reached or page.relative_to(ROOT / "docs").as_posix() in nav


def test_the_navigation_names_pages_that_exist_and_leaves_none_out() -> None:
    nav = re.findall(r"([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    there = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    decisions = {page for page in there if re.match(r"decisions/\d", page)}  # in their index
    assert set(nav) == there - decisions


def test_no_default_in_the_reference_is_a_word_of_the_library() -> None:
    shown = (ROOT / ".env.example").read_text("utf-8")
    shown += (ROOT / "docs/reference/settings.md").read_text("utf-8")
    assert re.findall(r"PydanticUndefined|[=`]None\b|factory", shown) == []


@of_blocks(SHELL)
def test_shell_in_the_documentation_parses(block: Block) -> None:
    bash = shutil.which("bash") or "bash"
    read_only = (bash, "-n")
    said = subprocess.run(  # noqa: S603 -- it is read, not run
        read_only, input=block.text, text=True, capture_output=True, check=False
    )
    assert said.stderr == ""


def test_the_documentation_shows_commands() -> None:
    assert len(COMMANDS) > 10


@pytest.mark.parametrize(("page", "words"), COMMANDS, ids=str)
def test_a_command_in_the_documentation_exists_with_its_options(
    page: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    del page
    app.parse_args(words, exit_on_error=False, print_error=False)
    names = [word for word in words[:2] if re.fullmatch(r"[a-z]+", word)]
    app([*names, "--help"], result_action="return_value")
    assert f"Usage: helpdesk-mcp {' '.join(names)}" in capsys.readouterr().out


def test_the_command_line_helps_and_ends_well() -> None:
    command = (sys.executable, "-m", "helpdesk_mcp", "--help")
    said = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 -- our own module
    assert "Usage: helpdesk-mcp" in said.stdout


@of_blocks(blocks("json"))
def test_json_in_the_documentation_parses(block: Block) -> None:
    assert isinstance(json.loads(block.text), dict)


@of_blocks(blocks("python"))
def test_python_in_the_documentation_parses(block: Block) -> None:
    assert ast.parse(block.text).body


@of_blocks(blocks("yaml"))
def test_yaml_in_the_documentation_parses_and_asks_for_real_metrics(block: Block) -> None:
    assert yaml.safe_load(block.text)
    real = {re.sub(r"_total$", "", name) for name, _, _, _ in described_metrics()}
    asked = re.findall(r"\b(?:mcp|helpdesk)_[a-z_]+", block.text)
    assert {re.sub(r"_(bucket|count|sum|total)$", "", name) for name in asked} <= real


def test_settings_named_in_the_documentation_exist() -> None:
    known = {*variables(), "DEMO_PORT", "DEMO_HELPDESK_PORT", "DEMO_DIR", "ARGS", "TOKEN"}
    for block in (*SHELL, *blocks("ini")):
        named = re.findall(r"^(?:Environment=)?([A-Z][A-Z_]+)=", block.text, re.MULTILINE)
        assert set(named) <= known, block.page


def test_the_example_of_settings_can_be_used_as_it_is(tmp_path: Path) -> None:
    example = tmp_path / ".env"
    example.write_text(GENERATED[".env.example"].replace("\n# H", "\nH"), "utf-8")
    assert load(example).helpdesk_base_url == "https://desk.example.org/"


def test_the_map_names_every_package_and_no_other() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rows = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    source = ROOT / "src" / "helpdesk_mcp"
    there = {path.stem for path in source.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert named == {name for name in there if not name.startswith("__")}


def test_the_map_fits_on_a_page() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines()) <= 100


def test_files_that_the_map_and_the_guide_name_exist() -> None:
    for name in ("ARCHITECTURE.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text("utf-8")
        for path in re.findall(r"`((?:web|pipeline|tests|scripts|src)/[\w/.]+)`", text):
            assert any((base / path).exists() for base in (ROOT, ROOT / "src/helpdesk_mcp")), path
        for target in re.findall(r"`make (\w+)", text):
            assert f"\n{target}:" in (ROOT / "Makefile").read_text("utf-8"), target


def test_no_file_names_a_registry_or_a_directory_of_one_machine() -> None:
    found: list[str] = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        words = [word for word in (*REGISTRIES, f"{ROOT}/") if word in text]
        homes = HOMES.findall(text) if path.suffix in {".md", ".yml", ".toml", ""} else []
        found += [f"{name_of(path)}: {word}" for word in (*words, *homes)]
    assert found == []


def test_the_pictures_fetch_nothing() -> None:
    for picture in (ROOT / "docs" / "images").glob("*.svg"):
        text = picture.read_text("utf-8")
        assert not re.search(
            r"""(?:href|src)=["']?(?:https?:)?//|url\(\s*["']?http|@import|<script""", text
        )


def test_the_site_builds_strictly_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    zensical = Path(sys.executable).with_name("zensical")
    built = subprocess.run(  # noqa: S603 -- from our own environment
        [zensical, "build", "--strict"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    reader = _Loads()
    for page in (tmp_path / "site").rglob("*.html"):
        reader.feed(page.read_text("utf-8"))
    assert reader.pages > len(PAGES) // 2
    assert reader.outside == set()


class _Loads(HTMLParser):
    """Collects what a page makes a browser fetch from other hosts."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: set[str] = set()
        self.pages = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pages += tag == "html"
        for name, value in attrs:
            fetched = name in {"src", "srcset"} or (tag == "link" and name == "href")
            if fetched and value and re.match(r"(?:https?:)?//", value):
                self.outside.add(value)


def _leads(page: Path, link: str) -> bool:
    file, _, anchor = link.partition("#")
    target = (page.parent / file).resolve() if file else page
    return target.exists() and (not anchor or anchor in anchors(target))
