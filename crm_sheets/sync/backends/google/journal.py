"""What a write found in the places that it wrote to, and whether that is what had been planned.

The journal explains itself: beside each row that was found stands what the plan was, so that whoever opens the
spreadsheet next can tell whether the last write was right, and put back what it should not have touched.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from crm_sheets.cells import CellError, CellValue, Formula
from crm_sheets.errors import WorkbookChanged
from crm_sheets.sync.backends.google.values import from_cell, same_cell

LONGEST = 200
"""Characters of a text that the plan holds as it is; of a longer one it holds the digest: a cell takes 50,000."""

FORMULA = Formula("")


@dataclass(frozen=True, slots=True)
class Digest:
    """Stands for a long text."""

    text: str


Known = CellValue | Digest
"""A cell as far as a plan remembers it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A row that a write is about to change, and what the plan takes it to be.

    Attributes:
        sheet: Google's id.
        row: 1-based place at which it is taken to stand; 0 for a row that is added.
        key: 1-based column of the hidden key; 0 where the tab has none.
        expected: what these cells hold before the write, by 1-based column. Of a row with a key: the key, and what
            is written over; of one without, all of it.
        new: what is written, by column; empty for a header, which is only looked at.
    """

    sheet: int
    row: int
    key: int
    expected: Mapping[int, Known]
    new: Mapping[int, Known]


@dataclass(frozen=True, slots=True)
class Entry:
    """A target, and what stood in its place at the instant of writing.

    Attributes:
        place: 1-based row of the journal tab that holds the copy.
        found: its cells, from column 1 on.
    """

    target: Target
    place: int
    found: Sequence[CellValue]

    @property
    def header(self) -> bool:
        """Whether it was only looked at."""
        return not self.target.new

    @property
    def right(self) -> bool:
        """Whether the row was what the plan took it for."""
        return all(matches(self.at(column), known) for column, known in self.target.expected.items())

    def at(self, column: int) -> CellValue:
        """What was found in a column."""
        return self.found[column - 1] if column <= len(self.found) else None


def matches(cell: CellValue, known: Known) -> bool:
    """Whether a cell holds what a plan remembers."""
    if isinstance(known, Digest):
        return isinstance(cell, str) and remembered(cell) == known
    return same_cell(cell, known)


def remembered(value: CellValue) -> Known:
    """A value as a plan remembers it."""
    if isinstance(value, str) and len(value) > LONGEST:
        return Digest(blake2b(value.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest())
    return value


def plan_text(target: Target) -> str:
    """A target as the first cell of its journal row holds it."""
    plan = {
        "s": target.sheet,
        "r": target.row,
        "k": target.key,
        "e": {str(column): _told(known) for column, known in target.expected.items()},
        "n": {str(column): _told(known) for column, known in target.new.items()},
    }
    return json.dumps(plan, ensure_ascii=False, separators=(",", ":"))


def _told(known: Known) -> Any:
    match known:
        case Digest(text):
            return {"d": text}
        case Formula():
            return {"f": 1}
        case CellError(code):
            return {"x": code}
        case _:
            return known


def target_of(text: str) -> Target:
    """The reverse of plan_text().

    Raises:
        WorkbookChanged: somebody wrote into the journal.
    """
    try:
        plan = json.loads(text)
        expected, new = ({int(column): _known(told) for column, told in plan[part].items()} for part in ("e", "n"))
        return Target(plan["s"], plan["r"], plan["k"], expected, new)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkbookChanged("the hidden tab _crm holds what crm_sheets did not write") from error


def _known(told: Any) -> Known:
    if not isinstance(told, dict):
        return told  # type: ignore[no-any-return]  # str, int, float, bool or None
    if "d" in told:
        return Digest(told["d"])
    return FORMULA if "f" in told else CellError(str(told.get("x")))


def entries_of(rows: Iterable[Mapping[str, Any]], count: int) -> list[Entry]:
    """The journal as it comes back: rows of GridData of the service tab, its first row left out.

    Args:
        rows: RowData, in order.
        count: how many there must be.

    Raises:
        WorkbookChanged: it is not the journal of our write.
    """
    found: list[Entry] = []
    for place, row in enumerate(rows, 2):
        cells = [from_cell(cell) for cell in row.get("values", ())]
        if len(found) < count and cells:
            text = cells[0]
            found.append(Entry(target_of(text if isinstance(text, str) else ""), place, cells[1:]))
    if len(found) != count:
        raise WorkbookChanged("the hidden tab _crm does not hold the rows of the last write")
    return found
