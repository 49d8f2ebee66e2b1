"""The tool for the knowledge base."""

from typing import Annotated

from pydantic import Field

from helpdesk_mcp.domain.desk import Knowledge
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.pages import footer
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.tools.params import Cursor, Word
from helpdesk_mcp.tools.results import ArticleList, window


@operation(
    Scope.KNOWLEDGE_READ,
    Effect.READ,
    title="Search the knowledge base",
    holds={"query": Holds.PROSE},
)
async def search_knowledge_base(
    desk: Knowledge,
    query: Annotated[str, Field(min_length=1, max_length=200)] | None = None,
    article_id: Word | None = None,
    cursor: Cursor | None = None,
) -> ArticleList:
    """Search articles by words, or read one by article_id."""
    if article_id is not None:
        article = await desk.article(article_id)
        return ArticleList(articles=(article,), shown=1, total=1)
    if query is None:
        raise Invalid("Give `query` to search or `article_id` to read.", reason="empty")
    found = await desk.articles(query, window(cursor, None, 10))
    return ArticleList(
        articles=found.items,
        **footer(found),
    )


TOOLS = (search_knowledge_base,)
