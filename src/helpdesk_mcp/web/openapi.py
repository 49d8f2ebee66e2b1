"""The OpenAPI 3.1 document: every row of the table described from its operation."""

from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from helpdesk_mcp.domain.operations import AnyOperation, Effect, input_schema
from helpdesk_mcp.web import rest_examples as examples
from helpdesk_mcp.web.problems import MEDIA_TYPE, problem_schema
from helpdesk_mcp.web.rest_endpoints import DESK, Endpoint, Interface

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/{model}"
_HEADERS: dict[HTTPStatus, tuple[str, bool, str]] = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate", True, "How to get a token (RFC 6750)"),
    HTTPStatus.FORBIDDEN: ("WWW-Authenticate", False, "The scopes needed, if it was for them"),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After", True, "Seconds to wait"),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After", False, "Seconds to wait, where known"),
}
_PROBLEMS = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read: JSON, query, address or precondition",
    HTTPStatus.UNAUTHORIZED: "No token, or one that is unknown, expired or revoked",
    HTTPStatus.FORBIDDEN: "The token lacks a scope, or this server or its desk does not allow it",
    HTTPStatus.NOT_FOUND: "There is no such thing",
    HTTPStatus.REQUEST_TIMEOUT: "The body came too slowly",
    HTTPStatus.CONFLICT: "The ticket's state stands against it",
    HTTPStatus.PRECONDITION_FAILED: "The ticket is no longer what `If-Match` names",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large",
    HTTPStatus.REQUEST_URI_TOO_LONG: "The address is too long",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not JSON as it is",
    HTTPStatus.MISDIRECTED_REQUEST: "This server does not answer for that host",
    HTTPStatus.UNPROCESSABLE_ENTITY: "An argument is missing, unknown or not valid",
    HTTPStatus.TOO_MANY_REQUESTS: "The caller's rate is used up",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The headers are too large",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A fault of ours; the detail holds a reference",
    HTTPStatus.SERVICE_UNAVAILABLE: "The help desk or the store cannot be reached",
    HTTPStatus.GATEWAY_TIMEOUT: "The help desk took too long",
}
_OF_BODIES = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    }
)


def described(endpoint: Endpoint, interface: Interface) -> Schema:
    """Return what FastAPI must know of a row to describe it."""
    operation = endpoint.operation
    scopes = sorted(operation.scopes)
    row: Schema = {
        "parameters": [*_parameters(endpoint)],
        "responses": _responses(endpoint),
        "security": [{"bearer": scopes}],
        "x-required-scopes": scopes,
        "x-scopes-if": {name: str(scope) for name, scope in operation.scopes_if.items()},
    }
    if endpoint.takes_body:
        row["requestBody"] = _request_body(endpoint)
    return {
        "summary": operation.title,
        "description": _description(endpoint),
        "operation_id": _operation_id(endpoint, interface),
        "tags": [interface.tags[operation.function.__module__.rpartition(".")[2]]],
        "status_code": _success(endpoint).value,
        "response_description": "Created" if endpoint.created else "Done",
        "openapi_extra": row,
    }


def document(api: FastAPI, public_url: str, interface: Interface) -> Schema:
    """Return the whole document."""
    whole: Schema = get_openapi(
        title=interface.title,
        version=version("helpdesk-mcp"),
        summary=interface.summary,
        description=interface.description,
        license_info={"name": "MIT", "identifier": "MIT"},
        servers=[{"url": public_url}],
        tags=[{"name": name} for name in interface.tags.values()],
        routes=api.routes,
    )
    references, schemas = _results(interface)
    for endpoint in interface.rows:
        row = whole["paths"][endpoint.path][endpoint.method.lower()]
        answer = row["responses"][str(_success(endpoint).value)]["content"]["application/json"]
        answer["schema"] = references[endpoint.operation.name]
    whole["components"] = {
        "schemas": {**schemas, "Problem": problem_schema()},
        "responses": {f"problem_{status}": _problem(status) for status in _PROBLEMS},
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
    }
    return whole


class _Results(GenerateJsonSchema):
    """Schemas of results as they are sent: what is unknown is left out, never null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default") is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False


def _results(interface: Interface) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Return where each operation's result is described, and the descriptions."""
    operations = {endpoint.operation.name: endpoint.operation for endpoint in interface.rows}
    found, definitions = TypeAdapter.json_schemas(
        [(name, "serialization", operation.result) for name, operation in operations.items()],
        ref_template=REFERENCE,
        schema_generator=_Results,
    )
    return {name: found[name, "serialization"] for name in operations}, definitions["$defs"]


def _success(endpoint: Endpoint) -> HTTPStatus:
    return HTTPStatus.CREATED if endpoint.created else HTTPStatus.OK


