"""Sheets: rows, columns and the properties and features that hang on them. Rows and columns are frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from crm_sheets.google_emulator.json_values import Json, Object, part, parts, text
from crm_sheets.google_emulator.model.cell import Cell

Cells = tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Metadata:
    """Developer metadata; where it hangs is told by what holds it: a row, a column, a sheet or the book."""

    metadata_id: int
    key: str
    value: str
    visibility: str
    owner: str
    """The account that made it: PROJECT metadata is seen by that account only."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its DimensionProperties as far as set, and its metadata."""

    properties: Object | None = None
    metadata: tuple[Metadata, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row: cells up to its last that holds anything, DimensionProperties as far as set, metadata."""

    cells: Cells = ()
    properties: Object | None = None
    metadata: tuple[Metadata, ...] = ()
    has_formulas: bool = False
    has_rules: bool = False
    """Whether the data validation of a cell names other cells."""
    shown: dict[tuple[str, ...], list[Json]] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What its cells showed when it was read before; it never changes, unless there are formulas in it."""

    def cell(self, column: int) -> Cell | None:
        """The cell of a column, None when there is nothing in it."""
        return self.cells[column] if column < len(self.cells) else None

    def with_cells(self, cells: Cells) -> "Row":
        """The row with other cells; empty ones at the end are cut off."""
        end = len(cells)
        while end and cells[end - 1] is None:
            end -= 1
        kept = cells[:end]
        return replace(
            self, cells=kept, has_formulas=any(map(_is_formula, kept)), has_rules=any(map(_names_cells, kept))
        )


def _is_formula(cell: Cell | None) -> bool:
    return cell is not None and cell.formula is not None


def _names_cells(cell: Cell | None) -> bool:
    if cell is None or cell.rest is None or "dataValidation" not in cell.rest:
        return False
    condition = part(part(cell.rest, "dataValidation"), "condition")
    return any(text(value, "userEnteredValue").startswith("=") for value in parts(condition, "values"))


EMPTY_ROW = Row()
EMPTY_COLUMN = Column()


@dataclass(slots=True)
class Sheet:
    """One sheet. Lists may be replaced entry by entry; what stands in them is never changed in place."""

    sheet_id: int
    title: str
    rows: list[Row]
    columns: list[Column]
    properties: Object = field(default_factory=dict)
    """SheetProperties without sheetId, title, index and the size of the grid."""
    metadata: tuple[Metadata, ...] = ()
    features: dict[str, list[Object]] = field(default_factory=dict)
    """Everything else of the message Sheet by its name there: merges, protectedRanges, charts, conditionalFormats …
    (`basicFilter` as a list of one)."""

    def copy(self) -> "Sheet":
        """A copy that shares what is frozen."""
        features = {key: list(values) for key, values in self.features.items()}
        return replace(self, rows=list(self.rows), columns=list(self.columns), features=features)

    def cell(self, row: int, column: int) -> Cell | None:
        """The cell at zero-based indexes, None when nothing is in it or it lies outside."""
        return self.rows[row].cell(column) if row < len(self.rows) else None

    def put(self, row: int, cells: Mapping[int, Cell | None]) -> None:
        """Replaces cells of one row, by zero-based column."""
        if not cells:
            return
        old = self.rows[row]
        width = max(len(old.cells), max(cells) + 1)
        new: list[Cell | None] = [*old.cells, *([None] * (width - len(old.cells)))]
        for column, cell in cells.items():
            new[column] = cell
        self.rows[row] = old.with_cells(tuple(new))

    def content_end(self) -> int:
        """One past the last row that holds a value or formula; 0 in an empty sheet."""
        for index in range(len(self.rows) - 1, -1, -1):
            if any(cell is not None and cell.has_content for cell in self.rows[index].cells):
                return index + 1
        return 0

    def cell_count(self) -> int:
        """How many cells its grid has, empty ones too."""
        return len(self.rows) * len(self.columns)

    @property
    def grid_properties(self) -> Object:
        """GridProperties: the size of the grid and what else is set."""
        size: Object = {"rowCount": len(self.rows), "columnCount": len(self.columns)}
        return size | part(self.properties, "gridProperties")

    def described(self, index: int) -> Object:
        """SheetProperties as Google answers them."""
        found: Object = {"sheetId": self.sheet_id, "title": self.title, "index": index, "sheetType": "GRID"}
        if self.properties.get("sheetType") == "OBJECT":
            return found | self.properties
        return found | {**self.properties, "gridProperties": self.grid_properties}


def blank_sheet(sheet_id: int, title: str, rows: int = 1000, columns: int = 26) -> Sheet:
    """An empty sheet; the default size is that of addSheet."""
    return Sheet(sheet_id, title, [EMPTY_ROW] * rows, [EMPTY_COLUMN] * columns)
