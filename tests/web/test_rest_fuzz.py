"""The REST API fuzzed from its own description: no fault, no surprise, nothing without a token."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.generation import GenerationMode
from tests.web.rest_harness import serving

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.web.rest_endpoints import API, Endpoint

Description = Any
Case = Any
"""Schemathesis has no complete types for these; all that is done with them is in this file."""
CHECKS: list[Any] = [
    checks.not_a_server_error,  # pyright: ignore[reportUnknownMemberType] -- its Case is not typed
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
KNOWN = {"ticket_id": "1", "attachment_id": "4", "article_id": "1"}
BOUNDED = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    address: str
    token: str


@pytest.fixture(scope="module")
def served() -> Generator[Served]:
    with serving(MemoryDesk()) as (address, token):
        headers = {"Authorization": f"Bearer {token}"}
        with httpx2.Client(base_url=address, headers=headers) as http:
            ticket = {"subject": "VPN", "queue": "it", "requester": "eva@example.com"}
            http.post("/tickets", json=ticket).raise_for_status()
            http.post("/tickets/1/notes", json={"text": "Seen."}).raise_for_status()
            file = {"filename": "a.txt", "text": "a"}
            made = http.post("/tickets/1/attachments", json=file).raise_for_status()
            assert made.json()["attachment_id"] == KNOWN["attachment_id"]
        yield Served(address=address, token=token)


@pytest.fixture(scope="module")
def description(served: Served) -> Description:
    """Return the description with the ids of things that are there, so that calls reach them."""
    document: dict[str, Any] = httpx2.get(f"{served.address}/openapi.json").json()
    for rows in document["paths"].values():
        for row in rows.values():
            for parameter in row["parameters"]:
                if parameter["in"] == "path":
                    parameter["schema"] = {"enum": [KNOWN[parameter["name"]]]}
    loaded: Description = schemathesis.openapi.from_dict(document)
    return loaded


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("endpoint", API, ids=lambda row: f"{row.method} {row.path}")
def test_every_answer_is_one_that_is_described(
    endpoint: Endpoint, mode: GenerationMode, served: Served, description: Description
) -> None:
    operation = description[endpoint.path][endpoint.method]
    headers = {"Authorization": f"Bearer {served.token}"}

    @BOUNDED
    @given(operation.as_strategy(generation_mode=mode))
    def holds(case: Case) -> None:
        case.call_and_validate(base_url=served.address, headers=headers, checks=CHECKS)

    holds()


@pytest.mark.parametrize("endpoint", API, ids=lambda row: f"{row.method} {row.path}")
def test_whatever_is_sent_without_a_token_is_answered_401(
    endpoint: Endpoint, served: Served, description: Description
) -> None:
    operation = description[endpoint.path][endpoint.method]

    @settings(BOUNDED, max_examples=5)
    @given(operation.as_strategy())
    def holds(case: Case) -> None:
        response = case.call(base_url=served.address)
        assert response.status_code == 401
        case.validate_response(response, checks=CHECKS)

    holds()
