"""The base of a tab as identity asks for it, and which rows of a sheet are just what it says.

Most rows of a sheet were not touched since they were last read or written. They are told from the others here, so that
identity looks at the others only; where one cycle follows another, only rows are looked at that are not those of the
last reading.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import attrgetter, is_not
from typing import NamedTuple

from crm_sheets.tables import RowKey, TabRow


class KnownRow(NamedTuple):
    """What identity needs of a row of the base: cheap, for there is one for each row of the tab.

    `digest` is of the whole row as it was read or written, `content` of what staff typed in it.
    """

    key: RowKey
    witness: str
    digest: str
    content: str


@dataclass(slots=True)
class _LastReading:
    rows: Sequence[TabRow] = ()
    standing: dict[RowKey, TabRow] = field(default_factory=dict)
    others: list[TabRow] = field(default_factory=list)


class KnownRows:
    """The rows of one tab in the base of one generation. One that is kept from cycle to cycle is told what moves in the
    base, and remembers the last reading that it was asked about. Where only some rows of a sheet were read, only those
    are there that these name, and the others are got when somebody asks for the whole."""

    def __init__(
        self, rows: Iterable[KnownRow] = (), rest: Callable[[], Iterable[KnownRow]] | None = None, size: int = 0
    ) -> None:
        """`rest` gives all rows, of which there are `size`, where `rows` are some of them."""
        self.by_key: dict[RowKey, KnownRow] = {row.key: row for row in rows}
        self.by_witness: dict[str, KnownRow] = {row.witness: row for row in self.by_key.values()}
        self._rest, self._size = rest, size
        self._moved: set[RowKey] = set()
        self._last = _LastReading()

    def __len__(self) -> int:
        return len(self.by_key) if self._rest is None else self._size

    def add(self, rows: Iterable[KnownRow]) -> None:
        """Some more of the rows."""
        for row in rows:
            self.by_key[row.key] = self.by_witness[row.witness] = row

    def whole(self) -> Mapping[RowKey, KnownRow]:
        """All rows by key."""
        if self._rest is not None:
            rest, self._rest = self._rest, None
            self.add(rest())
        return self.by_key

    def move(self, keys: Iterable[RowKey], rows: Mapping[RowKey, KnownRow]) -> None:
        """Takes what the base has now under some keys; those without a row are in it no longer."""
        for key in keys:
            before, now = self.by_key.pop(key, None), rows.get(key)
            if before is not None:
                del self.by_witness[before.witness]
            if now is not None:
                self.by_key[key] = self.by_witness[now.witness] = now
            if now != before:
                self._moved.add(key)

    def sort_out(self, rows: Sequence[TabRow]) -> tuple[dict[RowKey, TabRow], list[TabRow]]:
        """Tells rows of a sheet that stand for their base rows beyond doubt from all others.

        Such a row has both witnesses of its base row, or only the hidden one, and its digest, and no other row of the
        sheet names it by either. Costs what differs from the last reading, and one comparison in C for each row.

        Args:
            rows: of the sheet, in its order; rows of the last reading that did not change are the very same objects.

        Returns:
            Rows that stand for their base rows, by key, and the others in the order of the sheet. Both are for reading
            only, and brought up to date in place when the next reading is asked about.
        """
        last, self._last = self._last, _LastReading()  # who is interrupted has remembered nothing
        standing = last.standing
        others: list[TabRow] = []
        for row in sorted(self._undecided(last, rows), key=_number):
            base = self.by_witness.get(row.witness)
            if (
                base is not None
                and row.digest == base.digest
                and (not row.shown or row.shown == base.key)
                and base.key not in standing
            ):
                standing[base.key] = row
            else:
                others.append(row)
        claimed = [key for row in others for key in self._names(row) if key in standing]
        if claimed:
            others += [standing.pop(key) for key in dict.fromkeys(claimed)]
            others.sort(key=_number)
        self._last = _LastReading(rows, standing, others)
        self._moved = set()
        return standing, others

    def _undecided(self, last: _LastReading, rows: Sequence[TabRow]) -> list[TabRow]:
        """Rows that are not those of the last reading, or whose base row moved, or that were in doubt; those that are
        gone, or in doubt now, stand no longer."""
        gone, come = _difference(last.rows, rows)
        away = {id(row) for row in gone}
        moved = [row for key in self._moved if (row := last.standing.pop(key, None)) is not None]
        for row in gone:
            base = self.by_witness.get(row.witness)
            if base is not None and last.standing.get(base.key) is row:
                del last.standing[base.key]
        return [*(row for row in (*last.others, *moved) if id(row) not in away), *come]

    def _names(self, row: TabRow) -> Iterator[RowKey]:
        """The base rows that either witness of a row names."""
        base = self.by_witness.get(row.witness)
        if base is not None:
            yield base.key
        if row.shown in self.by_key:
            yield RowKey(row.shown)


_number = attrgetter("number")


def _difference(before: Sequence[TabRow], now: Sequence[TabRow]) -> tuple[list[TabRow], list[TabRow]]:
    """Rows that went and rows that came, place by place: whatever stands below an inserted row has moved."""
    differs = list(map(is_not, before, now))
    both = len(differs)
    return [*compress(before, differs), *before[both:]], [*compress(now, differs), *now[both:]]
