"""Alternating colours."""

from typing import Final

from crm_sheets.google_emulator.discovery import sheets
from crm_sheets.google_emulator.features import entries, find, needed, overlap, with_grid_range
from crm_sheets.google_emulator.json_values import Object, optional_whole, part, text, whole
from crm_sheets.google_emulator.masks import update_mask, updated
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler

FEATURE: Final = "bandedRanges"


def add_banding(batch: Batch, request: Object) -> Object:
    """AddBandingRequest; two bandings never share a cell."""
    banding = with_grid_range(part(request, "bandedRange"))
    banding_id = batch.new_id(
        lambda one: find(batch.book, FEATURE, "bandedRangeId", one) is not None,
        optional_whole(banding, "bandedRangeId"),
        "banded range",
    )
    added: Object = {**banding, "bandedRangeId": banding_id}
    _check(batch.book, added)
    entries(batch.book.sheet(whole(part(added, "range"), "sheetId")), FEATURE).append(added)
    return {"bandedRange": added}


def update_banding(batch: Batch, request: Object) -> None:
    """UpdateBandingRequest."""
    banding = part(request, "bandedRange")
    tree = update_mask(sheets(), "BandedRange", text(request, "fields"))
    banding_id = whole(banding, "bandedRangeId")
    place = needed(batch.book, FEATURE, "bandedRangeId", banding_id, "banded range")
    new = with_grid_range({**updated(place.entry, banding, tree), "bandedRangeId": banding_id})
    _check(batch.book, new)
    place.replace(new)


def delete_banding(batch: Batch, request: Object) -> None:
    """DeleteBandingRequest."""
    needed(batch.book, FEATURE, "bandedRangeId", whole(request, "bandedRangeId"), "banded range").remove()


def _check(book: Book, banding: Object) -> None:
    if not part(banding, "rowProperties") and not part(banding, "columnProperties"):
        raise Refused("At least one of rowProperties or columnProperties must be set.")
    sheet = book.sheet(whole(part(banding, "range"), "sheetId"))
    for other in sheet.features.get(FEATURE, ()):
        if other["bandedRangeId"] != banding["bandedRangeId"] and overlap(part(other, "range"), part(banding, "range")):
            raise Refused(
                "You cannot add alternating background colors to a range that already has alternating"
                " background colors."
            )


HANDLERS: dict[str, Handler] = {
    "addBanding": add_banding,
    "updateBanding": update_banding,
    "deleteBanding": delete_banding,
}
