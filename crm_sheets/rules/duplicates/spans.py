"""Many short texts as ranges of one long row of characters, so that a whole column is looked at in a few steps.

Most cells are regular, and what they say is found for all of them together. The few others are read one by one by the
functions that say how a cell is read, and what these find is put behind the rest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

from crm_sheets.rules.duplicates.hashes import Parts
from crm_sheets.rules.duplicates.text import (
    CHINESE_END,
    CHINESE_START,
    GONE,
    SEPARATOR,
    SEVERAL,
    Table,
    codes_of,
    folds_of,
    plain,
    text_of,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Hashes, Numbers
    from crm_sheets.rules.duplicates.text import Codes

    Flags = NDArray[np.bool_]

CHINESE_FROM, CHINESE_TO = ord(CHINESE_START), ord(CHINESE_END)


@dataclass(frozen=True, slots=True)
class Spans:
    """Texts by row: those from `first` to before `end` among all characters.

    Behind each text stands a character that belongs to none, so one may be looked at that follows it.
    """

    codes: "Codes"
    first: "Numbers"
    end: "Numbers"

    def __len__(self) -> int:
        return len(self.first)

    @property
    def lengths(self) -> "Numbers":
        """How long each text is."""
        return self.end - self.first

    def texts(self) -> list[str]:
        """The texts themselves."""
        text = text_of(self.codes) if len(self) else ""
        return [text[first:end] for first, end in zip(self.first.tolist(), self.end.tolist(), strict=True)]

    def side_by_side_texts(self) -> list[str]:
        """The same, faster, where SEPARATOR stands behind each and nothing else, see `gathered`."""
        found = text_of(self.codes).split(SEPARATOR) if len(self) else [""]
        found.pop()
        return found if len(found) == len(self) else self.texts()  # one has the separator within

    def at(self, rows: "Numbers") -> "Spans":
        """Some of the texts."""
        return Spans(self.codes, self.first[rows], self.end[rows])

    def counts(self, marked: "Flags") -> "Numbers":
        """How many of the characters that are marked each text has."""
        return counts(marked, self.first, self.end)

    def at_first(self) -> "Codes":
        """The first character of each text, 0 for an empty one."""
        return self._at(self.first)

    def at_second(self) -> "Codes":
        """The second character of each text, or its only one; 0 for an empty one."""
        import numpy as np

        return self._at(np.minimum(self.first + 1, self.end - 1))

    def at_last(self) -> "Codes":
        """The last character of each text, 0 for an empty one."""
        return self._at(self.end - 1)

    def _at(self, places: "Numbers") -> "Codes":
        import numpy as np

        found: Codes = np.where(self.end > self.first, self.codes[places], np.uint32(0))
        return found

    def rows_with(self, places: "Numbers") -> "Numbers":
        """The rows of some characters; only as long as no row was replaced."""
        import numpy as np

        return np.searchsorted(self.first, places, "right") - 1

    def replaced(self, rows: "Numbers", texts: Sequence[str]) -> "Spans":
        """The same with other texts in some rows."""
        return self.with_(rows, spans_of(texts)) if texts else self

    def with_(self, rows: "Numbers", others: "Spans") -> "Spans":
        """The same with other spans in some rows."""
        import numpy as np

        if not len(others):
            return self
        first, end = self.first.copy(), self.end.copy()
        first[rows], end[rows] = others.first + len(self.codes), others.end + len(self.codes)
        return Spans(np.concatenate([self.codes, others.codes]), first, end)

    def kept(self, marked: "Flags") -> "Spans":
        """The texts without what is not marked."""
        import numpy as np

        stay = marked.copy()
        stay[self.end] = True
        until = np.zeros(len(stay) + 1, np.int64)
        np.cumsum(stay, out=until[1:])
        return Spans(self.codes[stay], until[self.first], until[self.end])

    def hashes(self) -> "Hashes":
        """A number for each text that spreads over all bits; 0 for an empty one."""
        return Parts(self.codes).spread(self.first, self.end)


def counts(marked: "Flags", first: "Numbers", end: "Numbers") -> "Numbers":
    """How many characters are marked from each place to before another."""
    import numpy as np

    if not marked.any():
        return np.zeros(len(first), np.int64)
    until = np.empty(len(marked) + 1, np.int32)
    until[0] = 0
    np.cumsum(marked, out=until[1:])
    found: Numbers = until.take(end, mode="clip") - until.take(first, mode="clip")
    return found


def gathered(codes: "NDArray[np.unsignedinteger]", first: "Numbers", end: "Numbers") -> Spans:
    """Parts of some characters by themselves, with a character behind each that separates it."""
    import numpy as np

    if not len(first):
        return none_of(0)
    sizes = end - first + 1
    ends = np.cumsum(sizes) - 1
    starts = ends - sizes + 1
    places = np.ones(int(ends[-1]) + 1, np.int64)
    places[0] = first[0]
    places[starts[1:]] = first[1:] - end[:-1]
    np.cumsum(places, out=places)
    found = codes.take(places, mode="clip")
    found[ends] = ord(SEPARATOR)
    return Spans(cast("Codes", found), starts, ends)


def spans_of(texts: Sequence[str]) -> Spans:
    """Texts as they are."""
    import numpy as np

    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1) - 1
    return _side_by_side(codes_of(SEPARATOR.join([*texts, ""])), ends)


def _side_by_side(codes: "Codes", ends: "Numbers") -> Spans:
    """Texts of which each begins behind the character at which the one before it ends."""
    import numpy as np

    return Spans(codes, np.concatenate([[0], ends + 1])[:-1], ends)


def none_of(count: int) -> Spans:
    """So many empty texts."""
    import numpy as np

    places = np.arange(count)
    return Spans(np.full(count, ord(SEPARATOR), np.uint32), places, places)


def plain_spans(cells: Sequence[str | None]) -> Spans:
    """`plain` of many cells, in the order of the rows."""
    try:
        joined = SEPARATOR.join(cast("Sequence[str]", cells)) + SEPARATOR
    except TypeError:  # some are None
        joined = SEPARATOR.join([*[cell or "" for cell in cells], ""])
    if joined.count(SEPARATOR) != len(cells):  # a cell has the separator within
        return spans_of([plain(cell) for cell in cells])
    return plain_joined(joined)


def plain_joined(joined: str) -> Spans:
    """`plain` of many cells, each with SEPARATOR behind it."""
    import numpy as np

    codes = codes_of(joined)
    cells = _side_by_side(codes, np.flatnonzero(codes == ord(SEPARATOR)))
    return plain_parts(cells, folds_of(codes))


def plain_parts(cells: Spans, folds: "Codes") -> Spans:
    """`plain` of parts of a text.

    Args:
        cells: as they are.
        folds: what each of their characters becomes, see text.folds_of.
    """
    import numpy as np

    found = gathered(folds, cells.first, cells.end)
    if not (found.codes >= SEVERAL).any():
        return _stripped(found)
    several = np.flatnonzero(found.codes == SEVERAL)
    found.codes[several] = ord("\ufffd")
    rows = np.unique(found.rows_with(several))
    texts = [plain(text) for text in cells.at(rows).texts()]
    mended = _stripped(found.kept(found.codes != GONE)).replaced(rows, texts)
    return gathered(mended.codes, mended.first, mended.end)  # in their order again, see rows_with


def _stripped(spans: Spans) -> Spans:
    """The texts without blanks round them."""
    first, end = spans.first.copy(), spans.end.copy()
    blank = _blanks()
    for places, step, at in ((first, 1, 0), (end, -1, -1)):
        rows = (first < end).nonzero()[0]
        while len(rows):
            rows = rows[blank(spans.codes[places[rows] + at]) == _BLANK]
            places[rows] += step
            rows = rows[first[rows] < end[rows]]
    return Spans(spans.codes, first, end)


_BLANK = 2


@cache
def _blanks() -> Table:
    return Table(lambda character: _BLANK if character.isspace() else 1, _BLANK)


def marks(**tests: Callable[[str], bool]) -> "Marks":
    """What characters are, by name: each is asked once, when it first turns up."""
    return Marks(tests)


class Marks:
    """Tells of many characters what they are."""

    def __init__(self, tests: dict[str, Callable[[str], bool]]) -> None:
        self._bits = {name: 2 << place for place, name in enumerate(tests)}
        self._table = Table(
            lambda character: 1 + sum(bit * tests[name](character) for name, bit in self._bits.items()),
            most=2 ** (len(tests) + 1) - 1,
        )

    def of(self, codes: "Codes") -> "Codes":
        """Everything that is known of some characters."""
        return self._table(codes)

    def told(self, name: str, known: "Codes") -> "Flags":
        """One thing of what is known of some characters."""
        found: Flags = (known & self._bits[name]) != 0
        return found
