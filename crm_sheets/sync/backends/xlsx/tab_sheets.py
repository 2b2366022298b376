"""One tab of the book as a sheet of a new workbook: header, columns, drop-downs, hints, colours, page set-up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from crm_sheets.cells import CellValue, column_letters
from crm_sheets.language import Language
from crm_sheets.schema.base import Column, Kind, Tab
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.sync.backends.xlsx.dressing import Dressing
from crm_sheets.sync.backends.xlsx.guidance import Highlight, Validation, highlights, validations
from crm_sheets.sync.backends.xlsx.style import (
    BLUE,
    FONT,
    GREY,
    INK,
    LOOKS,
    RED,
    RULE,
    STAFF_HEADER,
    SYSTEM_CELL,
    SYSTEM_HEADER,
    TAB_COLOURS,
    column_width,
    is_right_aligned,
    number_format,
)
from crm_sheets.tables import ColumnKey, TabKey

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.styles import NamedStyle
    from openpyxl.worksheet.dimensions import ColumnDimension
    from openpyxl.worksheet.worksheet import Worksheet

_PAGE = 170
"""Characters that fit on the width of a printed page at a size that can be read."""


@dataclass(frozen=True, slots=True)
class TabSheet:
    """What a sheet is made from.

    Attributes:
        rows: values of cells by column, one mapping per record.
        sources: for each tab that others refer to, the formula of the list of its names.
        spare_rows: empty rows that drop-downs, hints and colours cover as well.
        protected: locks our columns.
        dressing: of the workbook that the sheet is added to.
    """

    tab: Tab
    words: Language
    rows: Sequence[Mapping[ColumnKey, CellValue]]
    sources: Mapping[TabKey, str]
    spare_rows: int
    protected: bool
    dressing: Dressing


def add_tab_sheet(workbook: "Workbook", wanted: TabSheet) -> None:
    """Appends the sheet of a tab: header in row 1, one row per record below it, columns in the order of the schema."""
    tab, words = wanted.tab, wanted.words
    sheet = workbook.create_sheet(tab_label(tab.key, words))
    places = {key: place for place, key in enumerate(tab.columns, start=1)}
    for key, place in places.items():
        _add_column(sheet, place, tab.columns[key], column_label(tab.key, key, words), wanted.dressing)
    _add_rows(workbook, sheet, wanted)
    last = len(wanted.rows) + 1 + wanted.spare_rows
    for validation in validations(tab, places, words, wanted.sources):
        _add_validation(sheet, validation, last, words)
    for highlight in highlights(tab, places, words):
        _add_highlight(sheet, highlight, last)
    _arrange(sheet, tab, len(wanted.rows) + 1)
    if wanted.protected:
        _protect(sheet)


def _style_name(workbook: "Workbook", column: Column) -> str:
    """The name of the style of a column's cells, registered when first asked for."""
    name = _named(column)
    if name not in workbook.named_styles:
        workbook.add_named_style(_style(column))
    return name


def _named(column: Column) -> str:
    return f"crm {column.kind} {'system' if column.system else 'staff'}{' wrapped' if column.key == 'check' else ''}"


def _style(column: Column) -> "NamedStyle":
    from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side

    wrap, line = column.key == "check", Side("thin", color=RULE)
    style = NamedStyle(_named(column))
    style.font = Font(FONT, 10, color=GREY if column.system else INK)
    style.number_format = number_format(column)
    horizontal = "right" if is_right_aligned(column) else "left"
    style.alignment = Alignment(horizontal=horizontal, vertical="top" if wrap else "center", wrap_text=wrap)
    style.border = Border(left=line, right=line, top=line, bottom=line)
    if column.system:
        style.fill = PatternFill("solid", fgColor=SYSTEM_CELL)
    style.protection = Protection(locked=column.system)
    return style


def _add_column(sheet: "Worksheet", place: int, column: Column, label: str, dressing: Dressing) -> None:
    dimension = sheet.column_dimensions[column_letters(place)]
    dimension.width = column_width(column, label)
    dimension.hidden = column.hidden
    look = ("column", _named(column), number_format(column), is_right_aligned(column))
    dressing.dress(dimension, look, partial(_dress_column, column))
    header = sheet.cell(1, place)
    _put_label(header, column, label)
    dressing.dress(header, ("header", column.system), partial(_dress_header, column.system))


def _dress_column(column: Column, dimension: "ColumnDimension") -> None:
    style = _style(column)
    dimension.font, dimension.fill, dimension.border = style.font, style.fill, style.border
    dimension.alignment, dimension.protection = style.alignment, style.protection
    dimension.number_format = style.number_format


