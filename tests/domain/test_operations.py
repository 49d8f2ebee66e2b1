"""An operation's signature is its schema and its docstring the text an agent reads."""

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError

from helpdesk_mcp.domain.desk import Desk, Tickets
from helpdesk_mcp.domain.operations import (
    Effect,
    Holds,
    input_schema,
    operation,
    output_schema,
)
from helpdesk_mcp.domain.principals import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Words that no agent needs."""

    title: str
    note: str | None = None


@operation(
    Scope.TICKETS_READ,
    Effect.READ,
    title="Make a thing",
    renamed={"name": "title"},
    holds={"title": Holds.PERSON},
)
async def make_thing(
    desk: Tickets,
    title: Annotated[str, Field(description="What to call it")],
    count: int | None = None,
    size: int | str | None = None,
    loud: Annotated[bool, Field()] = False,  # noqa: FBT002 -- arguments of tools come by name
    tags: tuple[str, ...] = (),
) -> Thing:
    """Make a thing,
    in two lines.
    """
    del desk, count, size, loud, tags
    return Thing(title=title)


@operation((Scope.TICKETS_WRITE, Scope.REPLIES_SEND), Effect.WRITE, title="Touch", listed=False)
async def touch(desk: Desk) -> Thing:
    del desk
    return Thing(title="touched")


def test_a_function_becomes_an_operation_with_all_its_facts() -> None:
    assert make_thing.name == "make_thing"
    assert make_thing.summary == "Make a thing, in two lines."
    assert make_thing.needs is Tickets
    assert make_thing.scopes == {Scope.TICKETS_READ}
    assert make_thing.listed
    assert make_thing.renamed == {"name": "title"}
    assert make_thing.holds == {"title": Holds.PERSON}


def test_reads_are_idempotent_and_writes_are_not_unless_they_say_so() -> None:
    again = operation(Scope.TICKETS_WRITE, Effect.WRITE, title="Again", idempotent=True)
    assert make_thing.idempotent
    assert not touch.idempotent
    assert again(touch.function).idempotent


def test_several_scopes_are_all_needed() -> None:
    assert touch.scopes == {Scope.TICKETS_WRITE, Scope.REPLIES_SEND}


def test_a_missing_docstring_is_an_empty_summary() -> None:
    assert touch.summary == ""


def test_an_input_schema_is_compact_and_closed() -> None:
    assert input_schema(make_thing) == {
        "type": "object",
        "properties": {
            "title": {"description": "What to call it", "type": "string"},
            "count": {"type": "integer"},
            "size": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
            "loud": {"default": False, "type": "boolean"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["title"],
        "additionalProperties": False,
    }


def test_no_arguments_are_an_empty_closed_object() -> None:
    assert input_schema(touch) == {
        "type": "object",
        "properties": {},
        "additionalProperties": False,
    }


def test_an_output_schema_is_the_result_or_an_error() -> None:
    schema = output_schema(make_thing)
    result, failed = schema["anyOf"]
    assert schema["type"] == "object"
    assert result["required"] == ["title"]
    assert "title" in result["properties"]
    assert "description" not in result
    assert failed == {"properties": {"error": {"type": "object"}}, "required": ["error"]}


@pytest.mark.parametrize(
    "arguments",
    [{}, {"title": 1}, {"title": "a", "titel": "b"}, {"title": "a", "count": "many"}],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make_thing.arguments.model_validate(arguments)


def test_a_validation_error_does_not_carry_the_value() -> None:
    with pytest.raises(ValidationError) as caught:
        make_thing.arguments.model_validate({"title": {"hidden": "canary-7261"}})
    assert "canary-7261" not in str(caught.value)
