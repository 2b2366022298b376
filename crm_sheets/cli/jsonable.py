"""A report as JSON."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def jsonable(value: object) -> Json:
    """Dataclasses as objects, instants as ISO 8601, numbers exact where they are whole.

    Raises:
        TypeError: the report holds something that JSON has no form for.
    """
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value  # type: ignore[return-value]  # one of the three
    if kind is tuple:
        return [jsonable(each) for each in value]  # type: ignore[attr-defined]  # as above
    names = _names_of(kind)
    if names is not None:
        return {name: jsonable(getattr(value, name)) for name in names}
    if isinstance(value, bool | int | float | str | Decimal | date | time | Enum | Path):
        return _scalar(value)
    if isinstance(value, Mapping):
        return {str(key): jsonable(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [jsonable(each) for each in value]
    raise TypeError(f"a report holds no {type(value).__name__}")


_NAMES: dict[str, tuple[str, ...] | None] = {}


def _names_of(kind: type[object]) -> tuple[str, ...] | None:
    """The fields of a dataclass; None for any other type."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name not in _NAMES:
        _NAMES[name] = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None
    return _NAMES[name]


def _scalar(value: bool | int | float | str | Decimal | date | time | Enum | Path | None) -> Json:
    match value:
        case Enum():
            return jsonable(value.value)
        case float():
            return round(value, 6)
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case date() | time():
            return value.isoformat()
        case Path():
            return str(value)
    return value
