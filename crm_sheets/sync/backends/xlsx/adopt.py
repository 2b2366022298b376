"""Takes over a workbook that a team already has: adds what is missing, touches nothing else.

Missing columns go behind the last used column of their tab, missing tabs behind the last tab. Cells of staff, and all
parts that need nothing new, keep their bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from crm_sheets.cells import text_key
from crm_sheets.errors import WriteRefused
from crm_sheets.language import Language
from crm_sheets.schema.base import Column, Tab
from crm_sheets.schema.labels import column_label
from crm_sheets.sync.backends.xlsx.create import (
    Content,
    Rows,
    WorkbookOptions,
    add_lists_sheet,
    add_sheets,
    name_sources,
    new_workbook,
)
from crm_sheets.sync.backends.xlsx.edit import PackageEdit
from crm_sheets.sync.backends.xlsx.graft import graft, require_plain
from crm_sheets.sync.backends.xlsx.guidance import highlights, validations
from crm_sheets.sync.backends.xlsx.lists import SHEET, filled_range, list_keys
from crm_sheets.sync.backends.xlsx.lists_sheet import add_lists
from crm_sheets.sync.backends.xlsx.package import SheetPart
from crm_sheets.sync.backends.xlsx.sheet_parts import (
    NewColumn,
    cell_style,
    with_columns,
    with_highlights,
    with_validations,
    with_wider_filter,
)
from crm_sheets.sync.backends.xlsx.sheet_parts import Rows as CoveredRows
from crm_sheets.sync.backends.xlsx.style import column_width, number_format
from crm_sheets.sync.backends.xlsx.stylesheets import with_format_of, with_looks
from crm_sheets.sync.backends.xlsx.table_parts import table_at, widen_table, widened_names
from crm_sheets.tables import ColumnKey, Sheet, Snapshot, TabKey


class Placed(Protocol):
    """Where a tab was found (schema.layout.Layout): name of the sheet, 1-based row of the header, 1-based columns."""

    @property
    def sheet(self) -> str:
        """Name of the sheet."""

    @property
    def header_row(self) -> int:
        """1-based row of the headers."""

    @property
    def columns(self) -> Mapping[ColumnKey, int]:
        """1-based columns of those that were found."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an adopted workbook is to have.

    Attributes:
        tabs: all tabs of the book.
        rows: what the tabs that are missing hold when they are made (字典, 组织), as rendered by the codecs.
        all_columns: also the columns of staff that are missing and not required.
    """

    tabs: Sequence[Tab]
    words: Language
    rows: Mapping[TabKey, Rows]
    options: WorkbookOptions
    all_columns: bool = False


@dataclass(frozen=True, slots=True)
class Adoption:
    """What was added: columns by tab, and names of tabs."""

    columns: Mapping[TabKey, tuple[ColumnKey, ...]]
    tabs: tuple[str, ...]


def missing_columns(tab: Tab, found: Placed, all_columns: bool = False) -> tuple[ColumnKey, ...]:
    """The columns that a tab of an adopted workbook gets: ours, those of the config, and required ones of the staff."""
    return tuple(
        key
        for key, column in tab.columns.items()
        if key not in found.columns
        and (column.system or column.required or column.own or column.switched or all_columns)
    )


def found_values(
    snapshot: Snapshot, layouts: Mapping[TabKey, Placed], tabs: Sequence[Tab]
) -> dict[str, tuple[str, ...]]:
    """The values that stand in drop-down columns, by dictionary, in order of first appearance; to be added to 字典."""
    found: dict[str, dict[str, str]] = {}
    for tab in (tab for tab in tabs if tab.key in layouts):
        layout = layouts[tab.key]
        for key, place in layout.columns.items():
            dictionary = tab.columns[key].dictionary
            if dictionary:
                values = found.setdefault(dictionary, {})
                for value in _column(snapshot.sheets[layout.sheet], place, layout.header_row):
                    values.setdefault(text_key(value), value)
    return {dictionary: tuple(values.values()) for dictionary, values in found.items()}


def _column(sheet: Sheet, place: int, header_row: int) -> list[str]:
    cells = (row.cells[place - 1] for row in sheet.rows if row.number > header_row and len(row.cells) >= place)
    return [value.strip() for value in cells if isinstance(value, str) and value.strip()]


def adopt(edit: PackageEdit, snapshot: Snapshot, layouts: Mapping[TabKey, Placed], wish: Wish) -> Adoption:
    """Drafts everything that is missing into `edit`; the caller writes it, with a stamp.

    Raises:
        WriteRefused: the workbook is of a kind that we do not extend, or a table leaves no room for our columns.
    """
    missing = [tab for tab in wish.tabs if tab.key not in layouts]
    sources = _sources(wish, layouts, missing)
    names = _add_tabs(edit, missing, wish, sources)
    columns = {}
    for tab in (tab for tab in wish.tabs if tab.key in layouts):
        adopted = _Adopted(edit, snapshot, tab, layouts[tab.key], wish)
        columns[tab.key] = adopted.extend(missing_columns(tab, layouts[tab.key], wish.all_columns))
        adopted.guide(columns[tab.key], sources)
    return Adoption(columns, names)


def extend(
    edit: PackageEdit,
    snapshot: Snapshot,
    layouts: Mapping[TabKey, Placed],
    wish: Wish,
    columns: Mapping[TabKey, tuple[ColumnKey, ...]],
    tabs: Sequence[TabKey],
) -> None:
    """Drafts columns and tabs that a workbook of ours gets since the team wants them; the caller writes it.

    Raises:
        WriteRefused: the workbook is of a kind that we do not extend, or a table leaves no room for our columns.
    """
    by_key = {tab.key: tab for tab in wish.tabs}
    missing = [by_key[key] for key in tabs]
    sources = _sources(wish, layouts, missing)
    if SHEET in snapshot.sheets:
        add_lists(edit, snapshot.sheets[SHEET], list_keys(wish.tabs))
    _add_tabs(edit, missing, wish, sources)
    for key, wanted in columns.items():
        adopted = _Adopted(edit, snapshot, by_key[key], layouts[key], wish)
        adopted.guide(adopted.extend(wanted), sources, only_new=True)


def _sources(wish: Wish, layouts: Mapping[TabKey, Placed], missing: Sequence[Tab]) -> dict[TabKey, str]:
    """For each tab that others refer to, the formula of the list of its names."""
    found = {
        tab.key: filled_range(layout.sheet, layout.columns[name], layout.header_row + 1)
        for tab in wish.tabs
        if (layout := layouts.get(tab.key)) and (name := tab.record.name_column) and tab.id_column
        if name in layout.columns
    }
    return {**name_sources(missing, wish.words), **found}


def _add_tabs(edit: PackageEdit, missing: Sequence[Tab], wish: Wish, sources: Mapping[TabKey, str]) -> tuple[str, ...]:
    options, package = wish.options, edit.package
    summaries = [summary for summary in options.summaries if package.sheet(summary.title) is None]
    content = Content(wish.words, wish.rows, options, summaries, sources)
    workbook = add_sheets(new_workbook(), missing, content)
    if package.sheet(SHEET) is None:
        add_lists_sheet(workbook, wish.tabs, options)
    return graft(edit, workbook) if workbook.sheetnames else ()


class _Adopted:
    """One tab that the workbook already has."""

    def __init__(self, edit: PackageEdit, snapshot: Snapshot, tab: Tab, found: Placed, wish: Wish) -> None:
        part = edit.package.sheet(found.sheet)
        if part is None:
            raise WriteRefused(f"{edit.package.name}: there is no tab {found.sheet}")
        self.edit, self.tab, self.found, self.wish = edit, tab, found, wish
        self.part: SheetPart = part
        self.places: Mapping[ColumnKey, int] = found.columns
        self.rows = snapshot.sheets[found.sheet].rows
        require_plain(edit.read(part.part), "worksheet", part.part)

    def extend(self, missing: tuple[ColumnKey, ...]) -> tuple[ColumnKey, ...]:
        """Drafts columns behind the last one; returns them."""
        last = self._last_column()
        places = {key: last + number for number, key in enumerate(missing, start=1)}
        if missing:
            self._add_headers(places, last)
            self._widen(last, [self._label(key) for key in missing])
            self._add_columns(places)
        self.places = {**self.found.columns, **places}
        return missing

    def _last_column(self) -> int:
        """The last column that holds anything, in any row, or belongs to the table of the tab."""
        used = max((len(row.cells) for row in self.rows), default=0)
        table = table_at(self.edit, self.part.part, self.found.header_row, list(self.found.columns.values()))
        return max(used, table[1][3] if table else 0, *self.found.columns.values())

    def _label(self, key: ColumnKey) -> str:
        label = column_label(self.tab.key, key, self.wish.words)
        return label + "*" if self.tab.columns[key].required else label

    def _add_headers(self, places: Mapping[ColumnKey, int], last: int) -> None:
        content = self.edit.read(self.part.part)
        model = cell_style(content, self.found.header_row, max(self.found.columns.values()))
        header = {(self.found.header_row, place): self._label(key) for key, place in places.items()}
        self.edit.set_cells(self.found.sheet, header, styles=dict.fromkeys(header, model))

    def _widen(self, last: int, labels: Sequence[str]) -> None:
        columns = list(self.found.columns.values())
        table = table_at(self.edit, self.part.part, self.found.header_row, columns)
        if table and table[1][3] != last:
            raise WriteRefused(
                f"{self.edit.package.name}: tab {self.found.sheet}: something stands at the right of the table; move "
                "it to another tab, so that the table can get columns"
            ).told("error.adopt.right", path=self.edit.package.name, tab=self.found.sheet)
        if table:
            widen_table(self.edit, table[0], table[1], labels)
        content = self.edit.read(self.part.part)
        self.edit.replace_part(self.part.part, with_wider_filter(content, last, last + len(labels)))
        workbook = self.edit.package.workbook
        names = widened_names(self.edit.read(workbook), self.found.sheet, last, last + len(labels))
        self.edit.replace_part(workbook, names)

    def _add_columns(self, places: Mapping[ColumnKey, int]) -> None:
        styles = self.edit.package.styles
        if styles is None:
            raise WriteRefused(f"{self.edit.package.name}: has no styles; save it in Excel as .xlsx first")
        content = self.edit.read(self.part.part)
        base = cell_style(content, self.found.header_row + 1, max(self.found.columns.values()))
        columns: list[Column] = [self.tab.columns[key] for key in places]
        codes = [number_format(column).encode() for column in columns]
        changed, formats = with_format_of(self.edit.read(styles), base, codes)
        self.edit.replace_part(styles, changed)
        looks = [
            NewColumn(place, column_width(column, self._label(column.key)), column.hidden, style)
            for column, place, style in zip(columns, places.values(), formats, strict=True)
        ]
        self.edit.replace_part(self.part.part, with_columns(content, looks))

    def guide(self, added: Sequence[ColumnKey], sources: Mapping[TabKey, str], *, only_new: bool = False) -> None:
        """Drafts drop-downs, hints and colours, for the columns that were added only or for all."""
        styles, words = self.edit.package.styles, self.wish.words
        if styles is None:
            raise WriteRefused(f"{self.edit.package.name}: has no styles; save it in Excel as .xlsx first")
        changed, looks = with_looks(self.edit.read(styles))
        self.edit.replace_part(styles, changed)
        first = self.found.header_row + 1
        end = self.rows[-1].number if self.rows else first
        covered = CoveredRows(first, end + self.wish.options.spare_rows)
        content = self.edit.read(self.part.part)
        at = {self.places[key] for key in added} if only_new else set(self.places.values())
        shown = [each for each in highlights(self.tab, self.places, words, first) if each.column in at]
        content = with_highlights(content, shown, covered, looks)
        wanted = [each for each in validations(self.tab, self.places, words, sources) if each.column in at]
        title = words.text("workbook.not_in_list_title")
        self.edit.replace_part(self.part.part, with_validations(content, wanted, covered, title))