def _operation_id(endpoint: Endpoint, interface: Interface) -> str:
    """Return the operation's name, which an address below another makes unique."""
    name = endpoint.operation.name
    rows = [row for row in interface.rows if row.operation is endpoint.operation]
    return name if rows[0] is endpoint else f"{name}_by_{endpoint.in_path[-1]}"


def _description(endpoint: Endpoint) -> str:
    operation = endpoint.operation
    scopes = " and ".join(f"`{scope}`" for scope in sorted(operation.scopes))
    word = "scope" if len(operation.scopes) == 1 else "scopes"
    parts = [operation.summary, f"Needs the {word} {scopes}.{_besides(operation)}"]
    outside = endpoint.omits.union(endpoint.in_path)
    others = {other: ours for other, ours in operation.renamed.items() if ours not in outside}
    if others:
        names = ", ".join(f"`{other}` for `{ours}`" for other, ours in others.items())
        parts.append(f"Also takes {names}.")
    return "\n\n".join(parts)


def _besides(operation: AnyOperation) -> str:
    """Return which scopes an argument needs besides, and whether it does when it is left out."""
    fields = operation.arguments.model_fields
    return "".join(
        f" Unless `{name}` is false, `{scope}` too."
        if fields[name].default is not False
        else f" With `{name}`, `{scope}` too."
        for name, scope in operation.scopes_if.items()
    )


def _parameters(endpoint: Endpoint) -> list[Schema]:
    schema = input_schema(endpoint.operation)
    required = schema.get("required", [])
    found: list[Schema] = []
    for name, part in schema["properties"].items():
        inside = "path" if name in endpoint.in_path else "query"
        if name in endpoint.omits or (inside == "query" and endpoint.takes_body):
            continue
        value: Schema = {**part}
        about: Schema = {"name": name, "in": inside}
        if "description" in value:
            about["description"] = value.pop("description")
        must = inside == "path" or name in required
        found.append({**about, "required": must, "schema": value})
    if endpoint.conditional:
        found.append(_IF_MATCH)
    return [*found, _DESK] if endpoint.operation.takes_desk else found


_DESK: Schema = {
    "name": DESK,
    "in": "query",
    "description": "Which desk, for callers who have several",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 80},
}


_IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "description": "The `ETag` that GET gave: refuses with 412 if the ticket has moved on",
    "required": False,
    "schema": {"type": "string", "pattern": r'^(\*|"[!#-~]{1,200}")$'},
}


def _request_body(endpoint: Endpoint) -> Schema:
    whole = input_schema(endpoint.operation)
    properties = {k: v for k, v in whole["properties"].items() if k not in endpoint.in_path}
    if endpoint.extra is not None:
        properties[endpoint.extra.name] = {**endpoint.extra.schema}
    required = [name for name in whole.get("required", []) if name in properties]
    schema: Schema = {**whole, "properties": properties, "required": required}
    if not required:
        del schema["required"]
    example = examples.BODIES.get(endpoint.operation.name)
    return {"required": True, "content": {"application/json": _content(schema, example)}}


def _responses(endpoint: Endpoint) -> Schema:
    success = _success(endpoint)
    example = examples.ANSWERS.get(endpoint.operation.name)
    done: Schema = {"content": {"application/json": _content({}, example)}}
    if endpoint.created:
        done["headers"] = {"Location": _header("Address of what was made, where known")}
    elif endpoint.method == "GET" and "modified" in (example or {}):
        done["headers"] = {"ETag": _header("Changes when the ticket does; for If-Match")}
    responses: Schema = {str(success.value): done}
    for status in _PROBLEMS:
        if _can_answer(endpoint, status):
            responses[f"{status}"] = {"$ref": f"#/components/responses/problem_{status}"}
    return responses


def _can_answer(endpoint: Endpoint, status: HTTPStatus) -> bool:
    if status in _OF_BODIES:
        return endpoint.takes_body
    if status is HTTPStatus.CONFLICT:
        return endpoint.operation.effect is not Effect.READ
    if status is HTTPStatus.PRECONDITION_FAILED:
        return endpoint.conditional
    return True


def _problem(status: HTTPStatus) -> Schema:
    schema = {"$ref": REFERENCE.format(model="Problem")}
    content: Schema = {"schema": schema}
    if status.value == examples.PROBLEM["status"]:
        content["example"] = examples.PROBLEM
    response: Schema = {"description": _PROBLEMS[status], "content": {MEDIA_TYPE: content}}
    if status in _HEADERS:
        name, required, text = _HEADERS[status]
        response["headers"] = {name: {**_header(text), "required": required}}
    return response


def _header(description: str) -> Schema:
    return {"description": description, "schema": {"type": "string"}}


def _content(schema: Schema, example: Schema | None) -> Schema:
    return {"schema": schema} if example is None else {"schema": schema, "example": example}
