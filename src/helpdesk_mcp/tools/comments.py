"""Tools for what is said on a ticket: internal notes, replies, the conversation."""

from typing import Annotated

from pydantic import Field

from helpdesk_mcp.domain.comments import CommentDraft, Visibility
from helpdesk_mcp.domain.desk import Comments
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.pages import footer
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import Receipt
from helpdesk_mcp.tools.params import Body, Cursor, OptionalBody, TicketId, Word, minutes_in
from helpdesk_mcp.tools.results import Conversation, window

TimeSpent = Annotated[Word, Field(description='Minutes ("90") or H:MM')]


@operation(
    Scope.TICKETS_READ, Effect.READ, title="Get the conversation", renamed={"id": "ticket_id"}
)
async def get_conversation(
    desk: Comments,
    ticket_id: TicketId,
    cursor: Cursor | None = None,
    page_size: Annotated[int, Field(ge=1, le=50)] = 20,
    full: Annotated[bool, Field(description="All of long comments")] = False,
) -> Conversation:
    """Read what was said on a ticket, oldest first: replies, internal notes, files."""
    del full  # shaping reads it: it widens the size of the answer
    page = await desk.comments(ticket_id, window(cursor, None, page_size))
    return Conversation(
        ticket_id=ticket_id,
        comments=page.items,
        **footer(page),
    )


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Add an internal note",
    renamed={"note_text": "text", "note": "text", "note_content": "text", "id": "ticket_id"},
    holds={"text": Holds.PROSE},
)
async def add_note(
    desk: Comments, ticket_id: TicketId, text: Body, time_spent: TimeSpent | None = None
) -> Receipt:
    """Write an internal note: staff read it, the requester does not."""
    draft = CommentDraft(body=text, visibility=Visibility.INTERNAL, minutes=minutes_in(time_spent))
    return await desk.add_comment(ticket_id, draft)


@operation(
    (Scope.TICKETS_WRITE, Scope.REPLIES_SEND),
    Effect.WRITE,
    title="Reply to the requester",
    renamed={"reply_message": "text", "message": "text", "id": "ticket_id"},
    holds={"text": Holds.PROSE},
)
async def reply_to_requester(
    desk: Comments,
    ticket_id: TicketId,
    text: Body,
    new_status: Word | None = None,
    time_spent: TimeSpent | None = None,
) -> Receipt:
    """Answer in public. The desk mails it to the requester; the receipt says whether it did."""
    draft = CommentDraft(
        body=text,
        visibility=Visibility.PUBLIC,
        status=new_status,
        minutes=minutes_in(time_spent),
    )
    return await desk.add_comment(ticket_id, draft)


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Add a follow-up",
    scopes_if={"public": Scope.REPLIES_SEND},
    listed=False,
    renamed={"notify_technician": "notify_assignee"},
    holds={"comment": Holds.PROSE, "title": Holds.PROSE},
)
async def add_followup(
    desk: Comments,
    ticket_id: TicketId,
    comment: OptionalBody,
    title: Annotated[str, Field(max_length=200)] | None = None,
    public: bool = True,
    new_status: Word | None = None,
    time_spent: TimeSpent | None = None,
    notify_assignee: Annotated[
        bool, Field(description="Have the desk mail whoever it is assigned to, if it can")
    ] = False,
) -> Receipt:
    """Add a follow-up, public or internal, with an optional new status and time spent."""
    draft = CommentDraft(
        body=comment,
        title=title,
        visibility=Visibility.PUBLIC if public else Visibility.INTERNAL,
        status=new_status,
        minutes=minutes_in(time_spent),
        notify_assignee=notify_assignee,
    )
    return await desk.add_comment(ticket_id, draft)


TOOLS = (get_conversation, add_note, reply_to_requester, add_followup)
