"""A workbook to be filled in and imported: a tab with drop-downs and hints, an example, notes on each column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from crm_sheets.cells import CellValue
from crm_sheets.language import Language
from crm_sheets.schema.base import Column, Kind, Tab
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.labels import column_label, tab_label, words
from crm_sheets.sync.backends.xlsx.create import WorkbookOptions, make_workbook
from crm_sheets.sync.backends.xlsx.style import FONT, GREY, INK, RED, STAFF_HEADER
from crm_sheets.tables import ColumnKey

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

DECISIONS = frozenset(map(ColumnKey, ("merge_into", "claim")))
"""Columns in which staff decide something about a row that is there."""

NOTES, MARK = "template.notes", "template.example_mark"
_HEADERS = ("column", "meaning", "required", "how", "choices", "example")
_WIDTHS = (20, 44, 8, 40, 48, 28)
_MOST_CHOICES = 60


@dataclass(frozen=True, slots=True)
class TemplateOptions:
    """What a template shows beside its columns.

    Attributes:
        today: the day of the examples.
    """

    dictionaries: Dictionaries
    people: Sequence[str]
    today: date


def template_tab(tab: Tab) -> Tab:
    """The columns of a tab that people bring."""
    return replace(tab, columns={column.key: column for column in tab.staff_columns() if column.key not in DECISIONS})


def write_template(target: Path, tab: Tab, language: Language, options: TemplateOptions) -> None:
    """Writes the template of a tab; labels, hints and notes are in `language`."""
    shown = template_tab(tab)
    example = example_row(shown, language, options)
    workbook = make_workbook(
        [shown], language, {tab.key: [example]}, WorkbookOptions(options.dictionaries, options.people)
    )
    _mark_example(workbook.worksheets[0], language)
    _add_notes(workbook, shown, language, options, example)
    workbook.save(target)


def example_row(tab: Tab, language: Language, options: TemplateOptions) -> dict[ColumnKey, CellValue]:
    """One value for each column, as somebody would type it; the first text begins with the mark of an example."""
    row = {column.key: _example(tab, column, language, options) for column in tab.columns.values()}
    first = next(key for key, value in row.items() if isinstance(value, str))
    return {**row, first: language.text(MARK) + str(row[first])}


def is_example(cells: Sequence[CellValue]) -> bool:
    """Whether a row is the example of a template, in any language."""
    marks = words(MARK)
    return any(isinstance(cell, str) and cell.startswith(marks) for cell in cells)


def is_notes(name: str) -> bool:
    """Whether a sheet is that of the notes, in any language."""
    return name in words(NOTES)


def _example(tab: Tab, column: Column, language: Language, options: TemplateOptions) -> CellValue:
    for key in (f"example.{tab.key}.{column.key}", f"example.{column.key}"):
        if language.has(key):
            return language.text(key)
    if column.dictionary:
        entries = options.dictionaries.entries.get(column.dictionary, ())
        return next((entry.value for entry in entries if entry.active), None)
    if column.kind is Kind.PERSON and options.people:
        return options.people[0]
    return _by_kind(column.kind, language, options.today)


def _by_kind(kind: Kind, language: Language, today: date) -> CellValue:
    values: dict[Kind, CellValue] = {
        Kind.DATE: today,
        Kind.DATETIME: datetime.combine(today, time(14, 30)),
        Kind.INTEGER: 5,
        Kind.NUMBER: 5,
        Kind.MONEY: 10000,
        Kind.PERCENT: 0.1,
        Kind.BOOLEAN: language.text("word.yes"),
        Kind.EMAIL: "name@example.com",
    }
    key = f"example.{kind}"
    return values.get(kind, language.text(key) if language.has(key) else None)


def _mark_example(sheet: "Worksheet", language: Language) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font

    for cell in sheet[2]:
        cell.font = Font(FONT, 10, italic=True, color=GREY)
    sheet["A2"].comment = Comment(language.text("template.example_note"), "crm_sheets")


def _add_notes(
    workbook: "Workbook",
    tab: Tab,
    language: Language,
    options: TemplateOptions,
    example: Mapping[ColumnKey, CellValue],
) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet = workbook.create_sheet(language.text(NOTES), 1)
    sheet.append([language.text("template.title", tab=tab_label(tab.key, language))])
    sheet.append([language.text("template.intro")])
    sheet.append([language.text(f"template.{name}") for name in _HEADERS])
    for column in tab.columns.values():
        sheet.append(_note(tab, column, language, options, example[column.key]))
    for place, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEF"[place]].width = width
    for row in sheet.iter_rows():
        for cell in row:
            cell.font = Font(FONT, 10, color=INK)
            cell.alignment = Alignment(vertical="top", wrap_text=cell.row > 2)
            cell.number_format = "@"
    sheet["A1"].font = Font(FONT, 14, bold=True, color=INK)
    for cell in sheet[3]:
        cell.font, cell.fill = Font(FONT, 10, bold=True, color=INK), PatternFill("solid", fgColor=STAFF_HEADER)
    for number, column in enumerate(tab.columns.values(), 4):
        if column.required:
            sheet.cell(number, 3).font = Font(FONT, 10, bold=True, color=RED)
    sheet.freeze_panes = "B4"
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _note(tab: Tab, column: Column, language: Language, options: TemplateOptions, example: CellValue) -> list[str]:
    meaning = f"meaning.{tab.key}.{column.key}"
    own, by_kind, plain = f"hint.{tab.key}.{column.key}", f"hint.{column.kind}", f"template.kind.{column.kind}"
    how = next((language.text(key) for key in (own, by_kind, plain) if language.has(key)), "")
    entries = options.dictionaries.entries.get(column.dictionary or "", ())
    choices = [entry.value for entry in entries if entry.active][:_MOST_CHOICES]
    shown = example.strftime("%Y-%m-%d %H:%M") if isinstance(example, datetime) else example
    return [
        column_label(tab.key, column.key, language),
        language.text(meaning) if language.has(meaning) else "",
        language.text("word.yes") if column.required else "",
        how,
        language.text("list.and").join(choices),
        "" if shown is None else str(shown),
    ]
