"""How commands end: expected failures as one line for a person, never as a traceback."""

import sys
from collections.abc import Callable

from helpdesk_mcp.domain.errors import Code, HelpdeskError

USAGE = 2
FAILED = 1


def run(command: Callable[[], object]) -> None:
    """Run a command. Exits 2 for bad input or settings, 1 when something did not work."""
    try:
        command()
    except HelpdeskError as error:
        print(f"helpdesk-mcp: {error.message}", file=sys.stderr)  # noqa: T201 -- the command's own voice
        raise SystemExit(USAGE if error.code is Code.INVALID else FAILED) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
