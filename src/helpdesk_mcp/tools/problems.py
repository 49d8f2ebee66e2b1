"""Tools for problems: the causes behind tickets."""

from typing import Annotated, TypedDict, Unpack

from pydantic import Field

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.pages import footer
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.problems import Problem, ProblemDraft, Problems
from helpdesk_mcp.domain.receipts import RecordReceipt
from helpdesk_mcp.domain.registers import RecordFilter
from helpdesk_mcp.tools.drafts import something
from helpdesk_mcp.tools.params import (
    Body,
    ClosingCode,
    Cursor,
    PageSize,
    Query,
    RecordId,
    Subject,
    When,
    Word,
    Words,
    names,
)
from helpdesk_mcp.tools.record_results import ProblemList, RecordStatistics, brief, statistics
from helpdesk_mcp.tools.results import window

LONG = ("description", "root_cause", "symptoms", "impact_details", "workaround", "resolution")
ID = {"id": "problem_id"}
SEARCH = {"search_term": "query", "search": "query", "limit": "page_size", "technician": "assignee"}
HELD = {"title": Holds.PROSE, "description": Holds.PROSE, "assignee": Holds.PERSON}
ANALYSED = ("root_cause", "symptoms", "impact_details", "workaround")
RENAMED = {"technician": "assignee", "group": "queue", "due_by_time": "due"}
Assignee = Annotated[Word, Field(description="Username, name, e-mail, id, me or none")]
Forever = Annotated[
    bool, Field(description="Needed where the desk has no trash for these: there is no way back")
]


class _Tracked(TypedDict, total=False):
    priority: Word | None
    urgency: Word | None
    impact: Word | None
    category: Word | None
    subcategory: Word | None
    item: Word | None
    assignee: Assignee | None
    queue: Word | None
    site: Word | None
    due: When | None


class ProblemFields(_Tracked, total=False):
    known_error: bool | None


class NewProblem(_Tracked, total=False):
    root_cause: Body | None
    symptoms: Body | None
    impact_details: Body | None
    workaround: Body | None
    known_error: bool | None


class Analysis(TypedDict, total=False):
    root_cause: Body | None
    symptoms: Body | None
    impact_details: Body | None
    workaround: Body | None
    resolution: Body | None
    known_error: bool | None


@operation(
    Scope.PROBLEMS_READ,
    Effect.READ,
    title="List problems",
    listed=False,
    target="",
    renamed=SEARCH,
    holds={"query": Holds.PROSE, "assignee": Holds.PERSON},
)
async def list_problems(
    desk: Problems,
    query: Query | None = None,
    status: Words | None = None,
    assignee: Assignee | None = None,
    cursor: Cursor | None = None,
    page_size: PageSize = 20,
) -> ProblemList:
    """List problems, newest first; `query` is looked for in their titles."""
    which = RecordFilter(text=query, statuses=names(status), person=assignee)
    found = brief(await desk.problems.find(which, window(cursor, None, page_size)), *LONG)
    return ProblemList(problems=found.items, **footer(found))


@operation(
    Scope.PROBLEMS_READ,
    Effect.READ,
    title="Get a problem",
    listed=False,
    target="problem_id",
    renamed=ID,
)
async def get_problem(
    desk: Problems,
    problem_id: RecordId,
    full: Annotated[bool, Field(description="All of long texts")] = False,
) -> Problem:
    """Read a problem with its analysis: root cause, symptoms, impact, workaround."""
    del full  # shaping reads it: it widens the size of the answer
    return await desk.problems.read(problem_id)


@operation(
    Scope.PROBLEMS_WRITE,
    Effect.WRITE,
    title="Create a problem",
    listed=False,
    target="",
    renamed=RENAMED,
    holds={**HELD, **dict.fromkeys(ANALYSED, Holds.PROSE)},
)
async def create_problem(
    desk: Problems,
    title: Subject,
    description: Body | None = None,
    **fields: Unpack[NewProblem],
) -> RecordReceipt:
    """Open a problem: a cause that is behind one or more tickets."""
    return await desk.problems.create(ProblemDraft(title=title, description=description, **fields))


