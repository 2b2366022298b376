"""Makes a workbook from nothing, with openpyxl: the book of `init`, templates, views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from crm_sheets.cells import CellError, CellValue, Formula, column_letters
from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import Summary
from crm_sheets.schema.base import Tab
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.labels import tab_label
from crm_sheets.sync.backends.xlsx.dressing import Dressing
from crm_sheets.sync.backends.xlsx.lists import SHEET, filled_range, list_names, lists_content
from crm_sheets.sync.backends.xlsx.markup import escape_control
from crm_sheets.sync.backends.xlsx.style import FONT, GREY
from crm_sheets.sync.backends.xlsx.summary_sheets import add_summary_sheet
from crm_sheets.tables import ColumnKey, Stamp, TabKey

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell

ADMINISTRATION = (TabKey("people"), TabKey("dictionaries"), TabKey("calendar"))
"""Tabs that stand behind the summaries."""

Rows = Sequence[Mapping[ColumnKey, CellValue]]


@dataclass(frozen=True, slots=True)
class WorkbookOptions:
    """What a new workbook shows beside its rows.

    Attributes:
        dictionaries: feed the drop-downs.
        people: names of the active people, for the drop-downs.
        summaries: tabs to add, with their charts.
        protect: `system` locks our columns; Excel can then no longer sort the sheet.
        spare_rows: empty rows below the last one that drop-downs, hints and colours already cover.
        stamp: which write this is; None for a file that is no replica (a template, an error file).
    """

    dictionaries: Dictionaries
    people: Sequence[str] = ()
    summaries: Sequence[Summary] = ()
    protect: Literal["none", "system"] = "none"
    spare_rows: int = 2_000
    stamp: Stamp | None = None


def create_workbook(
    path: Path,
    tabs: Sequence[Tab],
    words: Language,
    rows: Mapping[TabKey, Rows],
    options: WorkbookOptions,
) -> None:
    """Writes a new workbook.

    Args:
        path: where; what is there is overwritten.
        tabs: in the order of the schema; the summaries stand before the administration tabs.
        words: language of the labels and hints.
        rows: what each tab holds, as rendered by the codecs; text stays text, whatever it begins with.
        options: the rest.
    """
    workbook = make_workbook(tabs, words, rows, options)
    if options.stamp is not None:
        _put_stamp(workbook, options.stamp)
    workbook.save(path)


def make_workbook(
    tabs: Sequence[Tab], words: Language, rows: Mapping[TabKey, Rows], options: WorkbookOptions
) -> "Workbook":
    """The workbook in memory, as create_workbook saves it but without a stamp."""
    content = Content(words, rows, options, options.summaries, name_sources(tabs, words))
    workbook = add_sheets(new_workbook(), tabs, content)
    add_lists_sheet(workbook, tabs, options)
    workbook.active = 0
    return workbook


def new_workbook() -> "Workbook":
    """A workbook without any sheet yet."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook._named_styles["Normal"].font = Font(FONT, 10)  # type: ignore[attr-defined]  # openpyxl has no other way
    workbook.properties.creator = "crm_sheets"
    return workbook


@dataclass(frozen=True, slots=True)
class Content:
    """What the sheets of a workbook are made from.

    Attributes:
        summaries: those to add, in their order.
        sources: for each tab that others refer to, the formula of the list of its names.
    """

    words: Language
    rows: Mapping[TabKey, Rows]
    options: WorkbookOptions
    summaries: Sequence[Summary]
    sources: Mapping[TabKey, str]


def add_sheets(workbook: "Workbook", tabs: Sequence[Tab], content: Content) -> "Workbook":
    """Appends the sheets of tabs and summaries, the administration tabs behind everything else."""
    from crm_sheets.sync.backends.xlsx.tab_sheets import TabSheet, add_tab_sheet

    options, dressing = content.options, Dressing()
    sheets = [
        TabSheet(
            tab,
            content.words,
            content.rows.get(tab.key, ()),
            content.sources,
            options.spare_rows,
            options.protect == "system",
            dressing,
        )
        for tab in tabs
    ]
    for sheet in (each for each in sheets if each.tab.key not in ADMINISTRATION):
        add_tab_sheet(workbook, sheet)
    for summary in content.summaries:
        add_summary_sheet(workbook, summary, content.words, dressing)
    for sheet in (each for each in sheets if each.tab.key in ADMINISTRATION):
        add_tab_sheet(workbook, sheet)
    return workbook


def name_sources(tabs: Sequence[Tab], words: Language) -> dict[TabKey, str]:
    """For each tab that others refer to, the formula of the names in it, for drop-downs of a new workbook."""
    sources = {}
    for tab in tabs:
        name = tab.record.name_column
        if (
            name is not None and name in tab.columns and tab.id_column is not None
        ):  # a view may show rows, and not what they are called
            place = list(tab.columns).index(name) + 1
            sources[tab.key] = filled_range(tab_label(tab.key, words), place, 2)
    return sources


def add_lists_sheet(workbook: "Workbook", tabs: Sequence[Tab], options: WorkbookOptions) -> None:
    """Appends the hidden sheet `_lists` and the defined names of its columns."""
    from openpyxl.styles import Font
    from openpyxl.workbook.defined_name import DefinedName

    sheet = workbook.create_sheet(SHEET)
    for number, row in enumerate(lists_content(tabs, options.dictionaries, options.people), start=1):
        for column, value in enumerate(row, start=1):
            put(sheet.cell(number, column), value)
            if number == 1:
                sheet.cell(1, column).font = Font(FONT, 10, bold=True, color=GREY)
                sheet.column_dimensions[column_letters(column)].width = 18
    sheet.sheet_state = "hidden"
    for name, formula in list_names(tabs).items():
        workbook.defined_names[name] = DefinedName(name, attr_text=formula)


def put(cell: "Cell | MergedCell", value: CellValue) -> None:
    """Fills a cell. Only a Formula becomes a formula: text that begins with `=` is text."""
    if isinstance(value, Formula):
        cell.value = "=" + value.text
    elif isinstance(value, CellError):
        cell.value, cell.data_type = value.code, "e"
    elif isinstance(value, str):
        cell.value = legal_text(value)
        cell.data_type = "s"
    else:
        cell.value = value


def legal_text(text: str) -> str:
    """Text without the control characters that a workbook made by openpyxl cannot hold, at most 32,767 characters.

    openpyxl writes it as it is: what looks like an escape (规格_x0031_型) must be one of itself, or is read as 规格1型.
    """
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return escape_control(ILLEGAL_CHARACTERS_RE.sub("", text)[:32_767])


def _put_stamp(workbook: "Workbook", stamp: Stamp) -> None:
    from openpyxl.packaging.custom import IntProperty, StringProperty

    properties = workbook.custom_doc_props  # type: ignore[attr-defined]  # the stubs lag behind
    properties.append(StringProperty(name="crm_sheets.workbook", value=stamp.workbook))
    properties.append(StringProperty(name="crm_sheets.replica", value=stamp.replica))
    properties.append(IntProperty(name="crm_sheets.generation", value=stamp.generation))
