"""The admin REST API fuzzed from its own description, on things that are there: no surprise."""

from collections.abc import Generator
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import given, settings
from tests.admin.town import EVERYTHING, PASSWORD
from tests.stores.tenancy import FIRST
from tests.web.rest_harness import serving
from tests.web.test_rest_fuzz import BOUNDED, CHECKS, Case, Description, Served

from helpdesk_mcp.desks.memory import MemoryDesk
from helpdesk_mcp.web.admin_endpoints import ADMIN_API, ROOT
from helpdesk_mcp.web.rest_endpoints import Endpoint

FEW = settings(BOUNDED, max_examples=8)
KNOWN = {"tenant": "globex", "desk": "hr", "person": "eva@acme.example"}
NOWHERE = "http://127.0.0.1:9/"
"""Nothing listens there, so a test of the desk ends at once."""
MADE = {
    "tenant": ("tenants", {"slug": KNOWN["tenant"], "name": "Globex"}),
    "person": ("people", {"email": KNOWN["person"], "role": "agent", "password": PASSWORD}),
    "desk": (
        "desks",
        {
            "name": KNOWN["desk"],
            "kind": "django_helpdesk",
            "address": NOWHERE,
            "credential": {"username": "helper", "password": "canary"},
        },
    ),
}


@pytest.fixture(scope="module")
def http(served: Served) -> Generator[httpx2.Client]:
    headers = {"Authorization": f"Bearer {served.token}"}
    with httpx2.Client(base_url=f"{served.address}{ROOT}/", headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def served() -> Generator[Served]:
    with serving(MemoryDesk(), scopes=EVERYTHING, helpdesk_master_key=FIRST) as (address, token):
        yield Served(address=address, token=token)


@pytest.fixture(scope="module")
def description(http: httpx2.Client) -> Description:
    """Return the description with ids of things that are there, and some that are not."""
    document: dict[str, Any] = http.get("openapi.json").json()
    for rows in document["paths"].values():
        for row in rows.values():
            for parameter in row["parameters"]:
                if parameter["in"] == "path" and (name := parameter["name"]) in KNOWN:
                    parameter["schema"] = {"enum": [KNOWN[name], "none"]}
    loaded: Description = schemathesis.openapi.from_dict(document)
    return loaded


@pytest.fixture
def furnished(endpoint: Endpoint, http: httpx2.Client) -> None:
    """Make again what another test has removed or renamed; put the desk where nobody answers."""
    for name, (path, body) in MADE.items():
        if f"{{{name}}}" in endpoint.path:
            assert http.post(path, json=body).status_code in {201, 409}
    if "{desk}" in endpoint.path:
        http.patch(f"desks/{KNOWN['desk']}", json={"address": NOWHERE}).raise_for_status()


@pytest.mark.usefixtures("furnished")
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
