"""The desk in memory with every capability there is: the second desk of every contract."""

from typing import Unpack

from helpdesk_mcp.desks.memory_drawer import Drawer, Options
from helpdesk_mcp.desks.memory_handling import MemoryHandling, MemoryTrash
from helpdesk_mcp.desks.memory_modules import (
    MemoryAssets,
    MemoryChanges,
    MemoryConfiguration,
    MemoryContracts,
    MemoryProblems,
    MemoryProjects,
)
from helpdesk_mcp.desks.memory_rules import is_called, page
from helpdesk_mcp.desks.memory_work import (
    MemoryApprovals,
    MemoryAuthoring,
    MemoryTasks,
    MemoryWorklogs,
)
from helpdesk_mcp.domain.assets import AssetBook, Assets, ContractBook, Contracts
from helpdesk_mcp.domain.authoring import ArticleWriter, Authoring
from helpdesk_mcp.domain.changes import ChangeBook, Changes
from helpdesk_mcp.domain.choices import folded
from helpdesk_mcp.domain.configuration import Configuration, ConfigurationBook
from helpdesk_mcp.domain.decisions import ApprovalBook, Decisions
from helpdesk_mcp.domain.desk import Requesters
from helpdesk_mcp.domain.handling import Handling, TicketActions, TicketTrash, Trash
from helpdesk_mcp.domain.pages import Page, Window
from helpdesk_mcp.domain.people import Person
from helpdesk_mcp.domain.problems import ProblemBook, Problems
from helpdesk_mcp.domain.projects import ProjectBook, Projects
from helpdesk_mcp.domain.work import TaskBook, Tasks, WorklogBook, Worklogs


class WholeMemoryDesk(
    Drawer,
    Handling,
    Trash,
    Worklogs,
    Tasks,
    Decisions,
    Authoring,
    Problems,
    Changes,
    Projects,
    Assets,
    Contracts,
    Configuration,
    Requesters,
):
    """Everything any desk can do, for one account: the first of `people` is us."""

    def __init__(self, **options: Unpack[Options]) -> None:
        super().__init__(**options)
        person, ids = self.assignable, self._ids
        self.handling: TicketActions = MemoryHandling(self)
        self.trash: TicketTrash = MemoryTrash(self)
        self.worklogs: WorklogBook = MemoryWorklogs(self, person, ids)
        self.problems: ProblemBook = MemoryProblems(self, person, ids)
        changes, projects = MemoryChanges(person, ids), MemoryProjects(person, ids)
        self.changes: ChangeBook = changes
        self.projects: ProjectBook = projects
        self.tasks: TaskBook = MemoryTasks(self, projects, person, ids)
        self.decisions: ApprovalBook = MemoryApprovals(self, changes, ids)
        self.authoring: ArticleWriter = MemoryAuthoring(self, ids)
        self.assets: AssetBook = MemoryAssets(self, person, ids)
        self.contracts: ContractBook = MemoryContracts(person, ids)
        self.configuration: ConfigurationBook = MemoryConfiguration(person, ids)

    async def requesters(self, text: str | None, window: Window) -> Page[Person]:
        """Return whoever opened a ticket: a desk in memory knows nobody else."""
        asked = dict.fromkeys(held.ticket.requester for held in self._held.values())
        people = [Person(id=email, email=email) for email in asked if email]
        wanted = folded(text or "")
        return page([one for one in people if is_called(one, wanted)], window)
