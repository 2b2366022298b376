"""What people wrote beside a summary: cells to the right of our columns stay when its rows are written anew."""

import re

from crm_sheets.sync.backends.xlsx.summary_layout import WIDTHS

_ROW = re.compile(rb'<row\b[^>]*?\br="([0-9]+)"[^>]*(?<!/)>(.*?)</row>', re.DOTALL)
_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]+)[0-9]+"[^>]*(?<!/)>.*?</c>|<c\b[^>]*/>', re.DOTALL)


def own_cells(sheet: bytes) -> dict[int, bytes]:
    """The markup of the cells that stand there, by row, of the rows that have some."""
    found = {}
    for row in _ROW.finditer(sheet):
        cells = b"".join(cell[0] for cell in _CELL.finditer(row[2]) if cell[1] and _number(cell[1]) > len(WIDTHS))
        if cells:
            found[int(row[1])] = cells
    return found


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
