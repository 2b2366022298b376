"""Where ranges are after rows or columns were inserted, deleted or moved: intervals, and every range in a JSON object.

Indexes are 0-based, ends are exclusive, as everywhere in the API.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from crm_sheets.google_emulator.json_values import Json, Object

Interval: TypeAlias = tuple[int | None, int | None]
"""Start and end; None where it is unbounded."""

_KEYS: Final = {
    "ROWS": ("startRowIndex", "endRowIndex", "rowIndex"),
    "COLUMNS": ("startColumnIndex", "endColumnIndex", "columnIndex"),
}


@dataclass(frozen=True, slots=True)
class Inserted:
    """Rows or columns that were put in before the index."""

    start: int
    count: int

    def interval(self, start: int | None, end: int | None) -> Interval | None:
        """It grows when something is put between its first and its last; before its first, it moves on."""
        moved = start is not None and start >= self.start
        return (
            start + self.count if start is not None and moved else start,
            end + self.count if end is not None and end > self.start else end,
        )


@dataclass(frozen=True, slots=True)
class Deleted:
    """Rows or columns that are gone."""

    start: int
    end: int

    def interval(self, start: int | None, end: int | None) -> Interval | None:
        """What is left of it; None when nothing is."""
        kept = self._after(start or 0), None if end is None else self._after(end)
        if kept[1] is not None and kept[0] >= kept[1]:
            return None
        return (None if start is None else kept[0]), kept[1]

    def _after(self, place: int) -> int:
        return place - max(0, min(place, self.end) - self.start)


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows or columns that stand elsewhere now; the destination is counted before they were taken out."""

    start: int
    end: int
    destination: int

    def interval(self, start: int | None, end: int | None) -> Interval | None:
        """A range within what moved moves with it; any other loses what was taken out and gains what was put in."""
        count = self.end - self.start
        target = self.destination if self.destination <= self.start else self.destination - count
        if start is not None and end is not None and self.start <= start and end <= self.end:
            return start - self.start + target, end - self.start + target
        left = Deleted(self.start, self.end).interval(start, end)
        return left and Inserted(target, count).interval(*left)


GridChange: TypeAlias = Inserted | Deleted | Moved


def range_after(value: Object, dimension: str, change: GridChange) -> Object | None:
    """A GridRange after the change to its own sheet; None when nothing of it is left."""
    first, last, _ = _KEYS[dimension]
    interval = change.interval(_index(value, first), _index(value, last))
    if interval is None:
        return None
    changed: Object = {key: entry for key, entry in value.items() if key not in (first, last)}
    changed.update({key: place for key, place in zip((first, last), interval, strict=True) if place is not None})
    return changed


def ranges_after(value: Json, sheet: int, dimension: str, change: GridChange) -> Json:
    """A JSON value with every range and coordinate in it as they are after a change to one sheet.

    A range of which nothing is left goes out of the array or the object that holds it.
    """
    if isinstance(value, list):
        changed = [ranges_after(entry, sheet, dimension, change) for entry in value]
        return [new for old, new in zip(value, changed, strict=True) if new is not None or old is None]
    if not isinstance(value, dict):
        return value
    if _is_range(value):
        return range_after(value, dimension, change) if _sheet(value) == sheet else value
    if _is_coordinate(value):
        return _coordinate_after(value, dimension, change) if _sheet(value) == sheet else value
    moved = {key: ranges_after(entry, sheet, dimension, change) for key, entry in value.items()}
    return {key: entry for key, entry in moved.items() if entry is not None or value[key] is None}


def _is_range(value: Object) -> bool:
    known = {"sheetId", *_KEYS["ROWS"][:2], *_KEYS["COLUMNS"][:2]}
    return bool(value) and value.keys() <= known and (len(value) > 1 or "sheetId" in value)


def _is_coordinate(value: Object) -> bool:
    return "rowIndex" in value and value.keys() <= {"sheetId", "rowIndex", "columnIndex"}


def _coordinate_after(value: Object, dimension: str, change: GridChange) -> Object:
    """A cell that is gone gives its place to the one that follows it: an object that is anchored there stays."""
    key = _KEYS[dimension][2]
    place = _index(value, key) or 0
    interval = change.interval(place, place + 1)
    if interval is None and isinstance(change, Deleted):
        interval = (change.start, change.start + 1)
    return {**value, key: interval[0] if interval and interval[0] is not None else place}


def _sheet(value: Object) -> int:
    return _index(value, "sheetId") or 0


def _index(value: Object, key: str) -> int | None:
    found = value.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
