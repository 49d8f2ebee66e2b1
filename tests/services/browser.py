"""The browser for tests of pages: the distribution's Chromium, never downloaded."""

import shutil

from tests.services import run

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Return the path of Chromium. Skips where it is not installed; on CI that is a failure."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or run.missing("Chromium", "run `apt-get install chromium`")
