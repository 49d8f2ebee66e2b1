"""Tools that file or change many records in one call, each with its outcome; assets from CSV."""

import csv
import io
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.receipts import Change
from helpdesk_mcp.domain.toolbox import Toolbox
from helpdesk_mcp.tools.assets import RENAMED, assign_asset, create_asset, delete_asset
from helpdesk_mcp.tools.batches import Batch, BulkResult, in_turn
from helpdesk_mcp.tools.bulk import DryRun, GoOn, as_texts
from helpdesk_mcp.tools.params import Word
from helpdesk_mcp.tools.problems import Forever
from helpdesk_mcp.tools.project_work import create_project_task

TOOLSET = "bulk"

MOST = 50
LONGEST_CSV = 60_000
ON_ERROR = {"continueOnError": "continue_on_error"}
Items = Annotated[
    list[Annotated[dict[str, Any], WithJsonSchema({"type": "object"})]],
    Field(min_length=1, max_length=MOST),
]
HEADINGS = {
    **RENAMED,
    "asset name": "name",
    "asset tag": "tag",
    "serial number": "serial_number",
    "asset state": "state",
    "product name": "product",
    "assigned to": "user",
    "warranty expiry": "warranty",
    "acquisition date": "acquired",
}
"""How the columns of exports are called."""
KNOWN = frozenset(create_asset.arguments.model_fields) - {"custom", "dry_run"}


@operation(
    Scope.ASSETS_WRITE,
    Effect.WRITE,
    title="Import assets from CSV",
    listed=False,
    target="",
    renamed={"csv_data": "csv", "csv_content": "csv", **ON_ERROR},
    holds={"csv": Holds.PROSE},
)
async def import_assets_csv(
    toolbox: Toolbox,
    csv: Annotated[
        str, Field(min_length=1, max_length=LONGEST_CSV, description="With a line of headings")
    ],
    dry_run: DryRun = True,
    continue_on_error: GoOn = True,
) -> BulkResult:
    """Register up to 50 assets from CSV text, row by row. Without dry_run=false nothing is written.

    Columns: name, product, tag, serial_number, state, user, department, site, location, acquired,
    warranty.
    """
    rows = read_rows(csv)
    batch = Batch(toolbox, create_asset.name, continue_on_error=continue_on_error)
    if not dry_run:
        return await batch.write(rows)

    async def checked(given: Mapping[str, Any]) -> tuple[tuple[Change, ...], tuple[str, ...]]:
        receipt = await in_turn(toolbox, create_asset.name, {**given, "dry_run": True})
        return receipt.changes, receipt.warnings or ()

    return await batch.rehearse(rows, checked)


@operation(
    Scope.ASSETS_WRITE,
    Effect.WRITE,
    title="Give out many assets",
    listed=False,
    target="",
    renamed=ON_ERROR,
    holds={"assignments": Holds.PROSE},
)
async def bulk_assign_assets(
    toolbox: Toolbox,
    assignments: Annotated[Items, Field(description="Each as assign_asset takes it")],
    continue_on_error: GoOn = True,
) -> BulkResult:
    """Give up to 50 assets out, each as assign_asset does."""
    batch = Batch(toolbox, assign_asset.name, continue_on_error=continue_on_error)
    return await batch.write(assignments)


@operation(
    (Scope.ASSETS_WRITE, Scope.TICKETS_DELETE),
    Effect.DESTROY,
    title="Delete many assets",
    listed=False,
    target="",
    renamed={"ids": "asset_ids", **ON_ERROR},
)
async def bulk_delete_assets(
    toolbox: Toolbox,
    asset_ids: Annotated[
        list[Word], BeforeValidator(as_texts), Field(min_length=1, max_length=MOST)
    ],
    for_good: Forever = False,
    continue_on_error: GoOn = True,
) -> BulkResult:
    """Delete up to 50 assets, each as delete_asset does."""
    batch = Batch(toolbox, delete_asset.name, continue_on_error=continue_on_error)
    return await batch.write([{"asset_id": one, "for_good": for_good} for one in asset_ids])


@operation(
    Scope.PROJECTS_WRITE,
    Effect.WRITE,
    title="Create many project tasks",
    listed=False,
    target="project_id",
    renamed=ON_ERROR,
    holds={"tasks": Holds.PROSE},
)
async def bulk_create_project_tasks(
    toolbox: Toolbox,
    project_id: Word,
    tasks: Annotated[Items, Field(description="Each as create_project_task takes it")],
    continue_on_error: GoOn = True,
) -> BulkResult:
    """Add up to 50 tasks to a project, each as create_project_task does."""
    batch = Batch(toolbox, create_project_task.name, continue_on_error=continue_on_error)
    return await batch.write([{**task, "project_id": project_id} for task in tasks])


def read_rows(text: str) -> list[dict[str, str]]:
    """Return the rows of CSV text under our names. Raises Invalid that names what is wrong."""
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff")), strict=True)
    try:
        lines = [line for line in reader if any(cell.strip() for cell in line)]
    except csv.Error as error:
        raise Invalid(
            "The text is not CSV: a quote is not closed, perhaps.", reason="csv"
        ) from error
    heading, *rows = lines or [[]]
    names = [_column(cell) for cell in heading]
    if unknown := [name for name in names if name not in KNOWN]:
        raise Invalid(
            f"{len(unknown)} columns are unknown. Valid: {', '.join(sorted(KNOWN))}.", reason="csv"
        )
    if not 1 <= len(rows) <= MOST:
        raise Invalid(f"Give 1 to {MOST} rows below the headings.", reason="csv")
    pairs = [zip(names, row, strict=False) for row in rows]
    return [{name: cell.strip() for name, cell in pair if cell.strip()} for pair in pairs]


def _column(cell: str) -> str:
    plain = " ".join(cell.strip().lower().split())
    return HEADINGS.get(plain, plain.replace(" ", "_"))


TOOLS = (
    import_assets_csv,
    bulk_assign_assets,
    bulk_delete_assets,
    bulk_create_project_tasks,
)
