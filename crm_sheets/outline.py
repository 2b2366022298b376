"""What is remembered of a sheet so that most of it need not be read: blocks of rows that nobody has touched since.

A block is remembered when each of its rows stood for its base row beyond doubt (known.KnownRows.sort_out). As long as
neither its markup nor the base of its rows changes, its rows stand: nobody need take them apart, digest them or compare
them with the base, unless another row names one of them, or one of them is to be written.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from crm_sheets.known import KnownRows
from crm_sheets.tables import RowBlock, RowKey, TabRow

LENGTH = 16
"""Of a hidden key (schema.identifiers.witness)."""

STRIDE = LENGTH + 3
"""Of an entry: the hidden key of a row, and its number in the sheet."""

MANY = 64
"""From so many questions on it pays to sort the hidden keys first."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What is remembered of one sheet.

    Attributes:
        layout: digest of what cutting the sheet depends on; `meaning` as in Sheet.
        generation: the first of those whose base this is.
        size: how many rows the base has.
        blocks: an entry for each row of a block, one behind the other, by the mark of the block, in the order of the
            sheet.
    """

    sheet: str
    layout: str
    meaning: bytes
    generation: int
    size: int
    blocks: Mapping[bytes, bytes]


def entries(rows: Iterable[TabRow]) -> bytes:
    """The entries of rows."""
    return b"".join(row.witness.encode("ascii") + row.number.to_bytes(STRIDE - LENGTH, "big") for row in rows)


class UnreadRows:
    """Rows of a tab that were not taken apart, by their hidden keys."""

    def __init__(
        self,
        blocks: Iterable[RowBlock],
        outline: Outline,
        cut: Callable[[RowBlock], Sequence[TabRow]],
    ) -> None:
        self.size = outline.size
        self._cut = cut
        self._blocks = [block for block in blocks if not block.read]
        self._keys = [outline.blocks[block.mark] for block in self._blocks]
        self._taken = [False] * len(self._blocks)
        self._rows: dict[int, dict[str, TabRow]] = {}
        self._text = b"".join(self._keys)
        self._ends = list(accumulate(map(len, self._keys)))
        self._index: dict[bytes, int] = {}
        self._asked = 0
        self._count = len(self._text) // STRIDE

    def __len__(self) -> int:
        return self._count

    def __contains__(self, witness: str) -> bool:
        return self._block_of(witness) is not None

    def number_of(self, witness: str) -> int | None:
        """The number of a row in the sheet, for which it need not be taken apart."""
        at = self._entry_of(witness)
        return None if at is None else int.from_bytes(self._text[at + LENGTH : at + STRIDE], "big")

    def find(self, witness: str) -> TabRow | None:
        """A row by its hidden key; its block is taken apart, and stands as before."""
        place = self._block_of(witness)
        return None if place is None else self._rows_of(place)[witness]

    def take(self, witnesses: Iterable[str]) -> list[TabRow]:
        """The rows of the blocks in which some hidden keys stand: they are unread no longer."""
        places = {place for each in witnesses if (place := self._block_of(each)) is not None}
        for place in places:
            self._taken[place] = True
            self._count -= len(self._keys[place]) // STRIDE
        return [row for place in sorted(places) for row in self._rows_of(place).values()]

    def take_all(self) -> list[TabRow]:
        """All of them: none is unread any longer."""
        return self.take({keys[:LENGTH].decode() for keys in self._keys})

    def all(self) -> Iterator[TabRow]:
        """All of them, taken apart."""
        for place, taken in enumerate(self._taken):
            if not taken:
                yield from self._rows_of(place).values()

    def row_at(self, number: int) -> TabRow | None:
        """The row of that number, if it was taken apart by now."""
        return next((row for rows in self._rows.values() for row in rows.values() if row.number == number), None)

    def standing_blocks(self) -> dict[bytes, bytes]:
        """The blocks that are still unread, as Outline.blocks."""
        parts = zip(self._blocks, self._keys, self._taken, strict=True)
        return {block.mark: keys for block, keys, taken in parts if not taken}

    def _rows_of(self, place: int) -> dict[str, TabRow]:
        if place not in self._rows:
            self._rows[place] = {row.witness: row for row in self._cut(self._blocks[place])}
        return self._rows[place]

    def _block_of(self, witness: str) -> int | None:
        """In which block a row stands, of those that are unread."""
        at = self._entry_of(witness)
        return None if at is None else bisect_right(self._ends, at)

    def _entry_of(self, witness: str) -> int | None:
        """Where the entry of an unread row begins."""
        key = witness.encode("ascii", "replace")
        at = self._search(key) if len(key) == LENGTH else None
        return None if at is None or self._taken[bisect_right(self._ends, at)] else at

    def _search(self, key: bytes) -> int | None:
        self._asked += 1
        if self._asked < MANY:
            at = self._text.find(key)
            while at >= 0 and at % STRIDE:
                at = self._text.find(key, at + 1)
            return None if at < 0 else at
        if not self._index:
            self._index = {self._text[at : at + LENGTH]: at for at in range(0, len(self._text), STRIDE)}
        return self._index.get(key)


@dataclass
class Standing(MutableMapping[RowKey, TabRow]):
    """Rows that stand for their base rows beyond doubt, by key: those that were read, and those that were not.

    Attributes:
        read: those that were read.
        witness_of: the hidden key of a row.
        known: the base.
    """

    read: dict[RowKey, TabRow] = field(default_factory=dict)
    unread: UnreadRows | None = None
    witness_of: Callable[[RowKey], str] = str
    known: KnownRows = field(default_factory=KnownRows)

    def __getitem__(self, key: RowKey) -> TabRow:
        found = self.read.get(key)
        if found is None and self.unread is not None:
            found = self.unread.find(self._witness(key))
        if found is None:
            raise KeyError(key)
        return found

    def number_of(self, key: RowKey) -> int | None:
        """The number in the sheet of a row that was not read."""
        return None if self.unread is None or key in self.read else self.unread.number_of(self._witness(key))

    def __contains__(self, key: object) -> bool:
        return key in self.read or (self.unread is not None and self._witness(RowKey(str(key))) in self.unread)

    def __setitem__(self, key: RowKey, row: TabRow) -> None:
        self.read[key] = row

    def __delitem__(self, key: RowKey) -> None:
        del self.read[key]

    def __len__(self) -> int:
        return len(self.read) + (0 if self.unread is None else len(self.unread))

    def __iter__(self) -> Iterator[RowKey]:
        yield from self.read
        if self.unread is not None:
            self.known.whole()
            yield from (self.known.by_witness[row.witness].key for row in self.unread.all())

    def _witness(self, key: RowKey) -> str:
        base = self.known.by_key.get(key)
        return self.witness_of(key) if base is None else base.witness


def blocks_that_stand(
    blocks: Iterable[RowBlock], rows: Iterable[TabRow], standing: Standing, moved: Collection[RowKey], above: int
) -> dict[bytes, bytes]:
    """The blocks that may be remembered, as Outline.blocks.

    Args:
        blocks: of the sheet.
        rows: all rows of ours that were read.
        standing: those that stand for their base rows, and those that were not read.
        moved: rows of which the base is not what they were compared with.
        above: a row up to which headers may stand, which are always read.
    """
    unread = {} if standing.unread is None else standing.unread.standing_blocks()
    gone = {standing.witness_of(key).encode() for key in moved} if unread else set()
    ours = {row.number: row for row in rows}
    stand = {row.number for key, row in standing.read.items() if key not in moved and len(row.witness) == LENGTH}
    found: dict[bytes, bytes] = {}
    for block in blocks:
        if block.mark in unread:
            keys = unread[block.mark]
            if not any(each in keys for each in gone):
                found[block.mark] = keys
            continue
        its = [row.number for row in block.rows()]
        own = [number for number in its if number in ours]
        if own and its[0] > above and stand.issuperset(own):
            found[block.mark] = entries(ours[number] for number in own)
    return found
