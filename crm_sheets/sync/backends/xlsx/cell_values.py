"""The value of one cell element, for telling whether a write would change anything."""

import re
from collections.abc import Sequence

from crm_sheets.cells import CellValue
from crm_sheets.sync.backends.xlsx.markup import MAIN, attributes_of
from crm_sheets.sync.backends.xlsx.package import Package
from crm_sheets.sync.backends.xlsx.row_plans import Lookups, NotTiled
from crm_sheets.sync.backends.xlsx.rows_fast import FastRows
from crm_sheets.sync.backends.xlsx.rows_general import read_rows
from crm_sheets.sync.backends.xlsx.strings import LazyStrings
from crm_sheets.tables import SheetRow

_PREFIX = re.compile(rb"<((?:[\w.-]+:)?)c[\s/>]")
_SPACE = next(iter(sorted(MAIN, reverse=True))).encode()


class CellReader:
    """Reads single cell elements of one workbook."""

    def __init__(self, package: Package) -> None:
        part = package.shared_strings
        self._strings: Sequence[str] = LazyStrings(lambda: package.read(part), part) if part else ()
        self._date1904 = package.date1904
        self._rows = FastRows(Lookups(self._strings, package.date1904), self._unused)

    def value(self, element: bytes, tag: bytes, row: int, column: int) -> CellValue:
        """The value of a `<c>` element that stands at (row, column)."""
        if element.startswith(b'<c r="'):
            try:
                cells = self._rows.cells(b">" + element + b"<", b"%d" % row)
            except (NotTiled, ValueError, IndexError):
                pass
            else:
                return cells[column - 1] if cells else None
        return self._general(element, tag)

    def _general(self, element: bytes, tag: bytes) -> CellValue:
        match = _PREFIX.match(element)
        prefix = match[1] if match else b""
        declaration = b"xmlns:" + prefix[:-1] if prefix else b"xmlns"
        row = b"<%brow %b='%b' r='1'>%b</%brow>" % (prefix, declaration, _SPACE, element, prefix)
        rows = read_rows(row, self._strings, self._date1904, "cell").rows
        reference = attributes_of(tag).get(b"r")
        return rows[0].cells[-1] if rows and (reference is not None or rows[0].cells) else None

    @staticmethod
    def _unused(_: bytes) -> list[SheetRow]:
        raise NotTiled
