"""A63: what is done with a wrong secret does not depend on how well it begins."""

import sys
from collections.abc import Callable
from dataclasses import replace
from types import FrameType

from authlib.oauth2.rfc6749 import OAuth2Error
from tests.oauth.client import basic
from tests.oauth.laboratory import CLIENT, ISSUER, Laboratory

from helpdesk_mcp.oauth import client_authentication, secrets
from helpdesk_mcp.oauth.client_authentication import authenticate
from helpdesk_mcp.oauth.models import AuthMethod
from helpdesk_mcp.oauth.ports import Records

SECRET = secrets.new(secrets.CLIENT)
KNOWN = replace(CLIENT, id="basic", auth_method=AuthMethod.BASIC, digest=secrets.digest(SECRET))
JUDGES = {client_authentication.__file__, secrets.__file__}


def wrong(begins: int) -> str:
    """Return a secret of the right length whose first characters are right."""
    return SECRET[:begins] + "~" * (len(SECRET) - begins)


def steps(action: Callable[[], object]) -> list[str]:
    """Return every call that the code that judges secrets makes, and every return."""
    seen: list[str] = []

    def see(frame: FrameType, event: str, argument: object) -> None:
        if frame.f_code.co_filename in JUDGES:
            native = event.startswith("c_")
            name = getattr(argument, "__name__", "") if native else frame.f_code.co_name
            seen.append(f"{event} {name}")

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        action()
    finally:
        sys.setprofile(before)
    return seen


async def test_a63_a_wrong_secret_is_judged_alike_however_well_it_begins(
    quick: Laboratory,
) -> None:
    await quick.add(KNOWN)
    believed: list[bool] = []

    async def judged(secret: str) -> list[str]:
        def judge(records: Records) -> list[str]:
            return steps(lambda: believed.append(believes(records, secret)))

        return await quick.ledger.run(judge)

    far = await judged(wrong(0))
    compared = far.index("c_call compare_digest")
    assert "call digest" in far[:compared]  # what is compared is a hash, of one length always
    for begins in (1, len(SECRET) // 2, len(SECRET) - 1):
        assert await judged(wrong(begins)) == far
    assert not any(believed)
    assert await judged(SECRET) != far
    assert believed[-1]


def believes(records: Records, secret: str) -> bool:
    try:
        authenticate({}, basic(KNOWN.id, secret), records, (ISSUER,), 0.0)
    except OAuth2Error:
        return False
    return True
