"""Who may run what: the table of decisions, in order of precedence."""

import pytest

from helpdesk_mcp.domain.desk import Comments, People, Tickets
from helpdesk_mcp.domain.operations import AnyOperation
from helpdesk_mcp.domain.policy import Policy, Refused, lacking, refusal
from helpdesk_mcp.domain.principals import EVERY_SCOPE, Principal, Scope
from helpdesk_mcp.tools.catalog import TOOLS

TOOL = {operation.name: operation for operation in TOOLS}
OPEN = Policy()
READ_ONLY = Policy(read_only=True)
READER = frozenset({Scope.TICKETS_READ})
WRITER = READER | {Scope.TICKETS_WRITE}


@pytest.mark.parametrize(
    ("tool", "scopes", "policy", "offered", "reason"),
    [
        ("list_tickets", READER, OPEN, {Tickets}, None),
        ("list_tickets", READER, READ_ONLY, {Tickets}, None),
        ("list_tickets", frozenset[Scope](), OPEN, {Tickets}, "scope"),
        ("list_tickets", READER, OPEN, {Comments}, "capability"),
        ("update_ticket", WRITER, OPEN, {Tickets}, None),
        ("update_ticket", READER, OPEN, {Tickets}, "scope"),
        ("update_ticket", WRITER, READ_ONLY, {Tickets}, "read_only"),
        ("update_ticket", READER, READ_ONLY, {Tickets}, "read_only"),
        ("add_note", WRITER, OPEN, {Comments}, None),
        ("reply_to_requester", WRITER, OPEN, {Comments}, "scope"),
        ("reply_to_requester", EVERY_SCOPE, OPEN, {Comments}, None),
        ("close_ticket", WRITER, OPEN, {Tickets}, None),
        ("get_users", READER, OPEN, {People}, "scope"),
        (
            "list_tickets",
            READER,
            Policy(switched_off=frozenset({"list_tickets"})),
            {Tickets},
            "switched_off",
        ),
    ],
)
def test_the_first_reason_that_applies_is_given(
    tool: str, scopes: frozenset[Scope], policy: Policy, offered: set[type], reason: str | None
) -> None:
    refused = refusal(_principal(scopes), TOOL[tool], policy, offered)
    assert (refused.reason if refused else None) == reason


def test_a_missing_scope_is_named_with_all_that_are_needed() -> None:
    refused = refusal(_principal(READER), TOOL["reply_to_requester"], OPEN, {Comments})
    assert refused == Refused(
        "scope",
        "This needs the scope replies:send tickets:write.",
        ("replies:send", "tickets:write"),
    )


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_every_tool_is_refused_to_a_token_that_lacks_any_of_its_scopes(tool: AnyOperation) -> None:
    assert refusal(_principal(EVERY_SCOPE), tool, OPEN, {tool.needs}) is None
    for missing in tool.scopes:
        refused = refusal(_principal(EVERY_SCOPE - {missing}), tool, OPEN, {tool.needs})
        assert refused is not None
        assert refused.reason == "scope"


@pytest.mark.parametrize(
    ("tool", "argument"),
    [(tool, argument) for tool in TOOLS for argument in tool.scopes_if],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_an_argument_that_mails_somebody_needs_the_scope_to_do_so(
    tool: AnyOperation, argument: str
) -> None:
    writer, everybody = _principal(WRITER), _principal(EVERY_SCOPE)
    refused = lacking(writer, tool, {argument: True})
    assert refused is not None
    assert "replies:send" in refused.scopes
    assert lacking(writer, tool, {argument: False}) is None
    assert lacking(everybody, tool, {argument: True}) is None


def test_a_tool_that_mails_unless_told_otherwise_needs_the_scope_by_default() -> None:
    assert lacking(_principal(WRITER), TOOL["close_ticket"], {}) is not None


def _principal(scopes: frozenset[Scope]) -> Principal:
    return Principal(tenant="acme", subject="ana", client="test", scopes=scopes)
