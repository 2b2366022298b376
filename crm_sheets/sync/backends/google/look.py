"""A spreadsheet at one instant: the values of all its tabs, of one values:batchGet, and the stamp among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from crm_sheets.sync.backends.google.structure import GridSheet, Structure, quoted
from crm_sheets.sync.backends.google.values import rows_of
from crm_sheets.tables import Fingerprint, ReplicaKey, Sheet, SheetRow, Stamp

SERVICE = "_crm"
"""The hidden tab that holds the stamp in its first row, and below it the rows that the last write found in the places
that it wrote to. Its sheet id is the id of that write: a batch that takes the sheet of the write before away and adds
its own cannot be carried out twice, nor after another's."""

STAMP_RANGE = "A1:H1"
MARK = "crm_sheets 1"
"""First cell of the tab, with the version of what follows."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The first row of the service tab.

    Attributes:
        operation: id of the write, which is that of the sheet.
        before: generation that the spreadsheet carried before it; 0 when it carried none.
        rows: how many journal rows follow.
    """

    stamp: Stamp
    operation: int
    before: int
    rows: int

    @property
    def cells(self) -> tuple[str | int, ...]:
        """As the row holds it."""
        stamp = self.stamp
        return (MARK, stamp.workbook, stamp.replica, stamp.generation, self.operation, self.before, self.rows)


def mark_of(cells: Sequence[Any]) -> Mark | None:
    """What the first row of the service tab says; None when it is not of ours."""
    if len(cells) < 7 or cells[0] != MARK:
        return None
    _, workbook, replica, *numbers = cells[:7]
    try:
        generation, operation, before, rows = map(int, numbers)
    except (TypeError, ValueError):
        return None
    return Mark(Stamp(str(workbook), ReplicaKey(str(replica)), generation), operation, before, rows)


@dataclass(frozen=True, slots=True)
class Grid:
    """The values of one tab.

    Attributes:
        rows: that are not blank; formulas as their results.
        digest: of the values.
    """

    rows: Sequence[SheetRow]
    digest: str


@dataclass(frozen=True, slots=True)
class Look:
    """What one call showed.

    Attributes:
        grids: by title.
        answer: digest of the very bytes of the answer; "" for what was worked out.
        at: monotonic seconds.
    """

    structure: Structure
    grids: Mapping[str, Grid]
    mark: Mark | None
    answer: str
    at: float
    digest: str = field(default="")

    def __post_init__(self) -> None:
        digests = [(title, self.grids[title].digest) for title in sorted(self.grids)]
        mark = None if self.mark is None else self.mark.cells
        object.__setattr__(self, "digest", blake2b(repr((mark, digests)).encode(), digest_size=16).hexdigest())

    @property
    def stamp(self) -> Stamp | None:
        """What our last write left."""
        return None if self.mark is None else self.mark.stamp

    @property
    def fingerprint(self) -> Fingerprint:
        """What tells that nothing changed."""
        return Fingerprint(0, 0, 0, self.digest)

    def rows(self, title: str) -> Sequence[SheetRow]:
        """Of a tab; none when it was not looked at."""
        grid = self.grids.get(title)
        return () if grid is None else grid.rows


def digest_of(rows: Sequence[SheetRow]) -> str:
    """Equal for tabs with equal values."""
    text = repr([(row.number, row.cells) for row in rows])
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def ranges_of(structure: Structure, skipped: frozenset[str]) -> tuple[list[str], list[str]]:
    """The tabs that are read, and their ranges with that of the stamp at the end."""
    titles = [
        sheet.title
        for sheet in structure.sheets.values()
        if sheet.kind == "worksheet" and sheet.title != SERVICE and sheet.title not in skipped
    ]
    ranges = [quoted(title) for title in titles]
    return titles, [*ranges, f"{quoted(SERVICE)}!{STAMP_RANGE}"] if SERVICE in structure.sheets else ranges


def look_of(
    structure: Structure, titles: Sequence[str], answer: Mapping[str, Any], digest: str, at: float, before: Look | None
) -> Look:
    """The answer of one values:batchGet over the ranges of ranges_of()."""
    told = [each.get("values", []) for each in answer.get("valueRanges", ())]
    grids: dict[str, Grid] = {}
    for title, values in zip(titles, told, strict=False):
        known = before.grids.get(title) if before is not None else None
        rows = rows_of(values, () if known is None else known.rows)
        same = known is not None and len(rows) == len(known.rows) and all(map(_is, rows, known.rows))
        grids[title] = known if same and known is not None else Grid(rows, digest_of(rows))
    first = told[len(titles)] if len(told) > len(titles) else []
    return Look(structure, grids, mark_of(first[0]) if first else None, digest, at)


def _is(one: object, other: object) -> bool:
    return one is other


def sheet_of(grid: GridSheet, rows: Sequence[SheetRow]) -> Sheet:
    """A tab as the cycle reads it."""
    return Sheet(grid.title, rows, grid.merged, grid.kind, grid.hidden)
