"""An OpenID provider by other people (npm `oidc-provider`), in a process of its own."""

import json
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.oauth.browsing import Browser, Page
from tests.services import run

HERE = Path(__file__).parent
NODE = HERE.parents[1] / ".venv" / "bin" / "node"
Document = dict[str, Any]


def require() -> None:
    if not (HERE / "node_modules" / "oidc-provider").exists() or not NODE.exists():
        run.missing("The independent OpenID provider", "run `make client-tools`")


@contextmanager
def provider(
    *,
    audience: str | None,
    clients: Sequence[Document],
    accounts: Mapping[str, Document],
    scopes: Sequence[str] = ("tickets:read", "tickets:write"),
    frugal: bool = False,
) -> Generator[str]:
    """Run a provider and yield its issuer. `accounts` are claims by what people type to sign in.

    A frugal one tells of people at its userinfo endpoint only.
    """
    require()
    setting = {
        "audience": audience,
        "clients": clients,
        "accounts": accounts,
        "scopes": scopes,
        "frugal": frugal,
    }
    command = (str(NODE), str(HERE / "drivers" / "provider.mjs"), json.dumps(setting))
    with subprocess.Popen(  # noqa: S603 -- installed from our lock
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["issuer"]
        finally:
            process.kill()


async def through_its_pages(browser: Browser, page: Page, account: str) -> Page:
    """Sign in and consent on the provider's pages until they send the browser away."""
    while not page.left:
        [form] = page.forms
        typed = {"login": account, "password": "anything"} if "login" in form.names else {}
        page = await browser.submit(page, form, given=typed)
    return page
