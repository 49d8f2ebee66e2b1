"""The fixture's tools that need something of the client: over a session, or by `input_required`."""

from collections.abc import Mapping
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp.types import (
    INVALID_PARAMS,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    CallToolRequestParams,
    CallToolResult,
    ClientCapabilities,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitationCapability,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    FormElicitationCapability,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    SamplingCapability,
    SamplingMessage,
    TextContent,
)
from tests.conformance.fixture_forms import EVERY_DEFAULT, EVERY_ENUM, USER, form
from tests.conformance.fixture_tools import Answer, Context, FixtureTool, Run, arguments, text

ELICITATION = ClientCapabilities(
    elicitation=ElicitationCapability(form=FormElicitationCapability())
)
SAMPLING = ClientCapabilities(sampling=SamplingCapability())


def asking_tools() -> tuple[FixtureTool, ...]:
    name_form = {"user_name": elicitation("What is your name?", form(name="string"))}
    capital = {"capital_question": sampling("What is the capital of France?", 100)}
    roots: dict[str, InputRequest] = {"client_roots": ListRootsRequest(params=None)}
    confirm = {"confirm": elicitation("Please confirm", form(ok="boolean"))}
    greeting = {"greeting": sampling("Generate a greeting", 50)}
    prefix = "test_input_required_result"
    return (
        FixtureTool(name="test_missing_capability", run=need_sampling),
        FixtureTool(name="test_sampling", run=sample_now, input_schema=arguments(prompt="string")),
        FixtureTool(
            name="test_elicitation", run=elicit_user, input_schema=arguments(message="string")
        ),
        FixtureTool(name="test_elicitation_sep1034_defaults", run=elicit_now(EVERY_DEFAULT)),
        FixtureTool(name="test_elicitation_sep1330_enums", run=elicit_now(EVERY_ENUM)),
        FixtureTool(name="test_streaming_elicitation", run=ask(name_form)),
        FixtureTool(name=f"{prefix}_elicitation", run=ask(name_form)),
        FixtureTool(name=f"{prefix}_sampling", run=ask(capital)),
        FixtureTool(name=f"{prefix}_list_roots", run=ask(roots)),
        FixtureTool(name=f"{prefix}_request_state", run=ask(confirm, state="confirming")),
        FixtureTool(name=f"{prefix}_tampered_state", run=ask(confirm, state="confirming")),
        FixtureTool(
            name=f"{prefix}_multiple_inputs",
            run=ask({**name_form, **greeting, **roots}, state="three questions"),
        ),
        FixtureTool(name=f"{prefix}_multi_round", run=ask_twice),
        FixtureTool(name=f"{prefix}_capabilities", run=ask_what_the_client_can),
    )


def elicitation(message: str, schema: dict[str, Any]) -> InputRequest:
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def sampling(words: str, max_tokens: int) -> InputRequest:
    message = SamplingMessage(role="user", content=TextContent(text=words))
    return CreateMessageRequest(
        params=CreateMessageRequestParams(messages=[message], max_tokens=max_tokens)
    )


# ---- 2026-07-28: ask by answering `input_required`, SEP-2322 ----


def ask(questions: Mapping[str, InputRequest], *, state: str | None = None) -> Run:
    """Ask until every question has an answer of its kind; `state` must then come back with them."""

    async def run(_: Context, params: CallToolRequestParams) -> Answer:
        answers = params.input_responses or {}
        if not questions.keys() <= answers.keys():
            return InputRequiredResult(input_requests=dict(questions), request_state=state)
        if params.request_state != state:
            raise MCPError(INVALID_PARAMS, "The request state is not the one we gave.")
        said = ", ".join(spoken(answers[key]) for key in questions)
        return text(f"Hello, {said}!" + (" state-ok" if state else ""))

    return run


async def ask_twice(_: Context, params: CallToolRequestParams) -> Answer:
    answers = params.input_responses or {}
    if params.request_state == "round 2" and "step2" in answers:
        return text(f"Your color: {spoken(answers['step2'])}.")
    if params.request_state == "round 1" and "step1" in answers:
        color = elicitation("Step 2: What is your favorite color?", form(color="string"))
        return InputRequiredResult(input_requests={"step2": color}, request_state="round 2")
    name = elicitation("Step 1: What is your name?", form(name="string"))
    return InputRequiredResult(input_requests={"step1": name}, request_state="round 1")


async def ask_what_the_client_can(context: Context, _: CallToolRequestParams) -> Answer:
    questions: dict[str, InputRequest] = {}
    if context.session.check_client_capability(ELICITATION):
        questions["name"] = elicitation("What is your name?", form(name="string"))
    if context.session.check_client_capability(SAMPLING):
        questions["greeting"] = sampling("Generate a greeting", 50)
    if not questions:
        return text("There is nothing this client can be asked.")
    return InputRequiredResult(input_requests=questions)


async def need_sampling(context: Context, _: CallToolRequestParams) -> CallToolResult:
    if context.session.check_client_capability(SAMPLING):
        return text("The client can sample.")
    raise MCPError(
        MISSING_REQUIRED_CLIENT_CAPABILITY,
        "This needs a client that can sample.",
        {"requiredCapabilities": {"sampling": {}}},
    )


def spoken(answer: object) -> str:
    """What an answer says, whatever kind of question it answers."""
    match answer:
        case ElicitResult(content=content):
            return ", ".join(str(value) for value in (content or {}).values())
        case CreateMessageResult(content=TextContent(text=words)):
            return words
        case ListRootsResult(roots=roots):
            return ", ".join(str(root.uri) for root in roots)
        case _:
            return "somebody"


# ---- up to 2025-11-25: ask over the session's back-channel ----


async def sample_now(context: Context, params: CallToolRequestParams) -> CallToolResult:
    question = sampling(str((params.arguments or {})["prompt"]), 100)
    answer = await context.session.send_request(
        question, CreateMessageResult, metadata=on_the_stream_of(context)
    )
    return text(f"LLM response: {spoken(answer)}")


async def elicit_user(context: Context, params: CallToolRequestParams) -> CallToolResult:
    message = str((params.arguments or {})["message"])
    answer = await context.session.elicit_form(message, USER, context.request_id)
    return text(f"User response: action={answer.action}, content={answer.content}")


def elicit_now(schema: dict[str, Any]) -> Run:
    async def run(context: Context, _: CallToolRequestParams) -> CallToolResult:
        message = "Please review the form."
        answer = await context.session.elicit_form(message, schema, context.request_id)
        words = f"action={answer.action}, content={answer.content}"
        return text(f"Elicitation completed: {words}")

    return run


def on_the_stream_of(context: Context) -> ServerMessageMetadata:
    return ServerMessageMetadata(related_request_id=context.request_id)
