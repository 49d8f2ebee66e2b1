"""Writing the knowledge base: articles drafted, changed, published, put away."""

from dataclasses import dataclass
from typing import Protocol

from helpdesk_mcp.domain.desk import Desk
from helpdesk_mcp.domain.receipts import RecordReceipt


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDraft:
    """What an article is to say. None leaves a field as it is; `public` shows it to requesters."""

    title: str | None = None
    answer: str | None = None
    category: str | None = None
    keywords: tuple[str, ...] | None = None
    public: bool | None = None


class ArticleWriter(Protocol):
    async def create(self, draft: ArticleDraft) -> RecordReceipt: ...

    async def change(self, article_id: str, draft: ArticleDraft) -> RecordReceipt: ...

    async def publish(self, article_id: str) -> RecordReceipt:
        """Approve an article, so that people find it."""
        ...

    async def delete(self, article_id: str) -> RecordReceipt:
        """Put an article in the trash."""
        ...


class Authoring(Desk, Protocol):
    """A desk whose knowledge base can be written."""

    authoring: ArticleWriter
