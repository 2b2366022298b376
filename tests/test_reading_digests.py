"""Digests of rows: equal for what people see as equal, different for what they may have edited."""

import pytest

from crm_sheets.cells import CellValue
from crm_sheets.reading import CutMemory, cut_tab, digest_of
from crm_sheets.schema.book import tab
from crm_sheets.schema.layout import Layout
from crm_sheets.tables import ColumnKey, SheetRow, TabKey


@pytest.mark.parametrize(
    ("one", "other"),
    [(46085.416666666664, 46085.41666666666), (0.1 + 0.2, 0.3), (1e-9 / 3, 3.333333333333333e-10)],
)
def test_a_save_by_another_program_that_rounds_numbers_is_no_edit(one: float, other: float) -> None:
    assert digest_of(["甲", one, None]) == digest_of(["甲", other, None])


@pytest.mark.parametrize(
    ("one", "other"),
    [(46085.41667, 46085.41666), (1, True), (1, "1"), (None, ""), (0.5, "0.5"), (100000000000.01, 100000000000.02)],
)
def test_an_edit_is_seen(one: CellValue, other: CellValue) -> None:
    assert digest_of([one]) != digest_of([other])


CUSTOMERS = TabKey("customers")
LAYOUT = Layout(CUSTOMERS, "客户", 1, {ColumnKey("id"): 1, ColumnKey("name"): 2, ColumnKey("note"): 3}, 3)
CELLS: tuple[tuple[CellValue, ...], ...] = (
    ("编号", "名称", "备注"),
    ("C-1", "甲", 1),
    ("C-2", "乙"),
    ("C-3", "丙", True),
)
ROWS = [SheetRow(number, cells) for number, cells in enumerate(CELLS, 1)]


def test_a_reading_with_memory_cuts_what_a_first_one_cuts() -> None:
    memory = CutMemory()
    first = cut_tab(tab(CUSTOMERS), LAYOUT, ROWS, memory)
    changed = [*ROWS[:2], SheetRow(3, ("C-2", "改")), SheetRow(4, ROWS[3].cells), SheetRow(5, (*ROWS[3].cells[:2], 1))]
    inserted = [ROWS[0], SheetRow(2, ("C-4", "新")), *ROWS[1:]]
    shorter = [ROWS[0], SheetRow(3, (None, "")), ROWS[3]]

    for rows in (changed, inserted, shorter, ROWS):
        assert cut_tab(tab(CUSTOMERS), LAYOUT, rows, memory) == cut_tab(tab(CUSTOMERS), LAYOUT, rows)
    assert (
        cut_tab(tab(CUSTOMERS), LAYOUT, changed, memory).rows[0]
        is cut_tab(tab(CUSTOMERS), LAYOUT, ROWS, memory).rows[0]
    )
    assert len(first.rows) == 3


def test_a_tab_that_lies_otherwise_is_cut_anew() -> None:
    memory = CutMemory()
    cut_tab(tab(CUSTOMERS), LAYOUT, ROWS, memory)
    moved = Layout(CUSTOMERS, "客户", 1, {ColumnKey("id"): 1, ColumnKey("note"): 2, ColumnKey("name"): 3}, 3)

    assert cut_tab(tab(CUSTOMERS), moved, ROWS, memory) == cut_tab(tab(CUSTOMERS), moved, ROWS)
