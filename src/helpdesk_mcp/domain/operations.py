"""An operation is one async function plus what the pipeline must know about it."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, ParamSpec, TypeVar, cast, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model

from helpdesk_mcp.domain.aliases import Alias
from helpdesk_mcp.domain.desks import Desks
from helpdesk_mcp.domain.pages import Gathered
from helpdesk_mcp.domain.principals import Scope

P = ParamSpec("P")
R = TypeVar("R")


class Effect(StrEnum):
    """What running the operation can do to the desk."""

    READ = "read"
    WRITE = "write"
    DESTROY = "destroy"


class Holds(StrEnum):
    """What an argument holds, so that the audit masks it rightly."""

    PLAIN = "plain"
    PERSON = "person"
    PROSE = "prose"
    SECRET = "secret"  # noqa: S105 -- a kind of argument, not a secret


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[P, R]):
    """A function, its schemas, and its place in policy, audit and protocol.

    `scopes` are all needed; `scopes_if` maps an argument to the scope that its being true needs
    besides. `renamed` maps an argument's other documented names to ours; they are
    accepted and never listed. `target` names the argument that identifies what is acted on.
    A `proxy` runs another operation in its place, and that one is judged. `own_words`: an answer
    holds nothing that people wrote at a desk, so it needs no boundary. One that `spreads` can
    ask several desks at once.
    `aliases` are documented names of other servers that it answers to.
    """

    name: str
    title: str
    summary: str
    scopes: frozenset[Scope]
    effect: Effect
    idempotent: bool
    listed: bool
    needs: type
    arguments: type[Arguments]
    result: TypeAdapter[Any]
    function: Callable[P, Awaitable[R]]
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    holds: Mapping[str, Holds] = field(default_factory=dict[str, Holds])
    scopes_if: Mapping[str, Scope] = field(default_factory=dict[str, Scope])
    target: str = "ticket_id"
    proxy: bool = False
    own_words: bool = False
    aliases: Mapping[str, Alias] = field(default_factory=dict[str, Alias])
    spreads: bool = False

    @property
    def takes_desk(self) -> bool:
        """Whether it can be told which desk is meant, by a caller who has several."""
        return not (self.proxy or self.own_words)

    @property
    def toolset(self) -> str:
        """The topic it belongs to: the module that defines it, or its `TOOLSET`."""
        module = self.function.__module__.rpartition(".")[2]
        return getattr(self.function, "__globals__", {}).get("TOOLSET", module)

    def scopes_for(self, given: Mapping[str, Any]) -> frozenset[Scope]:
        """Return the scopes that a call with these arguments needs, defaults included."""
        fields = self.arguments.model_fields
        asked = {
            scope
            for name, scope in self.scopes_if.items()
            if given.get(name, fields[name].default) is not False
        }
        return self.scopes | asked

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Awaitable[R]:
        return self.function(*args, **kwargs)


AnyOperation = Operation[..., Any]


def operation(  # noqa: PLR0913 -- each is one fact about the operation, all but two by keyword
    scopes: Scope | tuple[Scope, ...],
    effect: Effect,
    *,
    title: str,
    idempotent: bool | None = None,
    listed: bool = True,
    renamed: Mapping[str, str] | None = None,
    holds: Mapping[str, Holds] | None = None,
    scopes_if: Mapping[str, Scope] | None = None,
    proxy: bool = False,
    own_words: bool = False,
    target: str = "ticket_id",
) -> Callable[[Callable[P, Awaitable[R]]], Operation[P, R]]:
    """Turn a function into an operation: its signature is the schema, its docstring the summary."""

    def wrap(function: Callable[P, Awaitable[R]]) -> Operation[P, R]:
        needs, arguments = _signature(function)
        returns: Any = get_type_hints(function, include_extras=True)["return"]
        return Operation(
            name=function.__name__,
            title=title,
            summary=" ".join((inspect.getdoc(function) or "").split()),
            scopes=frozenset((scopes,) if isinstance(scopes, Scope) else scopes),
            effect=effect,
            idempotent=effect is Effect.READ if idempotent is None else idempotent,
            listed=listed,
            needs=needs,
            arguments=arguments,
            result=TypeAdapter(returns),
            function=function,
            renamed=dict(renamed or {}),
            holds=dict(holds or {}),
            scopes_if=dict(scopes_if or {}),
            proxy=proxy,
            own_words=own_words,
            target=target,
            spreads=isinstance(returns, type) and issubclass(returns, Gathered),
        )

    return wrap


def _signature(function: Callable[..., Any]) -> tuple[type, type[Arguments]]:
    """Return what a function works on, its first parameter, and the model of the others."""
    hints = get_type_hints(function, include_extras=True)
    subject, *inputs = inspect.signature(function).parameters.values()
    fields: dict[str, Any] = {}
    for p in inputs:
        if p.kind is p.VAR_KEYWORD:
            fields |= _unpacked(hints[p.name])
        else:
            fields[p.name] = (hints[p.name], ... if p.default is p.empty else p.default)
    model = create_model(f"{function.__name__}_arguments", __base__=Arguments, **fields)
    return hints[subject.name], model


def _unpacked(hint: Any) -> dict[str, tuple[Any, None]]:
    """Return the optional inputs that stand in a typed dictionary: `**fields: Unpack[Fields]`."""
    (fields,) = get_args(hint)
    return {
        name: (each, None) for name, each in get_type_hints(fields, include_extras=True).items()
    }


def input_schema(operation: AnyOperation) -> dict[str, Any]:
    """Return the arguments as compact JSON Schema 2020-12: no titles, no nulls, no empty parts."""
    schema = _compact(operation.arguments.model_json_schema())
    schema.setdefault("properties", {})
    return {"type": "object", **schema}


def taking_desk(schema: dict[str, Any], operation: AnyOperation, desks: Desks) -> dict[str, Any]:
    """Return an input schema with `desk`, if the caller has several desks to choose from."""
    if not (desks.several and operation.takes_desk):
        return schema
    able = desks.offering(operation.needs) or desks.every  # one that works with tools, with any
    missing = [name for name in desks.names if name not in {desk.name for desk in able}]
    usual = "all of them" if operation.spreads else able[0].name
    said = f"Not given: {usual}" + (f"; not on {', '.join(missing)}" if missing else "")
    desk = {"type": "string", "enum": [desk.name for desk in able], "description": said}
    return {**schema, "properties": {**schema["properties"], "desk": desk}}


def output_schema(operation: AnyOperation) -> dict[str, Any]:
    """Return the result, or an error in its place, as JSON Schema."""
    result = _compact(operation.result.json_schema(mode="serialization"))
    result.pop("description", None)
    definitions: dict[str, Any] = result.pop("$defs", {})
    for definition in definitions.values():
        definition.pop("description", None)
    failed = {"properties": {"error": {"type": "object"}}, "required": ["error"]}
    schema: dict[str, Any] = {"type": "object", "anyOf": [result, failed]}
    return {**schema, "$defs": definitions} if definitions else schema


def _compact(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_compact(part) for part in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    parts = cast("dict[str, Any]", schema)
    kept = {
        key: {name: _compact(part) for name, part in cast("dict[str, Any]", value).items()}
        if key in {"properties", "$defs"}
        else _compact(value)
        for key, value in parts.items()
        if key != "title" and not (key == "default" and value in (None, "", [], {}))
    }
    return _without_null(kept)


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Fold `X | null` into `X`: leaving an argument out says the same with fewer words."""
    if "anyOf" not in schema:
        return schema
    options = [option for option in schema["anyOf"] if option != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**options[0], **rest} if len(options) == 1 else {"anyOf": options, **rest}
