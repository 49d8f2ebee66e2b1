"""Tools that write the knowledge base."""

from typing import Annotated

from pydantic import Field

from helpdesk_mcp.domain.authoring import ArticleDraft, Authoring
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.tools.drafts import something
from helpdesk_mcp.tools.params import Body, RecordId, Subject, Word, Words, names

Category = Annotated[Word, Field(description="Category or topic, as the desk names it")]
Keywords = Annotated[Words, Field(description="Comma-separated")]
Public = Annotated[bool, Field(description="Requesters see it too, once published")]
ARTICLE = {"title": Holds.PROSE, "answer": Holds.PROSE}
RENAMED = {"description": "answer", "topic": "category", "is_public": "public"}


@operation(
    Scope.KNOWLEDGE_WRITE,
    Effect.WRITE,
    title="Create an article",
    listed=False,
    target="",
    renamed=RENAMED,
    holds=ARTICLE,
)
async def create_article(
    desk: Authoring,
    title: Subject,
    answer: Body,
    category: Category | None = None,
    keywords: Keywords | None = None,
    public: Public = False,
) -> RecordReceipt:
    """Draft an article of the knowledge base. publish_article makes it found."""
    draft = ArticleDraft(
        title=title,
        answer=answer,
        category=category,
        keywords=names(keywords) or None,
        public=public,
    )
    return await desk.authoring.create(draft)


@operation(
    Scope.KNOWLEDGE_WRITE,
    Effect.WRITE,
    title="Change an article",
    idempotent=True,
    listed=False,
    target="article_id",
    renamed={"id": "article_id", **RENAMED},
    holds=ARTICLE,
)
async def update_article(
    desk: Authoring,
    article_id: RecordId,
    title: Subject | None = None,
    answer: Body | None = None,
    category: Category | None = None,
    keywords: Keywords | None = None,
    public: bool | None = None,
) -> RecordReceipt:
    """Change an article of the knowledge base; what is not given stays."""
    draft = ArticleDraft(
        title=title,
        answer=answer,
        category=category,
        keywords=names(keywords) or None,
        public=public,
    )
    return await desk.authoring.change(article_id, something(draft))


@operation(
    (Scope.KNOWLEDGE_WRITE, Scope.APPROVALS_DECIDE),
    Effect.WRITE,
    title="Publish an article",
    idempotent=True,
    listed=False,
    target="article_id",
    renamed={"id": "article_id"},
)
async def publish_article(desk: Authoring, article_id: RecordId) -> RecordReceipt:
    """Approve an article, so that people find it."""
    return await desk.authoring.publish(article_id)


@operation(
    (Scope.KNOWLEDGE_WRITE, Scope.TICKETS_DELETE),
    Effect.DESTROY,
    title="Put an article in the trash",
    idempotent=True,
    listed=False,
    target="article_id",
    renamed={"id": "article_id"},
)
async def delete_article(desk: Authoring, article_id: RecordId) -> RecordReceipt:
    """Put an article of the knowledge base in the trash; people restore it in the help desk."""
    return await desk.authoring.delete(article_id)


TOOLS = (create_article, update_article, publish_article, delete_article)
