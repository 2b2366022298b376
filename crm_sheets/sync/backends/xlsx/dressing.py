"""Looks of cells in a workbook that openpyxl makes: worked out for the first cell that has them, copied for the rest.

openpyxl compares each font, border and fill of each cell with all that the workbook has: most of the time that it takes
to make a workbook of ours went there.
"""

from collections.abc import Callable, Hashable
from copy import copy
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from openpyxl.styles.cell_style import StyleArray
    from openpyxl.styles.styleable import StyleableObject

_Styled = TypeVar("_Styled", bound="StyleableObject")


class Dressing:
    """The looks that cells of one workbook have so far; of no use for another workbook."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Hashable, StyleArray] = {}

    def dress(self, styled: _Styled, look: Hashable, first: Callable[[_Styled], None]) -> None:
        """Gives a cell or a column its look.

        Args:
            styled: what has no look of its own yet.
            look: whatever tells this look from all others of the workbook.
            first: sets it, the first time that it is asked for.
        """
        if look in self._known:
            styled._style = copy(self._known[look])  # type: ignore[attr-defined]  # the stubs leave it out
        else:
            first(styled)
            self._known[look] = copy(styled._style)  # type: ignore[attr-defined]
