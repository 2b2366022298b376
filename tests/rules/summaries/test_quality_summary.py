"""What is said of how complete and right the records are, from a small book."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from crm_sheets.language import language
from crm_sheets.rules.summaries.base import FINDINGS, Frames, Number, SummaryContext, sight_of
from crm_sheets.rules.summaries.quality import QUALITY
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.tables import ColumnKey, TabKey

CUSTOMERS = TabKey("customers")
WORDS = language("zh-CN")
CONTEXT = SummaryContext(date(2026, 11, 22), ZoneInfo("Asia/Shanghai"), default_dictionaries(WORDS), WORDS)


def frames() -> Frames:
    """Three customers of two people, an error of each and a warning, and one suspected duplicate; an error in a tab
    that is not there."""
    return {
        CUSTOMERS: {
            ColumnKey("name"): ["甲", "乙", "丙"],
            ColumnKey("phone"): ["13900000000", None, ""],
            ColumnKey("owner"): ["张伟", "张伟", "李娜"],
            ColumnKey("duplicates"): [None, "C-1 85%", None],
        },
        TabKey(FINDINGS): {
            ColumnKey("tab"): [*["customers"] * 5, "orders", "people"],
            ColumnKey("place"): [1, 1, 2, 0, 0, 0, 0],
            ColumnKey("code"): ["required", "required", "required", "not-unique", "tag-alias", "required", "required"],
            ColumnKey("severity"): ["error", "error", "error", "warning", "info", "error", "error"],
        },
    }


def told(known: Frames) -> dict[str, Number]:
    figures = QUALITY.compute(known, CONTEXT).figures
    return {figure.key.removeprefix("quality."): figure.value for figure in figures}


def test_completeness_errors_and_doubles_by_person() -> None:
    found = told(frames())
    assert found["completeness"] == Decimal("0.7778")  # seven of nine cells
    assert found["by_column.completeness[客户 · 联系电话]"] == Decimal("0.3333")
    assert (found["row_errors"], found["row_warnings"], found["rows_clean"]) == (3, 1, Decimal("0.3333"))
    assert (found["by_person.row_errors[张伟]"], found["by_person.suspected_doubles[张伟]"]) == (2, 1)
    assert found["by_code.findings[此项必填，请填写。]"] == found["row_errors"]
    assert sum(int(value or 0) for key, value in found.items() if key.startswith("by_code.findings")) == 4
    summary = QUALITY.compute(frames(), CONTEXT)
    assert summary.conclusion == (
        "3 行记录，重要列完整度 78%；最缺的是“客户 · 联系电话”（33%）；"
        "共 3 处错误，张伟名下最多（2 处）；1 个客户疑似重复。"
    )


def test_a_cell_that_the_reader_may_not_see_is_neither_filled_nor_blank() -> None:
    sight = {ColumnKey("name"): [True] * 3, ColumnKey("phone"): [True, False, False], ColumnKey("owner"): [True] * 3}
    found = told({**frames(), sight_of(CUSTOMERS): sight})
    assert found["by_column.cells_wanted[客户 · 联系电话]"] == found["by_column.cells_filled[客户 · 联系电话]"] == 1
    assert found["completeness"] == 1
    assert "最缺" not in QUALITY.compute({**frames(), sight_of(CUSTOMERS): sight}, CONTEXT).conclusion


def test_a_number_that_the_reader_may_not_see_fills_no_cell() -> None:
    sight = {ColumnKey("name"): [True] * 3, ColumnKey("phone"): [False, True, True], ColumnKey("owner"): [True] * 3}
    found = told({**frames(), sight_of(CUSTOMERS): sight})
    assert (found["by_column.cells_wanted[客户 · 联系电话]"], found["by_column.cells_filled[客户 · 联系电话]"]) == (
        2,
        0,
    )
    assert found["completeness"] == Decimal("0.75")  # six of eight cells


def test_who_has_the_most_errors_comes_first_and_tabs_as_in_the_book() -> None:
    known = frames()
    known[TabKey(FINDINGS)][ColumnKey("place")] = [2, 2, 1, 0, 0, 0, 0]  # type: ignore[index]
    known[TabKey("orders")] = {ColumnKey("customer"): ["甲"], ColumnKey("owner"): ["李娜"]}  # type: ignore[index]
    known[TabKey("follow_ups")] = {ColumnKey("customer"): ["甲"], ColumnKey("owner"): ["李娜"]}  # type: ignore[index]
    blocks = {block.key: [row[0] for row in block.rows if row[0]] for block in QUALITY.compute(known, CONTEXT).blocks}
    assert blocks["by_person"] == ["李娜", "张伟"]
    assert blocks["by_tab"] == ["客户", "跟进", "订单"]
