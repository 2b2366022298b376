"""What is to change in a workbook, collected part by part, and written once."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crm_sheets.cells import Address
from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx import stamp as stamps
from crm_sheets.sync.backends.xlsx.cell_values import CellReader
from crm_sheets.sync.backends.xlsx.container import Container
from crm_sheets.sync.backends.xlsx.container_writing import new_container
from crm_sheets.sync.backends.xlsx.extend import extended_names, extended_sheet, extended_table
from crm_sheets.sync.backends.xlsx.locate import Locator, locating
from crm_sheets.sync.backends.xlsx.package import Package, SheetPart, open_package
from crm_sheets.sync.backends.xlsx.part_edit import PartEdit
from crm_sheets.sync.backends.xlsx.pieces import PieceMemory
from crm_sheets.sync.backends.xlsx.recalculation import ReachMemory, Recalculation, calculating_on_load
from crm_sheets.sync.backends.xlsx.sheet_patch import CellEdits, SheetContext, patch_sheet
from crm_sheets.sync.backends.xlsx.sheet_tables import SheetTables
from crm_sheets.tables import Stamp


@dataclass(frozen=True, slots=True)
class PatchReport:
    """What a patch did.

    Attributes:
        parts_changed: names of parts with other content, added or removed.
        cells_written: cells that hold another value now.
        rows_added: rows that were not in the sheet before.
        recalculated: formulas whose saved result was taken out, since it may depend on a written cell.
        bytes: size of the file that was written.
    """

    parts_changed: tuple[str, ...] = ()
    cells_written: int = 0
    rows_added: int = 0
    recalculated: frozenset[Address] = frozenset()
    bytes: int = 0


class PackageEdit(PartEdit):
    """Changes to one workbook: cells, sheets, parts, the stamp; `write` makes the new file of them, once.

    A refused change raises at once and leaves the edit as it was.
    """

    def __init__(self, package: Package, reach: ReachMemory | None = None, pieces: PieceMemory | None = None) -> None:
        super().__init__(package)
        self._reach = ReachMemory() if reach is None else reach
        self._pieces = pieces
        self._cells_written = 0
        self._rows_added = 0
        self._written: dict[str, set[tuple[int, int]]] = {}
        self._whole: set[str] = set()
        self._must_calculate = False
        self._reader: CellReader | None = None
        self._tables = SheetTables(self)

    def set_cells(
        self,
        sheet: str,
        edits: CellEdits,
        *,
        styles: Mapping[tuple[int, int], int] | None = None,
        append_after: int | None = None,
        overwrite: Collection[tuple[int, int]] = (),
    ) -> None:
        """Write cells of a sheet; a cell that holds the value already is left alone.

        Args:
            sheet: name of the tab.
            edits: values by (row, column), 1-based.
            styles: indices of cell formats for cells that do not exist yet.
            append_after: last row of the data: rows after it take its styles, and tables, filters, conditional
                formats and validations that ended with it grow over the rows that are written directly below.
            overwrite: cells whose formula may be overwritten.

        Raises:
            WriteRefused: something would be lost; the message names the cell.
        """
        found = self._worksheet(sheet)
        content = self.read(found.part)
        reader = self._cell_reader()
        context = SheetContext(
            sheet,
            f"{self.package.name}: {found.part}",
            self.package.date1904,
            reader.value,
            tuple(table.header for table in self._tables.of(found) if table.header is not None),
            styles or {},
            append_after,
            overwrite,
            self._pieces is None or self._pieces.may_have_formulas(found.part, content),
        )
        patched = patch_sheet(content, edits, context)
        if not patched.written:
            return
        content = patched.content
        if append_after is not None:
            content = self._extend(found, content, append_after, patched.written)
        self.replace_part(found.part, content)
        self._cells_written += len(patched.written)
        self._rows_added += patched.rows_added
        self._written.setdefault(sheet, set()).update(patched.written)
        if patched.formulas:
            self._must_calculate = True
            self._drop_chain()

    def replace_sheet_data(self, sheet: str, rows: bytes) -> None:
        """Give a sheet other rows: `rows` is what stands inside `sheetData`, in the main namespace without prefix.

        Raises:
            WriteRefused: the sheet is marked up with a prefix.
        """
        found = self._worksheet(sheet)
        content = self.read(found.part)

        def replaced(locator: Locator) -> bytes:
            if locator.prefix:
                raise WriteRefused(f"{self.package.name}: tab {sheet} is marked up with a prefix")
            data = locator.data
            return content[: data.start] + b"<sheetData>" + rows + b"</sheetData>" + content[data.end :]

        new = locating(content, f"{self.package.name}: {found.part}", replaced)
        if new == content:
            return
        if b"<f>" in content or b"<f " in content or b"<f>" in rows or b"<f " in rows:
            self._drop_chain()
        self.replace_part(found.part, new)
        self._whole.add(sheet)

    def replace_sheet(self, sheet: str, content: bytes) -> None:
        """Give a sheet another part altogether."""
        found = self._worksheet(sheet)
        if b"<f>" in self.read(found.part) or b"<f " in self.read(found.part):
            self._drop_chain()
        self.replace_part(found.part, content)
        self._whole.add(sheet)

    def forget_tables(self, sheet: SheetPart) -> None:
        """The tables of a sheet were changed: they are read anew."""
        self._tables.forget(sheet)

    def set_stamp(self, stamp: Stamp) -> None:
        """Write the generation stamp; other custom properties stay as they are."""
        part = stamps.custom_part(self.package)
        if part is not None:
            self.replace_part(part, stamps.stamped(self.read(part), stamp))
            return
        part = "docProps/custom.xml"
        if self.has(part):
            self.replace_part(part, stamps.stamped(self.read(part), stamp))
            return
        self.add_part(part, stamps.stamped(None, stamp), stamps.CONTENT_TYPE)
        self.add_relationship("", stamps.RELATIONSHIP, part)

    # Writing

    def write(self, target: Path) -> PatchReport:
        """Write the new workbook to `target` and check that only the parts that were meant to differ do.

        Raises:
            WriteRefused: it would lose something, or the check failed; `target` is then removed.
            OSError: the disk is full, the folder cannot be written.
        """
        try:
            with target.open("wb") as writable:
                report = self.write_to(writable)
                writable.flush()
                os.fsync(writable.fileno())
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return report

    def write_to(self, writable: BinaryIO) -> PatchReport:
        """Write the new workbook into an open file, from where it stands."""
        self.let_go()
        recalculated = self._recalculate()
        self.let_go()
        container = self.package.container
        if not self.changed:
            size = writable.write(container.data)
            return PatchReport(bytes=size)
        packed = self._pieces.packed if self._pieces is not None else None
        content = new_container(container, self._replaced, self._added, self._removed, packed)
        if self._pieces is not None:
            self._pieces.let_go()
        self._verify(content)
        size = writable.write(content)
        return PatchReport(self.parts_changed, self._cells_written, self._rows_added, recalculated, size)

    def _verify(self, content: bytes) -> None:
        before = self.package.container.members
        after = Container(self.package.name, content).members
        if after.keys() != (before.keys() - self._removed) | self._added.keys():
            raise WriteRefused(f"{self.package.name}: the new file has other parts than it should")
        for name, member in before.items():
            if name in self._removed or name in self._replaced:
                continue
            same = (member.crc, member.size, member.packed, member.method)
            there = after[name]
            if same != (there.crc, there.size, there.packed, there.method):
                raise WriteRefused(f"{self.package.name}: {name} would have changed")

    def _recalculate(self) -> frozenset[Address]:
        found = Recalculation(self, self._tables, self._written, self._whole, self._reach, self._pieces).drop_results()
        if found or self._must_calculate:
            workbook = self.package.workbook
            self.replace_part(workbook, calculating_on_load(self.read(workbook)))
        return found

    def _drop_chain(self) -> None:
        """Take out the calculation chain, which lists formulas that may be gone; it is made anew on opening."""
        for part in self.package.related(self.package.workbook, "calcChain"):
            if part not in self._removed:
                self.remove_part(part, self.package.workbook)

    # What a sheet has

    def _worksheet(self, name: str) -> SheetPart:
        sheet = self.package.sheet(name)
        if sheet is None:
            raise WriteRefused(f"{self.package.name}: there is no tab {name}")
        if sheet.kind != "worksheet":
            raise WriteRefused(f"{self.package.name}: tab {name} is a {sheet.kind} and has no cells")
        return sheet

    def _cell_reader(self) -> CellReader:
        if self._reader is None:
            self._reader = CellReader(self.package)
        return self._reader

    def _extend(self, sheet: SheetPart, content: bytes, last_row: int, written: Collection[tuple[int, int]]) -> bytes:
        """Let ranges that ended at `last_row` end at the last of the rows that were written directly below it."""
        rows = {row for row, _ in written}
        new_last = last_row
        while new_last + 1 in rows:
            new_last += 1
        if new_last == last_row:
            return content
        for table in self._tables.of(sheet):
            self.replace_part(table.part, extended_table(self.read(table.part), last_row, new_last))
        self._tables.forget(sheet)
        workbook = self.package.workbook
        self.replace_part(workbook, extended_names(self.read(workbook), sheet.name, last_row, new_last))
        return extended_sheet(content, last_row, new_last)


def patch_workbook(source: Path, target: Path, edits: Mapping[str, CellEdits]) -> PatchReport:
    """Write cells into a copy of a workbook; everything that did not have to change keeps its bytes.

    Args:
        source: the workbook, never changed (it may be `target`, which is then replaced).
        target: where the patched workbook goes.
        edits: tab name -> {(row, column): value}, 1-based.

    Raises:
        WriteRefused: something could not be kept; the message names the cell and the reason. Nothing is written.
        WorkbookUnreadable: `source` cannot be read as a workbook.
    """
    return patch_package(source, target, edits)


def patch_package(
    source: Path,
    target: Path,
    edits: Mapping[str, CellEdits],
    *,
    append_after: Mapping[str, int] | None = None,
    styles: Mapping[str, Mapping[tuple[int, int], int]] | None = None,
    overwrite: Mapping[str, Collection[tuple[int, int]]] | None = None,
) -> PatchReport:
    """As `patch_workbook`, with what `PackageEdit.set_cells` offers beside the values, by tab."""
    edit = PackageEdit(open_package(source))
    for sheet, cells in edits.items():
        edit.set_cells(
            sheet,
            cells,
            styles=(styles or {}).get(sheet),
            append_after=(append_after or {}).get(sheet),
            overwrite=(overwrite or {}).get(sheet, ()),
        )
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    report = edit.write(temporary)
    temporary.replace(target)
    return report
