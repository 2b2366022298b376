"""The pipeline of each day: what open deals were when the day began, kept as what changed from one day to the next."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.rules.base import Context
from crm_sheets.rules.naming import OPPORTUNITIES
from crm_sheets.snapshots import PipelineChange, PipelineLine
from crm_sheets.state import State, Values
from crm_sheets.tables import ColumnKey, RowKey

STAGES = "opportunity_stage"


def todays_pipeline(draft: Draft, state: State, context: Context) -> PipelineChange | None:
    """What is to be kept in the first cycle of a day; None in all others, and for a team that has no deals."""
    if OPPORTUNITIES not in context.tabs:
        return None
    last = state.pipeline_day()
    if last is not None and last >= context.today:
        return None
    return changed(context.today, state.standing_pipeline(), _open(draft, context))


def changed(day: date, standing: Iterable[PipelineLine], now: Iterable[PipelineLine]) -> PipelineChange:
    """What differs between the lines that stood until now, and those of a day."""
    before = {line.deal: replace(line, since=day) for line in standing}
    after = {line.deal: line for line in now}
    begun = tuple(line for deal, line in sorted(after.items()) if before.get(deal) != line)
    ended = frozenset(deal for deal, line in before.items() if after.get(deal) != line)
    return PipelineChange(day, ended, begun)


def _open(draft: Draft, context: Context) -> Iterator[PipelineLine]:
    for key in draft.keys(OPPORTUNITIES):
        values = draft.values((OPPORTUNITIES, key))
        if values is None or (OPPORTUNITIES, key) in draft.provisional:
            continue
        stage = _text(values, "stage")
        if stage and context.dictionaries.code(STAGES, stage) not in ("won", "lost"):
            yield line_of(key, context.today, values)


def line_of(deal: RowKey, day: date, values: Values) -> PipelineLine:
    """How a deal stands on a day."""
    close = values.get(ColumnKey("close_date"))
    return PipelineLine(
        deal=deal,
        since=day,
        until=None,
        stage=_text(values, "stage"),
        amount=_hundredths(values.get(ColumnKey("amount"))),
        weighted=_hundredths(values.get(ColumnKey("weighted"))),
        close=close if isinstance(close, date) else None,
        owner=_text(values, "owner"),
    )


def _text(values: Values, column: str) -> str:
    return str(values.get(ColumnKey(column)) or "")


def _hundredths(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return 0
    return int((Decimal(value) * 100).quantize(Decimal(1), ROUND_HALF_UP))
