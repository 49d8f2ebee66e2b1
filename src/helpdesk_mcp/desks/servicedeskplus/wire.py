"""The vendor's records turned into our nouns. Pure functions."""

from helpdesk_mcp.desks.servicedeskplus.values import Row, text_of
from helpdesk_mcp.domain.people import Person


def person_of(row: Row) -> Person:
    return Person(
        id=text_of(row.get("id")) or "",
        username=text_of(row.get("login_name")),
        name=text_of(row.get("name")),
        email=text_of(row.get("email_id")),
    )
