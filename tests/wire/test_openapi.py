"""The OpenAPI document is pinned: a change to the API is a change to `openapi.json`.

After a wanted change: `ACCEPT=1 pytest tests/wire`.
"""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
from tests.web.rest_harness import rest

from helpdesk_mcp.domain.operations import Effect
from helpdesk_mcp.web.rest_endpoints import API

PINNED = Path(__file__).with_name("openapi.json")


async def described() -> dict[str, Any]:
    async with rest(public_url="https://helpdesk.example") as site:
        answer = await site.http.get("/openapi.json", headers={"Authorization": ""})
    document = answer.json()
    document["info"]["version"] = "pinned"
    return document


async def test_the_document_is_the_pinned_one() -> None:
    found = json.dumps(await described(), indent=2, ensure_ascii=False) + "\n"
    if os.getenv("ACCEPT"):
        PINNED.write_text(found, "utf-8")
    assert found == PINNED.read_text("utf-8")


async def test_every_row_is_described_with_its_rights() -> None:
    document = await described()
    rows = {(path, method) for path, rows in document["paths"].items() for method in rows}
    assert rows == {(endpoint.path, endpoint.method.lower()) for endpoint in API}
    for endpoint in API:
        row = document["paths"][endpoint.path][endpoint.method.lower()]
        assert row["security"] == [{"bearer": sorted(endpoint.operation.scopes)}]
        assert row["x-required-scopes"] == sorted(endpoint.operation.scopes)
        assert row["x-scopes-if"] == endpoint.operation.scopes_if
        assert all(f"`{name}`" in row["description"] for name in row["x-scopes-if"])
        assert {"400", "401", "403", "422", "429", "500", "503", "504"} <= set(row["responses"])
        assert ("409" in row["responses"]) == (endpoint.operation.effect is not Effect.READ)


async def test_operation_ids_are_unique() -> None:
    document = await described()
    ids = [row["operationId"] for rows in document["paths"].values() for row in rows.values()]
    assert len(ids) == len(set(ids)) == len(API)


async def test_examples_fit_the_schemas_beside_them() -> None:
    document = await described()
    parts: list[dict[str, Any]] = [
        part
        for rows in document["paths"].values()
        for row in rows.values()
        for part in (row.get("requestBody", {}), *row["responses"].values())
    ]
    parts.append(document["components"]["responses"]["problem_504"])
    contents = [content for part in parts for content in part.get("content", {}).values()]
    for content in contents:
        schema = content["schema"] | {"components": document["components"]}
        jsonschema.validate(content["example"], schema)
