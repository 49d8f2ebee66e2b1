"""The admin REST API fuzzed from its own description: no fault, no surprise."""

from collections.abc import Generator
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import given, settings
from tests.admin.town import EVERYTHING
from tests.stores.tenancy import FIRST
from tests.web.rest_harness import serving
from tests.web.test_rest_fuzz import BOUNDED, CHECKS, Case, Description, Served

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.web.admin_endpoints import ADMIN_API, ROOT
from helpdesk_mcp.web.rest_endpoints import Endpoint

FEW = settings(BOUNDED, max_examples=12)


@pytest.fixture(scope="module")
def served() -> Generator[Served]:
    with serving(MemoryDesk(), scopes=EVERYTHING, helpdesk_master_key=FIRST) as (address, token):
        yield Served(address=address, token=token)


@pytest.fixture(scope="module")
def description(served: Served) -> Description:
    document: dict[str, Any] = httpx2.get(f"{served.address}{ROOT}/openapi.json").json()
    loaded: Description = schemathesis.openapi.from_dict(document)
    return loaded


@pytest.mark.parametrize("endpoint", ADMIN_API, ids=lambda row: f"{row.method} {row.path}")
def test_every_answer_of_the_admin_api_is_one_that_is_described(
    endpoint: Endpoint, served: Served, description: Description
) -> None:
    operation = description[endpoint.path][endpoint.method]
    headers = {"Authorization": f"Bearer {served.token}"}

    @FEW
    @given(operation.as_strategy())
    def holds(case: Case) -> None:
        case.call_and_validate(base_url=served.address, headers=headers, checks=CHECKS)

    holds()