@operation(
    Scope.PROBLEMS_WRITE,
    Effect.WRITE,
    title="Change a problem",
    idempotent=True,
    listed=False,
    target="problem_id",
    renamed={**ID, **RENAMED},
    holds=HELD,
)
async def update_problem(
    desk: Problems,
    problem_id: RecordId,
    title: Subject | None = None,
    description: Body | None = None,
    status: Word | None = None,
    **fields: Unpack[ProblemFields],
) -> RecordReceipt:
    """Change fields of a problem; what is not given stays. For its analysis: analyze_problem."""
    draft = ProblemDraft(title=title, description=description, status=status, **fields)
    return await desk.problems.change(problem_id, something(draft))


@operation(
    Scope.PROBLEMS_WRITE,
    Effect.WRITE,
    title="Analyze a problem",
    idempotent=True,
    listed=False,
    target="problem_id",
    renamed={**ID, "impact_assessment": "impact_details", "resolution_steps": "resolution"},
    holds=dict.fromkeys(LONG[1:], Holds.PROSE),
)
async def analyze_problem(
    desk: Problems, problem_id: RecordId, **fields: Unpack[Analysis]
) -> RecordReceipt:
    """Write down what is known about a problem: root cause, symptoms, impact, workaround."""
    return await desk.problems.change(problem_id, something(ProblemDraft(**fields)))


@operation(
    (Scope.PROBLEMS_WRITE, Scope.TICKETS_WRITE),
    Effect.WRITE,
    title="Link tickets to a problem",
    idempotent=True,
    listed=False,
    target="problem_id",
    renamed={**ID, "incident_ids": "tickets"},
)
async def link_tickets_to_problem(
    desk: Problems,
    problem_id: RecordId,
    tickets: Annotated[Words, Field(min_length=1, description="Ids, comma-separated")],
) -> RecordReceipt:
    """Tie tickets to the problem that explains them."""
    chosen = tuple(dict.fromkeys(name.removeprefix("#") for name in names(tickets)))
    if not chosen or not all(word.isalnum() and word.isascii() for word in chosen):
        raise Invalid("`tickets` are ids, comma-separated, at least one.", reason="tickets")
    return await desk.problems.add_tickets(problem_id, chosen)


@operation(
    Scope.PROBLEMS_WRITE,
    Effect.WRITE,
    title="Close a problem",
    idempotent=True,
    listed=False,
    target="problem_id",
    renamed={**ID, "closure_comments": "comment", "closure_code": "code"},
    holds={"comment": Holds.PROSE},
)
async def close_problem(
    desk: Problems, problem_id: RecordId, comment: Body, code: ClosingCode | None = None
) -> RecordReceipt:
    """Close a problem and say how it ended."""
    return await desk.problems.close(problem_id, comment, code=code)


@operation(
    (Scope.PROBLEMS_WRITE, Scope.TICKETS_DELETE),
    Effect.DESTROY,
    title="Delete a problem",
    listed=False,
    target="problem_id",
    renamed=ID,
)
async def delete_problem(
    desk: Problems, problem_id: RecordId, for_good: Forever = False
) -> RecordReceipt:
    """Delete a problem. To keep what was learned, close it instead."""
    return await desk.problems.delete(problem_id, for_good=for_good)


@operation(Scope.PROBLEMS_READ, Effect.READ, title="Problem statistics", listed=False, target="")
async def get_problem_statistics(desk: Problems, status: Words | None = None) -> RecordStatistics:
    """Count problems by status, priority, category and assignee."""
    which = RecordFilter(statuses=names(status))
    return await statistics(desk.problems, which, ("status", "priority", "category", "assignee"))


TOOLS = (
    list_problems,
    get_problem,
    create_problem,
    update_problem,
    analyze_problem,
    link_tickets_to_problem,
    close_problem,
    delete_problem,
    get_problem_statistics,
)
