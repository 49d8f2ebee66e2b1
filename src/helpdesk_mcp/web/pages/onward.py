"""Where a person goes next: back to a question they were about to answer, or into the console."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.responses import RedirectResponse, Response

from helpdesk_mcp.oauth.flow import Leave

QUESTION: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
_OWN_PATH: Final = re.compile(r"/(?![/\\])[!-~]{0,2000}")
_CONSOLE_PATH: Final = re.compile(r"/console(?:/[a-z0-9/_-]{0,200})?")


@dataclass(frozen=True, slots=True)
class Onward:
    """Either a question's id, or a path of the console; nothing else a link could say."""

    question: str = ""
    path: str = "/console"

    @property
    def address(self) -> str:
        return f"/consent/{self.question}" if self.question else self.path

    def via(self, page: str) -> str:
        """Return the address of a page that must come before."""
        if self.question:
            return f"{page}?{urlencode({'for': self.question})}"
        return page if self.path == "/console" else f"{page}?{urlencode({'next': self.path})}"


def onward(question: str, path: str) -> Onward:
    """Read what a query or form says; what cannot be ours leads to the console."""
    if QUESTION.fullmatch(question):
        return Onward(question)
    return Onward(path=path if _CONSOLE_PATH.fullmatch(path) else "/console")


def own_path(text: str) -> str:
    return text if _OWN_PATH.fullmatch(text) else "/console"


def go(address: str) -> Response:
    """Send the browser on with GET, whatever it sent: 303, never 307 (RFC 9700 §4.12)."""
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})


def address_of(leave: Leave) -> str:
    """Return the client's address with the answer in its query (RFC 6749 §4.1.2)."""
    joined = "?" if "?" not in leave.redirect_uri else "&"
    return f"{leave.redirect_uri}{joined}{urlencode(leave.parameters)}"


def source_of(redirect_uri: str) -> str:
    """Return an address as a source of Content-Security-Policy: its origin, else its scheme."""
    parts = urlsplit(redirect_uri)
    if parts.scheme not in {"http", "https"} or "[" in parts.netloc:  # CSP 3 has no IPv6
        return f"{parts.scheme}:"
    return f"{parts.scheme}://{parts.netloc}"
