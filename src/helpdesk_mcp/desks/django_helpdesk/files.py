"""Files of a ticket: put there with a comment, read only through the ticket they belong to."""

from dataclasses import dataclass

from helpdesk_mcp.desks.django_helpdesk.commenting import Commenting
from helpdesk_mcp.desks.django_helpdesk.link import Link
from helpdesk_mcp.desks.django_helpdesk.reading import LONGEST_ID, Reading, number_of
from helpdesk_mcp.desks.django_helpdesk.wire import WireFile, attachment_of, read
from helpdesk_mcp.domain.comments import CommentDraft, Download, Upload, Visibility
from helpdesk_mcp.domain.errors import NotFound, Unavailable
from helpdesk_mcp.domain.receipts import Receipt

NO_FILE = "There is no such attachment on this ticket."


@dataclass(frozen=True, slots=True)
class Files:
    link: Link
    reading: Reading
    commenting: Commenting

    async def attach(self, ticket_id: str, upload: Upload, *, public: bool) -> Receipt:
        draft = CommentDraft(
            body=f"Attached: {upload.name}",
            visibility=Visibility.PUBLIC if public else Visibility.INTERNAL,
            uploads=(upload,),
        )
        return await self.commenting.add(ticket_id, draft)

    async def attachment(self, ticket_id: str, attachment_id: str) -> Download:
        number = number_of(ticket_id)
        if not (attachment_id.isascii() and attachment_id.isdigit()) or (
            len(attachment_id) > LONGEST_ID
        ):
            raise NotFound(NO_FILE)
        path = f"api/followups-attachments/{int(attachment_id)}/"
        file = read(WireFile, await self.link.json(path, missing=NO_FILE))
        if file.followup is None or not file.file:
            raise Unavailable("The help desk does not say where the file is.", reason="protocol")
        if (await self.reading.comment(str(file.followup))).ticket != number:
            raise NotFound(NO_FILE)
        response = await self.link.download(file.file)
        return Download(attachment=attachment_of(file), content=response.content)
