"""spreadsheets.values by data filters: batchGetByDataFilter, batchUpdateByDataFilter, batchClearByDataFilter."""

from dataclasses import dataclass, field

from crm_sheets.google_emulator.a1 import Reference, box_name
from crm_sheets.google_emulator.changing import change
from crm_sheets.google_emulator.files import File
from crm_sheets.google_emulator.json_values import Json, Object, part, parts, text
from crm_sheets.google_emulator.lookups import selected
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.rendering import Rendering
from crm_sheets.google_emulator.session import Answering, Session
from crm_sheets.google_emulator.sparse import without_zeros
from crm_sheets.google_emulator.values import clear_box, echo_of_body, totals, value_range, write, writer


@dataclass(slots=True)
class Match:
    """A range, and the filters that selected it."""

    reference: Reference
    filters: list[Json] = field(default_factory=list)


def matches(session: Session, file: File, filters: list[Object]) -> list[Match]:
    """The ranges that filters select, each once.

    Raises:
        Refused: nothing is selected, and the switch says that this is an error.
    """
    found: dict[str, Match] = {}
    for data_filter in filters:
        for reference in selected(file.book, data_filter, session.user):
            found.setdefault(reference.name, Match(reference)).filters.append(without_zeros("DataFilter", data_filter))
    if not found and session.switches.filter_without_match_is_error:
        raise Refused("No ranges match the data filters.")
    return list(found.values())


def batch_get(session: Session) -> Object:
    """One ValueRange for each range that is selected, with the filters that selected it.

    Google gives them in no order that could be relied on; here it is never the one that was asked in.
    """
    file, body = session.reading(), session.body
    how = Rendering(
        text(body, "valueRenderOption", "FORMATTED_VALUE"), text(body, "dateTimeRenderOption", "SERIAL_NUMBER")
    )
    dimension = "COLUMNS" if text(body, "majorDimension") == "COLUMNS" else "ROWS"
    found: list[Json] = [
        {
            "valueRange": value_range(file.book, match.reference.box(), how, dimension),
            "dataFilters": match.filters,
        }
        for match in reversed(matches(session, file, parts(body, "dataFilters")))
    ]
    return {"spreadsheetId": file.book.spreadsheet_id, "valueRanges": found}


def batch_update(session: Session) -> Object:
    """Writes each value range into every range that its filter selects."""
    file, answers = session.writing(), list[Json]()
    with change(session, file):
        scribe, echo = writer(session, file, text(session.body, "valueInputOption")), echo_of_body(session.body)
        for given in parts(session.body, "data"):
            data_filter = part(given, "dataFilter")
            for match in matches(session, file, [data_filter]):
                answer = write(file.book, scribe, match.reference, given, echo)
                answer.pop("spreadsheetId")
                answers.append(answer | {"dataFilter": data_filter})
    return totals(file.book, answers)


def batch_clear(session: Session) -> Object:
    """Clears every range that a filter selects."""
    file, cleared = session.writing(), list[Json]()
    with change(session, file):
        for match in matches(session, file, parts(session.body, "dataFilters")):
            box = match.reference.box()
            clear_box(session, file, box)
            cleared.append(box_name(box))
    return {"spreadsheetId": file.book.spreadsheet_id, "clearedRanges": cleared}


METHODS: dict[str, Answering] = {
    "sheets.spreadsheets.values.batchGetByDataFilter": batch_get,
    "sheets.spreadsheets.values.batchUpdateByDataFilter": batch_update,
    "sheets.spreadsheets.values.batchClearByDataFilter": batch_clear,
}
