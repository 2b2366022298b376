"""Where charts and slicers stand: over the cells of a sheet, or on a sheet of their own."""

from typing import Final

from crm_sheets.google_emulator.discovery import sheets
from crm_sheets.google_emulator.features import Place, entries, find
from crm_sheets.google_emulator.json_values import Object, flag, optional_whole, part, text, whole
from crm_sheets.google_emulator.masks import update_mask, updated
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler

WIDTH: Final = 600
HEIGHT: Final = 371
_OBJECTS: Final = (("charts", "chartId"), ("slicers", "slicerId"))
_NOWHERE: Final = "One of EmbeddedObjectPosition.overlayPosition or EmbeddedObjectPosition.sheetId must be set"


def new_object_id(batch: Batch, given: int | None, what: str) -> int:
    """An id that no chart and no slicer has: one counter numbers both."""
    return batch.new_id(lambda one: any(find(batch.book, *kind, one) for kind in _OBJECTS), given, what)


def placed(batch: Batch, position: Object) -> tuple[Sheet, Object]:
    """The sheet that an object goes to, made when it gets one of its own, and the position as answers have it."""
    if flag(position, "newSheet") or optional_whole(position, "sheetId") is not None:
        return _own_sheet(batch, optional_whole(position, "sheetId"))
    overlay = part(position, "overlayPosition")
    if not overlay:
        raise Refused(_NOWHERE)
    anchor = part(overlay, "anchorCell")
    sheet = batch.book.sheet(whole(anchor, "sheetId"))
    row, column = whole(anchor, "rowIndex"), whole(anchor, "columnIndex")
    if row >= len(sheet.rows) or column >= len(sheet.columns):
        raise Refused(f"The anchor cell is outside of the grid: row {row}, column {column}")
    cell: Object = {"sheetId": sheet.sheet_id, "rowIndex": row, "columnIndex": column}
    kept: Object = {"widthPixels": WIDTH, "heightPixels": HEIGHT, **overlay, "anchorCell": cell}
    return sheet, {"overlayPosition": kept}


def delete_object(batch: Batch, request: Object) -> None:
    """DeleteEmbeddedObjectRequest, of charts and slicers alike; a sheet that it had for itself goes with it."""
    place = _object(batch.book, whole(request, "objectId"))
    place.remove()
    if text(place.sheet.properties, "sheetType") == "OBJECT":
        batch.book.sheets.remove(place.sheet)


def move_object(batch: Batch, request: Object) -> Object:
    """UpdateEmbeddedObjectPositionRequest: only what the mask names of the overlay changes."""
    place = _object(batch.book, whole(request, "objectId"))
    entry, target = place.entry, part(request, "newPosition")
    if "overlayPosition" in target:
        tree = update_mask(sheets(), "OverlayPosition", text(request, "fields"))
        overlay = updated(part(part(entry, "position"), "overlayPosition"), part(target, "overlayPosition"), tree)
        target = {"overlayPosition": overlay}
    sheet, position = placed(batch, target)
    place.remove()
    entries(sheet, place.feature).append({**entry, "position": position})
    return {"position": position}


def update_border(batch: Batch, request: Object) -> None:
    """UpdateEmbeddedObjectBorderRequest."""
    tree = update_mask(sheets(), "EmbeddedObjectBorder", text(request, "fields"))
    place = _object(batch.book, whole(request, "objectId"))
    place.replace({**place.entry, "border": updated(part(place.entry, "border"), part(request, "border"), tree)})


def _object(book: Book, object_id: int) -> Place:
    for feature, key in _OBJECTS:
        place = find(book, feature, key, object_id)
        if place is not None:
            return place
    raise Refused(f"No embedded object with id: {object_id}")


def _own_sheet(batch: Batch, sheet_id: int | None) -> tuple[Sheet, Object]:
    book = batch.book
    sheet_id = batch.new_id(lambda one: any(sheet.sheet_id == one for sheet in book.sheets), sheet_id, "sheet")
    number = next(count for count in range(1, len(book.sheets) + 2) if book.titled(f"Chart{count}") is None)
    sheet = Sheet(sheet_id, f"Chart{number}", [], [], {"sheetType": "OBJECT"})
    book.sheets.append(sheet)
    return sheet, {"sheetId": sheet.sheet_id}


HANDLERS: dict[str, Handler] = {
    "deleteEmbeddedObject": delete_object,
    "updateEmbeddedObjectPosition": move_object,
    "updateEmbeddedObjectBorder": update_border,
}
