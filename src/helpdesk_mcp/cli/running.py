"""How commands end: expected failures as one line for a person, never as a traceback."""

import os
import sys
from collections.abc import Callable

from helpdesk_mcp.domain.errors import Code, HelpdeskError

USAGE = 2
CONFIGURATION = 78
"""What sysexits.h calls EX_CONFIG: a supervisor need not try again (security case S14)."""
FAILED = 1
OF_STORES = "Check DATABASE_URL, and that its directory exists and can be written."


def run(command: Callable[[], object]) -> None:
    """Run a command. Exits 2 for bad input or settings, 78 for keys, else 1."""
    try:
        command()
    except HelpdeskError as error:
        advice = f" {OF_STORES}" if error.reason == "store" else ""
        print(f"helpdesk-mcp: {error.message}{advice}", file=sys.stderr)  # noqa: T201 -- the command's own voice
        raise SystemExit(_status(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:  # who read our output has seen enough: `… | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(FAILED) from None


def _status(error: HelpdeskError) -> int:
    if error.reason == "keys":
        return CONFIGURATION
    return USAGE if error.code is Code.INVALID else FAILED
