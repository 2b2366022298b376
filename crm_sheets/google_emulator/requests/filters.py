"""The filter of a sheet, which hides rows for everybody, and filter views, which hide them for nobody else."""

from typing import Final

from crm_sheets.google_emulator.a1 import box_of
from crm_sheets.google_emulator.areas import Box, area_of, grid_range
from crm_sheets.google_emulator.conditions import check_condition
from crm_sheets.google_emulator.discovery import sheets
from crm_sheets.google_emulator.features import entries, find, needed, overlap, within
from crm_sheets.google_emulator.json_values import Object, optional_whole, part, parts, text, whole
from crm_sheets.google_emulator.masks import update_mask, updated
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler
from crm_sheets.google_emulator.requests.filtering import hide_rows, show_rows
from crm_sheets.google_emulator.requests.sorting import sort_range

BASIC: Final = "basicFilter"
VIEWS: Final = "filterViews"
_MERGED: Final = "You can't create a filter over a range containing vertical merges."


def set_basic_filter(batch: Batch, request: Object) -> None:
    """SetBasicFilterRequest: what it replaces is gone, what it sorts is sorted for good."""
    given = part(request, "filter")
    box = _filtered(batch.book, given)
    _check_merges(box)
    clear(box.sheet)
    kept = _with_criteria({**given, "range": grid_range(box)})
    box.sheet.features[BASIC] = [kept]
    below = Box(box.sheet, box.top + 1, box.bottom, box.left, box.right)
    if parts(kept, "sortSpecs"):
        sort_range(batch, {"range": grid_range(below), "sortSpecs": kept["sortSpecs"]})
    hide_rows(batch, below, parts(kept, "filterSpecs"))


def clear_basic_filter(batch: Batch, request: Object) -> None:
    """ClearBasicFilterRequest; no filter is no mistake."""
    clear(batch.book.sheet(whole(request, "sheetId")))


def clear(sheet: Sheet) -> None:
    """Takes the filter of a sheet away and shows what it hid."""
    if sheet.features.pop(BASIC, None):
        show_rows(sheet)


def add_view(batch: Batch, request: Object) -> Object:
    """AddFilterViewRequest."""
    view = part(request, "filter")
    return {"filter": _add(batch, {**view, "filterViewId": _new_id(batch, optional_whole(view, "filterViewId"))})}


def update_view(batch: Batch, request: Object) -> None:
    """UpdateFilterViewRequest."""
    view = part(request, "filter")
    tree = update_mask(sheets(), "FilterView", text(request, "fields"))
    view_id = whole(view, "filterViewId")
    place = needed(batch.book, VIEWS, "filterViewId", view_id, "filter view")
    new: Object = {**updated(place.entry, view, tree), "filterViewId": view_id}
    if "filterSpecs" in tree:
        new.pop("criteria", None)
    elif "criteria" in tree:
        new.pop("filterSpecs", None)
    box = _filtered(batch.book, new)
    place.replace(_with_criteria({**new, "range": grid_range(box)}))


def delete_view(batch: Batch, request: Object) -> None:
    """DeleteFilterViewRequest."""
    needed(batch.book, VIEWS, "filterViewId", whole(request, "filterId"), "filter view").remove()


def duplicate_view(batch: Batch, request: Object) -> Object:
    """DuplicateFilterViewRequest."""
    old = needed(batch.book, VIEWS, "filterViewId", whole(request, "filterId"), "filter view").entry
    return {"filter": _add(batch, {**old, "filterViewId": _new_id(batch, None), "title": f"{text(old, 'title')} copy"})}


def _new_id(batch: Batch, given: int | None) -> int:
    return batch.new_id(lambda one: find(batch.book, VIEWS, "filterViewId", one) is not None, given, "filter view")


def _add(batch: Batch, view: Object) -> Object:
    box = _filtered(batch.book, view)
    views = entries(box.sheet, VIEWS)
    title = text(view, "title") or f"Filter {len(views) + 1}"
    added = _with_criteria({**view, "title": title, "range": grid_range(box)})
    views.append(added)
    return added


def _filtered(book: Book, given: Object) -> Box:
    """The range of a filter, which may be named or a table's."""
    area = part(given, "range")
    if "namedRangeId" in given:
        named = next((one for one in book.named_ranges if one.get("namedRangeId") == given["namedRangeId"]), None)
        if named is None:
            raise Refused(f"No named range with id: {given['namedRangeId']}")
        area = part(named, "range")
    if "tableId" in given:
        area = part(needed(book, "tables", "tableId", given["tableId"], "table").entry, "range")
    return box_of(book, area)


def _with_criteria(given: Object) -> Object:
    """Both ways of writing the criteria, as answers have them; filterSpecs go before criteria."""
    specs = parts(given, "filterSpecs") or [
        {"columnIndex": int(column), "filterCriteria": part(part(given, "criteria"), column)}
        for column in part(given, "criteria")
    ]
    area = area_of(part(given, "range"))
    for spec in specs:
        column = whole(spec, "columnIndex")
        if not (area.left or 0) <= column < (area.right or column + 1):
            raise Refused(f"Filter column index {column} is outside of the range of the filter.")
        condition = part(part(spec, "filterCriteria"), "condition")
        if condition:
            check_condition(condition, "F")
    if not specs:
        return {key: value for key, value in given.items() if key not in ("criteria", "filterSpecs")}
    criteria: Object = {str(whole(spec, "columnIndex")): part(spec, "filterCriteria") for spec in specs}
    return {**given, "criteria": criteria, "filterSpecs": list(specs)}


def _check_merges(box: Box) -> None:
    for merge in box.sheet.features.get("merges", ()):
        tall = whole(merge, "endRowIndex") - whole(merge, "startRowIndex") > 1
        if tall and overlap(merge, grid_range(box)):
            raise Refused(_MERGED)
        if overlap(merge, grid_range(box)) and not within(area_of(merge), area_of(grid_range(box))):
            raise Refused(_MERGED)


HANDLERS: dict[str, Handler] = {
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "addFilterView": add_view,
    "updateFilterView": update_view,
    "deleteFilterView": delete_view,
    "duplicateFilterView": duplicate_view,
}
