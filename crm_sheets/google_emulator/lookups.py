"""Data filters and metadata lookups: what of a book they select."""

from collections.abc import Iterator

from crm_sheets.google_emulator.a1 import Reference, parse
from crm_sheets.google_emulator.areas import Area, area_of
from crm_sheets.google_emulator.json_values import Object, part, text, whole
from crm_sheets.google_emulator.metadata import Found, Location, everything, location_of
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.refusals import Refused


def looked_up(book: Book, lookup: Object, user: str) -> Iterator[Found]:
    """The metadata that a DeveloperMetadataLookup selects, of what this account may see."""
    exact = text(lookup, "locationMatchingStrategy") == "EXACT_LOCATION"
    if "metadataLocation" in lookup and text(lookup, "locationType") == "SPREADSHEET" and not exact:
        raise Refused("Location type SPREADSHEET cannot be used with the strategy INTERSECTING_LOCATION.")
    place = location_of(book, part(lookup, "metadataLocation")) if "metadataLocation" in lookup else None
    for found in everything(book):
        if _fits(found, lookup, user) and (place is None or _at(found.location, place, exact=exact)):
            yield found


def _fits(found: Found, lookup: Object, user: str) -> bool:
    metadata = found.metadata
    return (
        (metadata.visibility == "DOCUMENT" or metadata.owner == user)
        and whole(lookup, "metadataId", metadata.metadata_id) == metadata.metadata_id
        and text(lookup, "metadataKey", metadata.key) == metadata.key
        and text(lookup, "metadataValue", metadata.value) == metadata.value
        and text(lookup, "visibility", metadata.visibility) == metadata.visibility
        and text(lookup, "locationType", found.location.kind) == found.location.kind
    )


def _at(location: Location, place: Location, *, exact: bool) -> bool:
    if exact:
        return location.kind == place.kind and location.described() == place.described()
    if place.sheet is None:
        return True
    if location.sheet is None or location.sheet.sheet_id != place.sheet.sheet_id:
        return False
    return not location.dimension or not place.dimension or _crossing(location, place)


def _crossing(location: Location, place: Location) -> bool:
    return location.dimension != place.dimension or location.index == place.index


def selected(book: Book, data_filter: Object, user: str) -> list[Reference]:
    """The ranges that a DataFilter selects; those of metadata of the book itself are all its sheets.

    Raises:
        Refused: a range that is none.
    """
    if "a1Range" in data_filter:
        return [parse(book, text(data_filter, "a1Range"))]
    if "gridRange" in data_filter:
        grid = part(data_filter, "gridRange")
        return [Reference(book.sheet(whole(grid, "sheetId")), area_of(grid))]
    if "developerMetadataLookup" not in data_filter:
        raise Refused("Must specify a data filter.")
    found = looked_up(book, part(data_filter, "developerMetadataLookup"), user)
    return [reference for entry in found for reference in _ranges(book, entry.location)]


def _ranges(book: Book, location: Location) -> list[Reference]:
    if location.sheet is None:
        return [Reference(sheet, Area()) for sheet in book.sheets]
    return [Reference(location.sheet, location.area)]


def filtered_metadata(book: Book, data_filter: Object, user: str) -> list[Found]:
    """The metadata that a DataFilter selects: by lookup, or all that lies in a range."""
    if "developerMetadataLookup" in data_filter:
        return list(looked_up(book, part(data_filter, "developerMetadataLookup"), user))
    references = selected(book, data_filter, user)
    return [
        found
        for found in everything(book)
        if (found.metadata.visibility == "DOCUMENT" or found.metadata.owner == user)
        and any(_inside(found.location, reference) for reference in references)
    ]


def _inside(location: Location, reference: Reference) -> bool:
    if location.sheet is None or location.sheet.sheet_id != reference.sheet.sheet_id or not location.dimension:
        return False
    area = reference.area
    rows = location.dimension == "ROWS"
    start, end = (area.top, area.bottom) if rows else (area.left, area.right)
    return (start or 0) <= location.index and (end is None or location.index < end)
