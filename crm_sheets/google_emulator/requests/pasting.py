"""copyPaste, cutPaste, pasteData."""

import csv
import io
from dataclasses import dataclass, replace
from html.parser import HTMLParser

from crm_sheets.google_emulator.a1 import box_of
from crm_sheets.google_emulator.areas import Area, Box
from crm_sheets.google_emulator.entering import enter
from crm_sheets.google_emulator.following import follow
from crm_sheets.google_emulator.formulas.calculator import Calculator
from crm_sheets.google_emulator.formulas.moving import shifted
from crm_sheets.google_emulator.json_values import Object, flag, part, text, whole
from crm_sheets.google_emulator.model.cell import BLANK, Cell, CellError, without_runs
from crm_sheets.google_emulator.model.shifts import Relocated
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler

_VALIDATION = "dataValidation"


@dataclass(frozen=True, slots=True)
class Pasted:
    """A cell on the clipboard: as it is, what it shows, and how far it travels."""

    cell: Cell | None
    shown: float | str | bool | None
    down: int
    right: int


def laid(old: Cell | None, pasted: Pasted, kind: str) -> Cell | None:
    """What a cell is after something was pasted into it; `kind` is a PasteType."""
    source, target = pasted.cell or BLANK, old or BLANK
    formula = None if source.formula is None else shifted(source.formula, pasted.down, pasted.right)
    match kind:
        case "PASTE_VALUES":
            new = replace(without_runs(target), value=pasted.shown, formula=None)
        case "PASTE_FORMULA":
            new = replace(without_runs(target), value=source.value, formula=formula)
        case "PASTE_FORMAT":
            new = _with_validation(replace(target, format=source.format), source)
        case "PASTE_DATA_VALIDATION":
            new = _with_validation(target, source)
        case "PASTE_CONDITIONAL_FORMATTING":
            new = target
        case "PASTE_NO_BORDERS":
            form: Object = {key: value for key, value in (source.format or {}).items() if key != "borders"}
            new = replace(source, formula=formula, format=form or None)
        case _:
            new = replace(source, formula=formula)
    return None if new == BLANK else new


def _with_validation(target: Cell, source: Cell) -> Cell:
    rest: Object = {key: value for key, value in (target.rest or {}).items() if key != _VALIDATION}
    if source.rest and _VALIDATION in source.rest:
        rest[_VALIDATION] = source.rest[_VALIDATION]
    return replace(target, rest=rest or None)


def copy_paste(batch: Batch, request: Object) -> Object | None:
    """Copies a range; a destination that is a multiple of it is filled, any other gets it once from its first cell."""
    source, given = box_of(batch.book, part(request, "source")), box_of(batch.book, part(request, "destination"))
    transposed = text(request, "pasteOrientation") == "TRANSPOSE"
    grid = clipboard(batch, source)
    if transposed:
        grid = [list(line) for line in zip(*grid, strict=True)]
    target = _target(given, len(grid), len(grid[0]) if grid else 0)
    batch.editing_box(target)
    _paste(grid, source, target, text(request, "pasteType", "PASTE_NORMAL"))
    if text(request, "pasteType", "PASTE_NORMAL") == "PASTE_NORMAL" and not transposed:
        _copy_merges(source, target)
    return None


Grid = list[list[tuple[Cell | None, float | str | bool | None]]]


def clipboard(batch: Batch, box: Box) -> Grid:
    """The cells of a box, with what they show."""
    calculator, sheet = Calculator(batch.book), box.sheet
    rows: Grid = []
    for row in range(box.top, box.bottom):
        line = []
        for column in range(box.left, box.right):
            cell = sheet.cell(row, column)
            shown = calculator.value(cell, (sheet.sheet_id, row, column))
            line.append((cell, shown.shown if isinstance(shown, CellError) else shown))
        rows.append(line)
    return rows


def _target(given: Box, height: int, width: int) -> Box:
    """Where a clipboard goes: all of the range when it fits whole times into it, otherwise once.

    Raises:
        Refused: it would reach out of the grid.
    """
    rows, columns = given.bottom - given.top, given.right - given.left
    if height and width and rows % height == 0 and columns % width == 0 and rows and columns:
        return given
    bottom, right = given.top + height, given.left + width
    if bottom > len(given.sheet.rows) or right > len(given.sheet.columns):
        limits = f"Max rows: {len(given.sheet.rows)}, max columns: {len(given.sheet.columns)}"
        raise Refused(f"The pasted range ({height} x {width}) exceeds grid limits. {limits}")
    return Box(given.sheet, given.top, bottom, given.left, right)


