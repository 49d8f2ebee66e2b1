"""Solutions of ServiceDesk Plus, written: drafted, changed, approved, put in the trash."""

from dataclasses import dataclass

from helpdesk_mcp.desks.servicedeskplus.half_done import after
from helpdesk_mcp.desks.servicedeskplus.link import Link
from helpdesk_mcp.desks.servicedeskplus.lookups import Lookups
from helpdesk_mcp.desks.servicedeskplus.record_fields import Field, Module
from helpdesk_mcp.desks.servicedeskplus.records import Records
from helpdesk_mcp.desks.servicedeskplus.values import Row
from helpdesk_mcp.domain.authoring import ArticleDraft
from helpdesk_mcp.domain.errors import Invalid, NotFound
from helpdesk_mcp.domain.receipts import Change, RecordReceipt
from helpdesk_mcp.domain.text import Line, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """A solution as a writer sees it, with its approval."""

    id: str
    title: Line | None = None
    answer: Prose | None = None
    category: Line | None = None
    keywords: Line | None = None
    public: bool | None = None
    status: Line | None = None


SOLUTIONS = Module(
    record=Solution,
    path="solutions",
    wrapper="solution",
    what="article",
    fields=(
        Field(ours="title", theirs="title", kind="title"),
        Field(ours="answer", theirs="description", kind="html"),
        Field(ours="category", theirs="topic", kind="ref"),
        Field(ours="keywords", theirs="keywords"),
        Field(ours="public", theirs="is_public", kind="flag"),
        Field(ours="status", theirs="approval_status", kind="ref"),
    ),
)


class _Solutions(Records[Solution, ArticleDraft]):
    async def values(self, draft: ArticleDraft, before: Row) -> Row:
        values = await super().values(draft, before)
        if draft.keywords is not None:
            values["keywords"] = ",".join(draft.keywords)
        return values


class AuthoringHere:
    def __init__(self, link: Link, lookups: Lookups) -> None:
        self.link = link
        self.records = _Solutions(link, lookups, SOLUTIONS)

    async def create(self, draft: ArticleDraft) -> RecordReceipt:
        return await self.records.create(draft)

    async def change(self, article_id: str, draft: ArticleDraft) -> RecordReceipt:
        return await self.records.change(article_id, draft)

    async def publish(self, article_id: str) -> RecordReceipt:
        """Approve by the status, or by the action of older builds (reference §5)."""
        before = await self.records.row(article_id)
        place = self.records.place(article_id)
        data = {"solution": {"approval_status": {"name": "Approved"}}}
        try:
            await self.link.write("PUT", place, data, missing=SOLUTIONS.missing)
        except Invalid as error:
            if error.reason not in {"desk_refused", "read_only", "unknown_field"}:
                raise
            await self.link.write("PUT", f"{place}/approve", missing=SOLUTIONS.missing)
        with after("The desk was told to approve the article."):
            now = await self.records.row(article_id)
        return self.records.receipt(article_id, before, now)

    async def delete(self, article_id: str) -> RecordReceipt:
        """Put in the trash. The bare path deletes for good on-prem: there it is never called."""
        await self.records.row(article_id)
        place = self.records.place(article_id)
        path = place if self.link.edition.is_cloud else f"{place}/_move_to_trash"
        try:
            await self.link.write("DELETE", path, missing=SOLUTIONS.missing)
        except NotFound as error:
            raise NotFound(
                "This desk puts no articles in a trash over its API; nothing was done.",
                reason="no_trash",
            ) from error
        told = Change(field="trash", after="yes")
        return RecordReceipt(record="article", id=article_id, changes=(told,))
