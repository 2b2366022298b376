"""Developer metadata: where it hangs, looking it up, and the ranges that it selects.

https://developers.google.com/sheets/api/guides/metadata
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from crm_sheets.google_emulator.areas import Area
from crm_sheets.google_emulator.json_values import Object, flag, optional_whole, part, text, whole
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import Metadata, Sheet
from crm_sheets.google_emulator.refusals import Refused

MAX_CHARACTERS = 30_000
"""Keys and values together, of a sheet with its rows and columns, and of the book by itself."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where metadata hangs: nowhere further is the book, `dimension` with `index` a row or column of a sheet."""

    sheet: Sheet | None = None
    dimension: str = ""
    index: int = 0

    @property
    def kind(self) -> str:
        """A DeveloperMetadataLocationType."""
        if self.sheet is None:
            return "SPREADSHEET"
        return {"ROWS": "ROW", "COLUMNS": "COLUMN"}.get(self.dimension, "SHEET")

    @property
    def area(self) -> Area:
        """The cells of it, on its sheet."""
        if self.dimension == "ROWS":
            return Area(top=self.index, bottom=self.index + 1)
        if self.dimension == "COLUMNS":
            return Area(left=self.index, right=self.index + 1)
        return Area()

    def described(self) -> Object:
        """As DeveloperMetadataLocation."""
        found: Object = {"locationType": self.kind}
        if self.sheet is None:
            return found | {"spreadsheet": True}
        if not self.dimension:
            return found | {"sheetId": self.sheet.sheet_id}
        span: Object = {
            "sheetId": self.sheet.sheet_id,
            "dimension": self.dimension,
            "startIndex": self.index,
            "endIndex": self.index + 1,
        }
        return found | {"dimensionRange": span}


@dataclass(frozen=True, slots=True)
class Found:
    """Metadata and where it hangs."""

    metadata: Metadata
    location: Location

    def described(self) -> Object:
        """As DeveloperMetadata."""
        return described(self.metadata, self.location)


def described(metadata: Metadata, location: Location) -> Object:
    """As DeveloperMetadata; no value where none was given."""
    found: Object = {"metadataId": metadata.metadata_id, "metadataKey": metadata.key}
    if metadata.value:
        found["metadataValue"] = metadata.value
    return found | {"location": location.described(), "visibility": metadata.visibility}


def everything(book: Book) -> Iterator[Found]:
    """All metadata of a book."""
    for metadata in book.metadata:
        yield Found(metadata, Location())
    for sheet in book.sheets:
        yield from of_sheet(sheet)


def of_sheet(sheet: Sheet) -> Iterator[Found]:
    """All metadata of a sheet, its rows and columns."""
    for metadata in sheet.metadata:
        yield Found(metadata, Location(sheet))
    for index, row in enumerate(sheet.rows):
        for metadata in row.metadata:
            yield Found(metadata, Location(sheet, "ROWS", index))
    for index, column in enumerate(sheet.columns):
        for metadata in column.metadata:
            yield Found(metadata, Location(sheet, "COLUMNS", index))


def location_of(book: Book, given: Object) -> Location:
    """A DeveloperMetadataLocation of a request.

    Raises:
        Refused: no such sheet, or rows that are not exactly one that is there.
    """
    if flag(given, "spreadsheet"):
        return Location()
    if "sheetId" in given:
        return Location(book.sheet(whole(given, "sheetId")))
    span = part(given, "dimensionRange")
    if not span:
        raise Refused("DeveloperMetadataLocation must specify a location.")
    sheet, dimension = book.sheet(whole(span, "sheetId")), text(span, "dimension")
    start, end = optional_whole(span, "startIndex") or 0, optional_whole(span, "endIndex")
    if dimension not in ("ROWS", "COLUMNS") or end != start + 1:
        raise Refused("DimensionRange in DeveloperMetadataLocation must represent a single row or column.")
    if end > (len(sheet.rows) if dimension == "ROWS" else len(sheet.columns)):
        raise Refused(f"Dimension range [{start}-{end}] is outside of the grid.")
    return Location(sheet, dimension, start)


def attach(book: Book, found: Found) -> None:
    """Hangs metadata where it says."""
    _change(book, found.location, lambda old: (*old, found.metadata))


def detach(book: Book, found: Found) -> None:
    """Takes metadata away."""
    _change(book, found.location, lambda old: tuple(m for m in old if m.metadata_id != found.metadata.metadata_id))


def _change(book: Book, location: Location, change: Callable[[tuple[Metadata, ...]], tuple[Metadata, ...]]) -> None:
    sheet = location.sheet
    if sheet is None:
        book.metadata = change(book.metadata)
    elif location.dimension == "ROWS":
        row = sheet.rows[location.index]
        sheet.rows[location.index] = replace(row, metadata=change(row.metadata))
    elif location.dimension == "COLUMNS":
        column = sheet.columns[location.index]
        sheet.columns[location.index] = replace(column, metadata=change(column.metadata))
    else:
        sheet.metadata = change(sheet.metadata)


def check_limits(book: Book, location: Location) -> None:
    """Raises Refused when keys and values at a place are longer than Google allows."""
    held = book.metadata if location.sheet is None else [found.metadata for found in of_sheet(location.sheet)]
    if sum(len(metadata.key) + len(metadata.value) for metadata in held) > MAX_CHARACTERS:
        raise Refused(f"Developer metadata exceeds the limit of {MAX_CHARACTERS} characters.")
