"""The fixture's plain tools: one per kind of content, plus progress, logging and list changes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from mcp.server import ServerRequestContext
from mcp.server.connection import allowed_log_levels
from mcp.server.subscriptions import PromptsListChanged, ServerEvent, ToolsListChanged
from mcp.types import (
    AudioContent,
    CallToolRequestParams,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    InputRequiredResult,
    LoggingMessageNotification,
    LoggingMessageNotificationParams,
    TextContent,
    TextResourceContents,
    Tool,
)
from tests.conformance.fixture_data import PNG, SCHEMA_2020_12, WAV

Context = ServerRequestContext[Any, Any]  # what a lifespan yields is the product's business
Schema = dict[str, Any]  # a JSON document
Answer = CallToolResult | InputRequiredResult
Run = Callable[[Context, CallToolRequestParams], Awaitable[Answer]]
Publish = Callable[[ServerEvent], Awaitable[None]]


def no_arguments() -> Schema:
    return {"type": "object", "additionalProperties": False}


def arguments(**kinds: str) -> Schema:
    properties = {name: {"type": kind} for name, kind in kinds.items()}
    return {"type": "object", "properties": properties, "required": list(kinds)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FixtureTool:
    name: str
    run: Run
    input_schema: Schema = field(default_factory=no_arguments)

    def listed(self) -> Tool:
        return Tool(
            name=self.name,
            description=f"Conformance fixture {self.name}.",
            input_schema=self.input_schema,
        )


def plain_tools(publish: Publish) -> tuple[FixtureTool, ...]:
    mirrored = {"type": "string", "x-mcp-header": "Region"}
    return (
        *(FixtureTool(name=name, run=constant(*blocks)) for name, blocks in CONTENT.items()),
        FixtureTool(name="test_error_handling", run=fail),
        FixtureTool(name="test_tool_with_progress", run=report_progress),
        FixtureTool(name="test_tool_with_logging", run=log_three_times),
        FixtureTool(name="test_logging_tool", run=log_three_times),
        FixtureTool(name="test_trigger_tool_change", run=announce(publish, ToolsListChanged())),
        FixtureTool(name="test_trigger_prompt_change", run=announce(publish, PromptsListChanged())),
        FixtureTool(
            name="json_schema_2020_12_tool",
            run=constant(TextContent(text="accepted")),
            input_schema=SCHEMA_2020_12,
        ),
        FixtureTool(
            name="test_mirrored_header",
            run=constant(TextContent(text="accepted")),
            input_schema={
                "type": "object",
                "properties": {"region": mirrored},
                "required": ["region"],
            },
        ),
    )


def embedded(uri: str, mime_type: str, text: str) -> EmbeddedResource:
    return EmbeddedResource(resource=TextResourceContents(uri=uri, mime_type=mime_type, text=text))


IMAGE = ImageContent(data=PNG, mime_type="image/png")

CONTENT: dict[str, tuple[ContentBlock, ...]] = {
    "test_simple_text": (TextContent(text="This is a simple text response for testing."),),
    "test_image_content": (IMAGE,),
    "test_audio_content": (AudioContent(data=WAV, mime_type="audio/wav"),),
    "test_embedded_resource": (
        embedded("test://embedded-resource", "text/plain", "This is an embedded resource content."),
    ),
    "test_multiple_content_types": (
        TextContent(text="Multiple content types test:"),
        IMAGE,
        embedded(
            "test://mixed-content-resource",
            "application/json",
            '{"test":"data","value":123}',
        ),
    ),
}


def text(words: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=words)])


def constant(*blocks: ContentBlock) -> Run:
    async def run(_: Context, __: CallToolRequestParams) -> CallToolResult:
        return CallToolResult(content=list(blocks))

    return run


async def fail(_: Context, __: CallToolRequestParams) -> CallToolResult:
    words = "This tool intentionally returns an error for testing"
    return CallToolResult(content=[TextContent(text=words)], is_error=True)


async def report_progress(context: Context, _: CallToolRequestParams) -> CallToolResult:
    for progress in (0, 50, 100):
        await context.session.report_progress(progress, total=100)
    return text("Progress was reported.")


async def log_three_times(context: Context, _: CallToolRequestParams) -> CallToolResult:
    for words in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await log(context, words)
    return text("Three messages were logged.")


async def log(context: Context, words: str) -> None:
    """Send one log line where the request allows it: since 2026-07-28 each request opts in."""
    if "info" not in allowed_log_levels(context.protocol_version, context.meta):
        return
    line = LoggingMessageNotificationParams(level="info", data=words)
    await context.session.send_notification(
        LoggingMessageNotification(params=line), related_request_id=context.request_id
    )


def announce(publish: Publish, event: ServerEvent) -> Run:
    async def run(_: Context, __: CallToolRequestParams) -> CallToolResult:
        await publish(event)
        return text("The change was announced.")

    return run
