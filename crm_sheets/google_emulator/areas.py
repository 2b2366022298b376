"""Rectangles of cells: half-open, zero-based, open ends possible; and GridRange."""

from dataclasses import dataclass

from crm_sheets.google_emulator.json_values import Object, optional_whole
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.refusals import Refused


@dataclass(frozen=True, slots=True)
class Area:
    """Rows top to bottom, columns left to right; ends are exclusive, None is unbounded."""

    top: int | None = None
    bottom: int | None = None
    left: int | None = None
    right: int | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """An area laid on a sheet: within its grid, all ends known."""

    sheet: Sheet
    top: int
    bottom: int
    left: int
    right: int


def area_of(grid_range: Object) -> Area:
    """A GridRange's area."""
    return Area(
        optional_whole(grid_range, "startRowIndex"),
        optional_whole(grid_range, "endRowIndex"),
        optional_whole(grid_range, "startColumnIndex"),
        optional_whole(grid_range, "endColumnIndex"),
    )


def lay(sheet: Sheet, area: Area, name: str) -> Box:
    """An area cut to a sheet's grid; what starts outside is refused, what ends outside is cut."""
    rows, columns = len(sheet.rows), len(sheet.columns)
    top, left = area.top or 0, area.left or 0
    if top >= rows or left >= columns:
        raise Refused(f"Range ({name}) exceeds grid limits. Max rows: {rows}, max columns: {columns}")
    bottom = rows if area.bottom is None else max(top, min(area.bottom, rows))
    right = columns if area.right is None else max(left, min(area.right, columns))
    return Box(sheet, top, bottom, left, right)


def grid_range(box: Box) -> Object:
    """A box as GridRange."""
    return {
        "sheetId": box.sheet.sheet_id,
        "startRowIndex": box.top,
        "endRowIndex": box.bottom,
        "startColumnIndex": box.left,
        "endColumnIndex": box.right,
    }
