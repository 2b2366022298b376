"""Summary tabs as sheets: made once with their native charts, later only their rows are written anew."""

import logging
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from crm_sheets.cells import column_letters
from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import Shown, Summary, Unit
from crm_sheets.sync.backends.xlsx.dressing import Dressing
from crm_sheets.sync.backends.xlsx.style import (
    BLUE,
    ENTRY,
    FONT,
    FONTS,
    INK,
    LEFT,
    RULE,
    STAFF_HEADER,
    SUMMARY_COLOUR,
    TILE,
    UNIT_FORMATS,
    WHITE,
)
from crm_sheets.sync.backends.xlsx.summary_kept import own_cells
from crm_sheets.sync.backends.xlsx.summary_layout import (
    FIRST,
    TOP_COLUMNS,
    WIDTHS,
    Line,
    Place,
    areas,
    chart_places,
    lines,
    page_breaks,
    tiles_per_row,
    wide_texts,
)
from crm_sheets.sync.backends.xlsx.values import serial
from crm_sheets.sync.logs import Event, log

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.styles import NamedStyle
    from openpyxl.worksheet.worksheet import Worksheet

    from crm_sheets.sync.backends.xlsx.edit import PackageEdit


def add_summary_sheet(workbook: "Workbook", summary: Summary, words: Language, dressing: Dressing) -> None:
    """Appends the tab of a summary to a workbook that is being made: rows, styles, charts, page set-up."""
    from openpyxl.worksheet.page import PageMargins
    from openpyxl.worksheet.pagebreak import Break
    from openpyxl.worksheet.properties import PageSetupProperties

    from crm_sheets.sync.backends.xlsx.summary_charts import add_chart

    sheet = workbook.create_sheet(summary.title)
    for line in lines(summary, words):
        _add_line(sheet, line, dressing)
    for place, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[column_letters(place)].width = width
    _merge_top(sheet, summary)
    _point_at_entries(sheet, summary)
    drawn = [area for area in areas(summary) if area.block.chart is not None]
    places = chart_places(summary)
    for area, corner in zip(drawn, places, strict=True):
        add_chart(sheet, area, corner, words.text("summary.money_scale"))
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.tabColor = SUMMARY_COLOUR
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4, ECMA-376 part 1, 18.3.1.63
    sheet.page_setup.fitToHeight = 0
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.4, bottom=0.4)  # inches: two pairs of charts find room
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for row in page_breaks(summary):
        sheet.row_breaks.append(Break(id=row - 1))


def _add_line(sheet: "Worksheet", line: Line, dressing: Dressing) -> None:
    dimension = sheet.row_dimensions[line.number]
    dimension.height = line.height
    dimension.hidden = line.hidden
    for place in line.places:
        cell = sheet.cell(place.row, place.column)
        cell.value = _writable(place.value) if isinstance(place.value, str) else place.value
        if isinstance(place.value, str):
            cell.data_type = "s"
        dressing.dress(cell, _style_name(place), partial(_put_on, sheet, place))


