"""Merged cells: the first keeps its value, the others lose theirs."""

from typing import Final

from crm_sheets.google_emulator.a1 import box_of
from crm_sheets.google_emulator.areas import Box, area_of, grid_range
from crm_sheets.google_emulator.features import entries, overlap, within
from crm_sheets.google_emulator.json_values import Object, part, text, whole
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler

FEATURE: Final = "merges"
_PARTLY: Final = "You must select all cells in a merged range to merge or unmerge them."


def merge_cells(batch: Batch, request: Object) -> None:
    """MergeCellsRequest; merges that lie in the range are taken up by the new ones."""
    box = box_of(batch.book, part(request, "range"))
    batch.editing_box(box)
    _check_borders(box)
    _take_out(box)
    for block in _blocks(box, text(request, "mergeType", "MERGE_ALL")):
        if (block.bottom - block.top) * (block.right - block.left) > 1:
            _empty_all_but_first(block)
            entries(box.sheet, FEATURE).append(grid_range(block))


def unmerge_cells(batch: Batch, request: Object) -> None:
    """UnmergeCellsRequest."""
    box = box_of(batch.book, part(request, "range"))
    batch.editing_box(box)
    _take_out(box)


def _take_out(box: Box) -> None:
    merges, outer = entries(box.sheet, FEATURE), grid_range(box)
    touched = [merge for merge in merges if overlap(merge, outer)]
    if any(not within(area_of(merge), area_of(outer)) for merge in touched):
        raise Refused(_PARTLY)
    box.sheet.features[FEATURE] = [merge for merge in merges if merge not in touched]


def _check_borders(box: Box) -> None:
    for dimension, frozen_key, start, end in (
        ("rows", "frozenRowCount", box.top, box.bottom),
        ("columns", "frozenColumnCount", box.left, box.right),
    ):
        frozen = whole(box.sheet.grid_properties, frozen_key)
        if start < frozen < end:
            raise Refused(f"You can't merge frozen and non-frozen {dimension}.")
    for basic in box.sheet.features.get("basicFilter", ()):
        filtered, merged = part(basic, "range"), grid_range(box)
        if overlap(filtered, merged) and not within(area_of(merged), area_of(filtered)):
            raise Refused("You can't merge cells that cross the borders of an existing filter.")


def _blocks(box: Box, kind: str) -> list[Box]:
    match kind:
        case "MERGE_ROWS":
            return [Box(box.sheet, row, row + 1, box.left, box.right) for row in range(box.top, box.bottom)]
        case "MERGE_COLUMNS":
            return [Box(box.sheet, box.top, box.bottom, left, left + 1) for left in range(box.left, box.right)]
        case _:
            return [box]


def _empty_all_but_first(block: Box) -> None:
    for row in range(block.top, block.bottom):
        first = block.left + 1 if row == block.top else block.left
        _empty(block.sheet, row, range(first, block.right))


def _empty(sheet: Sheet, row: int, columns: range) -> None:
    sheet.put(row, {column: None for column in columns if sheet.cell(row, column) is not None})


HANDLERS: dict[str, Handler] = {
    "mergeCells": merge_cells,
    "unmergeCells": unmerge_cells,
}
