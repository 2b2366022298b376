"""autoFill: series as the fill handle makes them.

Numbers and dates of two cells or more go on along their line, a single date by a day, texts that end in a number by
that number; formulas are moved; anything else is repeated. The alternate series of a single number goes on by one, that
of a single date, and of more numbers, is a repetition.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from crm_sheets.google_emulator.a1 import box_of
from crm_sheets.google_emulator.areas import Area, Box
from crm_sheets.google_emulator.formulas.moving import shifted
from crm_sheets.google_emulator.json_values import Object, flag, part, text, whole
from crm_sheets.google_emulator.model.cell import Cell
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler

_COUNTED = re.compile(r"^(.*?)(\d+)$", re.DOTALL)

Series = Callable[[int], float | str | bool | None]
"""What stands so many cells from the first of the source; the source itself is 0 to n - 1."""


@dataclass(frozen=True, slots=True)
class _Fill:
    """A source, and the cells before (negative) or behind it, along rows or columns."""

    source: Box
    down: bool
    length: int

    @property
    def target(self) -> Area:
        box, length = self.source, self.length
        first, last = (box.top, box.bottom) if self.down else (box.left, box.right)
        first, last = (last, last + length) if length > 0 else (first + length, first)
        return Area(first, last, box.left, box.right) if self.down else Area(box.top, box.bottom, first, last)


def auto_fill(batch: Batch, request: Object) -> None:
    """AutoFillRequest."""
    alternate = flag(request, "useAlternateSeries")
    fills = _of_range(box_of(batch.book, part(request, "range"))) if "range" in request else [_told(batch, request)]
    for fill in fills:
        sheet, target = fill.source.sheet, fill.target
        end = len(sheet.rows) if fill.down else len(sheet.columns)
        first, last = (target.top, target.bottom) if fill.down else (target.left, target.right)
        if (first or 0) < 0 or (last or 0) > end:
            raise Refused("The autofill destination exceeds grid limits.")
        batch.editing(sheet, target)
        _fill(fill, alternate=alternate)


def _told(batch: Batch, request: Object) -> _Fill:
    given = part(request, "sourceAndDestination")
    if not given:
        raise Refused("Exactly one of range or source_and_destination must be set.")
    dimension, length = text(given, "dimension"), whole(given, "fillLength")
    if dimension not in ("ROWS", "COLUMNS") or not length:
        raise Refused("Must specify a dimension and a fill length.")
    return _Fill(box_of(batch.book, part(given, "source")), dimension == "ROWS", length)


def _of_range(box: Box) -> list[_Fill]:
    """From the cells at the upper left that are filled: down when the first row is filled as far as the range goes."""
    rows = next((row for row in range(box.top, box.bottom) if not _filled(box, row, box.left)), box.bottom)
    columns = next((column for column in range(box.left, box.right) if not _filled(box, box.top, column)), box.right)
    if rows == box.top:
        return []
    if rows < box.bottom:
        source = Box(box.sheet, box.top, rows, box.left, box.right)
        return [_Fill(source, True, box.bottom - rows)]
    if columns < box.right:
        source = Box(box.sheet, box.top, box.bottom, box.left, columns)
        return [_Fill(source, False, box.right - columns)]
    return []


def _filled(box: Box, row: int, column: int) -> bool:
    cell = box.sheet.cell(row, column)
    return cell is not None and cell.has_content


def _fill(fill: _Fill, *, alternate: bool) -> None:
    box = fill.source
    lines = range(box.left, box.right) if fill.down else range(box.top, box.bottom)
    size = box.bottom - box.top if fill.down else box.right - box.left
    steps = range(size, size + fill.length) if fill.length > 0 else range(fill.length, 0)
    for line in lines:
        places = [(box.top + n, line) if fill.down else (line, box.left + n) for n in range(size)]
        cells = [box.sheet.cell(*place) for place in places]
        series = _series(cells, alternate=alternate)
        for step in steps:
            pattern = cells[step % size]
            row, column = (box.top + step, line) if fill.down else (line, box.left + step)
            box.sheet.put(row, {column: _at(pattern, series, step, step - step % size, down=fill.down)})


def _at(pattern: Cell | None, series: Series | None, step: int, moved: int, *, down: bool) -> Cell | None:
    if pattern is None:
        return None
    if pattern.formula is not None:
        return replace(pattern, formula=shifted(pattern.formula, moved if down else 0, 0 if down else moved), note=None)
    return replace(pattern, value=pattern.value if series is None else series(step), note=None)


def _series(cells: Sequence[Cell | None], *, alternate: bool) -> Series | None:
    """How the values go on; None for a repetition."""
    found = [cell for cell in cells if cell is not None and cell.formula is None]
    if len(found) < len(cells):
        return None
    numbers = [cell.value for cell in found if isinstance(cell.value, float) and not isinstance(cell.value, bool)]
    if len(numbers) == len(found):
        dated = all(_kind(cell) in ("DATE", "DATE_TIME") for cell in found)
        if len(numbers) == 1:
            first = numbers[0]
            return (lambda step: first + step) if dated != alternate else None
        return None if alternate else _line(numbers)
    counted = [_COUNTED.match(cell.value) for cell in found if isinstance(cell.value, str)]
    matches = [match for match in counted if match is not None]
    if len(matches) < len(found) or len({match[1] for match in matches}) > 1 or alternate:
        return None
    values = [float(match[2]) for match in matches]
    line, prefix = _line(values) if len(values) > 1 else (lambda step: values[0] + step), matches[0][1]
    return lambda step: f"{prefix}{abs(round(line(step)))}"


def _line(values: Sequence[float]) -> Callable[[int], float]:
    """The straight line that fits best (least squares)."""
    count = len(values)
    middle, mean = (count - 1) / 2, sum(values) / count
    spread = sum((place - middle) ** 2 for place in range(count))
    slope = sum((place - middle) * (value - mean) for place, value in enumerate(values)) / spread
    return lambda step: mean + slope * (step - middle)


def _kind(cell: Cell) -> str:
    return text(part(cell.format or {}, "numberFormat"), "type")


HANDLERS: dict[str, Handler] = {"autoFill": auto_fill}
