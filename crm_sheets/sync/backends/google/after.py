"""What a spreadsheet holds after a write that went as planned: what was read, and what we wrote into it.

It is worked out and not read: whatever somebody typed at the same time must not count as known.
"""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import replace

from crm_sheets.cells import CellValue
from crm_sheets.projection import CellWrite, TabEdits
from crm_sheets.sync.backends.google.batch import Batch
from crm_sheets.sync.backends.google.look import SERVICE, Grid, Look, digest_of
from crm_sheets.sync.backends.google.structure import GridSheet, Structure
from crm_sheets.sync.backends.google.values import plain, trimmed
from crm_sheets.tables import SheetRow


def structure_after(before: Structure, told: Sequence[GridSheet], batch: Batch) -> Structure:
    """The sheets: those whose size the answer tells, and the new service sheet for the old one."""
    sheets = {title: sheet for title, sheet in before.sheets.items() if title != SERVICE}
    for sheet in told:
        known = sheets.get(sheet.title)
        sheets[sheet.title] = sheet if known is None else replace(sheet, merged=known.merged)
    sheets.setdefault(SERVICE, GridSheet(SERVICE, batch.mark.operation, "worksheet", True, 0, 0))
    return replace(before, sheets=sheets)


def look_after(
    look: Look,
    structure: Structure,
    batch: Batch,
    edits: Sequence[TabEdits],
    places: Mapping[int, Sequence[int]],
    at: float,
) -> Look:
    """What one call would show now, if nobody else had done anything.

    Args:
        look: what the plan was made from.
        structure: of now.
        batch: that was carried out.
        edits: that it carried.
        places: where the rows stand that were added, by sheet.
        at: monotonic seconds.
    """
    grids = dict(look.grids)
    for each in edits:
        sheet = look.structure.sheets[each.sheet]
        rows = {row.number: row for row in look.rows(each.sheet)}
        _change(rows, _by_row(each.cells))
        if gone := batch.moved.get(each.sheet, ()):
            left = [row for row in rows.values() if row.cells]
            numbers = (row.number - bisect(gone, row.number) for row in left)
            rows = {number: SheetRow(number, row.cells) for number, row in zip(numbers, left, strict=True)}
        added = _by_row(each.appended)
        new = dict(zip(places.get(sheet.id, ()), (added[row] for row in sorted(added)), strict=False))
        _change(rows, new)
        filled = [rows[number] for number in sorted(rows) if rows[number].cells]
        grids[each.sheet] = Grid(filled, digest_of(filled))
    return Look(structure, grids, batch.mark, "", at)


def _by_row(writes: Sequence[CellWrite]) -> dict[int, dict[int, CellValue]]:
    """Values by row and column."""
    found: dict[int, dict[int, CellValue]] = {}
    for write in writes:
        found.setdefault(write.row, {})[write.column] = plain(write.value)
    return found


def _change(rows: dict[int, SheetRow], changed: Mapping[int, Mapping[int, CellValue]]) -> None:
    for number, cells in changed.items():
        rows[number] = SheetRow(number, _row(rows[number].cells if number in rows else (), cells))


def _row(cells: Sequence[CellValue], changed: Mapping[int, CellValue]) -> tuple[CellValue, ...]:
    made = [*cells, *[None] * (max(changed) - len(cells))]
    for column, value in changed.items():
        made[column - 1] = value
    return trimmed(made)


def formulas_after(formulas: Mapping[int, Mapping[int, str]], edits: TabEdits) -> dict[int, dict[int, str]]:
    """Formulas of a tab but for those that were written over."""
    gone = {(write.row, write.column) for write in edits.cells}
    left = {
        row: {column: text for column, text in cells.items() if (row, column) not in gone}
        for row, cells in formulas.items()
    }
    return {row: cells for row, cells in left.items() if cells}