def _merge_top(sheet: "Worksheet", summary: Summary) -> None:
    from openpyxl.worksheet.cell_range import CellRange

    first, last = TOP_COLUMNS
    sheet.merged_cells.add(CellRange(min_row=1, max_row=1, min_col=first, max_col=last))
    per_row = tiles_per_row(summary)
    for number in range(len(summary.headlines)):
        row, column = 4 + 4 * (number // per_row), FIRST + 2 * (number % per_row)
        for each in range(row, row + 3):  # nothing stands in the right halves, so there is nothing to clear
            sheet.merged_cells.add(CellRange(min_row=each, max_row=each, min_col=column, max_col=column + 1))
    for row, column in wide_texts(summary):
        sheet.merged_cells.add(CellRange(min_row=row, max_row=row, min_col=column, max_col=last))


def _point_at_entries(sheet: "Worksheet", summary: Summary) -> None:
    """The line that says where to type leads there with a click."""
    from openpyxl.worksheet.hyperlink import Hyperlink

    for area in areas(summary):
        if area.block.entry:
            name = summary.title.replace("'", "''")
            there = f"'{name}'!{column_letters(FIRST)}{area.header + 1}"
            sheet.cell(3, FIRST).hyperlink = Hyperlink(ref=f"{column_letters(FIRST)}3", location=there)


def _style_name(place: Place) -> str:
    """The name of the style of a place."""
    return f"crm summary {place.style}{' first' if place.column == FIRST else ''}".replace(":", " ")


def _put_on(sheet: "Worksheet", place: Place, cell: "Cell | MergedCell") -> None:
    workbook, style = sheet.parent, _style(_style_name(place), place)
    if workbook is not None and style.name not in workbook.named_styles:
        workbook.add_named_style(style)
    cell.style = style.name


def _style(title: str, place: Place) -> "NamedStyle":
    from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side

    name, _, unit = place.style.partition(":")
    size, bold, colour = FONTS.get(name, (10, False, INK))
    style = NamedStyle(title)
    style.font = Font(FONT, size, bold=bold, color=colour)
    left = name in LEFT or unit == Unit.TEXT or (name == "header" and place.column == FIRST)
    centred = name.startswith("tile")
    horizontal = "center" if centred else "left" if left else "right"
    indent = 1 if left and place.column != FIRST else 0  # a text does not stick to the number on its left
    wraps = name.startswith(("header", "wrapped", "conclusion"))
    shrinks = unit == Unit.INTERVAL
    style.alignment = Alignment(
        horizontal=horizontal, vertical="center", wrap_text=wraps, indent=indent, shrink_to_fit=shrinks or None
    )
    if centred:
        style.fill = PatternFill("solid", fgColor=TILE)
        style.border = Border(left=Side("thick", color=WHITE))
    elif name.startswith("header"):
        style.fill = PatternFill("solid", fgColor=STAFF_HEADER)
        style.border = Border(bottom=Side("medium", color=BLUE))
    elif name == "entry":
        side = Side("thin", color=RULE)
        style.fill = PatternFill("solid", fgColor=ENTRY)
        style.border = Border(side, side, side, side)
    elif name in {"cell", "wrapped"}:
        style.border = Border(bottom=Side("thin", color=RULE))
    if unit:
        style.number_format = UNIT_FORMATS[Unit(unit)]
    return style


_OLD_CELL = re.compile(rb'<c\b(?=[^>]*\br="([A-Z]+[0-9]+)")(?=[^>]*\bs="([0-9]+)")[^>]*>')


def sheet_data_xml(summary: Summary, words: Language, sheet: bytes, *, date1904: bool) -> bytes:
    """The rows of a summary tab, as they stand inside `<sheetData>`; everything else of the sheet stays as it is.

    Args:
        summary: what to show.
        words: the language of the workbook.
        sheet: the sheet part as it is now: each cell keeps the style that its place has there, be it ours or one that
            somebody chose since. Cells that merged areas cover keep theirs as well. What people wrote beside our
            columns stays.
        date1904: the date system of the workbook.
    """
    styles = {match[1].decode(): match[2].decode() for match in _OLD_CELL.finditer(sheet)}
    theirs = own_cells(sheet)
    rows = {line.number: _row_xml(line, styles, _covered(styles, line), date1904) for line in lines(summary, words)}
    for number, cells in theirs.items():
        ours = rows.get(number, f'<row r="{number}"></row>'.encode())
        rows[number] = ours.removesuffix(b"</row>") + cells + b"</row>"
    return b"".join(rows[number] for number in sorted(rows))


_OURS = re.compile(rb'mergeCell\s+ref="B1:[A-Z]+1"|<row\s[^>]*?\br="1"[^>]*\bht="34(?:\.0+)?"')
"""What every summary tab has in its first row, the line of conclusions, and nobody's own tab: one of both stays even
where somebody changed the looks."""


def is_anothers(edit: "PackageEdit", title: str) -> bool:
    """Whether a tab of that name is there that is no summary of ours: what stands in it is somebody's."""
    found = edit.package.sheet(title)
    return found is not None and _OURS.search(edit.read(found.part)) is None


def write_summary(edit: "PackageEdit", summary: Summary, words: Language) -> None:
    """Rewrites the rows of a summary's tab, or adds the tab with its charts where the workbook has none. A tab of that
    name which somebody made themselves stays as it is.

    Raises:
        WriteRefused: the workbook is of a kind that we do not extend.
    """
    found = edit.package.sheet(summary.title)
    date1904 = edit.package.date1904
    if found is None:
        from crm_sheets.sync.backends.xlsx.graft import graft

        graft(edit, _alone(summary, words, date1904=date1904))
        return
    if is_anothers(edit, summary.title):
        log(Event("a tab of the team has the name of a summary", tab=summary.title), logging.WARNING)
        return
    if summary.remake:
        from crm_sheets.sync.backends.xlsx.summary_remake import remake

        if remake(edit, found, summary, _alone(summary, words, date1904=date1904)):
            return
    written = sheet_data_xml(summary, words, edit.read(found.part), date1904=date1904)
    edit.replace_sheet_data(summary.title, written)


def _alone(summary: Summary, words: Language, *, date1904: bool) -> "Workbook":
    """A workbook with the tab of a summary only."""
    from openpyxl import Workbook
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

    workbook = Workbook()
    workbook.epoch = CALENDAR_MAC_1904 if date1904 else CALENDAR_WINDOWS_1900
    workbook.remove(workbook.worksheets[0])
    add_summary_sheet(workbook, summary, words, Dressing())
    return workbook


def _covered(styles: Mapping[str, str], line: Line) -> list[Place]:
    """Cells of the row that have a style and no value: the right halves of tiles."""
    own = {place.column for place in line.places}
    empty = (Place(line.number, column, None, "") for column in range(1, len(WIDTHS) + 1) if column not in own)
    return [place for place in empty if _reference(place) in styles]


def _row_xml(line: Line, styles: Mapping[str, str], covered: list[Place], date1904: bool) -> bytes:
    hidden = ' hidden="1"' if line.hidden else ""
    places = sorted([*line.places, *covered], key=lambda place: place.column)
    cells = "".join(_cell_xml(place, styles, date1904) for place in places)
    return f'<row r="{line.number}" ht="{line.height:g}"{hidden} customHeight="1">{cells}</row>'.encode()


def _reference(place: Place) -> str:
    return f"{column_letters(place.column)}{place.row}"


def _cell_xml(place: Place, styles: Mapping[str, str], date1904: bool) -> str:
    reference, value = _reference(place), _stored(place.value, date1904)
    style = f' s="{styles[reference]}"' if reference in styles else ""
    opening = f'<c r="{reference}"{style}'
    if value is None:
        return opening + "/>"
    if isinstance(value, str):
        return f'{opening} t="inlineStr"><is><t xml:space="preserve">{_safe(value)}</t></is></c>'
    return f"{opening}><v>{value:f}</v></c>" if isinstance(value, Decimal) else f"{opening}><v>{value}</v></c>"


def _stored(value: Shown, date1904: bool) -> str | int | float | Decimal | None:
    """What stands in the cell: of a date its number, of one that spreadsheets do not know its text."""
    if not isinstance(value, date):
        return value
    try:
        return serial(value, date1904)
    except ValueError:
        return value.isoformat()


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def _safe(text: str) -> str:
    """Text as XML."""
    return escape(_writable(text))


def _writable(text: str) -> str:
    """What XML cannot hold is written as `_xHHHH_` (ECMA-376 part 1, 22.9.2.19 ST_Xstring)."""
    return _CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
