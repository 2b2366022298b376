"""Many rows at once: the same judgement as the record's, every error with its address."""

from collections.abc import Mapping
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from stdnum.cn import uscc

from crm_sheets.cells import CellValue, Formula
from crm_sheets.language import LOCALES, language
from crm_sheets.schema import TABS, tab
from crm_sheets.schema.base import Tab
from crm_sheets.schema.codecs import CodecContext, Flaw, parse
from crm_sheets.schema.validation import validate_rows
from crm_sheets.tables import ColumnKey, TabKey

CONTEXT = CodecContext(ZoneInfo("Asia/Shanghai"))
CUSTOMERS = tab(TabKey("customers"))


def cells_of(each: Tab, **cells: CellValue) -> tuple[CellValue, ...]:
    return tuple(cells.get(column) for column in each.columns)


def flaws(each: Tab, **cells: CellValue) -> Mapping[ColumnKey, Flaw]:
    (row,) = validate_rows(each, [cells_of(each, **cells)], CONTEXT)
    assert list(row.values) == list(each.columns)
    assert all(row.values[column] is None for column in row.flaws)
    for why in row.flaws.values():
        for locale in LOCALES:
            assert "{" not in language(locale).text(f"issue.{why.code}", **why.parameters)
    return row.flaws


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("email", "x@y", "not-an-email"),
        ("email", "a@b.cn; c@d.cn", "not-an-email"),
        ("email", "a" * 65 + "@b.cn", "not-an-email"),
        ("credit_code", "91110000600037341M", "wrong-check-digit"),
        ("credit_code", "9111000060003734", "wrong-length"),
        ("credit_code", "I1110000600037341L", "not-a-credit-code"),
        ("id_number", "360426199101010072", "wrong-check-digit"),
        ("id_number", "36042619911301007X", "id-number-birthday"),
        ("id_number", "3604261991010100712", "wrong-length"),
        ("id_number", "36042619910101A071", "not-an-id-number"),
        ("employees", -1, "out-of-range"),
        ("annual_revenue", "-5", "out-of-range"),
        ("name", "x" * 201, "too-long"),
        ("tags", ";".join(map(str, range(60))), "too-many"),
        ("tags", "x" * 61, "too-long"),
        ("employees", True, "not-a-number"),
    ],
)
def test_what_the_record_refuses_is_a_flaw_of_its_cell(column: str, cell: CellValue, code: str) -> None:
    assert {key: why.code for key, why in flaws(CUSTOMERS, **{column: cell}).items()} == {column: code}


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("email", "zhang.wei@huaxin.com.cn"),
        ("email", "张三@例子.中国"),
        ("credit_code", "91110000600037341L"),
        ("id_number", "360426199101010071"),
        ("id_number", "E12345678"),
        ("annual_revenue", 0),
    ],
)
def test_what_is_right_passes(column: str, cell: CellValue) -> None:
    assert not flaws(CUSTOMERS, **{column: cell})


def test_the_limits_are_named() -> None:
    feedback = tab(TabKey("feedback"))
    assert flaws(feedback, satisfaction=6)[ColumnKey("satisfaction")].parameters == {
        "found": "6",
        "minimum": "1",
        "maximum": "5",
    }


def test_true_is_not_one() -> None:
    cells: list[CellValue] = [1, True, Formula("A1", 1), Formula("A1", True), 1.0]
    rows = validate_rows(CUSTOMERS, [cells_of(CUSTOMERS, employees=cell) for cell in cells], CONTEXT)
    assert [row.values[ColumnKey("employees")] for row in rows] == [1, None, 1, None, 1]
    assert [bool(row.flaws) for row in rows] == [False, True, False, True, False]


def test_no_rows_give_no_rows() -> None:
    assert validate_rows(CUSTOMERS, [], CONTEXT) == []


@given(body=st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=18, max_size=18))
@settings(deadline=None)
def test_credit_codes_are_judged_as_stdnum_does(body: str) -> None:
    start = "91111111" + body[:9]
    for text in (body, start + uscc.calc_check_digit(start)):
        assert bool(flaws(CUSTOMERS, credit_code=text)) is not uscc.is_valid(text)


CELLS: st.SearchStrategy[CellValue] = st.one_of(
    st.none(),
    st.sampled_from(["", "是", "a@b.cn", "x@", "2024-03-05", "13800000000", "15%", "x" * 250, "360426199101010071"]),
    st.text(max_size=5),
    st.integers(-10, 50_000),
    st.floats(-5, 60_000),
    st.booleans(),
)


@pytest.mark.parametrize("each", TABS, ids=lambda each: str(each.key))
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_the_same_errors_as_the_record_gives_row_by_row(each: Tab, data: st.DataObject) -> None:
    width = len(each.columns)
    raws = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width).map(tuple), max_size=6))
    for raw, row in zip(raws, validate_rows(each, raws, CONTEXT), strict=True):
        expected = set()
        values = {}
        for column, cell in zip(each.columns.values(), raw, strict=True):
            found = parse(cell, column, CONTEXT)
            if isinstance(found, Flaw):
                expected.add(column.key)
            else:
                values[column.key] = found
        try:
            each.record.model_validate(values)
        except ValidationError as error:
            expected |= {ColumnKey(str(details["loc"][0])) for details in error.errors()}
        assert set(row.flaws) == expected
        assert {key: value for key, value in row.values.items() if key not in expected} == {
            key: values[key] for key in each.columns if key not in expected
        }


def test_money_is_decimal() -> None:
    (row,) = validate_rows(CUSTOMERS, [cells_of(CUSTOMERS, annual_revenue="1.2万")], CONTEXT)
    assert row.values[ColumnKey("annual_revenue")] == Decimal(12000)
