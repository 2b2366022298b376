"""Slicers: filters that float over a sheet."""

from typing import Final

from crm_sheets.google_emulator.discovery import sheets
from crm_sheets.google_emulator.features import entries, needed
from crm_sheets.google_emulator.json_values import Object, optional_whole, part, text, whole
from crm_sheets.google_emulator.masks import update_mask, updated
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler
from crm_sheets.google_emulator.requests.positions import new_object_id, placed

FEATURE: Final = "slicers"


def add_slicer(batch: Batch, request: Object) -> Object:
    """AddSlicerRequest."""
    slicer = part(request, "slicer")
    if "dataRange" not in part(slicer, "spec"):
        raise Refused("No data range specified.")
    batch.book.sheet(whole(part(part(slicer, "spec"), "dataRange"), "sheetId"))
    slicer_id = new_object_id(batch, optional_whole(slicer, "slicerId"), "slicer")
    sheet, position = placed(batch, part(slicer, "position"))
    added: Object = {**slicer, "slicerId": slicer_id, "position": position}
    entries(sheet, FEATURE).append(added)
    return {"slicer": added}


def update_slicer(batch: Batch, request: Object) -> None:
    """UpdateSlicerSpecRequest."""
    tree = update_mask(sheets(), "SlicerSpec", text(request, "fields"))
    place = needed(batch.book, FEATURE, "slicerId", whole(request, "slicerId"), "slicer")
    place.replace({**place.entry, "spec": updated(part(place.entry, "spec"), part(request, "spec"), tree)})


HANDLERS: dict[str, Handler] = {
    "addSlicer": add_slicer,
    "updateSlicerSpec": update_slicer,
}
