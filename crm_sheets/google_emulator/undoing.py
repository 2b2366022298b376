"""What one person's Ctrl+Z takes back, when others have typed since."""

from dataclasses import dataclass, replace

from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import Row, Sheet
from crm_sheets.google_emulator.refusals import Refused


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done: the book before it and after it. Rows in both are shared where they did not change."""

    before: Book
    after: Book


def undone(book: Book, step: Step) -> None:
    """Puts back what the step changed; cells that others changed since stay as they are.

    Raises:
        Refused: rows, columns or tabs are no longer where the step left them.
    """
    left = {sheet.sheet_id: sheet for sheet in step.after.sheets}
    now = {sheet.sheet_id: sheet for sheet in book.sheets}
    if left.keys() != now.keys():
        raise Refused("This cannot be undone: tabs were added or deleted since.")
    book.sheets = [
        _sheet_undone(now[old.sheet_id], old, left[old.sheet_id]) if old.sheet_id in now else old.copy()
        for old in step.before.sheets
    ]


def _sheet_undone(now: Sheet, before: Sheet, after: Sheet) -> Sheet:
    if len(now.rows) != len(after.rows) or len(now.columns) != len(after.columns):
        raise Refused("This cannot be undone: rows or columns were added or deleted since.")
    start, end = _changed_rows(before, after)
    kept, tail = now.rows[:start], now.rows[len(now.rows) - end :]
    old, new = before.rows[start : len(before.rows) - end], after.rows[start : len(after.rows) - end]
    current = now.rows[start : len(now.rows) - end]
    if len(old) == len(new) and len(before.columns) == len(after.columns):
        old = [_row_undone(*rows) for rows in zip(current, old, new, strict=True)]
    elif any(one is not other and one != other for one, other in zip(current, new, strict=True)):
        raise Refused("This cannot be undone: somebody has typed into these rows since.")
    rest = before if now.properties == after.properties and now.features == after.features else now
    title = before.title if now.title == after.title else now.title
    copied = replace(rest.copy(), title=title, metadata=now.metadata, columns=list(before.columns))
    copied.rows = [*kept, *old, *tail]
    return copied


def _changed_rows(before: Sheet, after: Sheet) -> tuple[int, int]:
    """How many rows at the beginning and at the end are the very same."""
    shortest = min(len(before.rows), len(after.rows))
    start = 0
    while start < shortest and before.rows[start] is after.rows[start]:
        start += 1
    end = 0
    while end < shortest - start and before.rows[-1 - end] is after.rows[-1 - end]:
        end += 1
    return start, end


def _row_undone(current: Row, old: Row, new: Row) -> Row:
    if current is new or current == new:
        return old
    width = max(len(current.cells), len(old.cells), len(new.cells))
    cells = (
        old.cell(column) if current.cell(column) == new.cell(column) else current.cell(column)
        for column in range(width)
    )
    return current.with_cells(tuple(cells))
