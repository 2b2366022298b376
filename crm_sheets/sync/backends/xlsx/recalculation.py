"""What follows from written cells: saved results that may depend on them are taken out, Excel computes on opening."""

import re
from collections.abc import Collection, Mapping

from crm_sheets.cells import Address
from crm_sheets.sync.backends.xlsx.container import Container
from crm_sheets.sync.backends.xlsx.dependents import SheetFormulas, may_read_other_tabs, stale
from crm_sheets.sync.backends.xlsx.formula_cells import may_hold_saved_results, without_results
from crm_sheets.sync.backends.xlsx.formulas import LAST_COLUMN, LAST_ROW, Dirty, Names
from crm_sheets.sync.backends.xlsx.markup import attributes_of, with_attribute
from crm_sheets.sync.backends.xlsx.package import SheetPart
from crm_sheets.sync.backends.xlsx.part_edit import PartEdit
from crm_sheets.sync.backends.xlsx.pieces import FORMULAS, PieceMemory
from crm_sheets.sync.backends.xlsx.sheet_tables import SheetTables

_MOST_SHEETS = 1000
WrittenCells = Mapping[str, Collection[tuple[int, int]]]
_BUILT_IN = "_xlnm."
"""Names that Excel makes for print areas and filters begin so; formulas cannot use them by that name."""


class ReachMemory:
    """Which sheets may have formulas that read other tabs, by their content, for a process that writes again and again:
    a sheet is searched once, not whenever another one is written."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, bool], bool] = {}

    def may_read_other_tabs(self, container: Container, part: str, has_names: bool) -> bool:
        """As the function of that name, of a part that is as it was read."""
        member = container.members[part]
        mark = (member.crc, member.size, has_names)
        if mark not in self._known:
            if len(self._known) >= _MOST_SHEETS:
                self._known.clear()
            self._known[mark] = may_read_other_tabs(container.chunks(part), has_names)
        return self._known[mark]


class Recalculation:
    """Finds the formulas that a write made stale.

    Args:
        edit: where the parts are, and where those that change go.
        tables: for formulas that use the name of a table.
        written: written cells by tab.
        whole: tabs whose rows were all replaced.
        reach: of earlier writes; `pieces` likewise, None where nothing is remembered.
    """

    def __init__(
        self,
        edit: PartEdit,
        tables: SheetTables,
        written: WrittenCells,
        whole: Collection[str],
        reach: ReachMemory,
        pieces: PieceMemory | None = None,
    ) -> None:
        self._edit = edit
        self._tables = tables
        self._written = written
        self._whole = whole
        self._reach = reach
        self._may_have_formulas = _may_have_formulas if pieces is None else pieces.may_have_formulas

    def drop_results(self) -> frozenset[Address]:
        """Take out saved results that may depend on written cells; returns where."""
        if not self._written and not self._whole:
            return frozenset()
        names = self._names()
        has_names = bool(names.tables) or any(not name.startswith(_BUILT_IN) for name in names.formulas)
        worksheets = [sheet for sheet in self._edit.package.sheets if sheet.kind == "worksheet"]
        contents = {
            sheet.name: content
            for sheet in worksheets
            if (content := self._content_of_interest(sheet, has_names)) is not None
        }
        if not any(map(may_hold_saved_results, contents.values())):
            return frozenset()
        return frozenset(self._drop(contents, {sheet.name: sheet.part for sheet in worksheets}, names))

    def _content_of_interest(self, sheet: SheetPart, has_names: bool) -> bytes | None:
        """The sheet's part, None where no formula is for sure, or none that could be reached from a written cell."""
        if sheet.name not in self._written and self._edit.is_as_before(sheet.part) and sheet.name not in self._whole:
            outward = self._reach.may_read_other_tabs(self._edit.package.container, sheet.part, has_names)
            return self._edit.read(sheet.part) if outward else None
        content = self._edit.read(sheet.part)
        return content if self._may_have_formulas(sheet.part, content) else None

    def _drop(self, contents: Mapping[str, bytes], parts: Mapping[str, str], names: Names) -> set[Address]:
        name = self._edit.package.name
        formulas = [SheetFormulas(tab, content, f"{name}: {parts[tab]}") for tab, content in contents.items()]
        found: set[Address] = set()
        for tab, stale_cells in stale(formulas, self._dirty(names)).items():
            saved = [
                cell for cell in stale_cells if cell.saved and (cell.row, cell.column) not in self._written.get(tab, ())
            ]
            if saved:
                self._edit.replace_part(parts[tab], without_results(contents[tab], saved))
                found |= {Address(tab, cell.row, cell.column) for cell in saved}
        return found

    def _dirty(self, names: Names) -> Dirty:
        dirty = Dirty(names)
        for tab, cells in self._written.items():
            for row, column in cells:
                dirty.tab(tab).add(row, column)
        for tab in self._whole:
            dirty.tab(tab).add_area((1, 1, LAST_ROW, LAST_COLUMN))
        return dirty

    def _names(self) -> Names:
        formulas: dict[str, list[str]] = {}
        for name in self._edit.package.defined_names:
            formulas.setdefault(name.name.lower(), []).append(name.formula)
        tables = {}
        for sheet in self._edit.package.sheets:
            for table in self._tables.of(sheet):
                tables[table.name.lower()] = (table.sheet, table.area)
        tabs = tuple(sheet.name.lower() for sheet in self._edit.package.sheets)
        return Names({name: tuple(texts) for name, texts in formulas.items()}, tables, tabs)


def _may_have_formulas(_: str, content: bytes) -> bool:
    return any(mark in content for mark in FORMULAS)


_CALCULATION = re.compile(rb"<(?:[\w.-]+:)?calcPr\b[^>]*>")


def calculating_on_load(workbook: bytes) -> bytes:
    """workbook.xml with `fullCalcOnLoad` (ECMA-376 part 1, 18.2.2)."""
    tag = _CALCULATION.search(workbook)
    if tag is not None:
        if attributes_of(tag[0]).get(b"fullCalcOnLoad") in (b"1", b"true"):
            return workbook
        return workbook[: tag.start()] + with_attribute(tag[0], b"fullCalcOnLoad", b"1") + workbook[tag.end() :]
    for name in (b"definedNames", b"externalReferences", b"functionGroups", b"sheets"):
        end = re.search(rb"</((?:[\w.-]+:)?)" + name + rb"\s*>", workbook)
        if end is not None:
            return workbook[: end.end()] + b"<" + end[1] + b'calcPr fullCalcOnLoad="1"/>' + workbook[end.end() :]
    return workbook
