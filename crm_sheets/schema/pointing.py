"""Rows that tell of another cell: by the label of its tab, the number of its row and the label of its column."""

from collections.abc import Mapping

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.language import Language
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.labels import column_label, header_names, tab_label, tab_names
from crm_sheets.tables import ColumnKey, RowKey, TabKey

IN_TAB, ROW, SUBJECT, FIELD = (ColumnKey(name) for name in ("in_tab", "row", "subject", "field"))

LONGEST_SUBJECT = 200
"""Characters that the column of names takes."""


def pointing(
    tab: Tab, row: RowKey, values: Mapping[ColumnKey, Value], column: ColumnKey | None, words: Language
) -> dict[ColumnKey, Value]:
    """What the columns `in_tab`, `row`, `subject` and `field` hold of a cell, or of a whole row."""
    told: dict[ColumnKey, Value] = {IN_TAB: tab_label(tab.key, words), ROW: str(row)}
    subject = subject_of(tab, values)
    told |= {SUBJECT: subject[:LONGEST_SUBJECT]} if subject else {}
    return told | ({FIELD: column_label(tab.key, column, words)} if column is not None else {})


def subject_of(tab: Tab, values: Mapping[ColumnKey, Value]) -> str:
    """What people would call a row: its name, its number, or whom it is about; "" when it tells none of them.

    Of what is sealed nothing is told.
    """
    telling = (tab.record.name_column, ColumnKey("number"), ColumnKey("subject"), ColumnKey("customer"))
    known = (each for each in telling if each is not None and each in tab.columns and not tab.columns[each].sealed)
    return next((str(values[column]) for column in known if values.get(column)), "")


def target(
    values: Mapping[ColumnKey, Value], tabs: Mapping[TabKey, Tab]
) -> tuple[TabKey, RowKey, ColumnKey | None] | None:
    """The cell that a row tells of, with None for the column where it tells of a whole row.

    None when it names a tab or a column that the team does not have; then nobody can say who may read it.
    """
    key = tab_names(tuple(tabs)).get(text_key(str(values.get(IN_TAB) or "")))
    row = values.get(ROW)
    if key is None or not row:
        return None
    field = values.get(FIELD)
    if not field:
        return key, RowKey(str(row)), None
    column = header_names(tabs[key]).get(text_key(str(field)))
    return None if column is None else (key, RowKey(str(row)), column)


def is_sealed(column: ColumnKey, tab: Tab) -> bool:
    """Whether values of the column are never told elsewhere."""
    known = tab.columns.get(column)
    return known is None or known.sealed or known.kind is Kind.WITNESS
