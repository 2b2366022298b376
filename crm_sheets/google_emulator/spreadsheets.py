"""spreadsheets: create, get, batchUpdate."""

from crm_sheets.google_emulator.a1 import parse
from crm_sheets.google_emulator.changing import batch_for, change
from crm_sheets.google_emulator.files import File
from crm_sheets.google_emulator.getting import View, spreadsheet
from crm_sheets.google_emulator.json_values import Json, Object, flag, items, parts
from crm_sheets.google_emulator.lookups import selected
from crm_sheets.google_emulator.masks import below
from crm_sheets.google_emulator.refusals import GoogleError, Refused
from crm_sheets.google_emulator.requests import HANDLERS
from crm_sheets.google_emulator.requests.batch import Batch
from crm_sheets.google_emulator.session import Answering, Session


def get(session: Session) -> Object:
    """spreadsheets.get; with a mask it is the mask that decides whether cells come along."""
    file = session.reading()
    book = file.book
    ranges = tuple(parse(book, name) for name in session.texts("ranges"))
    with_cells = bool(session.mask) or session.parameters.get("includeGridData") is True
    return spreadsheet(book, View(ranges, with_cells, session.mask, session.user, file.owner))


def get_by_data_filter(session: Session) -> Object:
    """spreadsheets.getByDataFilter: the sheets with what the filters select."""
    file, body = session.reading(), session.body
    filters = parts(body, "dataFilters")
    ranges = tuple(found for given in filters for found in selected(file.book, given, session.user))
    if filters and not ranges and session.switches.filter_without_match_is_error:
        raise Refused("No ranges match the data filters.")
    with_cells = bool(session.mask) or flag(body, "includeGridData")
    return spreadsheet(file.book, View(ranges, with_cells, session.mask, session.user, file.owner))


def batch_update(session: Session) -> Object:
    """spreadsheets.batchUpdate: all requests in their order, or none."""
    file, requests = session.writing(), parts(session.body, "requests")
    if not requests:
        raise Refused("Must specify at least one request.")
    batch = batch_for(session, file)
    with change(session, file):
        replies: list[Json] = [_reply(batch, number, request) for number, request in enumerate(requests)]
        answer: Object = {"spreadsheetId": file.book.spreadsheet_id, "replies": replies}
        if flag(session.body, "includeSpreadsheetInResponse"):
            answer["updatedSpreadsheet"] = _updated(session, file)
    return answer


def _reply(batch: Batch, number: int, request: Object) -> Object:
    kind = next(iter(request), "")
    if not kind:
        raise Refused(f"Invalid requests[{number}]: No request set.")
    handler, body = HANDLERS.get(kind), request[kind]
    if handler is None or not isinstance(body, dict):
        raise GoogleError(501, f"The emulator does not know {kind} yet.", status="UNIMPLEMENTED")
    try:
        reply = handler(batch, body)
    except Refused as refused:
        raise Refused(f"Invalid requests[{number}].{kind}: {refused}") from refused
    return {kind: reply} if reply is not None else {}


def _updated(session: Session, file: File) -> Object:
    names = items(session.body, "responseRanges")
    ranges = tuple(parse(file.book, str(name)) for name in names)
    mask = below(session.mask, "updatedSpreadsheet") if session.mask else {}
    with_cells = flag(session.body, "responseIncludeGridData")
    return spreadsheet(file.book, View(ranges, with_cells, mask, session.user, file.owner))


METHODS: dict[str, Answering] = {
    "sheets.spreadsheets.get": get,
    "sheets.spreadsheets.getByDataFilter": get_by_data_filter,
    "sheets.spreadsheets.batchUpdate": batch_update,
}
