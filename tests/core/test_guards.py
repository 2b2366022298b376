"""The brakes, at their edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sheets.guards import Limits, too_many_changed, too_many_deleted
from crm_sheets.tables import ColumnKey, TabKey

TAB, PHONE = TabKey("customers"), ColumnKey("phone")


@pytest.mark.parametrize(
    ("rows", "gone", "left", "code"),
    [
        (10, 3, 7, None),
        (10, 4, 6, "too-many-deleted"),
        (100, 20, 80, None),
        (100, 21, 79, "too-many-deleted"),
        (2, 2, 0, "tab-emptied"),
        (1, 1, 0, None),  # a tab of one row is emptied by deleting it
        (2, 2, 1, None),  # deleted and typed anew
        (0, 0, 0, None),
    ],
)
def test_rows_that_are_gone(rows: int, gone: int, left: int, code: str | None) -> None:
    issue = too_many_deleted(TAB, rows, gone, left, Limits())

    assert (issue.code if issue else None) == code


@pytest.mark.parametrize(
    ("rows", "cells", "held"),
    [(100, 49, False), (100, 50, True), (166, 50, True), (167, 50, False), (1000, 300, False), (1000, 301, True)],
)
def test_a_column_that_changed_at_once(rows: int, cells: int, held: bool) -> None:
    issue = too_many_changed(TAB, rows, {PHONE: cells, ColumnKey("note"): 1}, Limits())

    assert (issue is not None and issue.column == PHONE) == held
    assert issue is None or issue.code == "too-many-changed"


@given(rows=st.integers(0, 500), gone=st.integers(0, 500), fraction=st.floats(0, 1))
def test_raising_a_limit_never_pulls_a_brake(rows: int, gone: int, fraction: float) -> None:
    strict, lax = Limits(delete_fraction=fraction / 2), Limits(delete_fraction=fraction)

    if too_many_deleted(TAB, rows, gone, 1, strict) is None:
        assert too_many_deleted(TAB, rows, gone, 1, lax) is None
