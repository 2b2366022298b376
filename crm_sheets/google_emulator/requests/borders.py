"""Borders of cells."""

from dataclasses import replace

from crm_sheets.google_emulator.a1 import box_of
from crm_sheets.google_emulator.areas import Box
from crm_sheets.google_emulator.json_values import Object, part, text
from crm_sheets.google_emulator.model.cell import BLANK, Cell
from crm_sheets.google_emulator.requests.batch import Batch, Handler


def update_borders(batch: Batch, request: Object) -> None:
    """UpdateBordersRequest: sides that it does not name stay; the style NONE takes one away."""
    box = box_of(batch.book, part(request, "range"))
    batch.editing_box(box)
    for row in range(box.top, box.bottom):
        changed: dict[int, Cell | None] = {}
        for column in range(box.left, box.right):
            sides = {side: part(request, name) for side, name in _sides(box, row, column) if name in request}
            cell = box.sheet.cell(row, column)
            changed[column] = _bordered(cell, sides) if sides else cell
        box.sheet.put(row, changed)


def _sides(box: Box, row: int, column: int) -> list[tuple[str, str]]:
    """Each side of the cell, and which border of the request is drawn there."""
    return [
        ("top", "top" if row == box.top else "innerHorizontal"),
        ("bottom", "bottom" if row == box.bottom - 1 else "innerHorizontal"),
        ("left", "left" if column == box.left else "innerVertical"),
        ("right", "right" if column == box.right - 1 else "innerVertical"),
    ]


def _bordered(cell: Cell | None, sides: dict[str, Object]) -> Cell | None:
    old = cell or BLANK
    borders = {**part(old.format or {}, "borders"), **sides}
    kept = {side: border for side, border in borders.items() if text(part(borders, side), "style") != "NONE"}
    cell_format = {key: value for key, value in (old.format or {}).items() if key != "borders"}
    if kept:
        cell_format["borders"] = kept
    changed = replace(old, format=cell_format or None)
    return None if changed == BLANK else changed


HANDLERS: dict[str, Handler] = {
    "updateBorders": update_borders,
}
