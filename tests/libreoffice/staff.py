"""A member of staff who works in LibreOffice; run by the Python that has UNO, told what to do one line at a time.

Arguments: the profile folder. Each line on standard input is a JSON list, the name of an act and its arguments; each
is answered by one line of JSON. Rows and columns are 1-based, as in the rest of the project. The end of the input is
the end of the working day.
"""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable

import uno
import unohelper
from com.sun.star.task import XInteractionHandler

PATIENCE = 60.0
"""Seconds that LibreOffice may take to start on a busy machine."""

Cell = str | float | int | None
APPROVE = "com.sun.star.task.XInteractionApprove"


class Yes(unohelper.Base, XInteractionHandler):  # type: ignore[misc]  # UNO has no types
    """Somebody who saves although the program says that the file is not what they opened."""

    def handle(self, request) -> None:  # type: ignore[no-untyped-def]
        for way in request.getContinuations():
            if any(each.typeName == APPROVE for each in way.getTypes()):
                way.select()


def properties(**values: object):  # type: ignore[no-untyped-def]  # UNO has no types
    made = []
    for name, value in values.items():
        each = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        each.Name, each.Value = name, value
        made.append(each)
    return tuple(made)


class Staff:
    def __init__(self, profile: str) -> None:
        pipe = f"crm{uuid.uuid4().hex}"
        self.process = subprocess.Popen(
            [
                "soffice",
                f"-env:UserInstallation={uno.systemPathToFileUrl(profile)}",
                f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext",
                *["--headless", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard"],
            ]
        )
        context = uno.getComponentContext()
        resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
        self.context = self._connected(resolver, f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        self.desktop = self.context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", self.context)

    def _connected(self, resolver, address: str):  # type: ignore[no-untyped-def]
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return resolver.resolve(address)
            except Exception:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                time.sleep(0.2)

    def open(self, path: str, password: str = "") -> None:
        given = {"Password": password} if password else {}
        self.book = self.desktop.loadComponentFromURL(
            uno.systemPathToFileUrl(path), "_blank", 0, properties(Hidden=True, **given)
        )

    def save(self) -> None:
        self.book.storeSelf(properties(InteractionHandler=Yes()))

    def close(self) -> None:
        self.book.close(True)

    def type(self, tab: str, row: int, column: int, value: Cell) -> None:
        cell = self.book.Sheets.getByName(tab).getCellByPosition(column - 1, row - 1)
        if value is None:
            cell.setString("")
        elif isinstance(value, str) and not value.startswith("="):
            cell.setString(value)
        elif isinstance(value, str):
            cell.setFormula(value)
        else:
            cell.setValue(value)

    def add(self, tab: str) -> None:
        """A sheet of their own, behind all others."""
        self.book.Sheets.insertNewByName(tab, self.book.Sheets.Count)

    def insert(self, tab: str, row: int, count: int) -> None:
        self.book.Sheets.getByName(tab).Rows.insertByIndex(row - 1, count)

    def delete(self, tab: str, row: int, count: int) -> None:
        self.book.Sheets.getByName(tab).Rows.removeByIndex(row - 1, count)

    def sort(self, tab: str, column: int, ascending: bool) -> None:
        """Everything below the header row, whole rows."""
        sheet = self.book.Sheets.getByName(tab)
        rows, columns = self._size(sheet)
        field = uno.createUnoStruct("com.sun.star.table.TableSortField")
        field.Field, field.IsAscending = column - 1, ascending
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        sheet.getCellRangeByPosition(0, 1, columns - 1, rows - 1).sort(
            properties(SortFields=fields, ContainsHeader=False)
        )

    def rows(self, tab: str) -> list[list[Cell]]:
        """Everything that stands in a tab, the header first; formulas by their results."""
        sheet = self.book.Sheets.getByName(tab)
        rows, columns = self._size(sheet)
        return [list(row) for row in sheet.getCellRangeByPosition(0, 0, columns - 1, rows - 1).getDataArray()]

    def _size(self, sheet) -> tuple[int, int]:  # type: ignore[no-untyped-def]
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        return cursor.RangeAddress.EndRow + 1, cursor.RangeAddress.EndColumn + 1

    def leave(self) -> None:
        self.desktop.terminate()
        self.process.wait(PATIENCE)


def main() -> None:
    staff = Staff(sys.argv[1])
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        act, *arguments = json.loads(line)
        done: Callable[..., object] = getattr(staff, act)
        print(json.dumps(done(*arguments)), flush=True)
    staff.leave()


if __name__ == "__main__":
    main()
