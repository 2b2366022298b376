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
    if value is None or isinstance(value, bool | int | float | str | Decimal | date | time | Enum | Path):
        return _scalar(value)
    if isinstance(value, Mapping):
        return {str(key): jsonable(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [jsonable(each) for each in value]
    if is_dataclass(value):
        return {field.name: jsonable(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"a report holds no {type(value).__name__}")


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
