"""Rows by what others call them: a reference is typed as a number or as a name, and may name nobody we know."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.rules.summaries.base import Frames
from crm_sheets.rules.summaries.frames import column
from crm_sheets.rules.summaries.vectors import factorized

if TYPE_CHECKING:
    from crm_sheets.rules.summaries.vectors import Counts

NOBODY = -1
"""The place of whom a blank cell names."""


class Register:
    """Finds the rows of a tab by their names.

    A text that names no row has a place of its own behind the last row: a customer whom nobody entered is one all the
    same, however often it buys.

    Args:
        frames: hold the tab.
        tab: whose rows are looked up.
        called: columns that name a row, the surest first; of equal names the first row counts.
        aliases: a column of several names each, which the row had before.
    """

    def __init__(self, frames: Frames, tab: str, called: Sequence[str], aliases: str = "") -> None:
        self._called = [column(frames, tab, name) for name in called]
        self._aliases = column(frames, tab, aliases) if aliases else ()
        self._exact: dict[Value, int] = {}
        for names in reversed(self._called):
            self._exact.update(zip(reversed(names), range(len(names) - 1, -1, -1), strict=True))
        self._folded: dict[str, int] | None = None
        self._strangers: dict[str, int] = {}
        self._texts: list[str] = []
        self.count = len(self._called[0])

    def places(self, values: Sequence[Value]) -> "Counts":
        """The place of the row that each value names; NOBODY for blanks."""
        import numpy as np

        codes, found = factorized(values)
        return np.array([*(self._place(value) for value in found), NOBODY], dtype=np.int64)[codes]

    def names(self) -> list[str]:
        """What the row at each place is called, with its number where another has the same name."""
        numbers, names = self._called[0], self._called[-1]
        known = [str(name or number or "") for number, name in zip(numbers, names, strict=True)]
        if len(set(known)) < len(known):
            often = Counter(known)
            known = [
                f"{name} ({number})" if often[name] > 1 and number else name
                for name, number in zip(known, numbers, strict=True)
            ]
        return known + self._texts

    def _place(self, value: Value) -> int:
        if value in ("", None):
            return NOBODY
        place = self._exact.get(value)
        if place is not None:
            return place
        key = text_key(str(value))
        place = self._by_key().get(key)
        if place is None and key not in self._strangers:
            self._strangers[key] = self.count + len(self._strangers)
            self._texts.append(str(value))
        return self._strangers[key] if place is None else place

    def _by_key(self) -> dict[str, int]:
        """Built when a name is spelt otherwise for the first time: most are copied or chosen."""
        if self._folded is None:
            self._folded = {}
            for names in self._called:
                for place, name in enumerate(names):
                    if name:
                        self._folded.setdefault(text_key(str(name)), place)
            for place, former in enumerate(self._aliases):
                for name in former if isinstance(former, tuple) else ():
                    self._folded.setdefault(text_key(str(name)), place)
        return self._folded


def customers(frames: Frames) -> Register:
    """The customers, also by names that they had before they were merged."""
    return Register(frames, "customers", ("id", "name"), "merged_from")
