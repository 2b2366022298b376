"""Groups of rows and columns, kept as how deep each row or column lies; the groups are read off that.

So two groups that overlap become one with another inside, as the API's documentation shows it.
"""

from dataclasses import dataclass
from typing import Final

from crm_sheets.google_emulator.discovery import sheets
from crm_sheets.google_emulator.features import entries
from crm_sheets.google_emulator.json_values import Object, flag, part, text, whole
from crm_sheets.google_emulator.masks import update_mask, wants
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler
from crm_sheets.google_emulator.requests.sizes import Span, set_dimensions, span_of

DEEPEST: Final = 8


@dataclass(frozen=True, slots=True)
class _Group:
    start: int
    end: int
    depth: int


def add_group(batch: Batch, request: Object) -> Object:
    """AddDimensionGroupRequest; all groups of that dimension are answered."""
    span = span_of(batch.book, part(request, "range"))
    depths = _depths(span)
    for index in range(span.start, span.end):
        depths[index] += 1
    if max(depths) > DEEPEST:
        raise Refused(f"Dimension groups cannot be deeper than {DEEPEST} levels.")
    return {"dimensionGroups": list(_regroup(span, depths))}


def delete_group(batch: Batch, request: Object) -> Object:
    """DeleteDimensionGroupRequest: every row or column of the range lies one level higher."""
    span = span_of(batch.book, part(request, "range"))
    depths = _depths(span)
    if not any(depths[span.start : span.end]):
        raise Refused("There are no dimension groups over the specified range.")
    for index in range(span.start, span.end):
        depths[index] = max(0, depths[index] - 1)
    return {"dimensionGroups": list(_regroup(span, depths))}


def update_group(batch: Batch, request: Object) -> None:
    """UpdateDimensionGroupRequest: collapsing hides its rows or columns, expanding shows them."""
    tree = update_mask(sheets(), "DimensionGroup", text(request, "fields"))
    given = part(request, "dimensionGroup")
    span = span_of(batch.book, part(given, "range"))
    wanted = _Group(span.start, span.end, whole(given, "depth"))
    groups = entries(span.sheet, _feature(span))
    for index, entry in enumerate(groups):
        if _read(entry) == wanted and wants(tree, "collapsed"):
            groups[index] = {**entry, "collapsed": flag(given, "collapsed")}
            set_dimensions(span, lambda old: {**old, "hiddenByUser": flag(given, "collapsed")})
            return
    raise Refused("No dimension group exists over the specified range at the specified depth.")


def _feature(span: Span) -> str:
    return "rowGroups" if span.dimension == "ROWS" else "columnGroups"


def _read(entry: Object) -> _Group:
    found = part(entry, "range")
    return _Group(whole(found, "startIndex"), whole(found, "endIndex"), whole(entry, "depth"))


def _depths(span: Span) -> list[int]:
    depths = [0] * _size(span.sheet, span.dimension)
    for group in map(_read, entries(span.sheet, _feature(span))):
        for index in range(group.start, min(group.end, len(depths))):
            depths[index] += 1
    return depths


def _size(sheet: Sheet, dimension: str) -> int:
    return len(sheet.rows) if dimension == "ROWS" else len(sheet.columns)


def _regroup(span: Span, depths: list[int]) -> list[Object]:
    collapsed = {_read(entry) for entry in entries(span.sheet, _feature(span)) if flag(entry, "collapsed")}
    groups = sorted(_groups(depths), key=lambda group: (group.start, group.depth))
    span.sheet.features[_feature(span)] = [
        {
            "range": {
                "sheetId": span.sheet.sheet_id,
                "dimension": span.dimension,
                "startIndex": group.start,
                "endIndex": group.end,
            },
            "depth": group.depth,
            **({"collapsed": True} if group in collapsed else {}),
        }
        for group in groups
    ]
    return span.sheet.features[_feature(span)]


def _groups(depths: list[int]) -> list[_Group]:
    found: list[_Group] = []
    for depth in range(1, max(depths, default=0) + 1):
        start: int | None = None
        for index, deep in enumerate([*depths, 0]):
            if deep >= depth and start is None:
                start = index
            elif deep < depth and start is not None:
                found.append(_Group(start, index, depth))
                start = None
    return found


HANDLERS: dict[str, Handler] = {
    "addDimensionGroup": add_group,
    "deleteDimensionGroup": delete_group,
    "updateDimensionGroup": update_group,
}