def _put_label(cell: "Cell | MergedCell", column: Column, label: str) -> None:
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont
    from openpyxl.styles import Color

    if column.required:
        ink = InlineFont(rFont=FONT, sz=10, b=True, color=Color("FF" + INK))
        red = InlineFont(rFont=FONT, sz=10, b=True, color=Color("FF" + RED))
        cell.value = CellRichText(TextBlock(ink, label), TextBlock(red, "*"))
    else:
        cell.value = label


def _dress_header(ours: bool, cell: "Cell | MergedCell") -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    cell.font = Font(FONT, 10, bold=True, color=GREY if ours else INK)
    cell.fill = PatternFill("solid", fgColor=SYSTEM_HEADER if ours else STAFF_HEADER)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    cell.border = Border(Side("thin", color=RULE), Side("thin", color=RULE), None, Side("medium", color=BLUE))


def _add_rows(workbook: "Workbook", sheet: "Worksheet", wanted: TabSheet) -> None:
    from crm_sheets.sync.backends.xlsx.create import put

    looks = [
        (place, column.key, _style_name(workbook, column))
        for place, column in enumerate(wanted.tab.columns.values(), start=1)
    ]
    dressing = wanted.dressing
    for number, row in enumerate(wanted.rows, start=2):
        for place, key, style in looks:
            cell = sheet.cell(number, place)
            dressing.dress(cell, style, partial(_put_on, style))
            put(cell, row.get(key))


def _put_on(style: str, cell: "Cell | MergedCell") -> None:
    cell.style = style


def _add_validation(sheet: "Worksheet", validation: Validation, last: int, words: Language) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(
        type="list" if validation.source else None,
        formula1=validation.source,
        allow_blank=True,
        showInputMessage=bool(validation.prompt),
        promptTitle=validation.title if validation.prompt else None,
        prompt=validation.prompt or None,
        showErrorMessage=bool(validation.warning),
        errorStyle="warning" if validation.warning else None,
        errorTitle=words.text("workbook.not_in_list_title") if validation.warning else None,
        error=validation.warning or None,
    )
    letters = column_letters(validation.column)
    rule.add(f"{letters}2:{letters}{last}")
    sheet.add_data_validation(rule)


def _add_highlight(sheet: "Worksheet", highlight: Highlight, last: int) -> None:
    from openpyxl.formatting.rule import Rule
    from openpyxl.styles import Font, PatternFill
    from openpyxl.styles.differential import DifferentialStyle

    ink, fill = LOOKS[highlight.look]
    letters = column_letters(highlight.column)
    rule = Rule(
        type="expression",
        dxf=DifferentialStyle(font=Font(color="FF" + ink), fill=PatternFill("solid", bgColor="FF" + fill)),
        formula=[highlight.formula],
    )
    sheet.conditional_formatting.add(f"{letters}2:{letters}{last}", rule)


def _arrange(sheet: "Worksheet", tab: Tab, last_row: int) -> None:
    """Frozen panes, filter, heights, print set-up."""
    from openpyxl.worksheet.properties import PageSetupProperties

    frozen = frozen_columns(tab)
    last = column_letters(len(tab.columns))
    sheet.freeze_panes = f"{column_letters(frozen + 1)}2"
    sheet.auto_filter.ref = f"A1:{last}{max(2, last_row)}"
    sheet.row_dimensions[1].height = 36
    sheet.sheet_properties.tabColor = TAB_COLOURS.get(tab.key, GREY)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4, ECMA-376 part 1, 18.3.1.63
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    width = sum(sheet.column_dimensions[column_letters(place)].width for place in range(1, len(tab.columns) + 1))
    sheet.page_setup.fitToWidth = max(1, round(width / _PAGE))
    sheet.page_setup.fitToHeight = 0
    sheet.print_title_rows = "1:1"
    sheet.print_title_cols = f"A:{column_letters(frozen)}"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "&A  &P / &N"


def frozen_columns(tab: Tab) -> int:
    """How many columns stay in sight: up to the name, or up to the first that staff fill in."""
    keys = list(tab.columns)
    name = tab.record.name_column
    if name is not None and name in keys:
        return keys.index(name) + 1
    return next(
        place for place, key in enumerate(keys, start=1) if tab.columns[key].kind not in (Kind.ID, Kind.WITNESS)
    )


def _protect(sheet: "Worksheet") -> None:
    """Locks our columns without a password; in openpyxl False means allowed (ECMA-376 part 1, 18.3.1.85)."""
    sheet.protection.sheet = True
    sheet.protection.sort = sheet.protection.autoFilter = False
    sheet.protection.insertRows = sheet.protection.deleteRows = False
    sheet.protection.formatCells = sheet.protection.formatColumns = sheet.protection.formatRows = False
