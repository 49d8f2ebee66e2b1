"""Sites, departments, groups and people of a simulated desk."""

from dataclasses import dataclass
from random import Random

from helpdesk_demo.desk.content import Content, Language
from helpdesk_demo.desk.plans import Person
from helpdesk_demo.desk.scenes import customers_of, staff_of
from helpdesk_demo.servicedesk_plus.seed_setup import put
from helpdesk_demo.servicedesk_plus.state import State
from helpdesk_demo.servicedesk_plus.values import Json, Row, as_text

_DEPARTMENTS = ("Engineering", "Finance", "Sales", "Operations", "Recursos Humanos")
# Each queue of the written material is a group here; its category and its cloud suffix.
GROUPS = {
    "network": ("Network", "Network", 6681),
    "it": ("Soporte TI", "Software", None),
    "facilities": ("Facilities", "Facilities", None),
    "hr": ("Recursos Humanos", "Personnel", None),
    "billing": ("Billing", "Billing", None),
    "clientes": ("Atención al cliente", "Atención al cliente", None),
}
# The same person stands behind the technician key and the Cloud's token.
CALLER = "Alice Nguyen"
READER = "Bob Okafor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who is there, by what the tickets need: ids of people by language, ids of groups."""

    customers: dict[Language, list[tuple[Person, str]]]
    technicians: dict[str, list[str]]
    """By queue."""
    groups: dict[str, str]
    sites: dict[str, str]


def seed_people(state: State, content: Content, rnd: Random) -> Cast:
    """Fill sites, departments, groups, users and technicians."""
    sites = {
        name: as_text(put(state, "sites", name, number, None, description="")["id"])
        for number, name in enumerate(content.people.words["sites"], 2)
    }
    places = list(sites.values())
    for number, name in enumerate(_DEPARTMENTS, 1):
        put(state, "departments", name, number, None, site=places[number % len(places)])
    groups = {
        queue: as_text(put(state, "groups", name, number, suffix, site=None)["id"])
        for number, (queue, (name, _, suffix)) in enumerate(GROUPS.items(), 3)
    }
    technicians = _technicians(state, content, groups, rnd)
    return Cast(
        customers=_customers(state, content, rnd),
        technicians=technicians,
        groups=groups,
        sites=sites,
    )


def _technicians(
    state: State, content: Content, groups: dict[str, str], rnd: Random
) -> dict[str, list[str]]:
    by_queue: dict[str, list[str]] = {queue: [] for queue in groups}
    role = state.named("roles", "SDTechnician")["id"]
    for person, colleague in zip(staff_of(content), content.people.staff, strict=True):
        belongs: list[Json] = [groups[queue] for queue in colleague.queues]
        row = _person(state, rnd, person, is_technician=True)
        row |= {"associated_groups": belongs, "roles": [role], "login_name": person.username}
        state.tables["technicians"][as_text(row["id"])] = row
        for queue in colleague.queues:
            by_queue[queue].append(as_text(row["id"]))
    return by_queue


def _customers(
    state: State, content: Content, rnd: Random
) -> dict[Language, list[tuple[Person, str]]]:
    cast: dict[Language, list[tuple[Person, str]]] = {"en": [], "es": []}
    for person in customers_of(content):
        row = _person(state, rnd, person, is_technician=False)
        language: Language = "es" if person.language == "es" else "en"
        cast[language].append((person, as_text(row["id"])))
    return cast


def _person(state: State, rnd: Random, person: Person, *, is_technician: bool) -> Row:
    first, _, last = person.name.partition(" ")
    vip = rnd.random() < 0.05  # noqa: PLR2004 - a share
    return state.add(
        "users",
        {
            "name": person.name,
            "first_name": first,
            "last_name": last,
            "email_id": person.email,
            "phone": f"+34 910 050 {rnd.randrange(1000):03d}",
            "mobile": None,
            "job_title": None,
            "is_vipuser": vip,
            "is_vip_user": vip,
            "is_technician": is_technician,
            "type": "Technician" if is_technician else "User",
            "department": rnd.choice(list(state.tables["departments"])),
            "site": rnd.choice(list(state.tables["sites"])),
        },
    )
