"""What people and programs do while they sign in is recorded under names that are documented."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "oauth.md"
EVENT = re.compile(r'"((?:auth|oauth)\.[a-z]+(?:\.[a-z]+)*)"')


def test_every_event_of_signing_in_is_documented_and_no_other() -> None:
    source = ROOT / "src" / "helpdesk_mcp"
    named = {
        event
        for folder in ("oauth", "web/pages", "web/console")
        for file in (source / folder).glob("*.py")
        for event in EVENT.findall(file.read_text("utf-8"))
    }
    throttled = {f"{event}.throttled" for event in ("auth.login", "auth.password")}
    table = PAGE.read_text("utf-8").partition("## Audit events")[2]
    documented = set(re.findall(r"`((?:auth|oauth)\.[a-z.]+)`", table))
    assert documented == named | throttled
