"""createDeveloperMetadata, updateDeveloperMetadata, deleteDeveloperMetadata."""

from dataclasses import replace

from crm_sheets.google_emulator.discovery import sheets as document
from crm_sheets.google_emulator.json_values import Json, Object, optional_whole, part, parts, text
from crm_sheets.google_emulator.lookups import filtered_metadata
from crm_sheets.google_emulator.masks import update_mask, updated
from crm_sheets.google_emulator.metadata import Found, attach, check_limits, detach, everything, location_of
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import Metadata
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler


def create(batch: Batch, request: Object) -> Object | None:
    """Hangs metadata on a row, column, sheet or the book."""
    given = part(request, "developerMetadata")
    _check_key(text(given, "metadataKey"))
    if text(given, "visibility") not in ("DOCUMENT", "PROJECT"):
        raise Refused("Developer metadata must have a visibility specified.")
    location = location_of(batch.book, part(given, "location"))
    wanted = optional_whole(given, "metadataId") or None
    number = batch.new_id(lambda number: _taken(batch.book, number), wanted, "developer metadata")
    metadata = Metadata(
        number, text(given, "metadataKey"), text(given, "metadataValue"), text(given, "visibility"), batch.user
    )
    attach(batch.book, Found(metadata, location))
    check_limits(batch.book, location)
    return {"developerMetadata": Found(metadata, location).described()}


def _check_key(key: str) -> None:
    if not key:
        raise Refused("Developer metadata must have a key specified.")


def _taken(book: Book, number: int) -> bool:
    return any(found.metadata.metadata_id == number for found in everything(book))


def update(batch: Batch, request: Object) -> Object | None:
    """Changes all metadata that the filters select: key, value, visibility, location."""
    mask = update_mask(document(), "DeveloperMetadata", text(request, "fields"))
    given = part(request, "developerMetadata")
    changed: list[Json] = []
    for found in _selected(batch, parts(request, "dataFilters")):
        new = updated(found.described(), given, mask)
        _check_key(text(new, "metadataKey"))
        location = location_of(batch.book, part(new, "location"))
        metadata = replace(
            found.metadata,
            key=text(new, "metadataKey"),
            value=text(new, "metadataValue"),
            visibility=text(new, "visibility"),
        )
        detach(batch.book, found)
        attach(batch.book, Found(metadata, location))
        check_limits(batch.book, location)
        changed.append(Found(metadata, location).described())
    return {"developerMetadata": changed}


def delete(batch: Batch, request: Object) -> Object | None:
    """Takes away all metadata that the filter selects, and tells which."""
    found = _selected(batch, [part(request, "dataFilter")])
    for entry in found:
        detach(batch.book, entry)
    gone: list[Json] = [entry.described() for entry in found]
    return {"deletedDeveloperMetadata": gone}


def _selected(batch: Batch, filters: list[Object]) -> list[Found]:
    found = {
        entry.metadata.metadata_id: entry
        for data_filter in filters
        for entry in filtered_metadata(batch.book, data_filter, batch.user)
    }
    if not found and batch.switches.filter_without_match_is_error:
        raise Refused("No developer metadata matches the data filter.")
    return list(found.values())


HANDLERS: dict[str, Handler] = {
    "createDeveloperMetadata": create,
    "updateDeveloperMetadata": update,
    "deleteDeveloperMetadata": delete,
}
