"""What is to change in a workbook, collected part by part, and written once."""

import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from crm_sheets.cells import Address, CellValue
from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx import stamp as stamps
from crm_sheets.sync.backends.xlsx.cell_values import CellReader
from crm_sheets.sync.backends.xlsx.container import Container, write_container
from crm_sheets.sync.backends.xlsx.dependents import SheetFormulas, may_hold_saved_results, stale, without_results
from crm_sheets.sync.backends.xlsx.extend import extended_names, extended_sheet, extended_table
from crm_sheets.sync.backends.xlsx.formulas import LAST_COLUMN, LAST_ROW, Dirty, Names
from crm_sheets.sync.backends.xlsx.locate import Locator, locating
from crm_sheets.sync.backends.xlsx.markup import attributes_of, elements, escape_attribute, with_attribute
from crm_sheets.sync.backends.xlsx.package import Package, SheetPart, open_package, relationships_part
from crm_sheets.sync.backends.xlsx.rows_general import Area, parse_area
from crm_sheets.sync.backends.xlsx.sheet_patch import CellEdits, SheetContext, patch_sheet
from crm_sheets.tables import Stamp

CONTENT_TYPES = "[Content_Types].xml"
_TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


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


@dataclass(frozen=True, slots=True)
class _Table:
    part: str
    name: str
    sheet: str
    area: Area
    header: Area | None


