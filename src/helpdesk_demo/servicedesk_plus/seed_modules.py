"""Problems, changes, projects, solutions, assets and their like, a few dozen of each."""

from random import Random

from helpdesk_demo.desk.content import Content
from helpdesk_demo.servicedesk_plus.seed_setup import put
from helpdesk_demo.servicedesk_plus.state import State, parent_key
from helpdesk_demo.servicedesk_plus.values import Row, as_text

_DAY = 86_400_000
_COUNT = 24
_PROJECTS = ("Renovación de portátiles", "Move to the new data centre", "Migración del ERP")
_MILESTONES = ("Análisis", "Pilot", "Despliegue")


def seed_modules(state: State, content: Content, rnd: Random, now: int) -> None:
    """File everything beside the requests."""
    _add_tracked(state, content, rnd, now)
    _add_projects(state, rnd, now)
    _add_solutions(state, content, rnd, now)
    _add_assets(state, content, rnd, now)
    _add_items(state, now)
    _add_contracts(state, content, now)


def _add_solutions(state: State, content: Content, rnd: Random, now: int) -> None:
    technicians = list(state.tables["technicians"])
    for number, article in enumerate(one for group in content.categories for one in group.items):
        state.add(
            "solutions",
            {
                "title": article.title,
                "description": f"<div>{article.answer}</div>",
                "topic": rnd.choice(list(state.tables["topics"])),
                "keywords": article.title.split(maxsplit=1)[0].lower(),
                "is_public": True,
                "no_of_hits": 7 * number % 41,
                "approval_status": state.named("solution_statuses", "Approved")["id"],
                "created_by": rnd.choice(technicians),
                "created_time": now - (number + 3) * _DAY,
            },
        )


def _add_contracts(state: State, content: Content, now: int) -> None:
    technicians = list(state.tables["technicians"])
    for number, vendor in enumerate(content.people.words["suppliers"], 1):
        state.add(
            "contracts",
            {
                "name": f"Mantenimiento {vendor}",
                "custom_id": f"CT-{number:03d}",
                "vendor": {"name": vendor},
                "status": {"name": "Active"},
                "cost": 1200 * number,
                "active_from": now - 200 * _DAY,
                "active_till": now + 165 * _DAY,
                "owner": technicians[0],
            },
        )
    state.add(
        "announcements",
        {
            "title": "Corte programado de la VPN",
            "description": "El sábado de 7:00 a 9:00.",
            "is_public": True,
            "created_by": technicians[0],
            "created_time": now - _DAY,
        },
    )


def _add_tracked(state: State, content: Content, rnd: Random, now: int) -> None:
    situations = [*content.situations["en"][:12], *content.situations["es"][:12]]
    technicians, stages = list(state.tables["technicians"]), list(state.tables["change_stages"])
    for number, situation in enumerate(situations[:_COUNT]):
        cause = situation.cause or "Por determinar"
        base: Row = {
            "status": state.status_id("Open" if number % 3 else "Closed"),
            "priority": rnd.choice(list(state.tables["priorities"])),
            "technician": rnd.choice(technicians),
            "group": rnd.choice(list(state.tables["groups"])),
            "created_by": technicians[0],
            "created_time": now - (number + 2) * _DAY,
            "last_updated_time": now - number * _DAY,
            "display_id": str(number + 1),
        }
        root: Row = {"root_cause_description": cause}
        problem: Row = {**base, "title": cause, "description": situation.note, "root_cause": root}
        state.add("problems", problem)
        change: Row = {
            **base,
            "title": f"Cambio: {cause}",
            "description": situation.note,
            "stage": stages[number % len(stages)],
            "change_type": rnd.choice(list(state.tables["change_types"])),
            "change_owner": rnd.choice(technicians),
            "scheduled_start_time": now + number * _DAY,
            "scheduled_end_time": now + (number + 1) * _DAY,
        }
        state.add("changes", change)
        if number % 8 == 0:
            state.add("releases", {**base, "title": f"Release {number // 8 + 1}"})


def _add_projects(state: State, rnd: Random, now: int) -> None:
    technicians = list(state.tables["technicians"])
    states = list(state.tables["project_statuses"])
    for number, title in enumerate(_PROJECTS, 1):
        project: Row = {
            "title": title,
            "code": f"PR-{number:03d}",
            "status": states[number % 2],
            "owner": rnd.choice(technicians),
            "created_by": technicians[0],
            "created_time": now - 90 * _DAY,
            "scheduled_start_time": now - 60 * _DAY,
            "scheduled_end_time": now + 60 * _DAY,
            "percentage_completion": 33,
        }
        identifier = state.add("projects", project)["id"]
        for step, name in enumerate(_MILESTONES):
            milestone: Row = {
                "title": name,
                "status": states[3 if step == 0 else 0],
                "percentage_completion": 100 if step == 0 else 0,
                "owner": project["owner"],
                "created_by": technicians[0],
                "created_time": now - 80 * _DAY,
            }
            parent = parent_key("projects", identifier)
            row = state.add("milestones", milestone, parent=parent)
            task: Row = {
                "title": f"{name}: plan",
                "status": state.status_id("Closed" if step == 0 else "Open"),
                "owner": project["owner"],
                "created_by": technicians[0],
                "created_time": now - 70 * _DAY,
            }
            state.add("tasks", task, parent=parent_key("milestones", row["id"]))


def _add_assets(state: State, content: Content, rnd: Random, now: int) -> None:
    words = content.people.words
    kinds = [(name, "Workstation") for name in words["laptops"]]
    kinds += [(name, "Printer") for name in words["printers"]]
    products = [
        put(
            state,
            "products",
            name,
            number,
            None,
            product_type=state.named("product_types", kind)["id"],
        )
        for number, (name, kind) in enumerate(kinds, 1)
    ]
    users, places = list(state.tables["users"]), list(state.tables["sites"])
    for number in range(_COUNT * 3):
        product = rnd.choice(products)
        state.add(
            "assets",
            {
                "name": f"{as_text(product['name'])} {number:03d}",
                "asset_tag": f"NL-{1000 + number}",
                "serial_number": f"SN{rnd.randrange(10**8):08d}",
                "product": product["id"],
                "product_type": product["product_type"],
                "state": state.named("asset_states", "In Use")["id"],
                "user": rnd.choice(users),
                "site": rnd.choice(places),
                "created_time": now - 300 * _DAY,
                "warranty_expiry": now + rnd.randrange(-200, 700) * _DAY,
            },
        )


def _add_items(state: State, now: int) -> None:
    """Add services that run on servers behind switches."""
    places = list(state.tables["sites"])
    kinds = {as_text(row["name"]): key for key, row in state.tables["ci_types"].items()}
    for number, place in enumerate(places):
        made = {
            name: state.add(
                "cmdb",
                {
                    "name": f"{name.removeprefix('ci_').replace('_', '-')}-{number:02d}",
                    "ci_type": kind,
                    "site": place,
                    "created_time": now - 300 * _DAY,
                },
            )["id"]
            for name, kind in kinds.items()
        }
        service, server = made["ci_business_service"], made["ci_server"]
        _relate(state, "Runs on", as_text(service), as_text(server))
        _relate(state, "Uses", as_text(server), as_text(made["ci_switch"]))


def _relate(state: State, name: str, one: str, other: str) -> None:
    kind = state.named("relationship_types", name)["id"]
    for source, target, inverse in ((one, other, False), (other, one, True)):
        relation: Row = {"relationship_type": kind, "ci": target, "inverse_relationship": inverse}
        state.add("ci_relationships", relation, parent=parent_key("cmdb", source))
