"""JSON as typed values, and reading parts of an object that was checked against its schema before."""

from collections.abc import Mapping
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Object: TypeAlias = dict[str, Json]


def part(value: Mapping[str, Json], key: str) -> Object:
    """The object at a key; an empty one when there is none."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def items(value: Mapping[str, Json], key: str) -> list[Json]:
    """The array at a key; an empty one when there is none."""
    found = value.get(key)
    return found if isinstance(found, list) else []


def parts(value: Mapping[str, Json], key: str) -> list[Object]:
    """The objects of the array at a key."""
    return [entry if isinstance(entry, dict) else {} for entry in items(value, key)]


def text(value: Mapping[str, Json], key: str, default: str = "") -> str:
    """The string at a key."""
    found = value.get(key)
    return found if isinstance(found, str) else default


def whole(value: Mapping[str, Json], key: str, default: int = 0) -> int:
    """The integer at a key."""
    found = value.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else default


def optional_whole(value: Mapping[str, Json], key: str) -> int | None:
    """The integer at a key, or None."""
    found = value.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def flag(value: Mapping[str, Json], key: str) -> bool:
    """Whether a key holds true."""
    return value.get(key) is True


def plain_number(value: float) -> int | float:
    """A number as Google writes it in JSON: 5 and not 5.0."""
    return int(value) if float(value).is_integer() and abs(value) < 1e15 else value


def without_empty(value: Object) -> Object:
    """An object without keys that hold nothing: Google leaves defaults out of its answers."""
    return {key: entry for key, entry in value.items() if entry not in (None, [], {})}
