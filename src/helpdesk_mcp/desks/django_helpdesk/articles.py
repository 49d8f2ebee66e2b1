"""The knowledge base, read from its pages: stock offers it in no other form."""

import re
from dataclasses import dataclass, field, replace

from bs4 import BeautifulSoup, Tag

from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.kept import Kept
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.errors import NotFound
from helpdesk_mcp.domain.knowledge import Article
from helpdesk_mcp.domain.pages import Page, Window

NO_ARTICLE = "There is no such article."
_CATEGORY = re.compile(r"/kb/([-A-Za-z0-9_]+)/$")
_ITEM = re.compile(r"collapse-(\d+)")


@dataclass(slots=True)
class Articles:
    link: Link
    _all: Kept[tuple[Article, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self._all = Kept(self._load)

    async def search(self, text: str, window: Window) -> Page[Article]:
        """Return articles that hold every word, those with all of them in the title first."""
        words = folded(text).split()
        found = [a for a in await self._all.get() if all(word in _text(a) for word in words)]
        found.sort(key=lambda a: not all(word in folded(a.title) for word in words))
        part = found[window.start : window.start + window.size]
        return Page(
            items=tuple(replace(article, answer=None) for article in part),
            start=window.start,
            total=len(found),
            more=window.start + len(part) < len(found),
        )

    async def article(self, article_id: str) -> Article:
        for article in await self._all.get():
            if article.id == article_id.strip():
                return article
        raise NotFound(NO_ARTICLE)

    async def _load(self) -> tuple[Article, ...]:
        index = BeautifulSoup(await self.link.page("kb/", missing=NO_ARTICLE), "html.parser")
        slugs = dict.fromkeys(
            match[1]
            for link in index.find_all("a", href=_CATEGORY)
            if (match := _CATEGORY.search(str(link["href"])))
        )
        pages = [(slug, await self.link.page(f"kb/{slug}/", missing=NO_ARTICLE)) for slug in slugs]
        return tuple(article for slug, html in pages for article in self._read(slug, html))

    def _read(self, slug: str, html: str) -> list[Article]:
        soup = BeautifulSoup(html, "html.parser")
        heading = soup.select_one("article h2")
        category = heading.get_text(strip=True) if heading else slug
        return [
            self._article(item, slug, category)
            for item in soup.select("#accordionKbItem > .accordion-item")
        ]

    def _article(self, item: Tag, slug: str, category: str) -> Article:
        button, question = item.find("button"), item.select_one(".accordion-body > h5")
        answer, panel = item.select_one(".card-answer"), item.find(id=_ITEM)
        number = _ITEM.search(str(panel["id"])) if panel else None
        identity = number[1] if number else ""
        return Article(
            id=identity,
            title=button.get_text(strip=True) if button else "",
            category=category,
            question=question.get_text(strip=True) if question else None,
            answer=answer.decode_contents().strip() if answer else None,
            url=self.link.web(f"kb/{slug}/?kbitem={identity}"),
        )


def _text(article: Article) -> str:
    return folded(" ".join((article.title, article.question or "", article.answer or "")))
