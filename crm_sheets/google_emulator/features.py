"""What hangs on sheets besides cells, as the messages of the API hold it: charts, filters, rules, protected ranges.

Entries are never changed in place: a batch that fails goes back to the lists as they were.
"""

from dataclasses import dataclass

from crm_sheets.google_emulator.areas import Area, area_of
from crm_sheets.google_emulator.json_values import Json, Object, part, whole
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.protection import intersects
from crm_sheets.google_emulator.refusals import Refused


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands."""

    sheet: Sheet
    feature: str
    index: int

    @property
    def entry(self) -> Object:
        """The entry itself."""
        return self.sheet.features[self.feature][self.index]

    def replace(self, entry: Object) -> None:
        """Puts another in its place."""
        self.sheet.features[self.feature][self.index] = entry

    def remove(self) -> None:
        """Takes it out; those behind it move up."""
        del self.sheet.features[self.feature][self.index]


def entries(sheet: Sheet, feature: str) -> list[Object]:
    """The list itself, made when there is none."""
    return sheet.features.setdefault(feature, [])


def find(book: Book, feature: str, key: str, value: Json) -> Place | None:
    """The first entry of any sheet that holds this under the key."""
    for sheet in book.sheets:
        for index, entry in enumerate(sheet.features.get(feature, ())):
            if entry.get(key) == value:
                return Place(sheet, feature, index)
    return None


def needed(book: Book, feature: str, key: str, value: Json, name: str) -> Place:
    """The same, refused when there is none: "No chart with id: 5"."""
    place = find(book, feature, key, value)
    if place is None:
        raise Refused(f"No {name} with id: {value}")
    return place


def overlap(one: Object, other: Object) -> bool:
    """Whether two GridRanges share a cell."""
    if whole(one, "sheetId") != whole(other, "sheetId"):
        return False
    return intersects(area_of(one), area_of(other))


def within(inner: Area, outer: Area) -> bool:
    """Whether an area lies in another."""
    return _inside((inner.top, inner.bottom), (outer.top, outer.bottom)) and _inside(
        (inner.left, inner.right), (outer.left, outer.right)
    )


def _inside(inner: tuple[int | None, int | None], outer: tuple[int | None, int | None]) -> bool:
    ends = outer[1] is None or (inner[1] is not None and inner[1] <= outer[1])
    return ends and (inner[0] or 0) >= (outer[0] or 0)


def exactly_one(value: Object, names: tuple[str, ...], message: str) -> str:
    """The only one of these fields that is set; refused with the message otherwise."""
    found = [name for name in names if value.get(name) not in (None, {})]
    if len(found) != 1:
        raise Refused(message)
    return found[0]


def with_grid_range(value: Object, key: str = "range") -> Object:
    """The range at a key with its sheet written out, as answers have it."""
    return {**value, key: {"sheetId": whole(part(value, key), "sheetId"), **part(value, key)}}
