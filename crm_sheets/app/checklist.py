"""The go-live checklist as a workbook: what was examined, what people must see to, and where they sign."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from crm_sheets import clock, reports
from crm_sheets.errors import UsageError
from crm_sheets.language import Language
from crm_sheets.sync.backends.xlsx.style import FONT, INK, RED, RULE, STAFF_HEADER

if TYPE_CHECKING:
    from openpyxl import Workbook

COLUMNS = ("number", "item", "result", "found", "remedy", "owner", "signed", "day")
WIDTHS = (6, 34, 10, 60, 46, 12, 14, 14)
BY_HAND = ("rights", "passwords", "training", "mail", "offsite", "keys", "daemon", "handover", "support")
"""What no program can see: `checklist.hand.<key>` in the catalogue."""

SIGNERS = ("administrator", "lead", "owner")


def write_checklist(path: Path, found: Iterable[reports.Examination], words: Language, workbook: Path | str) -> None:
    """Writes the list; a file that is there already is left alone.

    Raises:
        UsageError: it is there already, or cannot be written.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.worksheet.properties import PageSetupProperties

    if path.exists():
        raise UsageError(words.text("error.checklist.exists", path=path))
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = words.text("checklist.title")
    sheet.append(
        [f"{words.text('checklist.title')} · {Path(workbook).name if isinstance(workbook, Path) else workbook}"]
    )
    sheet.append([words.text("checklist.made", at=f"{clock.now().astimezone():%Y-%m-%d %H:%M}")])
    sheet.append([words.text(f"checklist.column.{name}") for name in COLUMNS])
    rows = [_examined(each, words) for each in found]
    rows += [(words.text(f"checklist.hand.{name}"), "", "", "") for name in BY_HAND]
    for number, row in enumerate(rows, start=1):
        sheet.append([number, *row, "", "", ""])
    sheet.append([])
    for signer in SIGNERS:
        sheet.append(["", words.text(f"checklist.sign.{signer}"), "", words.text("checklist.sign.line")])
    line = Side("thin", color=RULE)
    for cells in sheet.iter_rows(min_row=3, max_row=3 + len(rows), max_col=len(COLUMNS)):
        for cell in cells:
            head = cell.row == 3
            cell.font = Font(FONT, 10, bold=head, color=RED if cell.value == words.text("checklist.failed") else INK)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.border = Border(line, line, line, line)
            if head:
                cell.fill = PatternFill("solid", fgColor=STAFF_HEADER)
            elif isinstance(cell.value, str):
                cell.data_type = "s"  # a path or a name that begins with = is no formula
    sheet["A1"].font = Font(FONT, 16, bold=True, color=INK)
    for place, width in enumerate(WIDTHS):
        sheet.column_dimensions["ABCDEFGH"[place]].width = width
    sheet.freeze_panes = "A4"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4, ECMA-376 part 1, 18.3.1.63
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    _save(book, path)


def _save(book: Workbook, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        book.save(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error


def _examined(each: reports.Examination, words: Language) -> tuple[str, str, str, str]:
    result = words.text("checklist.passed" if each.passed else "checklist.failed")
    return words.text(f"doctor.{each.name}"), result, each.found, each.remedy
