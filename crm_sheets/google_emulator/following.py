"""Everything that names cells follows when rows, columns or cells move: formulas, named ranges, and the objects on
sheets, in which ranges are found by their schemas."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TypeAlias

from crm_sheets.google_emulator.areas import area_of
from crm_sheets.google_emulator.discovery import schema_type, sheets
from crm_sheets.google_emulator.formulas.moving import followed, lost, retitled
from crm_sheets.google_emulator.json_values import Json, Object, optional_whole, part, text, whole
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.cell import Cell
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.model.shifts import Change, Relocated

Rewrite: TypeAlias = Callable[[str, Object], Object | None]
"""From the name of a schema and a message of it to the message as it is to be; None when it is gone."""

_NEEDED = {
    "ChartSourceRange": "sources",
    "ChartData": "sourceRange",
    "BasicChartSeries": "series",
    "BasicChartDomain": "domain",
}
"""Without which a part of a chart is gone: a series goes with its column, and the chart stays."""
_RANGES = frozenset({"GridRange", "DimensionRange", "GridCoordinate", "ConditionValue"})


def follow(book: Book, change: Change | Relocated) -> None:
    """Lets everything in a book follow a change that has been made."""
    rewrite = _rewriting(book, change)
    book.named_ranges = [
        kept for named in book.named_ranges if (kept := rewritten("NamedRange", named, rewrite(None))) is not None
    ]
    for sheet in book.sheets:
        rewrite_features(sheet, rewrite(sheet))
        _follow_cells(book, sheet, change)


def rewrite_features(sheet: Sheet, rewrite: Rewrite) -> None:
    """Rewrites the objects that hang on a sheet; what has lost its range is gone."""
    for name, entries in sheet.features.items():
        schema = _schema_of_feature(name)
        kept = [rewritten(schema, entry, rewrite) for entry in entries]
        sheet.features[name] = [entry for entry in kept if entry is not None]


@cache
def _schema_of_feature(name: str) -> str:
    field = part(sheets().fields("Sheet"), name)
    return schema_type(part(field, "items")) if schema_type(field) == "array" else schema_type(field)


def rewritten(schema: str, value: Object, rewrite: Rewrite) -> Object | None:
    """A message with the ranges in it rewritten; None when it, its `range` or all of its `ranges` are gone."""
    if schema in _RANGES:
        return rewrite(schema, value)
    new: Object = {}
    for key, entry in value.items():
        field = part(sheets().fields(schema), key) if schema in sheets().schemas else {}
        kept = _rewritten_field(field, entry, rewrite) if _holds_ranges(schema_type(field), field) else entry
        if kept is not None:
            new[key] = kept
    needed = _NEEDED.get(schema, "range")
    lost_range = bool(value.get(needed)) and not new.get(needed)
    return None if lost_range or (value.get("ranges") and not new.get("ranges")) else new


def _rewritten_field(field: Object, entry: Json, rewrite: Rewrite) -> Json:
    if isinstance(entry, list):
        inner = schema_type(part(field, "items"))
        kept = [rewritten(inner, value, rewrite) if isinstance(value, dict) else value for value in entry]
        return [value for value in kept if value is not None]
    return rewritten(schema_type(field), entry, rewrite) if isinstance(entry, dict) else entry


def _holds_ranges(schema: str, field: Object) -> bool:
    return reaches(schema_type(part(field, "items")) if schema == "array" else schema, _RANGES)


@cache
def reaches(schema: str, wanted: frozenset[str], seen: frozenset[str] = frozenset()) -> bool:
    """Whether a message is one of those wanted, or may hold one somewhere; most may not, and are left alone."""
    if schema in wanted:
        return True
    if schema not in sheets().schemas or schema in seen:
        return False
    fields = sheets().fields(schema)
    inner = {schema_type(part(part(fields, key), "items")) or schema_type(part(fields, key)) for key in fields}
    return any(reaches(name, wanted, seen | {schema}) for name in inner)


def _rewriting(book: Book, change: Change | Relocated) -> Callable[[Sheet | None], Rewrite]:
    def on(sheet: Sheet | None) -> Rewrite:
        return lambda schema, value: _followed(book, sheet, schema, value, change)

    return on


def _followed(book: Book, sheet: Sheet | None, schema: str, value: Object, change: Change | Relocated) -> Object | None:
    if schema == "ConditionValue":
        return _condition(book, sheet, value, change)
    if whole(value, "sheetId") != change.sheet_id:
        return value
    if schema == "GridRange":
        return _grid_range(value, change)
    if isinstance(change, Relocated):
        return value
    return _dimension_range(value, change) if schema == "DimensionRange" else _coordinate(value, change)


def _condition(book: Book, sheet: Sheet | None, value: Object, change: Change | Relocated) -> Object:
    formula = text(value, "userEnteredValue")
    if not formula.startswith("=") or sheet is None:
        return value
    return value | {"userEnteredValue": followed(formula, book, sheet.sheet_id, change)}


def _grid_range(value: Object, change: Change | Relocated) -> Object | None:
    area = change.area(area_of(value))
    if area is None:
        return None
    target = change.to_sheet if isinstance(change, Relocated) and area != area_of(value) else change.sheet_id
    ends: Object = {"sheetId": target}
    for key, end in (
        ("startRowIndex", area.top),
        ("endRowIndex", area.bottom),
        ("startColumnIndex", area.left),
        ("endColumnIndex", area.right),
    ):
        if end is not None:
            ends[key] = end
    return ends


def _dimension_range(value: Object, change: Change) -> Object | None:
    span = optional_whole(value, "startIndex"), optional_whole(value, "endIndex")
    moved = change.lines(text(value, "dimension"), span)
    if moved is None:
        return None
    kept: Object = {key: value[key] for key in ("sheetId", "dimension") if key in value}
    return kept | {key: end for key, end in zip(("startIndex", "endIndex"), moved, strict=True) if end is not None}


def _coordinate(value: Object, change: Change) -> Object:
    """The cell that an object is anchored at; one whose cell is deleted stays where it was."""
    key = "rowIndex" if change.dimension == "ROWS" else "columnIndex"
    index = whole(value, key)
    moved = change.lines(change.dimension, (index, index + 1))
    return value | {key: moved[0]} if moved is not None and moved[0] is not None else value


def _follow_cells(book: Book, sheet: Sheet, change: Change | Relocated) -> None:
    on, known = _rewriting(book, change)(sheet), dict[int, Object | None]()

    def rule_after(rule: Object) -> Object | None:
        """A rule stands on thousands of cells as one object: it is rewritten once, and stays itself when it may."""
        if id(rule) not in known:
            new = rewritten("DataValidationRule", rule, on)
            known[id(rule)] = rule if new == rule else new
        return known[id(rule)]

    for index, row in enumerate(sheet.rows):
        if row.has_formulas or row.has_rules:
            cells = tuple(_followed_cell(book, sheet, cell, change, rule_after) for cell in row.cells)
            if any(new is not old for new, old in zip(cells, row.cells, strict=True)):
                sheet.rows[index] = replace(row, cells=cells)


def _followed_cell(
    book: Book,
    sheet: Sheet,
    cell: Cell | None,
    change: Change | Relocated,
    rule_after: Callable[[Object], Object | None],
) -> Cell | None:
    if cell is None:
        return None
    if cell.formula is not None:
        cell = replace(cell, formula=followed(cell.formula, book, sheet.sheet_id, change))
    rule = cell.rest.get("dataValidation") if cell.rest else None
    if isinstance(rule, dict) and rule_after(rule) is not rule:
        cell = replace(cell, rest=(cell.rest or {}) | {"dataValidation": rule_after(rule)})
    return cell


def retitle(book: Book, sheet: Sheet, title: str) -> None:
    """Gives a sheet another title; formulas that name it go along."""
    old, sheet.title = sheet.title, title
    _rewrite_formulas(book, lambda formula: retitled(formula, old, title))


def forget(book: Book, sheet: Sheet) -> None:
    """Formulas that name a sheet which was deleted name nothing from now on."""
    _rewrite_formulas(book, lambda formula: lost(formula, sheet.title))


def _rewrite_formulas(book: Book, change: Callable[[str], str]) -> None:
    for sheet in book.sheets:
        for index, row in enumerate(sheet.rows):
            if row.has_formulas:
                sheet.rows[index] = replace(row, cells=tuple(_with_formula(cell, change) for cell in row.cells))


def _with_formula(cell: Cell | None, change: Callable[[str], str]) -> Cell | None:
    if cell is None or cell.formula is None:
        return cell
    return replace(cell, formula=change(cell.formula))
