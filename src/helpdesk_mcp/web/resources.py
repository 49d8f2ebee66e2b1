"""MCP resources: queues, tickets, conversations and articles under their own addresses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote

import mcp_types as types
from mcp.shared.exceptions import MCPError

from helpdesk_mcp.domain.errors import HelpdeskError
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.domain.principals import Principal
from helpdesk_mcp.pipeline.calls import Call
from helpdesk_mcp.pipeline.pipeline import Pipeline
from helpdesk_mcp.web.callers import Context, Whoami, refuse_state, refused

MARKDOWN = "text/markdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of resource: its address, and the operation that reads it."""

    template: str
    name: str
    title: str
    description: str
    operation: str
    argument: str
    fixed: tuple[tuple[str, Any], ...] = ()

    @property
    def of_a_desk(self) -> "Kind":
        """The same, at a desk that its address names: for callers who have several."""
        title = f"{self.title} of a desk"
        template = self.template.replace("://", "://{desk}/")
        return replace(self, template=template, name=f"{self.name}-of-desk", title=title)

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\\{\w+\\\}", r"([^/?#]{1,120})", re.escape(self.template)))


KINDS = (
    Kind(
        template="ticket://{ticket_id}",
        name="ticket",
        title="Ticket",
        description="One ticket with its description and fields",
        operation="get_ticket",
        argument="ticket_id",
        fixed=(("full", True),),
    ),
    Kind(
        template="ticket://{ticket_id}/conversation",
        name="conversation",
        title="Conversation of a ticket",
        description="What was said on a ticket, oldest first",
        operation="get_conversation",
        argument="ticket_id",
        fixed=(("full", True), ("page_size", 50)),
    ),
    Kind(
        template="queue://{queue}",
        name="queue",
        title="Queue",
        description="The open tickets of a queue, newest first",
        operation="list_tickets",
        argument="queue",
        fixed=(("status", "Open,Reopened"),),
    ),
    Kind(
        template="kb://{article_id}",
        name="article",
        title="Knowledge base article",
        description="One article of the knowledge base",
        operation="search_knowledge_base",
        argument="article_id",
    ),
)
OF_SEVERAL = tuple(kind.of_a_desk for kind in KINDS)
QUEUES_PER_PAGE = 50


class Resources:
    def __init__(self, pipeline: Pipeline, whoami: Whoami) -> None:
        self._pipeline = pipeline
        self._whoami = whoami
        self._patterns = tuple((kind.pattern, kind) for kind in (*KINDS, *OF_SEVERAL))

    async def list(
        self, ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        """List the queues. Tickets and articles are too many: they are found by tools."""
        start = _start(params)
        principal = self._whoami(ctx)
        if not await self._may(principal, "get_queues"):
            return types.ListResourcesResult(resources=[])
        answer = await self._run(ctx, principal, "get_queues", {}, "queue://")
        queues: list[dict[str, Any]] = answer["queues"]
        shown = queues[start : start + QUEUES_PER_PAGE]
        more = start + QUEUES_PER_PAGE < len(queues)
        return types.ListResourcesResult(
            resources=[_queue(queue) for queue in shown],
            next_cursor=str(start + QUEUES_PER_PAGE) if more else None,
        )

    async def templates(
        self, ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        _start(params)
        principal = self._whoami(ctx)
        visible = {o.name for o in await self._visible(principal)}
        several = (await self._pipeline.desks(principal)).several
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(
                    name=kind.name,
                    title=kind.title,
                    uri_template=kind.template,
                    description=kind.description,
                    mime_type=MARKDOWN,
                )
                for kind in ((*KINDS, *OF_SEVERAL) if several else KINDS)
                if kind.operation in visible
            ]
        )

    async def read(
        self, ctx: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        refuse_state(params.request_state)
        uri = str(params.uri)
        for pattern, kind in self._patterns:
            if (match := pattern.fullmatch(uri)) is not None:
                *desk, item = map(unquote, match.groups())
                arguments = {kind.argument: item, **dict(kind.fixed)}
                if desk:
                    arguments["desk"] = desk[0]
                call = self._call(ctx, self._whoami(ctx), kind.operation, arguments)
                try:
                    text = (await self._pipeline.run(call)).text
                except HelpdeskError as error:
                    raise _not_readable(error, uri) from error
                contents = types.TextResourceContents(uri=uri, mime_type=MARKDOWN, text=text)
                return types.ReadResourceResult(contents=[contents])
        raise MCPError(types.INVALID_PARAMS, "Resource not found.", {"uri": uri})

    async def _may(self, principal: Principal, operation: str) -> bool:
        return any(o.name == operation for o in await self._visible(principal))

    async def _visible(self, principal: Principal) -> Sequence[AnyOperation]:
        try:
            return await self._pipeline.visible_to(principal)
        except HelpdeskError as error:
            raise refused(error) from error

    async def _run(
        self, ctx: Context, principal: Principal, name: str, arguments: dict[str, Any], uri: str
    ) -> dict[str, Any]:
        try:
            return (await self._pipeline.run(self._call(ctx, principal, name, arguments))).data
        except HelpdeskError as error:
            raise _not_readable(error, uri) from error

    def _call(
        self, ctx: Context, principal: Principal, name: str, arguments: dict[str, Any]
    ) -> Call:
        return Call(
            principal=principal,
            operation=name,
            arguments=arguments,
            origin="mcp" if ctx.request is not None else "stdio",
        )


def _queue(queue: dict[str, Any]) -> types.Resource:
    name = queue.get("slug", queue["id"])
    place = f"{quote(queue['desk'])}/{quote(name)}" if "desk" in queue else quote(name)
    return types.Resource(
        name=name,
        title=queue["name"],
        uri=f"queue://{place}",
        description="Open tickets of this queue",
        mime_type=MARKDOWN,
    )


def _start(params: types.PaginatedRequestParams | None) -> int:
    if params is None or params.cursor is None:
        return 0
    if not (params.cursor.isascii() and params.cursor.isdigit() and len(params.cursor) <= 6):  # noqa: PLR2004 -- a million queues
        raise MCPError(types.INVALID_PARAMS, "This cursor is not one of ours.")
    return int(params.cursor)


def _not_readable(error: HelpdeskError, uri: str) -> MCPError:
    return refused(error, uri=uri)
