"""The admin REST API as a table. No row of it is ever offered over MCP."""

from helpdesk_mcp.admin import access, desks, people, providers, records, rules, tenants
from helpdesk_mcp.domain.principals import ADMIN_SCOPES
from helpdesk_mcp.web.rest_endpoints import Endpoint, Interface

ROOT = "/admin/v1"
_TENANT, _DESK, _PERSON = (
    f"{ROOT}/tenants/{{tenant}}",
    f"{ROOT}/desks/{{desk}}",
    f"{ROOT}/people/{{person}}",
)

ADMIN_API = (
    Endpoint("GET", f"{ROOT}/tenants", tenants.list_tenants),
    Endpoint("POST", f"{ROOT}/tenants", tenants.create_tenant, created=f"{ROOT}/tenants/{{id}}"),
    Endpoint("GET", _TENANT, tenants.get_tenant),
    Endpoint("PATCH", _TENANT, tenants.update_tenant),
    Endpoint("DELETE", _TENANT, tenants.delete_tenant),
    Endpoint("POST", f"{_TENANT}/suspend", tenants.suspend_tenant),
    Endpoint("POST", f"{_TENANT}/resume", tenants.resume_tenant),
    Endpoint("GET", f"{ROOT}/desk-kinds", desks.list_desk_kinds),
    Endpoint("GET", f"{ROOT}/desks", desks.list_desks),
    Endpoint("POST", f"{ROOT}/desks", desks.add_desk, created=f"{ROOT}/desks/{{id}}"),
    Endpoint("PATCH", _DESK, desks.update_desk),
    Endpoint("DELETE", _DESK, desks.remove_desk),
    Endpoint("POST", f"{_DESK}/test", desks.test_desk),
    Endpoint("PUT", f"{_DESK}/credential", desks.replace_desk_credential),
    Endpoint("POST", f"{_DESK}/suspend", desks.suspend_desk),
    Endpoint("POST", f"{_DESK}/resume", desks.resume_desk),
    Endpoint("GET", f"{ROOT}/people", people.list_people),
    Endpoint("POST", f"{ROOT}/people", people.enrol_person, created=f"{ROOT}/people/{{id}}"),
    Endpoint("GET", f"{ROOT}/invitations", people.list_invitations),
    Endpoint("POST", f"{ROOT}/invitations", people.invite_person),
    Endpoint("DELETE", f"{ROOT}/invitations/{{invitation}}", people.withdraw_invitation),
    Endpoint("DELETE", _PERSON, people.remove_person),
    Endpoint("PUT", f"{_PERSON}/role", people.set_role),
    Endpoint("PUT", f"{_PERSON}/password", people.set_password),
    Endpoint("POST", f"{_PERSON}/disable", people.disable_person),
    Endpoint("POST", f"{_PERSON}/enable", people.enable_person),
    Endpoint("GET", f"{ROOT}/provider", providers.get_provider),
    Endpoint("PUT", f"{ROOT}/provider", providers.set_provider),
    Endpoint("DELETE", f"{ROOT}/provider", providers.remove_provider),
    Endpoint("POST", f"{ROOT}/provider/test", providers.test_provider),
    Endpoint("GET", f"{ROOT}/clients", access.list_clients),
    Endpoint("POST", f"{ROOT}/clients", access.register_client),
    Endpoint("DELETE", f"{ROOT}/clients/{{client}}", access.remove_client),
    Endpoint("GET", f"{ROOT}/grants", access.list_grants),
    Endpoint("DELETE", f"{ROOT}/grants/{{grant}}", access.revoke_grant),
    Endpoint("GET", f"{ROOT}/policy", rules.get_policy),
    Endpoint("PATCH", f"{ROOT}/policy", rules.set_policy),
    Endpoint("GET", f"{ROOT}/approvals", rules.list_waiting_calls),
    Endpoint("POST", f"{ROOT}/approvals/{{approval}}/approve", rules.approve_call),
    Endpoint("POST", f"{ROOT}/approvals/{{approval}}/refuse", rules.refuse_call),
    Endpoint("GET", f"{ROOT}/audit", records.search_audit),
    Endpoint("GET", f"{ROOT}/audit/export", records.export_audit),
    Endpoint("POST", f"{ROOT}/audit/fingerprints", records.fingerprint_value),
    Endpoint("GET", f"{ROOT}/overview", records.get_overview),
)

ADMIN_REST = Interface(
    rows=ADMIN_API,
    title="helpdesk-mcp administration",
    summary="Administer organisations over REST",
    description=(
        "What administrators and operators do, on the same road as an agent's calls: authorized, "
        "limited, recorded. Send `Authorization: Bearer <token>` with a token that holds `admin`, "
        "`audit:read` or `operator`; `helpdesk-mcp tokens create` makes one. Everything but "
        "organisations themselves is of the token's own organisation. Credentials and passwords "
        "go in and never come out."
    ),
    tags={
        "tenants": "Organisations",
        "desks": "Desks",
        "people": "People",
        "providers": "Signing in",
        "access": "Clients and connected agents",
        "rules": "Policy and approvals",
        "records": "Audit and figures",
    },
    origin="admin",
    root=ROOT,
    admits=ADMIN_SCOPES,
)
