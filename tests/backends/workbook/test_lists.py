"""The lists behind the drop-downs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sheets.schema.book import TABS
from crm_sheets.sync.backends.xlsx.lists import Grid, filled_range, list_keys, list_names, lists_content, lists_edits
from crm_sheets.tables import Sheet, SheetRow
from tests.backends.workbook.books import DICTIONARIES

VALUE = st.none() | st.text("甲乙a", min_size=1, max_size=3)
GRIDS = st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[VALUE] * width), max_size=5).map(tuple))


def sheet(grid: Grid) -> Sheet:
    return Sheet("_lists", [SheetRow(number, row) for number, row in enumerate(grid, start=1)])


def test_only_active_values_are_offered_in_their_order() -> None:
    content = lists_content(TABS, DICTIONARIES, ("王伟", "李娜"))
    place = content[0].index("customer_status")
    assert [row[place] for row in content[1:]] == ["潜在客户", "成交客户", "流失客户"]
    assert [row[0] for row in content] == ["people", "王伟", "李娜", None]


def test_each_list_has_a_name_for_its_column() -> None:
    names = list_names(TABS)
    place = chr(65 + list_keys(TABS).index("customer_status"))
    assert names["list_customer_status"].startswith(f"'_lists'!${place}$2:INDEX('_lists'!${place}$2:${place}$2002,")
    assert filled_range("it's", 1, 3).startswith("'it''s'!$A$3:INDEX(")


@given(GRIDS, GRIDS)
def test_the_edits_make_the_sheet_hold_the_content(now: Grid, wanted: Grid) -> None:
    cells = {(row, column): value for row, line in enumerate(now, 1) for column, value in enumerate(line, 1)}
    edits = lists_edits(sheet(now), wanted)
    cells |= edits  # type: ignore[arg-type]
    target = {(row, column): value for row, line in enumerate(wanted, 1) for column, value in enumerate(line, 1)}
    assert {place: value for place, value in cells.items() if value} == {
        place: value for place, value in target.items() if value
    }
    assert lists_edits(sheet(now), now) == {}


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.key)
def test_every_dictionary_of_a_tab_has_a_list(tab: object) -> None:
    assert {f"list_{key}" for key in list_keys([tab])} <= set(list_names(TABS))  # type: ignore[list-item]
