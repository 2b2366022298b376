"""What a reader is told of the journal: lines about what they may read, cut down to it."""

from collections.abc import Iterable
from datetime import UTC, datetime

from crm_sheets.history import about_cell, readable
from crm_sheets.state import EntryKind, JournalEntry, JournalLine
from crm_sheets.tables import ColumnKey, RowKey, TabKey

AT = datetime(2026, 11, 22, 1, tzinfo=UTC)
CUSTOMERS = TabKey("customers")


def line(kind: EntryKind, row: str, column: str | None, old: str, new: str) -> JournalLine:
    key = None if column is None else ColumnKey(column)
    return JournalLine(1, 1, AT, JournalEntry(kind, CUSTOMERS, RowKey(row), key, old, new, "王芳"))


LINES = (
    line(EntryKind.EDIT, "C-1", "phone", '{"phone":"1"}', '{"phone":"2"}'),
    line(EntryKind.EDIT, "C-1", "private_note", "{}", '{"private_note":"秘密"}'),
    line(EntryKind.DELETE, "C-1", None, '{"name":"华为","private_note":"秘密"}', "{}"),
    line(EntryKind.HOLD, "C-1", None, "row-copied", '{"name":"华为","private_note":"秘密"}'),
    line(EntryKind.MERGE, "C-2", None, "C-9", '{"everything":"秘密"}'),
    line(EntryKind.EDIT, "C-9", "phone", "{}", '{"phone":"秘密"}'),
)


def may_read(tab: TabKey, row: RowKey, column: ColumnKey | None) -> bool:
    return row != "C-9" and column != "private_note"


def told(lines: Iterable[JournalLine]) -> list[tuple[str, str | None, str, str]]:
    return [(each.entry.row, each.entry.column, each.entry.old, each.entry.new) for each in lines]


def test_a_reader_is_told_nothing_of_hidden_cells_and_rows() -> None:
    assert told(readable(LINES, may_read)) == [
        ("C-1", "phone", '{"phone":"1"}', '{"phone":"2"}'),
        ("C-1", None, '{"name":"华为"}', "{}"),
        ("C-1", None, "row-copied", '{"name":"华为"}'),
        ("C-2", None, "", ""),
    ]


def test_the_history_of_a_cell_takes_its_value_out_of_whole_rows() -> None:
    assert told(about_cell(LINES, ColumnKey("name"))) == [
        ("C-1", "phone", '{"phone":"1"}', '{"phone":"2"}'),  # the store asks for one column only
        ("C-1", "private_note", "{}", '{"private_note":"秘密"}'),
        ("C-1", "name", '{"name":"华为"}', "{}"),
        ("C-1", "name", "row-copied", '{"name":"华为"}'),
        ("C-9", "phone", "{}", '{"phone":"秘密"}'),
    ]
