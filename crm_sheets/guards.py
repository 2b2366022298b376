"""Brakes: what looks like an accident holds its tab until a person decides. Other tabs go on."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm_sheets.changes import Issue
from crm_sheets.tables import ColumnKey, TabKey


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may happen to a tab in one cycle.

    Attributes:
        delete_rows, delete_fraction: rows gone beyond the larger of the two hold the tab (G2).
        change_fraction: share of a column's cells that may change at once (G4) …
        change_cells: … from this many cells on.
    """

    delete_rows: int = 3
    delete_fraction: float = 0.2
    change_fraction: float = 0.3
    change_cells: int = 50

    def deletions(self, rows: int) -> int:
        """The most rows of a tab of `rows` rows that may go in one cycle."""
        return max(self.delete_rows, int(self.delete_fraction * rows))


def too_many_deleted(tab: TabKey, rows: int, gone: int, left: int, limits: Limits) -> Issue | None:
    """G1: a tab that had rows is empty. G2: more rows are gone than one cycle may delete."""
    if rows >= 2 and left == 0:
        return Issue("tab-emptied", tab, parameters={"rows": str(rows)})
    if gone > limits.deletions(rows):
        return Issue("too-many-deleted", tab, parameters={"gone": str(gone), "limit": str(limits.deletions(rows))})
    return None


def too_many_changed(tab: TabKey, rows: int, changed: Mapping[ColumnKey, int], limits: Limits) -> Issue | None:
    """G3, G4: a whole column changed at once: a fill-down, a sort that left columns behind, a flipped date format."""
    for column, cells in sorted(changed.items()):
        if cells >= limits.change_cells and cells > limits.change_fraction * rows:
            return Issue("too-many-changed", tab, column=column, parameters={"cells": str(cells), "rows": str(rows)})
    return None
