"""What a process that reads a workbook again and again remembers of its rows: after one edit a few are taken apart.

The rows of a sheet are kept in blocks, each with a digest of its markup. A block whose markup stands where it is
expected, byte for byte, costs one digest. Around a block that changed, rows are known by digests of their own markup.
Where most blocks changed (another program saved the file, a row was inserted and all below it moved), only these are
left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from crm_sheets.tables import SheetRow

MOST_MISSED = 8
"""So many blocks are looked for in vain, one after the other, before none is looked for any more: each such search goes
through the rest of the sheet."""

Known: TypeAlias = dict[bytes, SheetRow]
"""Rows by a digest of their markup: a row that is known and in its place is given as the very same object."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that follow each other.

    Attributes:
        opening: the markup with which it begins, up to the end of the first tag; there is a row number in it.
        length: of its markup, in bytes.
        digest: of its markup.
        rows: those that are not blank.
        marks: the same by digests of their markup, but for those that the XML parser read.
    """

    opening: bytes
    length: int
    digest: int
    rows: Sequence[SheetRow]
    marks: Known


@dataclass(slots=True)
class SheetMemory:
    """The last reading of one sheet."""

    blocks: Sequence[Block] = ()

    def marks(self) -> Known:
        """All rows that are known."""
        return {mark: row for block in self.blocks for mark, row in block.marks.items()}


class RowMemory:
    """The last reading of each sheet of a workbook."""

    def __init__(self) -> None:
        self._strings: Sequence[str] = ()
        self._date1904 = False
        self._sheets: dict[str, SheetMemory] = {}

    def prepare(self, strings: Sequence[str], date1904: bool) -> None:
        """Forgets everything unless rows still mean the same: shared strings may only have been added to."""
        if date1904 != self._date1904 or strings[: len(self._strings)] != self._strings:
            self._sheets.clear()
        self._strings, self._date1904 = strings, date1904

    def of(self, sheet: str) -> SheetMemory:
        """What is known of a sheet; whoever reads it puts there what is known then."""
        return self._sheets.setdefault(sheet, SheetMemory())


@dataclass(slots=True)
class Walk:
    """A walk through the rows of a sheet from block to block.

    Attributes:
        place: up to where rows were read.
        known: rows that may stand at `place`, though not in a block that is as it was.
    """

    content: bytes
    place: int
    stop: int
    memory: SheetMemory
    known: Known = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    _next: int = 0
    _missed: int = 0

    def next_block(self) -> tuple[Block | None, int]:
        """The next block that is as it was, and where it begins; None and the end when there is none any more."""
        while self._next < len(self.memory.blocks) and self._missed < MOST_MISSED:
            block = self.memory.blocks[self._next]
            self._next += 1
            start = self.content.find(block.opening, self.place, self.stop)
            end = start + block.length
            if start >= 0 and end <= self.stop and digest_of(self.content, start, end) == block.digest:
                self._missed = 0
                return block, start
            self._missed += 1
            self.known.update(block.marks)
        if self._missed >= MOST_MISSED:
            self.known.update(self.memory.marks())
        return None, self.stop

    def take(self, block: Block) -> None:
        """The next rows are those of a block that is as it was."""
        self.blocks.append(block)
        self.place += block.length

    def add(self, end: int, rows: Sequence[SheetRow], marks: Known) -> None:
        """The next rows, up to `end`, were read; they are a block from now on."""
        begun = self.place
        opening = self.content[begun : self.content.find(b">", begun, end) + 1]
        self.blocks.append(Block(opening, end - begun, digest_of(self.content, begun, end), rows, marks))
        self.place = end


def digest_of(content: bytes, start: int, end: int) -> int:
    """Of a piece of markup, for this process only: SipHash-1-3 under a random key (PEP 456), four times as fast as any
    hash that other processes would get, too. It is only ever compared with one other."""
    return hash(memoryview(content)[start:end])
