"""A1 notation, both ways. https://developers.google.com/sheets/api/guides/concepts#cell"""

import re
from dataclasses import dataclass

from crm_sheets.google_emulator.areas import Area, Box, area_of, lay
from crm_sheets.google_emulator.json_values import Object, part, whole
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.refusals import Refused

_CORNER = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,7})?")
_R1C1 = re.compile(r"R([1-9]\d{0,7})C([1-9]\d{0,4})(?::R([1-9]\d{0,7})C([1-9]\d{0,4}))?", re.IGNORECASE)
_QUOTED = re.compile(r"'((?:[^']|'')*)'(?:!(.*))?", re.DOTALL)
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


@dataclass(frozen=True, slots=True)
class Reference:
    """A range that was named in A1 notation: its sheet, its area, and whether it was a single cell."""

    sheet: Sheet
    area: Area
    single: bool = False

    def box(self) -> Box:
        """Laid on the sheet; refused when it starts outside the grid."""
        return lay(self.sheet, self.area, written(self.sheet.title, self.area))

    @property
    def name(self) -> str:
        """The range in A1 notation with its sheet, open ends left open."""
        return written(self.sheet.title, self.area)


def parse(book: Book, range_name: str) -> Reference:
    """What a range in a request names.

    Raises:
        Refused: "Unable to parse range: …", also when it names a sheet that is not there.
    """
    found = _quoted(book, range_name) or _with_sheet(book, range_name) or _without_sheet(book, range_name)
    found = found or _named(book, range_name.rpartition("!")[2])
    if found is None:
        raise Refused(f"Unable to parse range: {range_name}")
    return found


def _quoted(book: Book, range_name: str) -> Reference | None:
    match = _QUOTED.fullmatch(range_name)
    sheet = book.titled(match.group(1).replace("''", "'")) if match else None
    if match is None or sheet is None:
        return None
    return Reference(sheet, Area()) if match.group(2) is None else _on(sheet, match.group(2))


def _with_sheet(book: Book, range_name: str) -> Reference | None:
    title, separator, cells = range_name.rpartition("!")
    sheet = book.titled(title) if separator else None
    return _on(sheet, cells) if sheet is not None else None


def _without_sheet(book: Book, range_name: str) -> Reference | None:
    """A cell or range of the first sheet, a named range, or a sheet's title, in this order."""
    found = _on(book.sheets[0], range_name)
    if found is not None:
        return found
    sheet = None if book.named(range_name) else book.titled(range_name)
    return Reference(sheet, Area()) if sheet is not None else _named(book, range_name)


def _named(book: Book, name: str) -> Reference | None:
    """A named range; Google finds it behind the title of a sheet, too."""
    named = book.named(name)
    if named is None:
        return None
    return Reference(book.sheet(whole(part(named, "range"), "sheetId")), area_of(part(named, "range")))


def _on(sheet: Sheet, cells: str) -> Reference | None:
    match = _R1C1.fullmatch(cells)
    if match:
        return _r1c1(sheet, match)
    first, separator, second = cells.partition(":")
    start = _corner(first)
    end = _corner(second) if separator else start
    if start is None or end is None or (not separator and None in start):
        return None
    if (start[0] is None) and (end[0] is None) and (start[1] is None or end[1] is None):
        return None
    return _between(sheet, start, end, single=not separator)


def _r1c1(sheet: Sheet, match: re.Match[str]) -> Reference:
    row, column, last_row, last_column = (int(group) if group else None for group in match.groups())
    start = ((column or 1) - 1, (row or 1) - 1)
    end = start if last_row is None or last_column is None else (last_column - 1, last_row - 1)
    return _between(sheet, start, end, single=last_row is None)


Corner = tuple[int | None, int | None]


def _corner(cell: str) -> Corner | None:
    """Zero-based column and row of "B3", "B" or "3"; None for anything else."""
    match = _CORNER.fullmatch(cell)
    if not cell or match is None or (match.group(1) is None and match.group(2) is None):
        return None
    column = column_index(match.group(1)) if match.group(1) else None
    return column, int(match.group(2)) - 1 if match.group(2) else None


def _between(sheet: Sheet, start: Corner, end: Corner, *, single: bool) -> Reference:
    columns, rows = _span(start[0], end[0]), _span(start[1], end[1])
    return Reference(sheet, Area(rows[0], rows[1], columns[0], columns[1]), single)


def _span(first: int | None, second: int | None) -> tuple[int | None, int | None]:
    """Start and exclusive end; one that is missing leaves the range open at its end: A5:A."""
    if first is None or second is None:
        return (second if first is None else first), None
    return min(first, second), max(first, second) + 1


def column_index(letters: str) -> int:
    """Zero-based index of a column's letters: A is 0, AA is 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def column_letters(index: int) -> str:
    """Letters of a zero-based column index."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def quoted_title(title: str) -> str:
    """A title as Google echoes it: in apostrophes unless it is a plain ASCII name that cannot be taken for a cell."""
    plain = _PLAIN_TITLE.fullmatch(title)
    if plain and not re.fullmatch(r"[A-Za-z]{1,3}\d*|[Rr]\d*[Cc]\d*", title):
        return title
    return "'" + title.replace("'", "''") + "'"


def written(title: str, area: Area) -> str:
    """An area in A1 notation with its sheet: "Sheet1!A2:B", "Sheet1!A2"; open ends as Google writes them."""
    if area == Area():
        return quoted_title(title)
    rows_only = area.left is None and area.right is None and area.bottom is not None
    columns_only = area.top is None and area.bottom is None
    start = ("" if rows_only else column_letters(area.left or 0)) + ("" if columns_only else str((area.top or 0) + 1))
    end = ("" if area.right is None else column_letters(area.right - 1)) + (str(area.bottom) if area.bottom else "")
    return f"{quoted_title(title)}!{start}" if end in ("", start) else f"{quoted_title(title)}!{start}:{end}"


def box_name(box: Box) -> str:
    """A box in A1 notation with its sheet."""
    return written(box.sheet.title, Area(box.top, box.bottom, box.left, box.right))


def box_of(book: Book, grid: Object) -> Box:
    """A GridRange laid on its sheet.

    Raises:
        Refused: no such sheet, or the range starts outside the grid.
    """
    sheet, area = book.sheet(whole(grid, "sheetId")), area_of(grid)
    return lay(sheet, area, written(sheet.title, area))
