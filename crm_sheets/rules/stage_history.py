"""The lines of 阶段记录: each move of a deal's stage, and of a customer's status and level, once."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from typing import NamedTuple

from crm_sheets.cells import text_key
from crm_sheets.changes import NOTHING, NewRow, Outcome
from crm_sheets.permissions import SHARED_ROLE
from crm_sheets.rules.base import Context, Rule, cells, record_of
from crm_sheets.rules.dormancy import DormancyPolicy, went_dormant
from crm_sheets.rules.level_policies import is_automatic
from crm_sheets.rules.moments import day_of
from crm_sheets.rules.moves import differs, entered_stage, has_moved, text_before, text_of
from crm_sheets.rules.naming import CUSTOMERS, OPPORTUNITIES, STAGE_HISTORY
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.labels import column_label, words
from crm_sheets.schema.opportunities import Opportunity
from crm_sheets.schema.stage_history import StageMove
from crm_sheets.tables import ColumnKey, TabKey

LONGEST = 200
"""Characters that a column of the history takes."""


class Trace(NamedTuple):
    """A column whose moves are written down; `from_start` writes down the first value of a new row too."""

    column: str
    from_start: bool


TRACES: Mapping[TabKey, tuple[Trace, ...]] = {
    OPPORTUNITIES: (Trace("stage", from_start=True),),
    CUSTOMERS: (Trace("status", from_start=False), Trace("level", from_start=False)),
}


def stage_history(row: Row, context: Context) -> Outcome:
    """Asks for the lines of the moves of a row; nobody's status goes dormant by itself."""
    return _history(row, context, DormancyPolicy())


def writing_history(policy: DormancyPolicy) -> Rule:
    """The rule stage_history with a team's policy about dormant customers: it says who moved them."""
    return partial(_history, policy=policy)


def _history(row: Row, context: Context, policy: DormancyPolicy) -> Outcome:
    """Asks for a line when a value is another one than at the end of the last cycle.

    The line goes on where the last one of this object ended, and bears the next number; its origin names the object,
    the number and the instant. So a cycle that is repeated after a crash makes no second line, and a deal that goes to
    and fro gets a line each time.
    """
    if STAGE_HISTORY not in context.tabs:
        return NOTHING
    asked = (_line(row, trace, context, policy) for trace in TRACES[row.tab])
    lines = tuple(line for line in asked if line is not None)
    return Outcome(new_rows=lines) if lines else NOTHING


def _line(row: Row, trace: Trace, context: Context, policy: DormancyPolicy) -> NewRow | None:
    begins = trace.from_start and row.previous is None
    value = text_of(row, trace.column)
    if not value or trace.column in row.unreadable or not (begins or has_moved(row, trace.column)):
        return None
    last = _last_line(row, trace.column, context)
    before = last.to_value if last else text_before(row, trace.column)
    if not differs(before, value):
        return None
    now = context.now.replace(microsecond=0)
    at = (entered_stage(row, context) if trace.column == "stage" else None) or now
    number = (last.number or 0) + 1 if last else 1
    values = cells(
        object=row.key,
        name=_cut(text_of(row, "name")),
        customer=_cut(_customer(row)),
        opportunity=row.key if row.tab == OPPORTUNITIES else None,
        field=column_label(row.tab, ColumnKey(trace.column), context.language),
        number=number,
        from_value=before,
        to_value=value,
        at=at,
        days=_days_between(_since(row, trace.column, last), at, context),
        who=_cut(_who(row, trace.column, context, policy)),
    )
    filled = {column: cell for column, cell in values.items() if cell is not None}
    return NewRow(STAGE_HISTORY, filled, f"history|{row.tab}|{row.key}|{trace.column}|{number}|{at.isoformat()}")


def _last_line(row: Row, column: str, context: Context) -> StageMove | None:
    """The latest line of this very object, not of one whose references were pointed at it."""
    lines = (record_of(line, StageMove) for line in context.book.referring(row, STAGE_HISTORY))
    own = [line for line in lines if line.object == row.key and _tells_of(line, row.tab, column)]
    return max(own, key=lambda line: line.number or 0, default=None)


def _tells_of(line: StageMove, tab: TabKey, column: str) -> bool:
    return text_key(line.field or "") in _labels(tab, column)


@cache
def _labels(tab: TabKey, column: str) -> frozenset[str]:
    """What a column is called in any language: a book whose language changed goes on with its lines."""
    return frozenset(text_key(word) for word in words(f"column.{tab}.{column}"))


def _since(row: Row, column: str, last: StageMove | None) -> datetime | None:
    """When the old value came."""
    kept = getattr(row.previous, f"{column}_since", None)
    return kept if isinstance(kept, datetime) else (last.at if last else None)


def _days_between(since: datetime | None, at: datetime, context: Context) -> int | None:
    if since is None:
        return None
    return max((day_of(at, context.zone) - day_of(since, context.zone)).days, 0)


def _customer(row: Row) -> str | None:
    return row.record.customer if isinstance(row.record, Opportunity) else row.key


def _who(row: Row, column: str, context: Context, policy: DormancyPolicy) -> str:
    """Whoever saved the workbook, unless the program moved the value of itself: a level, or who went dormant."""
    by_program = went_dormant(row, context, policy) if column == "status" else False
    if column == "level":
        by_program = is_automatic(record_of(row, Customer))
    return context.language.text("rules.by_program") if by_program else _person(context.author)


def _person(author: str) -> str:
    """王芳 of `shared (王芳)`; nobody where the program that saved the file told no name."""
    role, bracket, name = author.partition(" (")
    return name.removesuffix(")") if bracket else role.removeprefix(SHARED_ROLE)


def _cut(text: str | None) -> str | None:
    return text[:LONGEST] if text else None
