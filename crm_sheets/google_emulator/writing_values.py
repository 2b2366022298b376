"""Writing values into cells, as they are (RAW) or as if typed (USER_ENTERED)."""

from dataclasses import dataclass, replace
from datetime import date

from crm_sheets.google_emulator.a1 import Reference, column_letters
from crm_sheets.google_emulator.areas import Area, Box
from crm_sheets.google_emulator.entering import enter
from crm_sheets.google_emulator.formulas.moving import canonical
from crm_sheets.google_emulator.json_values import Json, Object, part, text
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.cell import BLANK, MAX_CHARACTERS, Cell, without_runs
from crm_sheets.google_emulator.protection import check_editable
from crm_sheets.google_emulator.refusals import Refused

TOO_LONG = f"Your input contains more than the maximum of {MAX_CHARACTERS} characters in a single cell."


def laid_out(values: list[Json], dimension: str) -> list[list[Json]]:
    """Values by row, whatever their major dimension; None for a cell that nothing is given for.

    Raises:
        Refused: a list or an object where a value belongs.
    """
    lines = [line if isinstance(line, list) else [] for line in values]
    for number, line in enumerate(lines):
        for index, value in enumerate(line):
            if isinstance(value, list | dict):
                raise Refused(f"Invalid values[{number}][{index}]: {_proto(value)}")
    if dimension == "ROWS":
        return lines
    height = max(map(len, lines), default=0)
    return [[line[row] if row < len(line) else None for line in lines] for row in range(height)]


def _proto(value: Json) -> str:
    """The beginning of how Google prints a nested value."""
    return "list_value {\n}\n" if isinstance(value, list) else "struct_value {\n}\n"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes for one account."""

    book: Book
    user: str
    owner: str
    option: str
    """RAW or USER_ENTERED."""
    today: date

    def write(self, reference: Reference, rows: list[list[Json]]) -> tuple[Box, int]:
        """Writes rows from the first cell of a reference on: what was covered, and how many cells were written.

        Raises:
            Refused: they do not fit, or a cell is protected or would hold too much.
        """
        within = reference.box()
        self._check_fits(reference, within, rows)
        height, width = len(rows), max(map(len, rows), default=0)
        box = Box(within.sheet, within.top, within.top + max(height, 1), within.left, within.left + max(width, 1))
        self._check_editable(box)
        count = 0
        for offset, values in enumerate(rows):
            count += self._write_row(box, within.top + offset, values)
        return box, count

    def _check_fits(self, reference: Reference, within: Box, rows: list[list[Json]]) -> None:
        sheet = within.sheet
        bottom, right = (len(sheet.rows), len(sheet.columns)) if reference.single else (within.bottom, within.right)
        inside = f"Requested writing within range [{reference.name}], but tried writing to"
        if within.top + len(rows) > bottom:
            raise Refused(f"{inside} row [{bottom + 1}]")
        if any(within.left + len(row) > right for row in rows):
            raise Refused(f"{inside} column [{column_letters(right)}]")

    def _check_editable(self, box: Box) -> None:
        area = Area(box.top, box.bottom, box.left, box.right)
        check_editable(box.sheet, area, user=self.user, owner=self.owner)

    def _write_row(self, box: Box, index: int, values: list[Json]) -> int:
        row, cells = box.sheet.rows[index], dict[int, Cell | None]()
        for offset, value in enumerate(values):
            if value is not None:
                cells[box.left + offset] = self._cell(row.cell(box.left + offset) or BLANK, value)
        box.sheet.put(index, cells)
        return len(cells)

    def _cell(self, old: Cell, value: Json) -> Cell | None:
        if isinstance(value, str) and len(value) > MAX_CHARACTERS:
            raise Refused(TOO_LONG)
        new = without_runs(old)
        if isinstance(value, bool):
            new = replace(new, value=value, formula=None)
        elif isinstance(value, int | float):
            new = replace(new, value=float(value), formula=None)
        elif isinstance(value, str):
            new = self._typed(new, value)
        return None if new == BLANK else new

    def _typed(self, old: Cell, typed: str) -> Cell:
        number_format = part(old.format or {}, "numberFormat")
        if self.option == "RAW" or (text(number_format, "type") == "TEXT" and not typed.startswith("=")):
            return replace(old, value=typed or None, formula=None)
        entered = enter(typed, self.book.locale, self.today)
        formula = canonical(entered.formula, self.book) if entered.formula is not None else None
        new = replace(old, value=entered.value, formula=formula)
        if entered.number_format is None or number_format:
            return new
        form: Object = {**(old.format or {}), "numberFormat": entered.number_format}
        return replace(new, format=form)

    def clear(self, box: Box) -> None:
        """Takes values and formulas out of a box; formats, notes and validation stay."""
        self._check_editable(box)
        for index in range(box.top, box.bottom):
            row = box.sheet.rows[index]
            filled = [column for column in range(box.left, min(box.right, len(row.cells))) if row.cells[column]]
            box.sheet.put(index, {column: _emptied(row.cell(column)) for column in filled})


def _emptied(cell: Cell | None) -> Cell | None:
    new = replace(without_runs(cell or BLANK), value=None, formula=None)
    return None if new == BLANK else new
