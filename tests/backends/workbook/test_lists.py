"""The lists behind the drop-downs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sheets.schema.book import TABS
from crm_sheets.sync.backends.xlsx.lists import (
    Grid,
    filled_range,
    list_keys,
    list_names,
    list_places,
    lists_content,
    lists_edits,
)
from crm_sheets.tables import Sheet, SheetRow
from tests.backends.workbook.books import DICTIONARIES

VALUE = st.none() | st.text("甲乙a", min_size=1, max_size=3)
KEYS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True).map(tuple)
GRIDS = KEYS.flatmap(lambda keys: st.lists(st.tuples(*[VALUE] * len(keys)), max_size=5).map(lambda rows: (keys, *rows)))


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
def test_after_the_edits_each_list_holds_its_content_wherever_it_stands(now: Grid, wanted: Grid) -> None:
    cells = {(row, column): value for row, line in enumerate(now, 1) for column, value in enumerate(line, 1)}
    cells |= lists_edits(sheet(now), wanted)  # type: ignore[arg-type]
    places = list_places(sheet(now), [str(key) for key in wanted[0]])
    for column, key in enumerate(wanted[0]):
        held = [cells.get((row, places[str(key)])) for row in range(1, 8)]
        assert [value for value in held if value] == [value for line in wanted if (value := line[column])]
    others = {place: value for place, value in cells.items() if place[1] not in places.values()}
    before = {(row, column): value for row, line in enumerate(now, 1) for column, value in enumerate(line, 1)}
    assert others == {place: before[place] for place in others}
    assert lists_edits(sheet(now), now) == {}


def test_a_new_list_goes_behind_the_last_one() -> None:
    now = sheet((("people", "industry"), ("王伟", "制造业"), (None, "零售")))
    assert list_places(now, ["people", "customer_type", "industry"]) == {"people": 1, "industry": 2, "customer_type": 3}


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.key)
def test_every_dictionary_of_a_tab_has_a_list(tab: object) -> None:
    assert {f"list_{key}" for key in list_keys([tab])} <= set(list_names(TABS))  # type: ignore[list-item]
