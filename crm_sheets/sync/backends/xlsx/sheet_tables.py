"""The tables of a sheet: where they are, so that their headers are kept and formulas that use their names are found."""

from dataclasses import dataclass

from crm_sheets.sync.backends.xlsx.markup import elements
from crm_sheets.sync.backends.xlsx.package import SheetPart
from crm_sheets.sync.backends.xlsx.part_edit import PartEdit
from crm_sheets.sync.backends.xlsx.rows_general import Area, parse_area


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A table: its part, its name, its tab, the area that it covers and that of its header, None where it has none."""

    part: str
    name: str
    sheet: str
    area: Area
    header: Area | None


class SheetTables:
    """The tables of each tab, read once."""

    def __init__(self, edit: PartEdit) -> None:
        self._edit = edit
        self._known: dict[str, tuple[SheetTable, ...]] = {}

    def of(self, sheet: SheetPart) -> tuple[SheetTable, ...]:
        """The tables of a tab."""
        if sheet.name not in self._known:
            found = (self._table(part, sheet) for part in self._edit.package.related(sheet.part, "table"))
            self._known[sheet.name] = tuple(table for table in found if table is not None)
        return self._known[sheet.name]

    def forget(self, sheet: SheetPart) -> None:
        """They have changed: read them anew when they are asked for."""
        self._known.pop(sheet.name, None)

    def _table(self, part: str, sheet: SheetPart) -> SheetTable | None:
        listed = elements(self._edit.read(part), f"{self._edit.package.name}: {part}")
        attributes = listed[0].attributes if listed else {}
        area = parse_area(attributes.get("ref", ""))
        if area is None:
            return None
        rows = int(attributes.get("headerRowCount", "1"))
        header = (area[0], area[1], area[0] + rows - 1, area[3]) if rows else None
        name = attributes.get("displayName", attributes.get("name", ""))
        return SheetTable(part, name, sheet.name, area, header)
