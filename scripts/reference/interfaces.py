"""MCP resources and prompts, and the REST API."""

from scripts.reference.markdown import code, page, table
from scripts.reference.tools import needed

from helpdesk_mcp.tools.prompts import PROMPTS, Job
from helpdesk_mcp.web.resources import KINDS
from helpdesk_mcp.web.rest_endpoints import API


def resources_page() -> str:
    return page(
        "Resources and prompts",
        "## Resources",
        "`resources/list` lists the queues; tickets and articles are too many and are found by "
        "tools.\nA resource is offered where the tool that reads it is.",
        table(
            ("address", "what it holds", "read by"),
            [(code(kind.template), kind.description, code(kind.operation)) for kind in KINDS],
        ),
        "## Prompts",
        "Each exists in English and Spanish; the argument `language` (`en`, `es`) chooses.",
        table(
            ("prompt", "what it does", "en español", "arguments"),
            [(code(job.name), job.description, job.description_es, _given(job)) for job in PROMPTS],
        ),
        "Arguments that name queues, people, statuses, priorities and tickets can be completed "
        "(`completion/complete`).",
    )


def rest_page() -> str:
    rows = [
        (
            code(f"{endpoint.method} {endpoint.path}"),
            f"[`{endpoint.operation.name}`](tools.md#{endpoint.operation.name})",
            needed(endpoint.operation),
        )
        for endpoint in API
    ]
    others = (
        ("GET /healthz", "200 while the process is alive", "no"),
        (
            "GET /readyz",
            "200 when the database and the help desk answer, else 503 with reasons",
            "no",
        ),
        ("GET /metrics", "[Metrics](metrics.md)", "no"),
        ("GET /openapi.json", "This API as OpenAPI", "no"),
        ("GET /docs", "This API as a page", "no"),
        ("GET /.well-known/oauth-protected-resource", "Which scopes there are (RFC 9728)", "no"),
        ("POST /mcp", "MCP", "yes"),
    )
    return page(
        "REST API",
        "Each row runs a tool: the same arguments, checks, limits and audit as over MCP.\n"
        "Arguments come from the path, then from the query (`GET`) or a JSON object (the rest).\n"
        "Send `Authorization: Bearer <token>`.\nErrors are problem documents: [Errors](errors.md).",
        table(("request", "runs", "scopes"), rows),
        "- What was created is answered with 201 and `Location`.\n"
        "- `GET /tickets/{ticket_id}` carries an `ETag`; a `PATCH` with `If-Match` is refused with "
        "412 if the ticket moved on.\n"
        "- Ticket text in REST answers is Markdown, cleaned of hidden characters, without the "
        "boundary that MCP results have.",
        "## Other addresses",
        table(("request", "what it is", "token"), [(code(a), b, c) for a, b, c in others]),
    )


def _given(job: Job) -> str:
    return ", ".join(
        code(name) + (" (required)" if needed else "") for name, needed in job.arguments.items()
    )
