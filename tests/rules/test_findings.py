"""The text of the check column."""

import pytest

from crm_sheets.changes import Issue, Severity
from crm_sheets.language import LOCALES, language
from crm_sheets.rules.findings import MOST_CHARACTERS, check_text, marker, message
from crm_sheets.schema import tab
from crm_sheets.schema.labels import column_label
from crm_sheets.tables import ColumnKey, RowKey, TabKey

CUSTOMERS = TabKey("customers")
ZH = language("zh-CN")
LABELS = {key: column_label(CUSTOMERS, key, ZH) for key in tab(CUSTOMERS).columns}


def issue(code: str, column: str | None = None, severity: Severity = Severity.ERROR, **parameters: str) -> Issue:
    return Issue(code, CUSTOMERS, RowKey("C-1"), ColumnKey(column) if column else None, severity, parameters)


def text(*issues: Issue) -> str:
    return check_text(issues, tab(CUSTOMERS), ZH, LABELS)


def test_a_line_for_each_finding_in_the_order_of_the_columns() -> None:
    issues = (
        issue("person-left", "owner", Severity.WARNING, value="李娜"),
        issue("required", "phone"),
        issue("row-restored", severity=Severity.INFO),
        issue("required", "name"),
        issue("tag-without-dimension", "tags", Severity.INFO, value="A类"),
    )
    assert text(*issues).splitlines() == [
        "提示：这一行不能在这里删除，已恢复。如需删除，请联系管理员。",
        "【客户名称】此项必填，请填写。",
        "【联系电话】此项必填，请填写。",
        "【标签】提示：标签“A类”没有写维度，请写成“维度-值”，例如“级别-A类”。",
        "【负责人】提醒：“李娜”已离职或停用，请改为在职同事。",
    ]
    assert text(*reversed(issues)) == text(*issues)


def test_two_findings_of_one_code_stand_in_an_order_of_their_own() -> None:
    one, other = (issue("person-unknown", "owner", value=name, target="组织") for name in "甲乙")
    assert text(one, other) == text(other, one)
    assert text(one, one) == text(one)


def test_nothing_found_is_an_empty_cell() -> None:
    assert text() == ""


def test_every_line_begins_with_the_mark_that_colours_its_cell() -> None:
    assert text(issue("required", "phone")).startswith(marker("联系电话", ZH))


def test_values_that_look_like_parameters_or_lines_stay_values() -> None:
    said = text(issue("person-unknown", "owner", value="{column}\n【客户名称】", target="{"))
    assert said.count("\n") == 0
    assert "{column}" in said


def test_a_missing_parameter_leaves_a_gap_not_a_failure() -> None:
    assert "…" in message(issue("person-unknown", "owner"), ZH, LABELS)
    assert message(issue("no-such-code"), ZH, LABELS) == "issue.no-such-code"
    assert "客户" in message(issue("tab-missing"), ZH, LABELS)


def test_what_does_not_fit_into_a_cell_is_counted() -> None:
    many = [issue("person-unknown", "owner", value=f"{n:03}" + "甲" * 190, target="组织") for n in range(300)]
    said = text(*many)
    assert len(said) <= MOST_CHARACTERS
    kept = len(said.splitlines()) - 1
    assert said.splitlines()[-1] == f"……另有 {300 - kept} 项，请先处理以上各项。"
    assert kept > 100


@pytest.mark.parametrize("locale", LOCALES)
def test_a_workbook_of_any_language_colours_what_stands_in_these_brackets(locale: str) -> None:
    assert marker("X", language(locale)).strip() == "【X】"
