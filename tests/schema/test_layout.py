"""Tabs and columns are found by their headers."""

import pytest

from crm_sheets.cells import CellValue
from crm_sheets.language import LOCALES, language
from crm_sheets.schema import TABS, tab
from crm_sheets.schema.headers import header_key
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.schema.layout import FoundTabs, find_tabs
from crm_sheets.tables import ColumnKey, Sheet, SheetRow, TabKey

FEEDBACK = tab(TabKey("feedback"))
HEADERS = "编号 _key 客户* 反馈日期* 反馈来源 反馈类型* 反馈内容* 处理状态*"


def sheet(name: str, *rows: str, first: int = 1, merged: tuple[tuple[int, int, int, int], ...] = ()) -> Sheet:
    """A sheet of rows of words; `.` is a blank cell."""
    cut = [tuple[CellValue, ...](None if word == "." else word for word in row.split()) for row in rows]
    return Sheet(name, [SheetRow(number, cells) for number, cells in enumerate(cut, first)], merged)


def found(*sheets: Sheet, adopting: bool = False) -> FoundTabs:
    return find_tabs({each.name: each for each in sheets}, [FEEDBACK], adopting=adopting)


def codes(result: FoundTabs) -> list[str]:
    return [f"{issue.severity}:{issue.code}" for issues in result.issues.values() for issue in issues]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_book_of_ours_is_found_whole(locale: str) -> None:
    words = language(locale)
    sheets = {}
    for each in TABS:
        headers = tuple(
            column_label(each.key, key, words) + ("*" if column.required else "")
            for key, column in each.columns.items()
        )
        name = tab_label(each.key, words)
        sheets[name] = Sheet(name, [SheetRow(1, headers)])
    result = find_tabs(sheets, TABS)
    assert not result.issues
    for each in TABS:
        layout = result.layouts[each.key]
        assert list(layout.columns) == list(each.columns)
        assert list(layout.columns.values()) == list(range(1, len(each.columns) + 1))


def test_columns_may_move_and_the_teams_own_are_left_alone() -> None:
    result = found(sheet("反馈", "我们的列 处理状态 客户 _key 反馈类型 备用 反馈内容 反馈日期"))
    assert not result.issues
    layout = result.layouts[FEEDBACK.key]
    assert layout.columns == {"state": 2, "customer": 3, "key_": 4, "type": 5, "content": 7, "date": 8}
    assert (layout.header_row, layout.last_column, layout.sheet) == (1, 8, "反馈")


def test_aliases_units_and_asterisks_are_understood() -> None:
    result = found(sheet("客户反馈", "编号 公司名称＊ 日期(yyyy-mm-dd) 类型（必填） Details 状态*"))
    assert list(result.layouts[FEEDBACK.key].columns) == ["id", "customer", "date", "type", "content", "state"]
    assert header_key("＊预计成交金额（元）(必填)") == "预计成交金额"
    assert header_key("(元)") == "(元)"
    assert header_key("客户\r\n名称 *") == "客户名称"
    assert header_key("Sales  stage\n阶 段") == "sales stage 阶段"


def test_a_header_may_stand_below_a_title() -> None:
    result = found(sheet("反馈", "2026年客户反馈", HEADERS, "B-1 w 华为 45000 邮件 投诉 坏了 待处理", first=3))
    assert result.layouts[FEEDBACK.key].header_row == 4


def test_a_label_counts_before_an_alias() -> None:
    result = found(sheet("反馈", "状态 " + HEADERS))
    assert not result.issues
    assert result.layouts[FEEDBACK.key].columns[ColumnKey("state")] == 9


def test_a_missing_column_holds_the_tab_and_is_named() -> None:
    result = found(sheet("反馈", HEADERS.replace("处理状态*", "别的")))
    assert codes(result) == ["error:column-missing"]
    assert result.issues[FEEDBACK.key][0].parameters == {"expected": "处理状态"}
    assert not result.layouts


def test_a_renamed_header_is_offered() -> None:
    result = found(sheet("反馈", HEADERS.replace("处理状态*", "处理状态了")))
    assert codes(result) == ["error:header-unknown-similar"]
    assert result.issues[FEEDBACK.key][0].parameters == {"expected": "处理状态", "found": "处理状态了"}


def test_a_renamed_column_that_may_be_blank_is_only_a_warning() -> None:
    result = found(sheet("反馈", HEADERS + " 满意度度"))
    assert codes(result) == ["warning:header-unknown-similar"]
    assert FEEDBACK.key in result.layouts


def test_the_traces_of_identity_may_not_both_be_gone() -> None:
    assert codes(found(sheet("反馈", HEADERS.removeprefix("编号 ")))) == []
    assert codes(found(sheet("反馈", HEADERS.removeprefix("编号 _key ")))) == ["error:column-missing"]


def test_a_doubled_header_is_named_with_its_places() -> None:
    result = found(sheet("反馈", HEADERS + " 反馈内容"))
    assert codes(result) == ["error:header-doubled"]
    parameters = result.issues[FEEDBACK.key][0].parameters
    assert (parameters["count"], parameters["places"]) == ("2", "G1, I1")


def test_merged_header_cells_are_refused_and_a_merged_title_is_not() -> None:
    title = sheet("反馈", "标题", HEADERS, merged=((1, 1, 1, 8),))
    assert codes(found(title)) == []
    header = sheet("反馈", "标题", HEADERS, merged=((2, 3, 2, 4),))
    assert codes(found(header)) == ["error:header-merged"]
    assert found(header).issues[FEEDBACK.key][0].parameters == {"area": "C2:D2"}


def test_a_sheet_of_another_name_is_found_by_its_headers() -> None:
    assert found(sheet("2026年", HEADERS), sheet("其他", "a b c")).layouts[FEEDBACK.key].sheet == "2026年"


def test_a_copy_of_a_tab_is_left_alone() -> None:
    result = found(sheet("反馈", HEADERS), sheet("反馈 (2)", HEADERS))
    assert result.layouts[FEEDBACK.key].sheet == "反馈"
    assert not result.issues


def test_two_sheets_that_may_be_the_tab_are_not_guessed() -> None:
    result = found(sheet("反馈记录", HEADERS), sheet("客户反馈", HEADERS))
    assert codes(result) == ["error:tab-doubled"]
    assert not result.layouts


def test_a_missing_tab_and_a_missing_header_are_named() -> None:
    assert codes(found(sheet("其他", "a b"))) == ["error:tab-missing"]
    assert codes(found(sheet("其他", "a b"), adopting=True)) == []
    assert codes(found(sheet("反馈", "a b", "c d"))) == ["error:header-row-missing"]


def test_a_workbook_that_is_taken_over_may_lack_columns() -> None:
    result = found(sheet("反馈", "客户 内容"), adopting=True)
    assert result.layouts[FEEDBACK.key].columns == {"customer": 1, "content": 2}


def test_findings_are_complete_sentences_in_both_languages() -> None:
    broken = [
        sheet("反馈", HEADERS + " 反馈内容", merged=((1, 1, 1, 2),)),
        sheet("反馈", "客户 内容"),
        sheet("反馈", "x"),
        sheet("反馈", HEADERS.replace("处理状态*", "处理状态了")),
        sheet("无", "x"),
    ]
    for each in broken:
        for issue in found(each).issues[FEEDBACK.key]:
            for locale in LOCALES:
                text = language(locale).text(f"issue.{issue.code}", **issue.parameters)
                assert "{" not in text
                assert not text.startswith("issue.")
