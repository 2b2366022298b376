"""spreadsheets.developerMetadata: get and search."""

from crm_sheets.google_emulator.json_values import Json, Object, parts, whole
from crm_sheets.google_emulator.lookups import filtered_metadata, looked_up
from crm_sheets.google_emulator.metadata import Found
from crm_sheets.google_emulator.refusals import GoogleError, Refused
from crm_sheets.google_emulator.session import Answering, Session


def get(session: Session) -> Object:
    """One by its id.

    Raises:
        GoogleError: 404 when there is none that this account may see.
    """
    book, number = session.reading().book, whole(session.parameters, "metadataId")
    found = next(looked_up(book, {"metadataId": number}, session.user), None)
    if found is None:
        raise GoogleError(404, f"No developer metadata with ID {number}.")
    return found.described()


def search(session: Session) -> Object:
    """All that filters select, each with the filters that selected it."""
    book = session.reading().book
    found: dict[int, tuple[Found, list[Json]]] = {}
    for data_filter in parts(session.body, "dataFilters"):
        for entry in filtered_metadata(book, data_filter, session.user):
            found.setdefault(entry.metadata.metadata_id, (entry, []))[1].append(data_filter)
    if not found and session.switches.filter_without_match_is_error:
        raise Refused("No developer metadata matches the data filters.")
    matched: list[Json] = [
        {"developerMetadata": entry.described(), "dataFilters": filters} for entry, filters in found.values()
    ]
    return {"matchedDeveloperMetadata": matched} if matched else {}


METHODS: dict[str, Answering] = {
    "sheets.spreadsheets.developerMetadata.get": get,
    "sheets.spreadsheets.developerMetadata.search": search,
}
