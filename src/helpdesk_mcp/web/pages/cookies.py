"""Three cookies: this browser's secret, its session, and the language somebody chose."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

LONGEST_SECRET: Final = 64
A_YEAR: Final = 31_536_000


@dataclass(frozen=True, slots=True)
class Cookies:
    """Named with `__Host-` over https, which needs Secure; over plain http with our own name."""

    secure: bool

    def browser(self, request: Request) -> str:
        return self._secret(request, "browser")

    def session(self, request: Request) -> str:
        return self._secret(request, "session")

    def language(self, request: Request) -> str:
        return request.cookies.get(self._name("language"), "")

    def keep_browser(self, response: Response, secret: str) -> None:
        self._keep(response, "browser", secret)

    def keep_session(self, response: Response, secret: str) -> None:
        self._keep(response, "session", secret)

    def keep_language(self, response: Response, language: str, *, chosen: bool = True) -> None:
        """Keep a language that somebody chose; one that a client asked for, while this lasts."""
        self._keep(response, "language", language, max_age=A_YEAR if chosen else None)

    def drop_session(self, response: Response) -> None:
        self._keep(response, "session", "", max_age=0)

    def _secret(self, request: Request, what: str) -> str:
        """Return a cookie that may be one of ours; anything else counts as none at all."""
        value = request.cookies.get(self._name(what), "")
        plain = value.isascii() and value.replace("-", "").replace("_", "").isalnum()
        return value if plain and len(value) <= LONGEST_SECRET else ""

    def _keep(self, response: Response, what: str, value: str, max_age: int | None = None) -> None:
        response.set_cookie(
            self._name(what),
            value,
            max_age=max_age,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",  # a client's authorization request comes from another site
        )

    def _name(self, what: str) -> str:
        return f"__Host-{what}" if self.secure else f"helpdesk_mcp_{what}"
