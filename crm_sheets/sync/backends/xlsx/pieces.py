"""What a process that writes a workbook again and again remembers of its large parts: after one edit little is packed.

A part is cut into pieces where a row begins, and each piece is packed for itself (RFC 1951: after an empty stored block
a stream goes on at a full byte, and nothing before it is referred to). A piece whose content stands where it is
expected, byte for byte, costs one digest: it is neither packed nor searched again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm_sheets.sync.backends.xlsx.deflate import LAST_BLOCK, deflate_piece

PIECE = 1 << 18
"""Bytes of a piece at least, unpacked: each costs its part of the packing ratio, and each edit packs one."""

_ROW = b"<row "
FORMULAS = (b"f>", b"dataTable")
_OPENING = 24
"""Bytes by which the beginning of a piece is searched for; the number of its row is among them."""
_AHEAD = 4
"""So many pieces are looked for behind one that changed, before it is taken for new from there on."""


@dataclass(slots=True)
class Piece:
    """Some rows of a part.

    Attributes:
        opening: the first bytes of its content.
        length: of its content, in bytes.
        digest: of its content.
        formulas: whether a formula may stand in it.
        packed: its blocks of the deflate stream, none of which is the last; None when they were not asked for yet.
    """

    opening: bytes
    length: int
    digest: int
    formulas: bool
    packed: bytes | None = None


class PieceMemory:
    """The pieces of the large parts of one workbook, as they were written last."""

    def __init__(self) -> None:
        self._known: dict[str, list[Piece]] = {}
        self._last: tuple[str, bytes] = ("", b"")

    def may_have_formulas(self, part: str, content: bytes) -> bool:
        """Whether a formula may stand in a sheet's part."""
        if len(content) < 2 * PIECE:
            return any(mark in content for mark in FORMULAS)
        return any(piece.formulas for piece in self._pieces(part, content))

    def packed(self, part: str, content: bytes) -> bytes | None:
        """The deflate stream of a part; None for one that is too small to be remembered."""
        if len(content) < 2 * PIECE:
            return None
        blocks = []
        place = 0
        for piece in self._pieces(part, content):
            if piece.packed is None:
                piece.packed = deflate_piece(content[place : place + piece.length])
            blocks.append(piece.packed)
            place += piece.length
        return b"".join((*blocks, LAST_BLOCK))

    def let_go(self) -> None:
        """Forgets the content of the part that was asked for last, not its pieces."""
        self._last = ("", b"")

    def _pieces(self, part: str, content: bytes) -> Sequence[Piece]:
        if self._last[0] != part or self._last[1] is not content:
            self._known[part] = list(_cut(content, self._known.get(part, ())))
            self._last = part, content
        return self._known[part]


def _cut(content: bytes, known: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces of a part, those that are as they were as the very same objects."""
    place = following = 0
    while place < len(content):
        found = _find(content, place, known[following : following + _AHEAD])
        if found is None:
            known = ()
        begin = len(content) if found is None else found[1]
        while place < begin:
            new = _new(content, place, begin)
            yield new
            place += new.length
        if found is not None:
            index = following + found[0]
            yield known[index]
            place += known[index].length
            following = index + 1


def _find(content: bytes, place: int, known: Sequence[Piece]) -> tuple[int, int] | None:
    """Which of the next pieces comes first as it was, and where."""
    stop = place
    for index, piece in enumerate(known):
        stop += piece.length + PIECE
        begin = content.find(piece.opening, place, stop)
        end = begin + piece.length
        if begin >= 0 and end <= len(content) and digest_of(content, begin, end) == piece.digest:
            return index, begin
    return None


def _new(content: bytes, place: int, stop: int) -> Piece:
    """The piece that begins at `place`."""
    end = content.find(_ROW, place + PIECE, stop)
    if end < 0 or stop - end < PIECE // 2:
        end = stop
    rows = content[place:end]
    formulas = any(mark in rows for mark in FORMULAS)
    return Piece(rows[:_OPENING], len(rows), digest_of(content, place, end), formulas)


def digest_of(content: bytes, start: int, end: int) -> int:
    """Of a piece of markup, for this process only: SipHash-1-3 under a random key (PEP 456), faster than any hash that
    other processes would get, too. It is only ever compared with one other."""
    return hash(memoryview(content)[start:end])
