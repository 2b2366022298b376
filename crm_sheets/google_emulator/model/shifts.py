"""What becomes of positions when rows or columns come, go or move: of spans, areas and everything that names them."""

from dataclasses import dataclass
from typing import TypeAlias

from crm_sheets.google_emulator.areas import Area

Span: TypeAlias = tuple[int | None, int | None]
"""Start and exclusive end; None is open."""


@dataclass(frozen=True, slots=True)
class Inserted:
    """`count` rows or columns came before index `at`."""

    at: int
    count: int

    def span(self, span: Span) -> Span | None:
        """What is at or after the place moves; what lies across it grows."""
        start, end = span
        return (
            start + self.count if start is not None and start >= self.at else start,
            end + self.count if end is not None and end > self.at else end,
        )


@dataclass(frozen=True, slots=True)
class Deleted:
    """The rows or columns from `start` to before `end` are gone."""

    start: int
    end: int

    def span(self, span: Span) -> Span | None:
        """None when nothing is left of it."""
        start, end = span
        new_start = None if start is None else self._index(start)
        new_end = None if end is None else self._index(end)
        gone = new_end is not None and new_end <= (new_start or 0) and (end or 0) > (start or 0)
        return None if gone else (new_start, new_end)

    def _index(self, index: int) -> int:
        return index if index <= self.start else max(self.start, index - (self.end - self.start))


@dataclass(frozen=True, slots=True)
class Moved:
    """The rows or columns from `start` to before `end` stand before `to` now; `to` counted before the move."""

    start: int
    end: int
    to: int

    def span(self, span: Span) -> Span | None:
        """What lies within goes along; a span within which the move happened stays; any other shrinks or grows."""
        count = self.end - self.start
        to = self.to - count if self.to > self.start else self.to
        if within((self.start, self.end), span):
            return (span[0] or 0) + to - self.start, (span[1] or 0) + to - self.start
        if within(span, (self.start, self.end)) and within(span, (self.to, self.to)):
            return span
        left = Deleted(self.start, self.end).span(span)
        return None if left is None else Inserted(to, count).span(left)


Shift: TypeAlias = Inserted | Deleted | Moved


@dataclass(frozen=True, slots=True)
class Change:
    """A shift on one sheet; with a band, only of the cells within it (insertRange, deleteRange)."""

    sheet_id: int
    dimension: str
    """ROWS or COLUMNS."""
    shift: Shift
    band: Span = (None, None)
    """Of the other dimension."""

    def area(self, area: Area) -> Area | None:
        """Where an area of the sheet is now; None when it is gone."""
        rows, columns = (area.top, area.bottom), (area.left, area.right)
        along, across = (rows, columns) if self.dimension == "ROWS" else (columns, rows)
        if not within(self.band, across):
            return area
        shifted = self.shift.span(along)
        if shifted is None:
            return None
        rows, columns = (shifted, across) if self.dimension == "ROWS" else (across, shifted)
        return Area(rows[0], rows[1], columns[0], columns[1])

    def lines(self, dimension: str, span: Span) -> Span | None:
        """Where whole rows or columns are now; None when they are gone."""
        if dimension != self.dimension or self.band != (None, None):
            return span
        return self.shift.span(span)


def within(outer: Span, inner: Span) -> bool:
    """Whether a span lies in another."""
    return (inner[0] or 0) >= (outer[0] or 0) and (outer[1] is None or (inner[1] is not None and inner[1] <= outer[1]))


@dataclass(frozen=True, slots=True)
class Relocated:
    """Cells of a box were cut and pasted elsewhere: what names cells within goes along."""

    sheet_id: int
    source: Area
    to_sheet: int
    down: int
    right: int

    def area(self, area: Area) -> Area | None:
        """Where an area of the sheet is now."""
        source = self.source
        rows = within((source.top, source.bottom), (area.top, area.bottom))
        if not rows or not within((source.left, source.right), (area.left, area.right)):
            return area
        return Area(
            (area.top or 0) + self.down,
            (area.bottom or 0) + self.down,
            (area.left or 0) + self.right,
            (area.right or 0) + self.right,
        )