def _paste(grid: Grid, source: Box, target: Box, kind: str) -> None:
    height = len(grid)
    for row in range(target.top, target.bottom):
        offset = (row - target.top) % height
        line, cells, old = grid[offset], dict[int, Cell | None](), target.sheet.rows[row]
        for column in range(target.left, target.right):
            across = (column - target.left) % len(line)
            cell, shown = line[across]
            pasted = Pasted(cell, shown, row - source.top - offset, column - source.left - across)
            cells[column] = laid(old.cell(column), pasted, kind)
        target.sheet.put(row, cells)


def _copy_merges(source: Box, target: Box) -> None:
    """Merges that lie within the source come along, once."""
    for merge in list(source.sheet.features.get("merges", [])):
        top, left = whole(merge, "startRowIndex"), whole(merge, "startColumnIndex")
        bottom, right = whole(merge, "endRowIndex"), whole(merge, "endColumnIndex")
        if source.top <= top and bottom <= source.bottom and source.left <= left and right <= source.right:
            down, across = target.top - source.top, target.left - source.left
            copy: Object = {
                "sheetId": target.sheet.sheet_id,
                "startRowIndex": top + down,
                "endRowIndex": bottom + down,
                "startColumnIndex": left + across,
                "endColumnIndex": right + across,
            }
            if copy not in target.sheet.features.setdefault("merges", []):
                target.sheet.features["merges"].append(copy)


def cut_paste(batch: Batch, request: Object) -> Object | None:
    """Moves cells; what names them follows, and their formulas stay as they are."""
    source, given = box_of(batch.book, part(request, "source")), part(request, "destination")
    sheet = batch.book.sheet(whole(given, "sheetId"))
    top, left = whole(given, "rowIndex"), whole(given, "columnIndex")
    start = Box(sheet, top, top, left, left)
    target = _target(start, source.bottom - source.top, source.right - source.left)
    batch.editing_box(source)
    batch.editing_box(target)
    grid, kind = clipboard(batch, source), text(request, "pasteType", "PASTE_NORMAL")
    for row in range(source.top, source.bottom):
        source.sheet.put(row, dict.fromkeys(range(source.left, source.right)))
    for offset, line in enumerate(grid):
        old = sheet.rows[top + offset]
        pasted = [Pasted(cell, shown, 0, 0) for cell, shown in line]
        sheet.put(top + offset, {left + n: laid(old.cell(left + n), one, kind) for n, one in enumerate(pasted)})
    area = Area(source.top, source.bottom, source.left, source.right)
    follow(
        batch.book,
        Relocated(source.sheet.sheet_id, area, sheet.sheet_id, top - source.top, left - source.left),
    )
    return None


def paste_data(batch: Batch, request: Object) -> Object | None:
    """Pastes text that a delimiter divides, or an HTML table, as if typed."""
    given = part(request, "coordinate")
    sheet, top, left = batch.book.sheet(whole(given, "sheetId")), whole(given, "rowIndex"), whole(given, "columnIndex")
    if flag(request, "html"):
        rows = _table(text(request, "data"))
    else:
        delimiter = text(request, "delimiter")
        if len(delimiter) != 1:
            raise Refused("Must specify a delimiter of one character.")
        rows = list(csv.reader(io.StringIO(text(request, "data")), delimiter=delimiter))
    target = _target(Box(sheet, top, top, left, left), len(rows), max(map(len, rows), default=0))
    batch.editing_box(target)
    kind = text(request, "type", "PASTE_NORMAL")
    for offset, values in enumerate(rows):
        old = sheet.rows[top + offset]
        sheet.put(top + offset, {left + n: _typed(batch, old.cell(left + n), v, kind) for n, v in enumerate(values)})
    return None


def _typed(batch: Batch, old: Cell | None, typed: str, kind: str) -> Cell | None:
    entered = enter(typed, batch.book.locale, batch.today)
    form: Object | None = {"numberFormat": entered.number_format} if entered.number_format else None
    cell = Cell(value=entered.value, formula=entered.formula, format=form or (old or BLANK).format)
    return laid(old, Pasted(cell, entered.value, 0, 0), kind)


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


def _table(html: str) -> list[list[str]]:
    reader = _Cells()
    reader.feed(html)
    return reader.rows


HANDLERS: dict[str, Handler] = {"copyPaste": copy_paste, "cutPaste": cut_paste, "pasteData": paste_data}
