"""The knowledge base: solutions, found by words and read by id."""

from dataclasses import dataclass

from helpdesk_mcp.desks.servicedeskplus.criteria import holding, render
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query, number
from helpdesk_mcp.desks.servicedeskplus.wire import article_of
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.knowledge import Article
from helpdesk_mcp.domain.pages import Page, Window

NO_ARTICLE = "There is no such article."
SEARCHED = (("title", "description"), ("title",))
"""Fields to search: not every build searches in the text."""
LISTED = ("title", "topic")


@dataclass(frozen=True, slots=True)
class Solutions:
    link: Link

    async def articles(self, text: str, window: Window) -> Page[Article]:
        found = None
        for fields in SEARCHED:
            query = Query(criteria=render(holding(text, fields)), fields=LISTED)
            try:
                found = await self.link.rows("solutions", query, window)
            except Invalid:
                if fields == SEARCHED[-1]:
                    raise
            else:
                break
        rows = found.items if found else ()
        return Page(
            items=tuple(article_of(row, whole=False) for row in rows),
            start=window.start,
            total=found.total if found else None,
            more=bool(found and found.more),
        )

    async def article(self, article_id: str) -> Article:
        path = f"solutions/{number(article_id, NO_ARTICLE)}"
        return article_of(await self.link.one(path, missing=NO_ARTICLE), whole=True)
