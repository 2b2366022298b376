"""The change log as a sheet: made once, later only its rows are written anew, in the looks that they have."""

import re
from datetime import datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from crm_sheets.cells import column_letters
from crm_sheets.change_log import ChangeLog
from crm_sheets.sync.backends.xlsx.style import FONT, INK, RULE, SYSTEM_HEADER
from crm_sheets.sync.backends.xlsx.values import serial

if TYPE_CHECKING:
    from crm_sheets.sync.backends.xlsx.edit import PackageEdit

WIDTHS = (18, 20, 10, 13, 26, 14, 28, 28, 10)
MOMENT = "yyyy\\-mm\\-dd\\ hh:mm:ss"
COLOUR = "A6ACB3"

_STYLED = re.compile(rb'<c\b(?=[^>]*\br="([A-Z]+)([12])")(?=[^>]*\bs="([0-9]+)")[^>]*>')
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def write_log(edit: "PackageEdit", log: ChangeLog) -> None:
    """Rewrites the rows of the log's tab, or adds the tab where the workbook has none.

    Raises:
        WriteRefused: the workbook is of a kind that we do not extend.
    """
    found = edit.package.sheet(log.title)
    if found is None:
        _add(edit, log)
    else:
        edit.replace_sheet_data(log.title, rows_xml(log, edit.read(found.part), date1904=edit.package.date1904))


def rows_xml(log: ChangeLog, sheet: bytes, *, date1904: bool) -> bytes:
    """The rows of the tab, as they stand inside `<sheetData>`.

    Args:
        log: what to show.
        sheet: the sheet part as it is now: the header and every row below it keep the looks that the first two rows
            have there, be they ours or ones that somebody chose since.
        date1904: the date system of the workbook.
    """
    styles = {(match[1].decode(), match[2]): match[3].decode() for match in _STYLED.finditer(sheet)}
    letters = [column_letters(place) for place in range(1, len(log.header) + 1)]
    head = [f' s="{styles[letter, b"1"]}"' if (letter, b"1") in styles else "" for letter in letters]
    body = [f' s="{styles[letter, b"2"]}"' if (letter, b"2") in styles else "" for letter in letters]
    rows = [_row(1, log.header, letters, head, date1904)]
    rows += [_row(number, row, letters, body, date1904) for number, row in enumerate(log.rows, start=2)]
    if not log.rows:  # so that the looks are still known when there is something to tell again
        rows.append(_row(2, [""] * len(letters), letters, body, date1904))
    return "".join(rows).encode()


def _row(
    number: int, cells: "tuple[object, ...] | list[str]", letters: list[str], styles: list[str], date1904: bool
) -> str:
    made = "".join(
        _cell(f"{letter}{number}", style, value, date1904)
        for letter, style, value in zip(letters, styles, cells, strict=True)
    )
    return f'<row r="{number}">{made}</row>'


def _cell(reference: str, style: str, value: object, date1904: bool) -> str:
    if isinstance(value, datetime):
        return f'<c r="{reference}"{style}><v>{serial(value, date1904)!r}</v></c>'
    text = str(value)
    if not text:
        return f'<c r="{reference}"{style}/>'
    return f'<c r="{reference}"{style} t="inlineStr"><is><t xml:space="preserve">{_safe(text)}</t></is></c>'


def _safe(text: str) -> str:
    """Text as XML."""
    return escape(_writable(text))


def _writable(text: str) -> str:
    """What XML cannot hold is written as `_xHHHH_` (ECMA-376 part 1, 22.9.2.19 ST_Xstring)."""
    return _UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def _add(edit: "PackageEdit", log: ChangeLog) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

    from crm_sheets.sync.backends.xlsx.graft import graft

    workbook = Workbook()
    workbook.epoch = CALENDAR_MAC_1904 if edit.package.date1904 else CALENDAR_WINDOWS_1900
    workbook.remove(workbook.worksheets[0])
    sheet = workbook.create_sheet(log.title)
    head, body, moment = (NamedStyle(f"crm log {name}") for name in ("header", "cell", "time"))
    head.font = Font(FONT, 10, bold=True, color=INK)
    head.fill = PatternFill("solid", fgColor=SYSTEM_HEADER)
    head.alignment = Alignment(vertical="center")
    for style in (body, moment):
        style.font = Font(FONT, 10, color=INK)
        style.alignment = Alignment(vertical="top", wrap_text=True)
        style.border = Border(bottom=Side("thin", color=RULE))
    moment.number_format = MOMENT
    for place, (name, width) in enumerate(zip(log.header, WIDTHS, strict=True), start=1):
        sheet.cell(1, place, name).style = head
        sheet.column_dimensions[column_letters(place)].width = width
    for number, row in enumerate(log.rows or (("",) * len(log.header),), start=2):
        for place, value in enumerate(row, start=1):
            cell = sheet.cell(number, place)
            cell.style = moment if place == 1 else body
            if value:
                cell.value = _writable(value) if isinstance(value, str) else value
                cell.data_type = "d" if place == 1 else "s"
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{column_letters(len(log.header))}1"
    sheet.sheet_properties.tabColor = COLOUR
    graft(edit, workbook)
