"""Write the reference pages, or with `--check` say which are out of date."""

import sys
from pathlib import Path

from scripts.reference.pages import pages

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> int:
    """Return 1 if a check finds a page that the code no longer agrees with."""
    stale = {
        name: text
        for name, text in pages().items()
        if not (ROOT / name).exists() or (ROOT / name).read_text("utf-8") != text
    }
    for name, text in stale.items():
        print(f"{'out of date' if '--check' in arguments else 'written'}: {name}")
        if "--check" not in arguments:
            (ROOT / name).write_text(text, "utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
