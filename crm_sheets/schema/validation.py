"""Many rows at once from cells to values: codecs convert, the record's own pydantic constraints judge.

A tab is validated column by column, and each distinct cell of a column once: what a value may be does not depend on
the rest of its row (what does is for the rules). The annotations judged by are those of the Record's fields, so the
result is the same as that of `Record.model_validate` row by row, every error with its address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import GenericAlias

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from crm_sheets.cells import CellError, CellValue, Formula
from crm_sheets.changes import Value
from crm_sheets.schema.base import Column, Record, Tab
from crm_sheets.schema.codecs import CodecContext, Flaw, parse
from crm_sheets.schema.codecs.base import shown
from crm_sheets.schema.sealed import MASK_FLAW, Sealed, is_mask, mask_of, sealed_as, shows
from crm_sheets.tables import ColumnKey

JUDGED_CODES = (
    "not-an-email",
    "not-a-credit-code",
    "not-an-id-number",
    "id-number-birthday",
    "wrong-check-digit",
    "wrong-length",
    "too-long",
    "too-many",
    "out-of-range",
    "format-mismatch",
    "value-refused",
)
"""Every code that a record's constraint may give."""

_TOO_LONG = {"string_too_long": "too-long", "too_long": "too-many"}
_OUT_OF_RANGE = frozenset({"greater_than_equal", "less_than_equal", "greater_than", "less_than"})


@dataclass(frozen=True, slots=True)
class ValidatedRow:
    """What a row's cells mean.

    Attributes:
        values: one for each column of the tab, in its order; None where the cell is blank or flawed.
        flaws: why a cell that is not blank has no value.
    """

    values: Mapping[ColumnKey, Value]
    flaws: Mapping[ColumnKey, Flaw]


_SOUND: Mapping[ColumnKey, Flaw] = {}


def validate_rows(tab: Tab, raws: Sequence[Sequence[CellValue]], context: CodecContext) -> list[ValidatedRow]:
    """Validates rows, each with one cell for each column of the tab in its order.

    Args:
        tab: whose columns the cells belong to.
        raws: rows of equal length; Layout.cut makes them.
        context: what the codecs need to know.
    """
    if not raws:
        return []
    judged: list[Sequence[Value]] = []
    flawed: dict[int, dict[ColumnKey, Flaw]] = {}
    for column, cells in zip(tab.columns.values(), zip(*raws, strict=True), strict=True):
        values, flaws = validate_column(tab.record, column, cells, context)
        judged.append(values)
        for place, why in flaws.items():
            flawed.setdefault(place, {})[column.key] = why
    keys = tuple(tab.columns)
    rows = zip(*judged, strict=True)
    return [ValidatedRow(dict(zip(keys, row)), flawed.get(i, _SOUND)) for i, row in enumerate(rows)]  # noqa: B905


def validate_column(
    record: type[Record], column: Column, cells: Sequence[CellValue], context: CodecContext
) -> tuple[Sequence[Value], Mapping[int, Flaw]]:
    """The values of one column's cells, and the flaws by the place of the cell in `cells`."""
    types = set(map(type, cells))
    if types == {type(None)}:
        return cells, {}
    if column.sealed and context.sealer is not None:
        return _sealed_column(record, column, cells, context)
    keys = [_key(cell) for cell in cells] if bool in types or Formula in types else cells
    values: dict[object, Value] = {}
    flaws: dict[object, Flaw] = {}
    for key, cell in dict(zip(keys, cells, strict=True)).items():
        found = parse(cell, column, context)
        if isinstance(found, Flaw):
            flaws[key] = found
        else:
            values[key] = found
    flaws |= _judged(record, column, values)
    if not flaws:
        return list(map(values.__getitem__, keys)), {}
    for key in flaws:
        values[key] = None
    return list(map(values.__getitem__, keys)), {place: flaws[key] for place, key in enumerate(keys) if key in flaws}


def sealed_cells(
    record: type[Record], column: Column, cells: Sequence[CellValue], context: CodecContext
) -> list[CellValue]:
    """The cells of a sealed column with every text sealed; blanks, masks and errors stay. No text gets past this.

    What is wrong with a text goes along as a part of its sealed value, for nobody can look at it again. A formula
    counts as its result; one that has none is sealed as the text that it is.
    """
    sealer = context.sealer
    if sealer is None:
        return list(cells)
    plain = {_key(cell): cell for cell in cells if _tells(cell)}
    texts = list(plain.values())
    values, flaws = validate_column(record, column, texts, replace(context, sealer=None)) if texts else ((), {})
    made: dict[object, CellValue] = {}
    for place, (key, value) in enumerate(zip(plain, values, strict=True)):
        why = flaws.get(place)
        if why is None and value is None:  # nothing but spaces
            made[key] = None
            continue
        text = _text_of(texts[place]) if value is None else str(value)
        index = sealer.index(record.tab, column.key, text)
        mask = mask_of(text, context.shown)
        made[key] = sealed_as(index, mask) if why is None else sealed_as(index, mask, why.code, why.parameters)
    return [made[_key(cell)] if _tells(cell) else _without_text(cell) for cell in cells]


