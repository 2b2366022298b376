"""A past for the made-up team: what a program that ran for months would have kept."""

from datetime import datetime, timedelta
from random import Random

from crm_sheets.app.workspace import Workspace
from crm_sheets.demo.pipeline import past_pipeline
from crm_sheets.schema.opportunities import Opportunity
from crm_sheets.sync.store.pipeline_queries import plant_pipeline
from crm_sheets.tables import TabKey

OPPORTUNITIES = TabKey("opportunities")
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
            closed = dictionaries.code("opportunity_stage", deal.stage) in ("won", "lost")
            began = deal.started_on or deal.close_date - timedelta(days=LASTING)
            deals.append((key, began, deal.close_date, int(deal.amount * 100), closed))
    lines, days = past_pipeline(deals, today, Random(len(deals)))  # noqa: S311 - made up
    with workspace.state.transaction() as connection:
        plant_pipeline(connection, lines, days)
