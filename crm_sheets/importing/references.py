"""Rows that belong to a row that is neither in the book nor on its way in stay out. Pure."""

from collections.abc import Iterable, Sequence

from crm_sheets.cells import text_key
from crm_sheets.importing.candidates import Candidate
from crm_sheets.importing.context import ImportContext
from crm_sheets.importing.faults import Fault
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.labels import tab_label
from crm_sheets.tables import ColumnKey, TabKey


def names_of(row: Candidate, tab: Tab) -> tuple[str, ...]:
    """What other rows may call it."""
    columns = (ColumnKey("id"), tab.record.name_column)
    return tuple(str(row.values[column]) for column in columns if column is not None and column in row.values)


def judge_references(rows: Iterable[Candidate], context: ImportContext) -> None:
    """Finds rows whose required reference names nothing, again until no other row falls with them."""
    good = [row for row in rows if not row.faults]
    while True:
        known = _names_in(good, context)
        for row in good:
            row.faults += _broken(row, known, context)
        left = [row for row in good if not row.faults]
        if len(left) == len(good):
            return
        good = left


def judge_faulty_references(rows: Sequence[Candidate], context: ImportContext) -> None:
    """Tells of rows that stay out for another reason what else is wrong with them, so that mending them once is enough.

    They may name rows that stay out, too: those come back with them.
    """
    known = _names_in(rows, context)
    for row in rows:
        if row.faults:
            told = {fault.column for fault in row.faults}
            row.faults += [fault for fault in _broken(row, known, context) if fault.column not in told]


def _names_in(rows: Iterable[Candidate], context: ImportContext) -> set[tuple[TabKey, str]]:
    return {(row.tab, text_key(name)) for row in rows for name in names_of(row, context.tabs[row.tab])}


def _broken(row: Candidate, known: set[tuple[TabKey, str]], context: ImportContext) -> Iterable[Fault]:
    for column in context.tabs[row.tab].staff_columns(Kind.REFERENCE):
        if not column.required or column.refers_to is None or column.key not in row.values:
            continue
        named = str(row.values[column.key])
        if (column.refers_to, text_key(named)) not in known and not context.book.named(column.refers_to, named):
            target = tab_label(column.refers_to, context.language)
            yield Fault("reference-not-found", column.key, {"target": target, "value": named})
