"""Values of a record as a compact JSON text and back, for the state store and the journal."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from crm_sheets.changes import Value
from crm_sheets.schema.base import Kind, Record, Tab, columns_of
from crm_sheets.tables import ColumnKey


def encode_values(tab: Tab, values: Mapping[ColumnKey, Value]) -> str:
    """JSON of what is not None, in the order of the tab's columns, so that equal values give equal texts.

    Values of columns that the tab has no longer follow, as decode_values left them.
    """
    if len(values) == 1:  # a cell of the journal: there are hundreds of thousands
        return _ENCODER.encode({key: value for key, value in values.items() if value is not None})
    kept = {key: value for key in tab.columns if (value := values.get(key)) is not None}
    if len(kept) < len(values):
        kept |= {key: values[key] for key in sorted(values.keys() - tab.columns.keys()) if values[key] is not None}
    return _ENCODER.encode(kept)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of a column")


# Values hold lists of texts at most: to look for circles in each record takes as long as to write it.
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), default=_plain)


def decode_values(tab: Tab, text: str) -> dict[ColumnKey, Value]:
    """What encode_values was given, without the blanks.

    What stands under columns that the tab has no longer is carried along as it is: a field that the config leaves out
    may come back. What does not fit a field of the config, which may have changed its kind, is left out.

    Raises:
        ValueError, ArithmeticError, TypeError: not such a text, or a value that does not fit its column.
    """
    found: dict[ColumnKey, Value] = json.loads(text)
    decoders = _decoders(tab.record)
    for key in found.keys() & _own(tab.record).keys():
        if not _fits(found[key], _own(tab.record)[key]):
            del found[key]
    for key in found.keys() & decoders.keys():
        found[key] = decoders[key](found[key])
    return found


def decode_columns(tab: Tab, texts: Sequence[str], columns: Collection[ColumnKey]) -> dict[ColumnKey, list[Value]]:
    """Some columns of many rows, None for blanks: what decode_values would say of each, in a fraction of its time.

    Raises:
        ValueError, ArithmeticError, TypeError: as decode_values.
    """
    found: dict[ColumnKey, list[Value]] = {column: [] for column in columns}
    for first in range(0, len(texts), _PIECE):
        rows: list[dict[ColumnKey, Value]] = json.loads(f"[{','.join(texts[first : first + _PIECE])}]")
        for column, values in found.items():
            values += [row.get(column) for row in rows]
    return {column: _decoded(tab, column, values) for column, values in found.items()}


def _decoded(tab: Tab, column: ColumnKey, values: list[Value]) -> list[Value]:
    own, decode = _own(tab.record).get(column), _decoders(tab.record).get(column)
    if own is not None:
        values = [value if value is None or _fits(value, own) else None for value in values]
    if decode is None:
        return values
    if columns_of(tab.record)[column].kind in (Kind.TAGS, Kind.LINKS):
        return [None if value is None else decode(value) for value in values]
    different = set(values)
    if len(different) > len(values) // 2:  # asking twice costs more than decoding a few of them twice
        return [None if value is None else decode(value) for value in values]
    known = {value: None if value is None else decode(value) for value in different}
    return [known[value] for value in values]


_PIECE = 5_000
"""Rows that are taken apart together; more need more memory and are no faster."""


def _decimal(value: object) -> Value:
    return Decimal(str(value))


def _tuple(value: object) -> Value:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return tuple(value)


def _date(value: object) -> Value:
    return date.fromisoformat(str(value))


def _datetime(value: object) -> Value:
    return datetime.fromisoformat(str(value))


_BY_KIND: dict[Kind, Callable[[object], Value]] = {
    Kind.NUMBER: _decimal,
    Kind.MONEY: _decimal,
    Kind.PERCENT: _decimal,
    Kind.RATIO: _decimal,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.TAGS: _tuple,
    Kind.LINKS: _tuple,
}


@cache
def _decoders(record: type[Record]) -> Mapping[ColumnKey, Callable[[object], Value]]:
    """For columns whose value is not itself JSON."""
    return {key: _BY_KIND[column.kind] for key, column in columns_of(record).items() if column.kind in _BY_KIND}


@cache
def _own(record: type[Record]) -> Mapping[ColumnKey, Kind]:
    """The fields of the config, which may have held something else before."""
    return {key: column.kind for key, column in columns_of(record).items() if column.own}


def _fits(value: Value, kind: Kind) -> bool:
    """Whether what stands in the JSON can be decoded as a value of a kind."""
    if kind is Kind.INTEGER:
        return type(value) is int
    if kind is Kind.BOOLEAN:
        return type(value) is bool
    if kind not in _BY_KIND:
        return type(value) is str
    try:
        _BY_KIND[kind](value)
    except (ValueError, ArithmeticError, TypeError):
        return False
    return True
