"""Columns while they grow: of numbers, and of texts."""

import mmap
import sys
from typing import TYPE_CHECKING, TypeAlias

from crm_sheets.rules.duplicates.spans import Spans
from crm_sheets.rules.duplicates.text import text_of

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
        self._kind = column.dtype
        end = self._size + column.nbytes
        if end > len(self._space):
            self._space = _grown(self._space, max(end, 4 * len(self._space)))
        self._space[self._size : end] = column.tobytes()
        self._size = end

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
    """A column of texts: whole chunks joined, and where each text is. An object for each would take twice as much."""

    def __init__(self) -> None:
        self._joined: list[str] = []
        self._begin: list[int] = []
        self._count = 0
        self._first, self._end = Growing(), Growing()

    def extend(self, spans: Spans) -> None:
        """Adds a chunk."""
        import numpy as np

        self._begin.append(self._count)
        self._count += len(spans)
        self._joined.append(text_of(spans.codes))
        self._first.extend(spans.first.astype(np.int32))
        self._end.extend(spans.end.astype(np.int32))

    def of(self, rows: "NDArray[np.integer]") -> list[str]:
        """The texts of some customers."""
        import numpy as np

        chunks = np.searchsorted(self._begin, rows, "right") - 1
        first, end = (places.whole()[rows].tolist() for places in (self._first, self._end))
        joined = self._joined
        return [joined[chunk][a:b] for chunk, a, b in zip(chunks.tolist(), first, end, strict=True)]
