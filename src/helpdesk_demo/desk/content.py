"""The written material of the demo: people, situations and articles, read from TOML files."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from pydantic import TypeAdapter

Language = Literal["en", "es"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Why somebody writes to the help desk, and how it usually goes on."""

    queue: str
    priority: int
    title: str
    body: str
    reply: str
    answer: str
    note: str
    resolution: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    username: str
    name: str
    queues: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSheet:
    slug: str
    title: str
    public: bool
    escalate_days: int
    locale: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSheet:
    name: str
    label: str
    data_type: str
    max_length: int | None = None
    list_values: str | None = None
    staff_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    name: str
    body: str
    queues: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistSheet:
    name: str
    tasks: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The file people.toml: who works here, who writes in, and how they talk."""

    company: str
    staff: list[Colleague]
    customers: dict[Language, list[str]]
    words: dict[str, list[str]]
    talk: dict[Language, dict[str, list[str]]]
    queue: list[QueueSheet]
    field: list[FieldSheet]
    preset: list[Preset]
    checklist: list[ChecklistSheet]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    title: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    slug: str
    title: str
    description: str
    queue: str
    public: bool
    items: list[Article]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    people: People
    situations: dict[Language, list[Situation]]
    categories: list[Category]


def load_content() -> Content:
    """Read and check every content file of the package."""
    situations = TypeAdapter(list[Situation])
    return Content(
        people=TypeAdapter(People).validate_python(_read("people")),
        situations={
            "en": situations.validate_python(_read("situations_en")["situation"]),
            "es": situations.validate_python(_read("situations_es")["situation"]),
        },
        categories=TypeAdapter(list[Category]).validate_python(_read("knowledge")["category"]),
    )


def _read(name: str) -> dict[str, object]:
    text = files("helpdesk_demo.desk").joinpath("content", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)
