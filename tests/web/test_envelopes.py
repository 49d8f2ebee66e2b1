"""Which envelopes are so plain that the SDK need not look at them again."""

from typing import Any

import pytest

from helpdesk_mcp.web.envelopes import is_plain

NAMED = {"name": "agent", "version": "1"}


@pytest.mark.parametrize("client", [None, NAMED, {**NAMED, "title": "Agent"}])
@pytest.mark.parametrize(
    "able", [{}, {"elicitation": {}}, {"elicitation": {"form": {}, "url": {}}}, {"sampling": {}}]
)
def test_ordinary_clients_are_plain(client: Any, able: Any) -> None:
    assert is_plain(client, able)


@pytest.mark.parametrize(
    "client", ["agent", [], {}, {"name": "agent"}, {**NAMED, "version": 1}, {**NAMED, "icons": []}]
)
def test_a_client_of_another_shape_is_not(client: Any) -> None:
    assert not is_plain(client, {})


@pytest.mark.parametrize(
    "able",
    [
        None,
        [],
        {"elicitation": 1},
        {"elicitation": {"form": 1}},
        {"elicitation": {"x": {}}},
        {"roots": {"listChanged": True}},
        {"other": {}},
        {"extensions": {"a": {}}},
    ],
)
def test_capabilities_with_anything_to_check_are_not(able: Any) -> None:
    assert not is_plain(NAMED, able)
