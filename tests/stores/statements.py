"""What is asked of a database while something happens: each statement is a journey."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def statements(
    asked: Engine | type[Engine] = Engine, *, but: tuple[str, ...] = ("audit",)
) -> Generator[list[str]]:
    """Note the statements on one database, or on all of this process.

    Those that hold a word of `but` are left out: the audit trail is written by and by.
    """
    found: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        if not any(word in statement for word in but):
            found.append(statement)

    event.listen(asked, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(asked, "before_cursor_execute", note)
