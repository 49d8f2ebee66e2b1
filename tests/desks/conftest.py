"""A real help desk per test worker, and a client's view of it."""

import sqlite3
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.desks.troubled import Control, desk_at
from tests.helpdesk import desk_template, start_copy

from helpdesk_demo.desk.process import DeskProcess
from helpdesk_demo.servicedesk_plus.process import SimulatorProcess, start_simulator
from helpdesk_mcp.desks.django_helpdesk.auth import Account
from helpdesk_mcp.desks.django_helpdesk.desk import DjangoHelpdesk
from helpdesk_mcp.desks.servicedeskplus.desk import ServiceDeskPlus

pytest.register_assert_rewrite("tests.contracts.desks", "tests.contracts.modules")
TICKETS = 60
Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_template(tmp_path_factory, tickets=TICKETS)


@pytest.fixture(scope="session")
def helpdesk(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[DeskProcess]:
    data = tmp_path_factory.mktemp("django-helpdesk")
    with start_copy(template, data, auth=("session", "basic", "token")) as running:
        yield running


@pytest.fixture
def account(helpdesk: DeskProcess) -> Account:
    return Account(username=helpdesk.username, password=helpdesk.password)


@pytest.fixture
async def django(helpdesk: DeskProcess, account: Account) -> AsyncGenerator[DjangoHelpdesk]:
    async with httpx2.AsyncClient(base_url=helpdesk.url, timeout=30) as http:
        yield DjangoHelpdesk(http, account)


@pytest.fixture
def sql(helpdesk: DeskProcess) -> Sql:
    """Look into the help desk's own database, past everything that is tested."""

    def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite3.connect(helpdesk.data / "helpdesk.sqlite3", timeout=20) as database:
            rows = database.execute(statement, values).fetchall()
        database.close()
        return rows

    return run


@pytest.fixture(scope="session", params=("onprem", "cloud"))
def process(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[SimulatorProcess]:
    log: Path = tmp_path_factory.mktemp("simulator") / "log"
    with start_simulator(log, edition=request.param, tickets=12) as running:
        yield running


@pytest.fixture
async def control(process: SimulatorProcess) -> AsyncGenerator[Control]:
    made = Control(process)
    await made("POST", "reset")
    yield made
    await made.aclose()


@pytest.fixture
async def desk(process: SimulatorProcess, control: Control) -> AsyncGenerator[ServiceDeskPlus]:
    del control  # it resets the simulator first
    async with desk_at(process) as made:
        await made.ping()
        yield made
