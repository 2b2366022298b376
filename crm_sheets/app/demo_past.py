"""A past for the made-up team: what a program that ran for months would have kept."""

from datetime import UTC, datetime, timedelta
from random import Random

from crm_sheets.app.workspace import Workspace
from crm_sheets.commands import Act, Command
from crm_sheets.demo.moves import PastMove, past_moves
from crm_sheets.demo.pipeline import past_pipeline
from crm_sheets.rules.base import cells
from crm_sheets.schema.opportunities import Opportunity
from crm_sheets.schema.stage_history import StageMove
from crm_sheets.sync.own_sheets import COMPUTED_NOTE
from crm_sheets.sync.store.pipeline_queries import plant_pipeline
from crm_sheets.tables import RowKey, TabKey

OPPORTUNITIES = TabKey("opportunities")
STAGE_HISTORY = TabKey("stage_history")
STAGES = "opportunity_stage"
AUTHOR = "demo"
LASTING = 30
"""Days that a deal took of which nobody knows when it began."""


def plant_past(workspace: Workspace, now: datetime) -> None:
    """A past for 汇总_趋势: the pipeline of each day before this one, as if a cycle had kept it."""
    draft, dictionaries = workspace.draft(), workspace.dictionaries()
    today = now.astimezone(workspace.settings.workbook.zone).date()
    deals = []
    for key in draft.keys(OPPORTUNITIES):
        row = draft.row(OPPORTUNITIES, key)
        deal = row.record if row is not None else None
        if isinstance(deal, Opportunity) and deal.close_date and deal.amount:
            closed = dictionaries.code(STAGES, deal.stage) in ("won", "lost")
            began = deal.started_on or deal.close_date - timedelta(days=LASTING)
            deals.append((key, began, deal.close_date, int(deal.amount * 100), closed))
    lines, days = past_pipeline(deals, today, Random(len(deals)))  # noqa: S311 - made up
    with workspace.state.transaction() as connection:
        plant_pipeline(connection, lines, days)


def insights_are_due(workspace: Workspace) -> None:
    """The summaries that rest for a while are computed once more when the past is in, and not an hour later."""
    for rule in workspace.cycle.setup.summaries:
        if rule.rest:
            workspace.state.set_note(COMPUTED_NOTE + rule.key, datetime.min.replace(tzinfo=UTC).isoformat())


def earlier_moves(workspace: Workspace) -> tuple[Command, ...]:
    """A past for 阶段记录: the stages that each deal went through before the one in which the first cycle found it."""
    draft, dictionaries = workspace.draft(), workspace.dictionaries()
    lines: dict[RowKey, tuple[RowKey, StageMove]] = {}
    for key in draft.keys(STAGE_HISTORY):
        row = draft.row(STAGE_HISTORY, key)
        if row is not None and isinstance(row.record, StageMove) and row.record.object and row.record.opportunity:
            lines[RowKey(row.record.object)] = key, row.record
    deals = [(deal, line.to_value, line.at) for deal, (_, line) in lines.items() if line.to_value and line.at]
    stages = [entry for entry in dictionaries.entries.get(STAGES, ()) if entry.code]
    running = tuple(entry.value for entry in stages if entry.code not in ("won", "lost"))
    known = [deal for deal in deals if dictionaries.code(STAGES, deal[1])]
    moves = past_moves(known, running, Random(len(known)))  # noqa: S311 - made up
    return tuple(_told(move, *lines[move.deal]) for move in moves)


def _told(move: PastMove, key: RowKey, line: StageMove) -> Command:
    """The line that is there already is the last one of its deal; all others are made."""
    values = cells(number=move.number, from_value=move.from_stage, days=move.days)
    if move.to_stage == line.to_value:
        return Command(Act.SET, STAGE_HISTORY, key, values, AUTHOR)
    told = cells(
        object=line.object,
        name=line.name,
        customer=line.customer,
        opportunity=line.opportunity,
        field=line.field,
        to_value=move.to_stage,
        at=move.at,
    )
    filled = {column: value for column, value in (values | told).items() if value is not None}
    return Command(Act.CREATE, STAGE_HISTORY, None, filled, AUTHOR)
