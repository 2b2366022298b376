"""Expected answers as Google writes them."""

from typing import TypeVar

Value = TypeVar("Value")


def told(value: Value) -> Value:
    """The same without `sheetId` where it is 0: in ranges, Google leaves it out."""
    if isinstance(value, dict):
        return {key: told(entry) for key, entry in value.items() if key != "sheetId" or entry != 0}  # type: ignore[return-value]
    if isinstance(value, list):
        return [told(entry) for entry in value]  # type: ignore[return-value]
    return value
