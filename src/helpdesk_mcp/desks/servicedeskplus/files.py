"""Files on a ticket: up by the way of the edition, down by the list that knows their names."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from helpdesk_mcp.desks.servicedeskplus.envelope import one
from helpdesk_mcp.desks.servicedeskplus.half_done import after
from helpdesk_mcp.desks.servicedeskplus.link import Link, Query, number
from helpdesk_mcp.desks.servicedeskplus.lost import not_twice, once
from helpdesk_mcp.desks.servicedeskplus.prose import clean
from helpdesk_mcp.desks.servicedeskplus.values import Row, moment_of, rows_of, text_of
from helpdesk_mcp.desks.servicedeskplus.wire import attachment_of
from helpdesk_mcp.domain.comments import Download, Upload
from helpdesk_mcp.domain.errors import Invalid, NotFound
from helpdesk_mcp.domain.receipts import Mail, Receipt

NO_FILE = "There is no such attachment on this ticket."
SEEN = "Whoever can see the ticket can see its files, the requester too."
# What runs when it is opened: no help desk should pass it on.
REFUSED = frozenset(
    f".{kind}"
    for kind in (
        *("bat", "cmd", "com", "cpl", "dll", "exe", "hta", "jar", "js", "jse", "lnk", "msi"),
        *("ps1", "reg", "scr", "sh", "vbe", "vbs", "wsf"),
    )
)


@dataclass(frozen=True, slots=True)
class Files:
    link: Link

    async def attach(self, ticket_id: str, upload: Upload, *, public: bool) -> Receipt:
        self.check(upload)
        identifier = await self.link.ticket(ticket_id)
        attached, warnings = await self.add(identifier, upload)
        return Receipt(
            ticket_id=identifier,
            mail=Mail(sent=False, why="The desk mails nobody about a file."),
            attachment_id=attached,
            warnings=(*warnings, *(() if public else (SEEN,))) or None,
        )

    def check(self, upload: Upload) -> None:
        """Refuse what should not be on a help desk, before anything is sent."""
        extension = PurePosixPath(clean(upload.name, "file name")).suffix.lower()
        if extension in REFUSED:
            raise Invalid(f"Files that run are not taken: {extension}.", reason="attachment_type")
        if not upload.content:
            raise Invalid("The file is empty.", reason="attachment_empty")

    async def add(self, identifier: str, upload: Upload) -> tuple[str, tuple[str, ...]]:
        """Attach a file once; return its id there (reference §4.6), and what is to be said of it.

        When it is not clear whether that worked, it is looked for by its name and size.
        """
        content = (upload.name, upload.content, upload.media_type)

        async def send(route: str) -> Row:
            path = f"requests/{identifier}/{route}"
            if self.link.edition.is_cloud:
                return await self.link.upload(
                    "POST", path, ("filename", content), {"addtoattachment": "true"}
                )
            method = "PUT" if route == "upload" else "POST"
            return await self.link.upload(method, path, ("input_file", content))

        async def sent() -> Row:
            answer = await self.link.by_route("upload", send)
            listed = rows_of(answer.get("files"))
            row = listed[0] if listed else one(answer, "attachment")
            return row | {"id": attachment_of(row).id}

        async def look(since: datetime) -> list[Row]:
            listed = await self._listed(identifier)
            return [row for row in listed if _is_it(row, upload, since)]

        row = await once(self.link, f"requests/{identifier}/attachments", sent, look)
        found = attachment_of(row).id
        with after(f"The file was sent as attachment {found}."):
            if not await self._holds(identifier, found):
                data = {"request": {"attachments": [{"id": found}]}}
                await self.link.write("PUT", f"requests/{identifier}", data)
        return found, not_twice(row, "file", done="attached")

    async def attachment(self, ticket_id: str, attachment_id: str) -> Download:
        identifier = await self.link.ticket(ticket_id)
        wanted = number(attachment_id, NO_FILE)
        listed = await self._listed(identifier)
        row = next((row for row in listed if text_of(row.get("id")) == wanted), None)
        if row is None:
            raise NotFound(NO_FILE)
        path = f"requests/{identifier}/attachments/{wanted}/~download"
        content = await self.link.download(path, missing=NO_FILE)
        return Download(attachment=attachment_of(row), content=content)

    async def _holds(self, identifier: str, attachment_id: str) -> bool:
        return any(text_of(r.get("id")) == attachment_id for r in await self._listed(identifier))

    async def _listed(self, identifier: str) -> tuple[Row, ...]:
        path = f"requests/{identifier}/attachments"
        return (await self.link.every(path, Query(count=False))).items


def _is_it(row: Row, upload: Upload, since: datetime) -> bool:
    """Whether a listed file is the one that was sent; one without a moment may be an older one."""
    file, at = attachment_of(row), moment_of(row.get("attached_on"))
    same = (file.name, file.size) == (upload.name, len(upload.content))
    return same and at is not None and at >= since
