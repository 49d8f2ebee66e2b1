"""The desk's staff pages, read: what its API does not tell is in their forms."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from bs4 import BeautifulSoup, Tag

from helpdesk_mcp.domain.choices import Choice
from helpdesk_mcp.domain.errors import Conflict, Unavailable

ADDRESS = re.compile(r"[^\s@,;:<>]+@[^\s@,;<>]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One follow-up as the page shows it. `mailed` is None where nothing was recorded."""

    at: datetime
    id: str | None
    mailed: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPage:
    """A ticket's page: its values now, and what its form would accept."""

    title: str
    status: int
    statuses: tuple[Choice, ...]
    """Where the ticket may go from here, its present status included."""
    blocked: bool
    """Waiting for other tickets: its status cannot be changed."""
    priority: str
    queue: str
    owner: str
    due: date | None
    on_hold: bool
    requester: str
    custom: Mapping[str, str]
    people: tuple[Choice, ...]
    queues: tuple[Choice, ...]
    entries: tuple[Entry, ...]
    """The follow-ups, oldest first."""
    extensions: tuple[str, ...] | None
    resolution: bool = field(default=False)


def ticket_page(html: str) -> TicketPage:
    """Read a ticket's page. Raises Conflict for a merged ticket: its page has no form."""
    soup = BeautifulSoup(html, "html.parser")
    form = soup.find("form", id="ticket-respond-form")
    if form is None and (into := _merged_into(soup)) is not None:
        raise merged(into)
    if form is None:
        raise Unavailable("The help desk's ticket page is not as expected.", reason="protocol")
    radios = form.find_all("input", attrs={"name": "new_status"})
    labels = {tag.get("for"): _text(tag) for tag in form.find_all("label")}
    short = soup.find("select", attrs={"name": "owner"})
    requester = soup.find("input", attrs={"aria-label": "Submitter email"})
    return TicketPage(
        title=_value(form.find("input", attrs={"name": "title"})),
        status=next((int(_value(r)) for r in radios if r.has_attr("checked")), 0),
        statuses=tuple(Choice(id=_value(r), name=labels.get(r.get("id"), "")) for r in radios),
        blocked=any(r.has_attr("disabled") for r in radios),
        priority=_selected(form.find("select", attrs={"name": "priority"})),
        queue=_queue(form),
        owner=_selected(form.find("select", attrs={"name": "owner"})) or "0",
        due=_day(_value(form.find("input", attrs={"name": "due_date"}))),
        on_hold=soup.find("form", attrs={"action": "unhold/"}) is not None,
        requester="" if (seen := _value(requester)) == "None" else seen,
        custom=_custom(form),
        people=_people(form.find("select", attrs={"name": "owner"}), short),
        queues=options(form.find("select", attrs={"name": "queue"})),
        entries=tuple(sorted(_entries(soup), key=lambda entry: entry.at)),
        extensions=_extensions(soup),
        resolution=soup.find("div", class_="alert-success") is not None,
    )


def merged(into: str) -> Conflict:
    """Return the error for a write on a ticket that was merged into another."""
    return Conflict(
        f"This ticket was merged into ticket {into}: it takes no changes. Write on that one.",
        reason="merged",
    )


def options(select: Tag | None) -> tuple[Choice, ...]:
    """Return what a list of a form offers, without its empty line."""
    if select is None:
        return ()
    return tuple(
        Choice(id=_value(option), name=_text(option))
        for option in select.find_all("option")
        if _value(option)
    )


def form_choices(html: str, name: str) -> tuple[Choice, ...]:
    """Return what a list of a page's form offers."""
    soup = BeautifulSoup(html, "html.parser")
    if (select := soup.find("select", attrs={"name": name})) is not None:
        return options(select)
    hidden = soup.find("input", attrs={"name": name, "type": "hidden"})
    return () if hidden is None else (Choice(id=_value(hidden), name=""),)


def feed_slugs(html: str) -> dict[str, str]:
    """Return the slug of each queue by its title, from the page that lists the queues' feeds."""
    soup = BeautifulSoup(html, "html.parser")
    found: dict[str, list[str]] = {}
    for link in soup.find_all("a", href=re.compile(r"/rss/queue/[A-Za-z0-9_-]+/$")):
        row = link.find_parent("tr")
        if row is not None and (cell := row.find("td")) is not None:
            found.setdefault(_text(cell), []).append(str(link["href"]).rstrip("/").rsplit("/")[-1])
    return {title: slugs[0] for title, slugs in found.items() if len(slugs) == 1}


def _merged_into(soup: BeautifulSoup) -> str | None:
    link = soup.select_one("div.card.card-body.bg-light > h3 > a[href]")
    return None if link is None else str(link["href"]).rstrip("/").rsplit("/", 1)[-1]


def _text(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def _value(tag: Tag | None) -> str:
    return "" if tag is None else str(tag.get("value") or "")


def _selected(select: Tag | None) -> str:
    if select is None:
        return ""
    chosen = select.find("option", selected=True)
    return _value(chosen)


def _queue(form: Tag) -> str:
    select = form.find("select", attrs={"name": "queue"})
    return _selected(select) or _value(form.find("input", attrs={"name": "queue"}))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _people(short: Tag | None, long: Tag | None) -> tuple[Choice, ...]:
    """Put usernames (the form's list) and full names (the list above it) together."""
    names = {choice.id: choice.name for choice in options(long)}
    return tuple(
        Choice(
            id=choice.id,
            name=choice.name,
            words=(names[choice.id],) if names.get(choice.id, choice.name) != choice.name else (),
        )
        for choice in options(short)
        if choice.id != "0"
    )


def _custom(form: Tag) -> dict[str, str]:
    """Return the custom fields as the form would send them back: what is left out is wiped."""
    values: dict[str, str] = {}
    for tag in form.find_all(("input", "select", "textarea"), attrs={"name": True}):
        name = str(tag["name"])
        if not name.startswith("custom_") or tag.has_attr("disabled"):
            continue
        if tag.name == "select":
            values[name] = _selected(tag)
        elif tag.name == "textarea":
            values[name] = tag.get_text().removeprefix("\n")
        elif tag.get("type") == "checkbox":
            values[name] = "on" if tag.has_attr("checked") else ""
        else:
            values[name] = _value(tag)
    return values


def _entries(soup: BeautifulSoup) -> Iterable[Entry]:
    listed = soup.find("ul", id="followup-list")
    if listed is None:
        return
    for item in listed.find_all("li", class_="list-group-item", recursive=False):
        moment = item.find("time")
        if moment is None:
            continue
        at = datetime.fromisoformat(str(moment.get("datetime")))
        edit = item.find("a", href=re.compile(r"/followup_edit/\d+/$"))
        number = None if edit is None else str(edit["href"]).rstrip("/").rsplit("/", 1)[-1]
        yield Entry(at=at if at.tzinfo else at.replace(tzinfo=UTC), id=number, mailed=_mailed(item))


def _mailed(item: Tag) -> tuple[str, ...] | None:
    envelope = item.find("i", class_="fa-envelope")
    line = None if envelope is None else envelope.find_parent("small")
    return None if line is None else tuple(ADDRESS.findall(_text(line)))


def _extensions(soup: BeautifulSoup) -> tuple[str, ...] | None:
    """Return the file types the desk takes; None when it takes any."""
    checks = soup.find(id="helpdesk-validate-attachment-types")
    listed = soup.find(id="helpdesk-valid-extensions")
    if listed is None or (checks is not None and checks.get_text().strip() == "false"):
        return None
    return tuple(str(extension).lower() for extension in json.loads(listed.get_text()))