class PackageEdit:
    """Changes to one workbook: cells, sheets, parts, the stamp; `write` makes the new file of them, once.

    A refused change raises at once and leaves the edit as it was.
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        self._replaced: dict[str, bytes] = {}
        self._added: dict[str, bytes] = {}
        self._removed: set[str] = set()
        self._cells_written = 0
        self._rows_added = 0
        self._written: dict[str, set[tuple[int, int]]] = {}
        self._whole: set[str] = set()
        self._must_calculate = False
        self._reader: CellReader | None = None
        self._tables: dict[str, tuple[_Table, ...]] = {}

    # Parts

    def read(self, part: str) -> bytes:
        """The content of a part as it will be written."""
        if part in self._added:
            return self._added[part]
        return self._replaced[part] if part in self._replaced else self.package.read(part)

    def has(self, part: str) -> bool:
        """Whether the workbook will have that part."""
        return part in self._added or (part in self.package.container and part not in self._removed)

    def replace_part(self, part: str, content: bytes) -> None:
        """Give a part other content; the same content is no change."""
        if part in self._added:
            self._added[part] = content
        elif content == self.package.read(part):
            self._replaced.pop(part, None)
        else:
            self._replaced[part] = content

    def add_part(self, part: str, content: bytes, content_type: str | None = None) -> None:
        """Add a part; `content_type` names its type where its extension does not.

        Raises:
            WriteRefused: there is a part of that name.
        """
        if self.has(part) or self.package.part(part) not in (None, *self._removed):
            raise WriteRefused(f"{self.package.name}: there is a part {part} already")
        self._added[part] = content
        if content_type is not None:
            element = f'<Override PartName="/{part}" ContentType="{content_type}"/>'.encode()
            self.replace_part(CONTENT_TYPES, with_child(self.read(CONTENT_TYPES), b"Types", element))

    def remove_part(self, part: str, source: str) -> None:
        """Take a part out, with its content type and with the relationship that `source` has to it."""
        self._replaced.pop(part, None)
        self._removed.add(part)
        types = re.sub(
            rb"""<(?:[\w.-]+:)?Override\b[^>]*?PartName\s*=\s*["']/""" + re.escape(part.encode()) + rb"""["'][^>]*/>""",
            b"",
            self.read(CONTENT_TYPES),
            flags=re.IGNORECASE,
        )
        self.replace_part(CONTENT_TYPES, types)
        listing = self.package.part(relationships_part(source)) or relationships_part(source)
        content = self.read(listing)
        for item in self.package.relationships_of(source):
            if self.package.part(item.target) == part:
                element = re.compile(
                    rb"""<(?:[\w.-]+:)?Relationship\b[^>]*?\sId\s*=\s*["']"""
                    + re.escape(item.id.encode())
                    + rb"""["'][^>]*/>"""
                )
                content = element.sub(b"", content)
        self.replace_part(listing, content)

    def add_relationship(self, source: str, kind: str, target: str, *, external: bool = False) -> str:
        """Relate a part (or, for the empty name, the package) to a target; returns the id of the relationship.

        Args:
            source: name of the part.
            kind: URI of the type, or its last word for the transitional one.
            target: as it is to stand there: relative to the source's folder, or `/` and a part name.
            external: the target is outside of the workbook.
        """
        listing = self.package.part(relationships_part(source)) or relationships_part(source)
        if not self.has(listing):
            head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
            space = b"http://schemas.openxmlformats.org/package/2006/relationships"
            self.add_part(listing, head + b'<Relationships xmlns="' + space + b'"></Relationships>')
        content = self.read(listing)
        used = set(re.findall(rb"""\sId\s*=\s*["']([^"']*)["']""", content))
        number = next(number for number in range(1, len(used) + 2) if b"rId%d" % number not in used)
        uri = kind if "/" in kind else _TRANSITIONAL + kind
        element = b'<Relationship Id="rId%d" Type="%s" Target="%s"%s/>' % (
            number,
            escape_attribute(uri),
            escape_attribute(target),
            b' TargetMode="External"' if external else b"",
        )
        self.replace_part(listing, with_child(content, b"Relationships", element))
        return f"rId{number}"

    # Cells

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
            tuple(table.header for table in self._tables_of(found) if table.header is not None),
            styles or {},
            append_after,
            overwrite,
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

    @property
    def changed(self) -> bool:
        """Whether anything is to be written."""
        return bool(self._replaced or self._added or self._removed)

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
        recalculated = self._recalculate()
        container = self.package.container
        if not self.changed:
            size = writable.write(container.data)
            return PatchReport(bytes=size)
        made = BytesIO()
        size = write_container(container, made, self._replaced, self._added, self._removed)
        content = made.getvalue()
        self._verify(content)
        writable.write(content)
        parts = tuple(sorted({*self._replaced, *self._added, *self._removed}))
        return PatchReport(parts, self._cells_written, self._rows_added, recalculated, size)

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

    # What follows from a written cell

    def _recalculate(self) -> frozenset[Address]:
        """Take out saved results that may depend on written cells, and have Excel compute on opening."""
        found: set[Address] = set()
        if self._written or self._whole:
            worksheets = [sheet for sheet in self.package.sheets if sheet.kind == "worksheet"]
            contents = {sheet.name: self._formula_content(sheet) for sheet in worksheets}
            if any(may_hold_saved_results(content) for content in contents.values() if content is not None):
                found = self._drop_results(worksheets, contents)
        if found or self._must_calculate:
            workbook = self.package.workbook
            self.replace_part(workbook, _calculating_on_load(self.read(workbook)))
        return frozenset(found)

    def _formula_content(self, sheet: SheetPart) -> bytes | None:
        """The sheet's part, None when it has no formula for sure."""
        content = self.read(sheet.part)
        return content if any(mark in content for mark in (b"</f>", b":f>", b":f ", b"dataTable")) else None

    def _drop_results(self, worksheets: Iterable[SheetPart], contents: Mapping[str, bytes | None]) -> set[Address]:
        dirty = Dirty(self._names())
        for tab, cells in self._written.items():
            for row, column in cells:
                dirty.tab(tab).add(row, column)
        for tab in self._whole:
            dirty.tab(tab).add_area((1, 1, LAST_ROW, LAST_COLUMN))
        parts = {sheet.name: sheet.part for sheet in worksheets}
        formulas = [
            SheetFormulas(tab, content, f"{self.package.name}: {parts[tab]}")
            for tab, content in contents.items()
            if content is not None
        ]
        found: set[Address] = set()
        for tab, stale_cells in stale(formulas, dirty).items():
            saved = [
                cell for cell in stale_cells if cell.saved and (cell.row, cell.column) not in self._written.get(tab, ())
            ]
            content = contents[tab]
            if saved and content is not None:
                self.replace_part(parts[tab], without_results(content, saved))
                found |= {Address(tab, cell.row, cell.column) for cell in saved}
        return found

    def _names(self) -> Names:
        formulas: dict[str, list[str]] = {}
        for name in self.package.defined_names:
            formulas.setdefault(name.name.lower(), []).append(name.formula)
        tables = {}
        for sheet in self.package.sheets:
            for table in self._tables_of(sheet):
                tables[table.name.lower()] = (table.sheet, table.area)
        tabs = tuple(sheet.name.lower() for sheet in self.package.sheets)
        return Names({name: tuple(texts) for name, texts in formulas.items()}, tables, tabs)

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

    def _tables_of(self, sheet: SheetPart) -> tuple[_Table, ...]:
        if sheet.name not in self._tables:
            found = (self._table(part, sheet) for part in self.package.related(sheet.part, "table"))
            self._tables[sheet.name] = tuple(table for table in found if table is not None)
        return self._tables[sheet.name]

    def _table(self, part: str, sheet: SheetPart) -> _Table | None:
        listed = elements(self.read(part), f"{self.package.name}: {part}")
        attributes = listed[0].attributes if listed else {}
        area = parse_area(attributes.get("ref", ""))
        if area is None:
            return None
        rows = int(attributes.get("headerRowCount", "1"))
        header = (area[0], area[1], area[0] + rows - 1, area[3]) if rows else None
        name = attributes.get("displayName", attributes.get("name", ""))
        return _Table(part, name, sheet.name, area, header)

    def _extend(self, sheet: SheetPart, content: bytes, last_row: int, written: Collection[tuple[int, int]]) -> bytes:
        """Let ranges that ended at `last_row` end at the last of the rows that were written directly below it."""
        rows = {row for row, _ in written}
        new_last = last_row
        while new_last + 1 in rows:
            new_last += 1
        if new_last == last_row:
            return content
        for table in self._tables_of(sheet):
            self.replace_part(table.part, extended_table(self.read(table.part), last_row, new_last))
        self._tables.pop(sheet.name, None)
        workbook = self.package.workbook
        self.replace_part(workbook, extended_names(self.read(workbook), sheet.name, last_row, new_last))
        return extended_sheet(content, last_row, new_last)


