"""What administrators meet in the console is said in their language, failures too."""

import ast
import re
from pathlib import Path

import httpx2
import pytest
from tests.web.console.town import RING, Town, press
from tests.web.pages.house import token_in

import helpdesk_mcp
from helpdesk_mcp.desks.servicedeskplus.zoho import REVOKED
from helpdesk_mcp.stores.connections import UNREADABLE, SqlConnections
from helpdesk_mcp.web.pages.texts import CATALOGUES

SPANISH = {"accept-language": "es"}
PEOPLE, DESKS = "/console/people", "/console/desks"
ROAD = (
    *("admin", "pipeline/arguments.py", "oauth/upstream.py", "oauth/provider.py"),
    *(f"stores/{name}.py" for name in ("accounts", "approvals", "client_book", "connections")),
    *(f"stores/{name}.py" for name in ("grant_book", "people", "tenants", "tenant_keys")),
    *(f"stores/{name}.py" for name in ("providers", "transactions", "audit", "sessions")),
    *(f"desks/{name}.py" for name in ("egress", "exchange", "fetching", "kinds", "prober")),
    "desks/django_helpdesk/carrier.py",
)
"""Where the administrators' road fails on purpose."""


def problem_in(page: httpx2.Response) -> str:
    """Return what the page says went wrong."""
    found = re.search(r'<div class="note bad" role="\w+">(.*?)</div>', page.text, re.DOTALL)
    assert found, page.text
    return " ".join(re.sub(r"<(?!span lang)[^>]+>", " ", found[1]).split())


def reasons(path: Path) -> set[str]:
    """Return the reasons of the errors that a file raises."""
    calls = ast.walk(ast.parse(path.read_text("utf-8")))
    given = [word for node in calls if isinstance(node, ast.Call) for word in node.keywords]
    return {
        word.value.value
        for word in given
        if word.arg == "reason"
        and isinstance(word.value, ast.Constant)
        and isinstance(word.value.value, str)
        and word.value.value
    }


def test_every_reason_of_the_administrators_road_has_its_words() -> None:
    here = Path(helpdesk_mcp.__file__).parent
    files = [f for name in ROAD for f in ([*(here / name).glob("*.py")] or [here / name])]
    raised = set[str]().union(*map(reasons, files))
    assert len(raised) > 30
    assert sorted(raised - CATALOGUES["es"].said.keys()) == []


def test_every_request_that_leads_nowhere_has_its_words() -> None:
    calls = [
        node
        for file in (Path(helpdesk_mcp.__file__).parent / "oauth").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "stop"
    ]
    wanted: set[str] = set()
    for call in calls:
        [reason] = [word.value for word in call.keywords if word.arg == "reason"]
        assert isinstance(reason, ast.Constant)
        hinted = len(call.args) > 2
        wanted |= {f"stop.{reason.value}"} | ({f"stop.{reason.value}_hint"} if hinted else set())
    assert len(calls) >= 8
    assert sorted(wanted - CATALOGUES["es"].said.keys()) == []


@pytest.mark.parametrize(
    ("page", "action", "fields", "said"),
    [
        (PEOPLE, "invite", {"email": "nobody", "role": "king"}, "Correo electrónico, Rol"),
        (PEOPLE, "password", {"person": "ana", "password": "short"}, "al menos 12 caracteres"),
        (PEOPLE, "disable", {"person": "ada"}, "Es el último administrador"),
        (PEOPLE, "remove", {"person": "0" * 32}, "No existe esa persona."),
        ("/console/policy", "set", {"off": "no_tool"}, "una herramienta que no existe"),
        ("/console/applications", "remove", {"client": "none"}, "No existe esa aplicación."),
        ("/console", "agents/revoke-mine", {"grant": "none"}, "No existe ese agente conectado."),
        ("/console/organisations", "create", {"slug": "acme", "name": "x"}, "Ya existe."),
        (DESKS, "add", {"kind": "django_helpdesk", "name": "hr"}, "campos: Credencial"),
    ],
)
async def test_a_failure_is_said_in_spanish(
    town: Town, page: str, action: str, fields: dict[str, str], said: str
) -> None:
    person = town.people.get(fields.get("person", ""))
    given = fields | ({"person": person.id} if person else {})
    async with town.signed_in("ada", **SPANISH) as ada:
        token = token_in(
            await ada.get(f"{page}/add?kind=django_helpdesk" if page == DESKS else page)
        )
        done = await ada.post(f"{page}/{action}", data={**given, "token": token})
    assert done.status_code in {404, 409, 422}
    assert said in problem_in(done)
    assert "lang=" not in problem_in(done)


async def test_a_desk_that_does_not_work_says_so_in_spanish(town: Town) -> None:
    one = f"{DESKS}/at/{(await town.desks())[0].id}"
    async with town.signed_in("ada", **SPANISH) as ada:
        tested = await press(ada, one, f"{one}/test")
    assert "A esa dirección no se puede llegar desde aquí" in problem_in(tested)
    assert "lang=" not in problem_in(tested)


async def test_who_may_enter_is_said_in_spanish_and_marked_as_nothing_else(town: Town) -> None:
    async with town.signed_in("aud", **SPANISH) as aud:
        page = await aud.get("/console/people")
    assert '<p class="quiet">Administrador</p>' in page.text


def test_what_has_no_words_is_said_to_be_english() -> None:
    said = CATALOGUES["es"].problem("never heard of", "Something new.")
    assert (said.original, said.text) == ("Something new.", "El servidor lo dice solo en inglés:")
    english = CATALOGUES["en"]
    assert english.problem("last", "As it is.").text == "As it is."
    said = english.problem("arguments", "issuer: no match for ^x$", ("issuer",))
    assert (said.text, said.original) == ("Check these fields: Issuer.", "")


async def test_why_the_product_stopped_a_desk_is_said_in_spanish_and_a_persons_words_stay(
    town: Town,
) -> None:
    store = SqlConnections(town.database, town.tenant.id, RING)
    it, facilities = await store.every()
    await store.suspend(it.id, UNREADABLE)
    await store.suspend(facilities.id, "Moving house")
    async with town.signed_in("ada", **SPANISH) as ada:
        page = await ada.get(DESKS)
    spanish = CATALOGUES["es"]
    assert [said for said in (UNREADABLE, *REVOKED.values()) if spanish.kept(said) == said] == []
    assert "Su credencial no se puede leer; sustitúyala." in page.text
    assert "Moving house" in page.text
