"""Who, where and what one ticket is about: the words that fill a written situation."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from helpdesk_demo.desk.content import Content, Language, Situation
from helpdesk_demo.desk.plans import Person

_WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes"),
}
_DOMAINS = ("example.com", "example.org", "example.net")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One telling of a situation, by one person, with every blank filled in."""

    situation: Situation
    language: Language
    customer: Person
    words: Mapping[str, str]

    @property
    def title(self) -> str:
        return self.situation.title.format_map(self.words)

    def told(self, text: str) -> str:
        return text.format_map(self.words)


def customers_of(content: Content) -> list[Person]:
    people: list[Person] = []
    for language, names in content.people.customers.items():
        for number, name in enumerate(names):
            first, last = plain(name.split(" ")[0]), plain(name.split(" ")[1])
            email = f"{first}.{last}@{_DOMAINS[number % len(_DOMAINS)]}"
            people.append(Person(username=first, name=name, email=email, language=language))
    return people


def staff_of(content: Content) -> list[Person]:
    return [
        Person(username=one.username, name=one.name, email=f"{one.username}@example.com")
        for one in content.people.staff
    ]


def plain(name: str) -> str:
    """Return a name in lower-case ASCII letters, fit for an address."""
    decomposed = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in decomposed if "a" <= letter <= "z")


def fill_words(
    rnd: Random, content: Content, language: Language, customer: Person, created: datetime
) -> dict[str, str]:
    """Return a value for every blank that a situation may have."""
    lists = content.people.words
    names = [name for name in content.people.customers[language] if name != customer.name]
    number = rnd.randrange
    day = created + timedelta(days=number(1, 12))
    weekday = rnd.choice(_WEEKDAYS[language])
    dates = {"en": (weekday, f"the {_ordinal(day.day)}"), "es": (weekday, f"día {day.day}")}
    return {
        "name": customer.first_name,
        "colleague": rnd.choice(names),
        "site": rnd.choice(lists["sites"]),
        "laptop": rnd.choice(lists["laptops"]),
        "printer": rnd.choice(lists["printers"]),
        "product": rnd.choice(lists["products"]),
        "supplier": rnd.choice(lists["suppliers"]),
        "share": rnd.choice(lists["shares"]),
        "erp": rnd.choice(lists["erps"]),
        "crm": rnd.choice(lists["crms"]),
        "floor": str(number(1, 7)),
        "room": f"{number(1, 7)}.{number(1, 30):02d}",
        "n": str(number(2, 9)),
        "asset": f"NL-{number(1000, 9999)}",
        "invoice": f"F-{created.year}-{number(100, 9999):04d}",
        "order": f"P-{number(20000, 99999)}",
        "amount": _amount(rnd, language),
        "date": rnd.choice(dates[language]),
        "phone": _phone(rnd, language),
        "ip": f"198.51.100.{number(2, 250)}",
    }


def _phone(rnd: Random, language: Language) -> str:
    prefix = "+34 955 550 1" if language == "es" else "+44 1632 9600"
    return f"{prefix}{rnd.randrange(100):02d}"


def _amount(rnd: Random, language: Language) -> str:
    cents = rnd.randrange(2_500, 480_000)
    english = f"{cents / 100:,.2f}"
    if language == "en":
        return f"€{english}"
    return english.translate(str.maketrans(",.", ".,")) + " €"


def _ordinal(day: int) -> str:
    if day in (11, 12, 13):
        return f"{day}th"
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"
