"""Rows of a sheet in blocks, which are known again by their markup (crm_sheets.outline).

A block that stands where it is expected, byte for byte, costs one digest. What its markup says also depends on the
shared strings, by their numbers, and on the date system: that is its meaning.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import md5
from struct import Struct

ROWS = 64
"""In one block."""

MOST_MISSED = 8
"""So many blocks are looked for in vain, one after the other, before none is looked for any more: each such search goes
through the rest of the sheet."""

_LENGTH = Struct(">I")
_DIGEST = 16


def mark_of(content: bytes, start: int, end: int) -> bytes:
    """The mark of a piece of markup: its length, its digest, and the markup with which it begins, up to the end of the
    first tag; there is a row number in that."""
    opening = content[start : content.find(b">", start, end) + 1]
    return _LENGTH.pack(end - start) + _digest(content, start, end) + opening


@dataclass(slots=True)
class Walk:
    """A walk through the rows of a sheet, from one block that is as it was to the next.

    Attributes:
        place: up to where it has come.
        marks: of the blocks as they were, in their order.
    """

    content: bytes
    place: int
    stop: int
    marks: Sequence[bytes]
    _next: int = 0
    _missed: int = 0

    def next_block(self) -> tuple[bytes, int, int]:
        """The mark of the next block that is as it was, where it begins and where it ends; no mark, and the end of the
        rows, when there is none any more."""
        while self._next < len(self.marks) and self._missed < MOST_MISSED:
            mark = self.marks[self._next]
            self._next += 1
            start = self.content.find(mark[_LENGTH.size + _DIGEST :], self.place, self.stop)
            end = start + _LENGTH.unpack_from(mark)[0]
            wanted = mark[_LENGTH.size : _LENGTH.size + _DIGEST]
            if start >= 0 and end <= self.stop and _digest(self.content, start, end) == wanted:
                self._missed, self.place = 0, end
                return mark, start, end
            self._missed += 1
        return b"", self.stop, self.stop


def _digest(content: bytes, start: int, end: int) -> bytes:
    """MD5, three times as fast here as any other that is the same in every process. It need not withstand anybody: who
    makes two edits alike hides the second one of his own."""
    return md5(memoryview(content)[start:end], usedforsecurity=False).digest()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What numbers of shared strings and dates mean.

    Attributes:
        strings: the markup of the shared strings, `start` and `end` where the first begins and the last ends.
    """

    strings: bytes
    date1904: bool
    _judged: dict[bytes, bool] = field(default_factory=dict)

    def told(self) -> bytes:
        """As Sheet.meaning."""
        start, end = self._span()
        return b"%d %d " % (self.date1904, end - start) + _digest(self.strings, start, end)

    def keeps(self, earlier: bytes) -> bool:
        """Whether what was told earlier still holds: strings may only have been added since."""
        if earlier not in self._judged:
            self._judged[earlier] = self._holds(earlier)
        return self._judged[earlier]

    def _holds(self, earlier: bytes) -> bool:
        system, length, digest = [*earlier.split(b" ", 2), b"", b""][:3]
        if system != b"%d" % self.date1904 or not length.isdigit():
            return False
        start, last = self._span()
        end = start + int(length)
        rest = self.strings[end:last].lstrip()
        return end <= last and (not rest or rest.startswith(b"<si")) and _digest(self.strings, start, end) == digest

    def _span(self) -> tuple[int, int]:
        start, end = self.strings.find(b"<si"), self.strings.rfind(b"</sst>")
        return (start, end) if 0 <= start < end else (0, len(self.strings))


def groups(content: bytes, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Where blocks begin and end between two places: behind so many rows each."""
    place = start
    while (end := content.find(b"</row>", place, stop)) >= 0:
        begun = place
        for _ in range(ROWS - 1):
            place = end + 6
            if (following := content.find(b"</row>", place, stop)) < 0:
                break
            end = following
        place = end + 6
        yield begun, place
