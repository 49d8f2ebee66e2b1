"""A person who signs a program in: the real OAuth flow, with forms posted as a browser would."""

import base64
import hashlib
import secrets
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx2
from bs4 import BeautifulSoup, Tag

CALLBACK = "http://127.0.0.1:9/callback"
"""Nobody listens there: we read where we were sent."""
MOST_PAGES = 8


class SignInFailed(Exception):
    """The pages led somewhere else than back to the program; the message tells where."""


async def signed_in(url: str, email: str, password: str, scopes: str) -> str:
    """Register a program, sign in, allow what it asks for, and return its access token."""
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=30) as http:
        client_id = await _registered(http)
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": CALLBACK,
            "scope": scopes,
            "state": secrets.token_urlsafe(16),
            "resource": f"{url}/mcp",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        code = await _through(http, f"/oauth/authorize?{urlencode(asked)}", email, password)
        answer = await http.post(
            "/oauth/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": CALLBACK,
                "client_id": client_id,
                "code_verifier": verifier,
                "resource": f"{url}/mcp",
            },
        )
    if answer.status_code != HTTPStatus.OK:
        raise SignInFailed(f"no token: HTTP {answer.status_code} {answer.text:.200}")
    token: str = answer.json()["access_token"]
    return token


async def _registered(http: httpx2.AsyncClient) -> str:
    answer = await http.post(
        "/oauth/register",
        json={
            "client_name": "The demo's tour",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        },
    )
    if answer.status_code != HTTPStatus.CREATED:
        raise SignInFailed(f"not registered: HTTP {answer.status_code} {answer.text:.200}")
    client_id: str = answer.json()["client_id"]
    return client_id


async def _through(http: httpx2.AsyncClient, address: str, email: str, password: str) -> str:
    """Fill in one page after the other until we are sent back, and return the code."""
    answer = await http.get(address, headers={"Sec-Fetch-Site": "none"})
    for _ in range(MOST_PAGES):
        if answer.is_redirect:
            place = urljoin(str(answer.url), answer.headers["location"])
            if place.startswith(CALLBACK):
                return _code(place)
            answer = await http.get(place)
            continue
        answer = await _submitted(http, answer, {"email": email, "password": password})
    raise SignInFailed("the pages lead nowhere")


def _code(place: str) -> str:
    given = parse_qs(urlsplit(place).query)
    if "code" not in given:
        raise SignInFailed(f"refused: {' '.join(given.get('error', ['without a reason']))}")
    return given["code"][0]


async def _submitted(
    http: httpx2.AsyncClient, answer: httpx2.Response, typed: dict[str, str]
) -> httpx2.Response:
    page = BeautifulSoup(answer.text, "html.parser")
    form = next((f for f in page.find_all("form") if _is_ours(f)), None)
    if form is None:
        words = " ".join(page.get_text(" ").split())
        raise SignInFailed(f"HTTP {answer.status_code}: {words:.200}")
    pairs = [
        (str(field["name"]), typed.get(str(field["name"]), str(field.get("value", "on"))))
        for field in form.find_all("input")
        if field.get("name") and (field.get("type") != "checkbox" or field.has_attr("checked"))
    ]
    button = form.find("button", attrs={"value": "allow"}) or form.find("button")
    if button is not None and button.get("name"):
        pairs.append((str(button["name"]), str(button.get("value", ""))))
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(str(answer.url)))
    return await http.post(
        urljoin(str(answer.url), str(form.get("action") or "")),
        content=urlencode(pairs),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": origin,
            "Sec-Fetch-Site": "same-origin",
        },
    )


def _is_ours(form: Tag) -> bool:
    """Whether a form goes on: it asks for a password, an organisation or an answer."""
    names = {str(field.get("name")) for field in form.find_all(["input", "button"])}
    return bool(names & {"password", "tenant", "answer"})
