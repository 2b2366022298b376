"""Columns while they grow: of numbers, and of texts."""

import mmap
import sys
from typing import TYPE_CHECKING, TypeAlias, cast

from crm_sheets.rules.duplicates.spans import Spans, gathered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column: TypeAlias = NDArray[np.generic]

_LEAST = 1 << 16
_MOVES = sys.platform == "linux"
"""Whether memory grows in that its pages are moved, and none is copied."""
_PRIVATE = {"flags": private} if (private := getattr(mmap, "MAP_PRIVATE", None)) else {}


class Growing:
    """A column of numbers while chunks are added, in one piece all the time, so that it is never held twice.

    It has memory of its own from the system: a heap in which fifty columns grow side by side, each moved whenever it
    meets the next one, is left with holes as large as all of them.
    """

    def __init__(self) -> None:
        self._space = _space(_LEAST)
        self._size = 0
        self._kind: np.dtype[np.generic] | None = None

    def extend(self, column: "Column") -> None:
        """Adds a chunk."""
        import numpy as np

        self._kind = column.dtype
        end = self._size + column.nbytes
        if end > len(self._space):
            self._space = _grown(self._space, max(end, 4 * len(self._space)))
        self._space[self._size : end] = np.ascontiguousarray(column).data
        self._size = end

    def widened(self, kind: str) -> "Growing":
        """The same with numbers of another kind."""
        found = Growing()
        found.extend(self.whole().astype(kind))
        return found

    def whole(self) -> "Column":
        """All chunks."""
        import numpy as np

        found: Column = np.frombuffer(memoryview(self._space)[: self._size], self._kind)
        return found


def _space(size: int) -> mmap.mmap:
    """Memory of the system's; pages that nothing was written to take none."""
    return mmap.mmap(-1, size, **_PRIVATE)


def _grown(space: mmap.mmap, size: int) -> mmap.mmap:
    """The same with more behind it."""
    if _MOVES:
        space.resize(size)
        return space
    larger = _space(size)
    larger[: len(space)] = memoryview(space)
    return larger


class Texts:
    """A column of texts: their characters one behind the other, and where each text is, counted from its chunk.

    An object for each would take twice as much, and strings for whole chunks are cut at half the speed.
    """

    def __init__(self) -> None:
        self._codes = Growing()
        self._width = 1
        self._rows: list[int] = []
        self._begins: list[int] = []
        self._count, self._size = 0, 0
        self._first, self._end = Growing(), Growing()

    def extend(self, spans: Spans) -> None:
        """Adds a chunk."""
        import numpy as np

        self._rows.append(self._count)
        self._begins.append(self._size)
        self._count += len(spans)
        self._size += len(spans.codes)
        most = int(spans.codes.max(initial=0))
        width = max(self._width, next(width for width in (1, 2, 4) if most < 1 << 8 * width))
        if width > self._width and self._size > len(spans.codes):
            self._codes = self._codes.widened(f"u{width}")
        self._width = width
        self._codes.extend(spans.codes.astype(f"u{width}"))
        self._first.extend(spans.first.astype(np.int32))
        self._end.extend(spans.end.astype(np.int32))

    def spans(self, rows: "NDArray[np.integer]") -> Spans:
        """The texts of some customers, side by side."""
        import numpy as np

        begins = np.array(self._begins)[np.searchsorted(self._rows, rows, "right") - 1]
        codes = cast("NDArray[np.unsignedinteger]", self._codes.whole())
        found = gathered(codes, *(begins + places.whole()[rows] for places in (self._first, self._end)))
        return Spans(found.codes.astype(np.uint32), found.first, found.end)

    def of(self, rows: "NDArray[np.integer]") -> list[str]:
        """The same as texts."""
        return self.spans(rows).side_by_side_texts()