_CALCULATION = re.compile(rb"<(?:[\w.-]+:)?calcPr\b[^>]*>")


def _calculating_on_load(workbook: bytes) -> bytes:
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


def with_child(content: bytes, root: bytes, element: bytes) -> bytes:
    """A small part with one more child at the end of its root, in the prefix of the root.

    Raises:
        WriteRefused: the root cannot be found.
    """
    close = re.search(rb"</((?:[\w.-]+:)?)" + root + rb"\s*>\s*$", content)
    if close is not None:
        prefixed = element.replace(b"<", b"<" + close[1], 1)
        return content[: close.start()] + prefixed + content[close.start() :]
    empty = re.search(rb"<((?:[\w.-]+:)?)" + root + rb"\b([^<>]*)/>\s*$", content)
    if empty is None:
        raise WriteRefused(f"{root.decode()}: the end of the part is marked up in an unknown way")
    prefixed = element.replace(b"<", b"<" + empty[1], 1)
    opening = b"<" + empty[1] + root + empty[2].rstrip() + b">"
    return content[: empty.start()] + opening + prefixed + b"</" + empty[1] + root + b">"


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


def patch_package(  # noqa: PLR0913 - one argument for each thing that is asked for by tab
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


__all__ = ["CellValue", "PackageEdit", "PatchReport", "patch_package", "patch_workbook", "with_child"]
