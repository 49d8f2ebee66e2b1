"""Forms: read strictly, from our own pages only, and each token good for one answer."""

import base64
import hashlib
import hmac
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from helpdesk_mcp.domain.sessions import Sessions
from helpdesk_mcp.web.pages.refusing import Refusal

LARGEST: Final = 65_536
MOST_FIELDS: Final = 400
GOOD_FOR: Final = 7_200.0
"""Seconds in which a form may be sent."""
MEDIA_TYPE: Final = "application/x-www-form-urlencoded"
_NONCE: Final = 16


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent, in order. A field that comes once is asked for with `one`."""

    fields: Mapping[str, tuple[str, ...]]

    def one(self, name: str) -> str:
        values = self.fields.get(name, ())
        if len(values) > 1:
            raise Refusal(HTTPStatus.BAD_REQUEST, "form")
        return values[0] if values else ""

    def every(self, name: str) -> tuple[str, ...]:
        return self.fields.get(name, ())


async def read(request: Request) -> Form:
    """Read a form. Raises Refusal: 413, 415, or 400 for what is not one."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media_type")
    body = await request.body()
    if len(body) > LARGEST:
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:  # also of decoding
        raise Refusal(HTTPStatus.BAD_REQUEST, "form") from None
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        if "\0" in value:
            raise Refusal(HTTPStatus.BAD_REQUEST, "form")
        fields[name] = (*fields.get(name, ()), value)
    return Form(fields)


def check_sender(request: Request, public_url: str) -> None:
    """Refuse a form that another site's page sent (security case A33).

    Browsers say where a request comes from; a request that says nothing has its token alone.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site != "same-origin":
        raise Refusal(HTTPStatus.FORBIDDEN, "other_site")
    if origin is not None and not _is_ours(origin, request, public_url):
        raise Refusal(HTTPStatus.FORBIDDEN, "other_site")


def _is_ours(origin: str, request: Request, public_url: str) -> bool:
    """Compare with the public address, or with the Host that the edge has let in."""
    ours = urlsplit(public_url)
    return origin.lower() in {
        f"{ours.scheme}://{ours.netloc}".lower(),
        f"{ours.scheme}://{request.headers.get('host', '')}".lower(),
    }


@dataclass(frozen=True, slots=True)
class FormTokens:
    """Tokens that stand in forms: bound to a session or browser and a purpose, used once.

    Nothing is stored until one is used: a token is its own proof.
    """

    key: bytes
    sessions: Sessions

    def make(self, owner: str, purpose: str, now: float) -> str:
        body = secrets.token_bytes(_NONCE) + struct.pack(">d", now)
        return base64.urlsafe_b64encode(body + self._proof(body, owner, purpose)).decode()

    async def use(self, token: str, *, owner: str, purpose: str, now: float) -> None:
        """Use a token up. Raises Refusal (403) for any that is not good here and now."""
        made_at = self._judge(token, owner, purpose)
        fresh = made_at is not None and now - GOOD_FOR < made_at <= now + 1
        if not fresh or made_at is None:
            raise Refusal(HTTPStatus.FORBIDDEN, "old_form")
        if not await self.sessions.use_up(token, made_at + GOOD_FOR):
            raise Refusal(HTTPStatus.FORBIDDEN, "old_form")

    def _judge(self, token: str, owner: str, purpose: str) -> float | None:
        try:
            whole = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except ValueError:
            return None
        body, proof = whole[: _NONCE + 8], whole[_NONCE + 8 :]
        if len(body) != _NONCE + 8 or base64.urlsafe_b64encode(whole).decode() != token:
            return None
        if not hmac.compare_digest(proof, self._proof(body, owner, purpose)):
            return None
        made_at: float = struct.unpack(">d", body[_NONCE:])[0]
        return made_at

    def _proof(self, body: bytes, owner: str, purpose: str) -> bytes:
        bound = hashlib.sha256(owner.encode()).digest() + purpose.encode() + b"\0" + body
        return hmac.new(self.key, bound, hashlib.sha256).digest()
