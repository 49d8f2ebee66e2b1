"""The pages speak two languages completely."""

import re

import pytest
from tests.web.pages.house import House, ask, question, sign_in

from helpdesk_mcp.desks.kinds import KINDS
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Role
from helpdesk_mcp.tools.catalog import TOOLS, TOOLSETS
from helpdesk_mcp.web.pages.look import FOLDER
from helpdesk_mcp.web.pages.texts import CATALOGUES, LANGUAGES, preferred

SOURCES = [*FOLDER.rglob("*.html"), *FOLDER.rglob("*.py")]
FIELDS = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_places_to_fill(language: str) -> None:
    english, other = CATALOGUES["en"].words, CATALOGUES[language].words
    assert other.keys() == english.keys()
    assert all(other.values())
    for name, text in english.items():
        assert sorted(FIELDS.findall(text)) == sorted(FIELDS.findall(other[name])), name


def test_every_text_that_a_template_names_exists() -> None:
    named = {
        name
        for source in FOLDER.rglob("*.html")
        for name in re.findall(r'\bt\("([\w.]+)"[,)]', source.read_text("utf-8"))
    }
    assert named
    assert [name for name in sorted(named) if name not in CATALOGUES["en"]] == []


def test_every_refusal_right_and_role_has_its_words() -> None:
    refusals = {
        name
        for source in FOLDER.rglob("*.py")
        for name in re.findall(r'Refusal\(\s*HTTPStatus\.\w+,\s*"(\w+)"', source.read_text("utf-8"))
    }
    words = CATALOGUES["en"]
    assert refusals
    assert {name for name in refusals if f"refused.{name}.say" not in words} == set()
    assert {scope for scope in EVERY_SCOPE if f"scope.{scope}" not in words} == set()
    assert {role for role in Role if f"role.{role}" not in words} == set()


def test_every_kind_of_desk_and_every_topic_of_tools_has_its_name() -> None:
    words = CATALOGUES["es"]
    real = {name for name, kind in KINDS.items() if not kind.for_tests}
    assert {kind for kind in real if f"kind.{kind}" not in words} == set()
    assert {topic for topic in TOOLSETS if f"toolset.{topic}" not in words} == set()


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_tool_has_its_title(language: str) -> None:
    assert CATALOGUES[language].titles.keys() == {tool.name for tool in TOOLS}
    assert CATALOGUES["en"].title("get_ticket", "Get a ticket") == "Get a ticket"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("de,en;q=0.4,es;q=0.7", "es"),
        ("fr", "en"),
        ("es;q=0,en", "en"),
        ("es;q=x", "en"),
        ("," * 9_000, "en"),
    ],
)
def test_a_browser_gets_the_language_it_likes_best(header: str, language: str) -> None:
    assert preferred(header) == language


async def test_pages_follow_the_browser_until_somebody_chooses(house: House) -> None:
    async with house.browser(**{"accept-language": "es-ES"}) as browser:
        assert "<h1>Iniciar sesión</h1>" in (await browser.get("/sign-in")).text
        chosen = await browser.post("/language", data={"language": "en", "back": "/sign-in?for=q"})
        assert (chosen.status_code, chosen.headers["location"]) == (303, "/sign-in?for=q")
        page = await browser.get("/sign-in")
        assert '<html lang="en">' in page.text
        assert page.headers["content-language"] == "en"
        away = await browser.post("/language", data={"language": "xx", "back": "//evil.example"})
        assert away.headers["location"] == "/console"


async def test_rights_are_explained_in_spanish(house: House) -> None:
    house.flow.next = question(identity=("openid", "offline_access"))
    async with house.browser(**{"accept-language": "es"}) as browser:
        await sign_in(browser)
        page = await browser.get(await ask(browser))
    assert "«Claude» quiere trabajar con su mesa de ayuda" in page.text
    assert "Enviar respuestas que reciben quienes escribieron las solicitudes" in page.text
    assert "Una conexión que dura mientras usted no está" in page.text


async def test_the_style_sheet_is_kept_by_browsers_and_fetches_nothing(house: House) -> None:
    async with house.browser() as browser:
        page = await browser.get("/sign-in")
        address = re.search(r'href="(/assets/[^"]+\.css)"', page.text)
        assert address
        style = await browser.get(address[1])
    assert style.headers["content-type"].startswith("text/css")
    assert "immutable" in style.headers["cache-control"]
    assert not re.search(r"url\(|@import|https?:", style.text)
