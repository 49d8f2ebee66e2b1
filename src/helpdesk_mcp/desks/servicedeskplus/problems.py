"""Problems in ServiceDesk Plus: grouped fields, closing, and the tickets one explains."""

from helpdesk_mcp.desks.servicedeskplus.half_done import partly
from helpdesk_mcp.desks.servicedeskplus.link import Link, number
from helpdesk_mcp.desks.servicedeskplus.lookups import Lookups
from helpdesk_mcp.desks.servicedeskplus.record_closing import ClosedRecords
from helpdesk_mcp.desks.servicedeskplus.record_fields import Field, Module
from helpdesk_mcp.domain.errors import Conflict, HelpdeskError
from helpdesk_mcp.domain.problems import Problem, ProblemDraft
from helpdesk_mcp.domain.receipts import Change, RecordReceipt

TRACKED = (
    Field(ours="title", theirs="title", kind="title"),
    Field(ours="description", theirs="description", kind="html"),
    Field(ours="status", theirs="status", kind="ref"),
    Field(ours="priority", theirs="priority", kind="ref"),
    Field(ours="urgency", theirs="urgency", kind="ref"),
    Field(ours="impact", theirs="impact", kind="ref"),
    Field(ours="category", theirs="category", kind="ref"),
    Field(ours="subcategory", theirs="subcategory", kind="ref", under="category"),
    Field(ours="item", theirs="item", kind="ref", under="subcategory"),
    Field(ours="queue", theirs="group", kind="ref", lookup="group"),
    Field(ours="site", theirs="site", kind="ref"),
    Field(ours="created", theirs="created_time", kind="moment"),
    Field(ours="modified", theirs="last_updated_time", kind="moment"),
    Field(ours="closed", theirs="closed_time", kind="moment"),
)
"""What problems and changes have in common (reference §5)."""
PROBLEMS = Module(
    record=Problem,
    path="problems",
    wrapper="problem",
    what="problem",
    fields=(
        *TRACKED,
        Field(ours="assignee", theirs="technician", kind="technician"),
        Field(ours="reporter", theirs="reported_by", kind="user"),
        Field(ours="due", theirs="due_by_time", kind="moment"),
        Field(ours="root_cause", theirs="root_cause.root_cause_description", kind="html"),
        Field(ours="symptoms", theirs="symptoms.symptoms_description", kind="html"),
        Field(
            ours="impact_details", theirs="impact_details.impact_details_description", kind="html"
        ),
        Field(ours="workaround", theirs="workaround_details.workaround", kind="html"),
        Field(ours="resolution", theirs="resolution_details.resolution", kind="html"),
        Field(ours="known_error", theirs="known_error_details.is_known_error", kind="flag"),
    ),
)


class ProblemsHere(ClosedRecords[Problem, ProblemDraft]):
    def __init__(self, link: Link, lookups: Lookups) -> None:
        super().__init__(link, lookups, PROBLEMS)

    async def close(
        self, problem_id: str, comment: str, *, code: str | None = None
    ) -> RecordReceipt:
        return await self.shut(problem_id, comment, code, by="close")

    async def add_tickets(self, problem_id: str, tickets: tuple[str, ...]) -> RecordReceipt:
        """Tie tickets one by one: each is asked to name its problem (reference §4.1)."""
        identifier = number(problem_id, self.module.missing)
        await self.row(problem_id)
        told: list[Change] = []
        already: list[str] = []
        for ticket_id in tickets:
            try:
                tied = await self._tie(ticket_id, identifier)
            except HelpdeskError as error:
                if not told:
                    raise
                done = ", ".join(change.after or "" for change in told)
                raise partly(error, f"These tickets were linked: {done}.") from error
            if tied:
                told.append(Change(field="ticket", after=ticket_id))
            else:
                already.append(f"Ticket {ticket_id} was linked to this problem already.")
        return RecordReceipt(
            record="problem",
            id=problem_id,
            changes=tuple(told),
            warnings=tuple(already) or None,
        )

    async def _tie(self, ticket_id: str, problem_id: str) -> bool:
        path = f"requests/{await self.link.ticket(ticket_id)}/problem"
        data = {"request_problem_association": {"problem": {"id": problem_id}}}
        try:
            await self.link.write("POST", path, data)
        except Conflict:  # it has it already
            return False
        return True
