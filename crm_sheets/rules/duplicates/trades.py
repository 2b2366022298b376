"""Numbers for trades: a book has thousands of names for each."""

from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.hashes import Parts
from crm_sheets.rules.duplicates.spans import Spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Trades:
    """Every trade that turned up, by number; none is 0."""

    def __init__(self) -> None:
        import numpy as np

        self.texts = [""]
        self._hashes = np.zeros(1, np.uint64)
        """In their order, each with the number of its trade."""
        self._numbers = np.zeros(1, np.int32)

    def numbers_of(self, trades: Spans) -> "NDArray[np.int32]":
        """A number for each of some trades."""
        import numpy as np

        hashes = Parts(trades.codes).part(trades.first, trades.end)
        at = self._places(hashes)
        fresh = np.flatnonzero(self._hashes[at] != hashes)
        if len(fresh):
            told, rows = np.unique(hashes[fresh], return_index=True)
            numbers = np.arange(len(self.texts), len(self.texts) + len(told), dtype=np.int32)
            self.texts += trades.at(fresh[rows]).texts()
            every = np.concatenate([self._hashes, told])
            order = np.argsort(every)
            self._hashes, self._numbers = every[order], np.concatenate([self._numbers, numbers])[order]
            at = self._places(hashes)
        return self._numbers[at]

    def _places(self, hashes: "NDArray[np.uint64]") -> "NDArray[np.intp]":
        """Where each would stand among those that turned up."""
        import numpy as np

        return np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
