"""A process that is killed in the middle of a write leaves "started" behind."""

import subprocess
import sys
from pathlib import Path

from tests.stores.opening import opened

from helpdesk_mcp.domain.audit import AuditQuery
from helpdesk_mcp.stores.audit import SqlAuditTrail

DYING = """
import sys
from pathlib import Path

import anyio

from helpdesk_mcp.stores.audit import SqlAuditTrail
from tests.stores.opening import event, opened


async def main() -> None:
    async with opened("file", Path(sys.argv[1])) as database:
        trail = SqlAuditTrail(database, "acme")
        async with trail.running():
            await trail.begin(event(1, effect="write", outcome="started"))
            await trail.begin(event(2, effect="write", outcome="started"))
            await trail.finish(event(2, effect="write", outcome="ok"))
            print("written", flush=True)
            await anyio.sleep_forever()


anyio.run(main)
"""


async def test_a_write_whose_process_was_killed_stays_started(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: ASYNC220, S603 -- our own interpreter, one line is read
        [sys.executable, "-c", DYING, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as dying:
        assert dying.stdout is not None
        assert dying.stdout.readline() == "written\n"
        dying.kill()
    async with opened("file", tmp_path) as database:
        events = [e async for e in SqlAuditTrail(database, "acme").search(AuditQuery())]
    assert [event.outcome for event in events] == ["started", "ok"]
