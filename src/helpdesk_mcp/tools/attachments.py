"""Tools for files on a ticket. No tool ever takes a path: a file comes as text or as base64."""

import base64
import binascii
from typing import Annotated

from pydantic import Field

from helpdesk_mcp.domain.comments import Upload
from helpdesk_mcp.domain.desk import Attachments
from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import Receipt
from helpdesk_mcp.tools.params import TicketId, Word
from helpdesk_mcp.tools.results import AttachmentContent

LARGEST_FILE = 700_000
"""Bytes of a file in an argument: base64 makes it a third larger, and a request holds 1 MiB."""
LARGEST_TEXT = 40_000
"""Characters of a text file in an answer."""
LARGEST_DOWNLOAD = 200_000
"""Bytes of any other file in an answer."""


@operation(
    Scope.TICKETS_WRITE,
    Effect.WRITE,
    title="Attach a file",
    scopes_if={"public": Scope.REPLIES_SEND},
    renamed={"id": "ticket_id", "name": "filename"},
    holds={"text": Holds.SECRET, "base64": Holds.SECRET, "filename": Holds.PROSE},
)
async def add_attachment(
    desk: Attachments,
    ticket_id: TicketId,
    filename: Annotated[str, Field(min_length=1, max_length=100)],
    text: Annotated[str, Field(max_length=LARGEST_FILE)] | None = None,
    base64: Annotated[str, Field(max_length=LARGEST_FILE * 4 // 3 + 4)] | None = None,
    public: bool = False,
) -> Receipt:
    """Attach a file, given as text or base64. Internal unless public.

    get_ticket_fields says which types the desk takes.
    """
    upload = Upload(name=_safe_name(filename), content=_content(text, base64))
    return await desk.attach(ticket_id, upload, public=public)


@operation(
    Scope.TICKETS_READ, Effect.READ, title="Get an attachment", renamed={"id": "attachment_id"}
)
async def get_attachment(
    desk: Attachments, ticket_id: TicketId, attachment_id: Word
) -> AttachmentContent:
    """Read a file of a ticket; get_ticket and get_conversation list their ids."""
    download = await desk.attachment(ticket_id, attachment_id)
    text = _text_of(download.content)
    if text is not None:
        return AttachmentContent(attachment=download.attachment, text=text)
    if len(download.content) > LARGEST_DOWNLOAD:
        raise Invalid(
            f"The file is too large to read here: {len(download.content)} bytes of at most "
            f"{LARGEST_DOWNLOAD}. A person can open it in the help desk.",
            reason="too_large",
        )
    encoded = base64.b64encode(download.content).decode()
    return AttachmentContent(attachment=download.attachment, base64=encoded)


def _content(text: str | None, encoded: str | None) -> bytes:
    if (text is None) == (encoded is None):
        raise Invalid("Give the file as `text` or as `base64`, one of them.", reason="content")
    if text is not None:
        return text.encode()
    try:
        return base64.b64decode(encoded or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("`base64` is not valid base64.", reason="content") from error


def _safe_name(filename: str) -> str:
    """Refuse a name that is more than a name (security case U24)."""
    name = filename.strip()
    if any(c in name for c in "/\\:\0") or name in {".", ".."} or not name.isprintable():
        raise Invalid("`filename` is a plain file name, without a path.", reason="filename")
    return name


def _text_of(content: bytes) -> str | None:
    if len(content) > LARGEST_TEXT * 4 or b"\0" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


TOOLS = (add_attachment, get_attachment)
