"""Time spent, noted as a work log of our own: the API takes no time with a note."""

from dataclasses import dataclass

from helpdesk_mcp.desks.servicedeskplus.link import Link
from helpdesk_mcp.desks.servicedeskplus.names import Names
from helpdesk_mcp.desks.servicedeskplus.prose import to_html
from helpdesk_mcp.desks.servicedeskplus.values import Row
from helpdesk_mcp.domain.errors import Denied, Invalid, NotFound

NOT_NOTED = "The time spent was not noted: {why}"
LONGEST = 60_000
"""Minutes: a thousand hours."""


@dataclass(frozen=True, slots=True)
class Effort:
    link: Link
    names: Names

    async def note(self, identifier: str, minutes: float, text: str) -> tuple[str, ...]:
        """Note time; returns a warning where the desk does not take it (reference §4.8)."""
        if not self.names.who_we_are:
            return (NOT_NOTED.format(why="the desk does not say who we are (`technician`)."),)
        try:
            data = {"worklog": await self._worklog(minutes, text)}
            await self.link.write("POST", f"requests/{identifier}/worklogs", data)
        except (Invalid, Denied, NotFound) as error:
            return (NOT_NOTED.format(why=error.message),)
        return ()

    async def _worklog(self, minutes: float, text: str) -> Row:
        whole = check_minutes(minutes)
        return {
            "owner": {"id": (await self.names.person("me")).id},
            "description": to_html(text.strip()[:2000]),
            "time_spent": {"hours": str(whole // 60), "minutes": str(whole % 60)},
            "include_nonoperational_hours": True,
            "mark_first_response": False,
        }


def check_minutes(minutes: float) -> int:
    if not 0 <= minutes < LONGEST:
        raise Invalid("The time spent is between 0 and 60000 minutes.", reason="time_spent")
    return round(minutes)
