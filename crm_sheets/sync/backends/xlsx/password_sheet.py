"""The sheet of a view in which its person types a new password: twice, below an explanation, above what came of it."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crm_sheets.cells import CellValue
from crm_sheets.errors import BytesRemain
from crm_sheets.sync.backends.xlsx.package import Package
from crm_sheets.sync.backends.xlsx.rows_fast import read_sheet
from crm_sheets.sync.backends.xlsx.strings import shared_strings
from crm_sheets.sync.backends.xlsx.style import FONT, GREY, INK, RULE, STAFF_HEADER

if TYPE_CHECKING:
    from crm_sheets.language import Language
    from crm_sheets.sync.backends.xlsx.edit import PackageEdit

TITLE: Final = "tab.my_password"
FIRST, SECOND, TOLD = (4, 2), (5, 2), (7, 1)
"""Where the new password is typed, where once more, and where we say what came of it: row and column, 1-based."""

TYPED: Final = frozenset({FIRST, SECOND})


@dataclass(frozen=True, slots=True)
class PasswordCells:
    """What stands in the sheet."""

    first: CellValue
    second: CellValue
    told: CellValue


def password_cells(package: Package, words: "Language") -> PasswordCells | None:
    """What somebody typed, and what was last said to them; None in a workbook without the sheet."""
    found = package.sheet(words.text(TITLE))
    if found is None or found.kind != "worksheet":
        return None
    part = package.shared_strings
    strings = shared_strings(package.read(part), part) if part else []
    rows = {row.number: row.cells for row in read_sheet(package.read(found.part), strings, False, found.part).rows}

    def cell(place: tuple[int, int]) -> CellValue:
        cells = rows.get(place[0], ())
        return cells[place[1] - 1] if len(cells) >= place[1] else None

    return PasswordCells(cell(FIRST), cell(SECOND), cell(TOLD))


def tell(edit: "PackageEdit", words: "Language", said: str, *, clear: bool) -> None:
    """Says what came of it, and takes what was typed out of the cells, and out of whatever keeps copies of them.

    Raises:
        WriteRefused: the workbook is of a kind that we do not extend.
    """
    title = words.text(TITLE)
    if edit.package.sheet(title) is None:
        _add(edit, words, said)
        return
    edit.set_cells(title, {TOLD: said}, overwrite={TOLD})
    if not clear:
        return
    edit.set_cells(title, dict.fromkeys(TYPED), overwrite=TYPED)
    from crm_sheets.sync.backends.xlsx.scrub import scrub

    with suppress(BytesRemain):  # the file has a password: whoever reads what is left knows it
        scrub(edit, {title: set(TYPED)}, gently=True)


def _add(edit: "PackageEdit", words: "Language", said: str) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    from crm_sheets.sync.backends.xlsx.graft import graft

    workbook, text = Workbook(), words.text
    workbook.remove(workbook.worksheets[0])
    sheet = workbook.create_sheet(text(TITLE))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 46
    for place, told, font in (
        ((1, 1), text(TITLE), Font(FONT, 14, bold=True, color=INK)),
        ((2, 1), text("password.how"), Font(FONT, 10, color=GREY)),
        ((FIRST[0], 1), text("password.first"), Font(FONT, 10, color=INK)),
        ((SECOND[0], 1), text("password.second"), Font(FONT, 10, color=INK)),
        (TOLD, said, Font(FONT, 10, bold=True, color=INK)),
    ):
        cell = sheet.cell(*place, told)
        cell.font, cell.data_type = font, "s"
        cell.alignment = Alignment(vertical="top", wrap_text=True)
    edge = Side("thin", color=RULE)
    for place in sorted(TYPED):
        cell = sheet.cell(*place)
        cell.number_format = "@"  # a password of digits keeps its leading zeros
        cell.font, cell.fill = Font(FONT, 10, color=INK), PatternFill("solid", fgColor=STAFF_HEADER)
        cell.border = Border(left=edge, right=edge, top=edge, bottom=edge)
    sheet.merge_cells(start_row=2, start_column=1, end_row=2, end_column=2)
    sheet.merge_cells(start_row=TOLD[0], start_column=1, end_row=TOLD[0], end_column=2)
    sheet.row_dimensions[2].height, sheet.row_dimensions[TOLD[0]].height = 64, 48
    sheet.sheet_view.showGridLines = False
    graft(edit, workbook)
