"""A person's browser as far as forms need one: cookies, redirects, what a page's forms hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urlencode, urljoin, urlsplit

import httpx2

PATIENCE = 30.0
MOST_REDIRECTS = 10
GONE = ("max-age=0", "expires=thu, 01 jan 1970")


@dataclass(slots=True, kw_only=True)
class Field:
    """One control of a form. `value` is what it would send, `sent` whether it is sent at all."""

    kind: str
    name: str
    value: str
    sent: bool
    text: str = ""


@dataclass(slots=True, kw_only=True)
class Form:
    action: str
    method: str
    fields: list[Field] = field(default_factory=list[Field])

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.fields}

    def kinds(self, kind: str) -> list[Field]:
        return [one for one in self.fields if one.kind == kind]

    def values(self, *, button: Field | None, given: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return what a browser sends: controls that are on, and the one button pressed."""
        pairs = [
            (one.name, given.get(one.name, one.value))
            for one in self.fields
            if one.name and one.kind != "submit" and (one.sent or one.name in given)
        ]
        if button is not None and button.name:
            pairs.append((button.name, button.value))
        return pairs


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._text: Field | None = None
        self._skipping = 0
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                self._form = Form(
                    action=given.get("action", ""), method=given.get("method", "get").lower()
                )
                self.forms.append(self._form)
            case "input" | "button" | "textarea":
                self._control(tag, given)
            case "select":
                self._select = given.get("name", "")
            case "option":
                self._option(given)
            case "a":
                self.links.append(given.get("href", ""))
            case "script" | "style":
                self._skipping += 1
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag in {"script", "style"}:
            self._skipping -= 1
        if tag in {"button", "textarea", "option"}:
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._skipping:
            return
        if words := " ".join(data.split()):
            self.words.append(words)
            if self._text is not None:
                self._text.text += words

    def _control(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text").lower() if tag == "input" else tag
        if tag == "button":
            kind = given.get("type", "submit").lower()
        on = "checked" in given if kind in {"checkbox", "radio"} else True
        usual = "on" if kind in {"checkbox", "radio"} else ""
        made = Field(
            kind=kind,
            name=given.get("name", ""),
            value=given.get("value", usual),
            sent=on and "disabled" not in given,
        )
        self._keep(made, given)
        self._text = made if tag in {"button", "textarea"} else None

    def _option(self, given: dict[str, str]) -> None:
        chosen = "selected" in given
        made = Field(kind="option", name=self._select, value=given.get("value", ""), sent=chosen)
        self._keep(made, given)
        self._text = made

    def _keep(self, made: Field, given: Mapping[str, str]) -> None:
        if "form" in given:
            return  # belongs to a form elsewhere by its id: none of our pages does that
        if self._form is not None:
            self._form.fields.append(made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the browser shows, or `left`: the address of another site that it was sent to."""

    url: str
    status: int
    headers: httpx2.Headers
    html: str
    left: str = ""

    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.html)
        return reader

    @property
    def forms(self) -> list[Form]:
        return self._read().forms

    @property
    def addresses(self) -> list[str]:
        """Return where the page's links and forms lead."""
        found = self._read()
        return [*found.links, *(form.action for form in found.forms)]

    @property
    def text(self) -> str:
        return " ".join(self._read().words)

    def form_with(self, kind_or_name: str) -> Form | None:
        """Return the first form with a control of this kind or name."""
        for form in self.forms:
            if form.kinds(kind_or_name) or kind_or_name in form.names:
                return form
        return None


class Browser:
    """Sends what a browser sends and keeps its cookies. Each has its own.

    Like a browser it takes `Secure` cookies from 127.0.0.1, which is a trustworthy origin.
    """

    def __init__(self, site: str, *, language: str = "en") -> None:
        self.site = site
        self.cookies: dict[str, str] = {}
        self._language = language
        self._http = httpx2.AsyncClient(trust_env=False, timeout=PATIENCE)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def open(self, url: str, *, coming_from: str = "cross-site") -> Page:
        headers = {"Sec-Fetch-Site": coming_from, "Sec-Fetch-Mode": "navigate"}
        return await self._follow("GET", urljoin(self.site + "/", url), headers=headers)

    async def submit(
        self,
        page: Page,
        form: Form,
        *,
        button: Field | None = None,
        given: Mapping[str, str] | None = None,
    ) -> Page:
        """Send a form of this page, with what a person typed, by one of its buttons."""
        pairs = form.values(button=button, given=given or {})
        address = urljoin(page.url, form.action or page.url)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Origin": origin}
        if form.method != "post":
            url = f"{address.partition('?')[0]}?{urlencode(pairs)}"
            return await self._follow("GET", url, headers=headers)
        return await self._follow("POST", address, headers=headers, pairs=pairs)

    async def _follow(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        pairs: list[tuple[str, str]] | None = None,
    ) -> Page:
        for _ in range(MOST_REDIRECTS):
            answer = await self.send(method, url, headers=headers, pairs=pairs)
            if (target := answer.headers.get("location")) is None or answer.status_code < 300:
                return _page(url, answer)
            assert answer.status_code in {302, 303}, "a browser would repeat the POST elsewhere"
            url, method, pairs = urljoin(url, target), "GET", None
            if urlsplit(url)[:2] != urlsplit(self.site)[:2]:
                return Page(url=url, status=303, headers=answer.headers, html="", left=url)
        raise AssertionError(f"redirects in a circle at {url}")

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        pairs: list[tuple[str, str]] | None = None,
    ) -> httpx2.Response:
        """Send one request with our cookies and keep those of the answer."""
        usual = {
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Language": self._language,
            "Sec-Fetch-Dest": "document",
            "Sec-Fetch-User": "?1",
        }
        if self.cookies:
            usual["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        body = None
        if pairs is not None:
            usual["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(pairs).encode()
        answer = await self._http.request(method, url, headers={**usual, **headers}, content=body)
        for line in answer.headers.get_list("set-cookie"):
            self._keep(line)
        return answer

    def _keep(self, line: str) -> None:
        pair, *attributes = line.split(";")
        name, _, value = pair.strip().partition("=")
        if any(one.strip().lower().startswith(GONE) for one in attributes):
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value


def _page(url: str, answer: httpx2.Response) -> Page:
    return Page(url=url, status=answer.status_code, headers=answer.headers, html=answer.text)
