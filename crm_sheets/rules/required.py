"""What must be filled in, is."""

from collections.abc import Sequence
from functools import cache

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, found, is_blank
from crm_sheets.schema import tab
from crm_sheets.schema.base import Row
from crm_sheets.tables import ColumnKey, TabKey


def required(row: Row, context: Context) -> Outcome:
    """Flags blank required columns. A row in which staff typed nothing at all is no row yet."""
    record = row.record
    missing = [key for key in _required(row.tab) if is_blank(getattr(record, key)) and key not in row.unreadable]
    if not missing or not (row.unreadable or any(not is_blank(getattr(record, key)) for key in _typed(row.tab))):
        return NOTHING
    return Outcome(tuple(found("required", row, key) for key in missing))


@cache
def _required(key: TabKey) -> Sequence[ColumnKey]:
    return [column.key for column in tab(key).columns.values() if column.required and not column.system]


@cache
def _typed(key: TabKey) -> Sequence[ColumnKey]:
    """The columns that staff fill in."""
    return [column.key for column in tab(key).columns.values() if not column.system]