def _tells(cell: CellValue) -> bool:
    """Whether a cell of a sealed column holds a text that nobody should read there."""
    if cell is None or cell == "" or isinstance(cell, Sealed | CellError):
        return False
    if isinstance(cell, Formula):
        return not isinstance(cell.cached, CellError)
    return not (isinstance(cell, str) and is_mask(cell))


def _text_of(cell: CellValue) -> str:
    if isinstance(cell, Formula) and cell.cached is not None:
        return shown(cell.cached)
    return shown(cell)


def _without_text(cell: CellValue) -> CellValue:
    """A formula that gives an error may still hold a number in its text."""
    return Formula("", cell.cached) if isinstance(cell, Formula) else cell


def _sealed_column(
    record: type[Record], column: Column, cells: Sequence[CellValue], context: CodecContext
) -> tuple[Sequence[Value], Mapping[int, Flaw]]:
    values: list[Value] = []
    flaws: dict[int, Flaw] = {}
    for place, cell in enumerate(sealed_cells(record, column, cells, context)):
        values.append(cell if isinstance(cell, Sealed) else None)
        error = cell.cached if isinstance(cell, Formula) else cell
        if isinstance(error, CellError):
            flaws[place] = Flaw("cell-error", {"found": error.code})
        elif isinstance(cell, str) and is_mask(cell):
            flaws[place] = Flaw(MASK_FLAW)
    return values, flaws


def unmasked(
    row: ValidatedRow, tab: Tab, cells: Sequence[CellValue], *known: Mapping[ColumnKey, Value]
) -> ValidatedRow:
    """The row with the sealed values whose masks its cells show, where one of the `known` values has that mask.

    Args:
        row: of the cells.
        cells: one for each column of the tab, in its order.
        known: what the cell may stand for: what it held when it was last read or written, what the record holds.
    """
    masks = [key for key, why in row.flaws.items() if why.code == MASK_FLAW]
    if not masks:
        return row
    places = {key: place for place, key in enumerate(tab.columns)}
    meant = {}
    for key in masks:
        value = next((its[key] for its in known if shows(cells[places[key]], its.get(key))), None)
        if value is not None:
            meant[key] = value
    flaws = {key: why for key, why in row.flaws.items() if key not in meant}
    return ValidatedRow({**row.values, **meant}, flaws)


def takes(record: type[Record], column: Column, value: Value) -> bool:
    """Whether a field's own limits allow a value."""
    return not _judged(record, column, {"value": value})


def _key(cell: CellValue) -> object:
    """What tells distinct cells apart: TRUE equals 1 in Python and does not in a sheet, in results of formulas too."""
    return (type(cell), repr(cell)) if isinstance(cell, bool | Formula) else cell


def _judged(record: type[Record], column: Column, values: Mapping[object, Value]) -> dict[object, Flaw]:
    """The values that the record refuses."""
    try:
        _adapter(record, column.key).validate_python(list(values.values()))
    except ValidationError as error:
        keys = list(values)
        return {
            keys[place]: _flaw(record, column, values[keys[place]], details)
            for details in reversed(error.errors(include_url=False, include_input=False))
            if isinstance(place := details["loc"][0], int)
        }
    return {}


@cache
def _adapter(record: type[Record], column: ColumnKey) -> TypeAdapter[list[object]]:
    """Pydantic's judgement on many values of one field at once, made of the field's own annotation."""
    annotation = record.model_fields[column].rebuild_annotation()
    many: type[list[object]] = GenericAlias(list, (annotation,))  # type: ignore[assignment]  # known at run time only
    return TypeAdapter(many, config=ConfigDict(strict=True))


def _flaw(record: type[Record], column: Column, value: Value, details: ErrorDetails) -> Flaw:
    """What a pydantic error means to a person."""
    code, context = details["type"], details.get("ctx", {})
    if code in _TOO_LONG:
        return Flaw(_TOO_LONG[code], {"maximum": f"{context['max_length']:,}"})
    found = {"found": "***" if column.sealed else shown(value)[:60]}
    if code == "string_pattern_mismatch":
        return Flaw("format-mismatch", {**found, "example": column.example})
    if code in _OUT_OF_RANGE:
        return Flaw("out-of-range", {**found, **_limits(record, column.key)})
    if code == "wrong-length":
        return Flaw(code, {"expected": context["expected"], "length": context["length"]})
    return Flaw(code if code in JUDGED_CODES else "value-refused", found)


@cache
def _limits(record: type[Record], column: ColumnKey) -> Mapping[str, str]:
    """The smallest and the largest number that a field takes, as a person reads them."""
    schema = _adapter(record, column).json_schema()["items"]
    numbers = [schema, *schema.get("anyOf", ())]
    limits = {name: each[name] for each in numbers for name in ("minimum", "maximum") if name in each}
    return {name: f"{limits[name]:,.0f}" if name in limits else "…" for name in ("minimum", "maximum")}
