"""Which rows a filter hides. It is judged when it is set, as Google judges it, not again at each edit."""

from dataclasses import replace
from typing import Final

from crm_sheets.google_emulator.areas import Box
from crm_sheets.google_emulator.conditions import holds
from crm_sheets.google_emulator.formulas.calculator import Calculator
from crm_sheets.google_emulator.json_values import Object, items, part, whole
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.requests.batch import Batch
from crm_sheets.google_emulator.surroundings import shown_in, surroundings

HIDDEN: Final = "hiddenByFilter"


def hide_rows(batch: Batch, box: Box, specs: list[Object]) -> None:
    """Hides the rows of the box that some column's criteria keep from view, and shows its others."""
    calculator, around = Calculator(batch.book), surroundings(batch.book, batch.today)
    for row in range(box.top, box.bottom):
        hidden = False
        for spec in specs:
            column, criteria = whole(spec, "columnIndex"), part(spec, "filterCriteria")
            cell, place = box.sheet.cell(row, column), (box.sheet.sheet_id, row, column)
            condition = part(criteria, "condition")
            hidden = hidden or shown_in(calculator, cell, place) in items(criteria, "hiddenValues")
            hidden = hidden or (bool(condition) and not holds(condition, calculator.value(cell, place), around))
        mark(box.sheet, row, hidden=hidden)


def show_rows(sheet: Sheet) -> None:
    """No row is hidden by a filter any more."""
    for row in range(len(sheet.rows)):
        mark(sheet, row, hidden=False)


def mark(sheet: Sheet, row: int, *, hidden: bool) -> None:
    """Notes whether a filter hides a row."""
    old = sheet.rows[row]
    if (HIDDEN in (old.properties or {})) != hidden:
        kept: Object = {key: value for key, value in (old.properties or {}).items() if key != HIDDEN}
        sheet.rows[row] = replace(old, properties=({**kept, HIDDEN: True} if hidden else kept) or None)
