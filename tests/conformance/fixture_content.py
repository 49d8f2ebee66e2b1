"""The fixture's resources, templates, prompts and completions."""

import json
import re

from mcp.types import (
    BlobResourceContents,
    CompleteResult,
    Completion,
    ContentBlock,
    GetPromptRequestParams,
    GetPromptResult,
    InputRequiredResult,
    Prompt,
    PromptArgument,
    PromptMessage,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextContent,
    TextResourceContents,
)
from tests.conformance.fixture_asking import elicitation, spoken
from tests.conformance.fixture_data import PNG
from tests.conformance.fixture_forms import form
from tests.conformance.fixture_tools import IMAGE, embedded

TEMPLATE = re.compile(r"test://template/(?P<id>[^/]+)/data")


def resource(name: str, mime_type: str) -> Resource:
    described = f"Conformance fixture {name}."
    return Resource(uri=f"test://{name}", name=name, description=described, mime_type=mime_type)


def prompt(name: str, *required: str) -> Prompt:
    arguments = [PromptArgument(name=each, description=each, required=True) for each in required]
    described = f"Conformance fixture {name}."
    return Prompt(name=name, description=described, arguments=arguments)


RESOURCES = [
    resource("static-text", "text/plain"),
    resource("static-binary", "image/png"),
    resource("watched-resource", "text/plain"),
]

TEMPLATES = [
    ResourceTemplate(
        uri_template="test://template/{id}/data",
        name="template",
        description="Conformance fixture template.",
        mime_type="application/json",
    )
]

ASKING_PROMPT = "test_input_required_result_prompt"

PROMPTS = [
    prompt("test_simple_prompt"),
    prompt("test_prompt_with_arguments", "arg1", "arg2"),
    prompt("test_prompt_with_embedded_resource", "resourceUri"),
    prompt("test_prompt_with_image"),
    prompt(ASKING_PROMPT),
]


def read(uri: str) -> ReadResourceResult | None:
    """Return the fixture's resource at `uri`, or nothing when it is not the fixture's."""
    if uri == "test://static-binary":
        blob = BlobResourceContents(uri=uri, mime_type="image/png", blob=PNG)
        return ReadResourceResult(contents=[blob])
    if uri == "test://static-text":
        return text_resource(uri, "text/plain", "This is the content of the static text resource.")
    if uri == "test://watched-resource":
        return text_resource(uri, "text/plain", "This resource is watched.")
    if match := TEMPLATE.fullmatch(uri):
        number = match["id"]
        data = {"id": number, "templateTest": True, "data": f"Data for ID: {number}"}
        return text_resource(uri, "application/json", json.dumps(data))
    return None


def text_resource(uri: str, mime_type: str, words: str) -> ReadResourceResult:
    contents = TextResourceContents(uri=uri, mime_type=mime_type, text=words)
    return ReadResourceResult(contents=[contents])


def get_prompt(params: GetPromptRequestParams) -> GetPromptResult | InputRequiredResult | None:
    """Return the fixture's prompt, or nothing when it is not the fixture's."""
    given = params.arguments or {}
    match params.name:
        case "test_simple_prompt":
            return said(TextContent(text="This is a simple prompt for testing."))
        case "test_prompt_with_arguments":
            words = f"arg1='{given['arg1']}', arg2='{given['arg2']}'"
            return said(TextContent(text=f"Prompt with arguments: {words}"))
        case "test_prompt_with_embedded_resource":
            contents = "Embedded resource content for testing."
            return said(
                embedded(given["resourceUri"], "text/plain", contents),
                TextContent(text="Please process the embedded resource above."),
            )
        case "test_prompt_with_image":
            return said(IMAGE, TextContent(text="Please analyze the image above."))
        case name if name == ASKING_PROMPT:
            return asking_prompt(params)
        case _:
            return None


def said(*blocks: ContentBlock) -> GetPromptResult:
    messages = [PromptMessage(role="user", content=block) for block in blocks]
    return GetPromptResult(messages=messages)


def asking_prompt(params: GetPromptRequestParams) -> GetPromptResult | InputRequiredResult:
    answers = params.input_responses or {}
    if "user_context" in answers:
        return said(TextContent(text=f"Consider {spoken(answers['user_context'])}."))
    question = "What context should the prompt use?"
    return InputRequiredResult(
        input_requests={"user_context": elicitation(question, form(context="string"))}
    )


def complete(prefix: str) -> CompleteResult:
    known = ("paris", "park", "party")
    values = [value for value in known if value.startswith(prefix)]
    return CompleteResult(completion=Completion(values=values, total=len(values), has_more=False))
