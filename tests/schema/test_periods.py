"""Periods, and the entries under which rows are added up."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.cells import CellValue
from crm_sheets.schema.base import Column, Entry, Kind, Role, Row
from crm_sheets.schema.codecs import CodecContext, Flaw, parse, render
from crm_sheets.schema.entries import entries_of
from crm_sheets.schema.follow_ups import FollowUp
from crm_sheets.schema.periods import Period, month_of, period_of
from crm_sheets.schema.tallies import scope_key, scope_kind, scope_name
from crm_sheets.tables import RowKey

CHINA = CodecContext(ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-11", "2026-11"),
        ("2026-1", "2026-01"),
        ("2026/11", "2026-11"),
        ("2026.11", "2026-11"),
        ("202611", "2026-11"),
        (202611, "2026-11"),
        ("11/2026", "2026-11"),
        ("2026年11月", "2026-11"),
        ("２０２６年１１月份", "2026-11"),
        ("2026 年 11 月", "2026-11"),
        (date(2026, 11, 1), "2026-11"),
        (datetime(2026, 11, 1), "2026-11"),  # noqa: DTZ001 - a cell has no zone
        (46327, "2026-11"),
        ("2026Q4", "2026Q4"),
        ("2026q4", "2026Q4"),
        ("2026-Q4", "2026Q4"),
        ("Q4 2026", "2026Q4"),
        ("2026年第4季度", "2026Q4"),
        ("2026年第四季度", "2026Q4"),
        ("2026年四季度", "2026Q4"),
        ("2026年Q4", "2026Q4"),
        ("2026", "2026"),
        (2026, "2026"),
        (2026.0, "2026"),
        ("2026年", "2026"),
        ("2026年度", "2026"),
        ("  ", None),
        ("2026-13", "!not-a-period"),
        ("2026Q5", "!not-a-period"),
        ("11月", "!not-a-period"),
        ("1926", "!not-a-period"),
        (date(2026, 11, 15), "!not-a-period"),
        (46341, "!not-a-period"),
        (20261115, "!not-a-period"),
        (True, "!not-a-period"),
        ("下个月", "!not-a-period"),
    ],
)
def test_periods_as_people_and_spreadsheets_write_them(raw: CellValue, expected: str | None) -> None:
    found = parse(raw, Column(Kind.PERIOD), CHINA)
    assert (f"!{found.code}" if isinstance(found, Flaw) else found) == expected


def test_what_is_written_comes_back() -> None:
    for text in ("2026-11", "2026Q4", "2026"):
        assert parse(render(text, Column(Kind.PERIOD), CHINA), Column(Kind.PERIOD), CHINA) == text


def test_a_period_knows_its_days_its_months_and_what_it_is_part_of() -> None:
    month, quarter, year = Period(2026, month=2), Period(2026, quarter=4), Period(2026)
    assert (month.first, month.last, month.months) == (date(2026, 2, 1), date(2026, 2, 28), ("2026-02",))
    assert (quarter.first, quarter.last, quarter.months) == (
        date(2026, 10, 1),
        date(2026, 12, 31),
        ("2026-10", "2026-11", "2026-12"),
    )
    assert (year.first, year.last, len(year.months)) == (date(2026, 1, 1), date(2026, 12, 31), 12)
    assert [each.text for each in month.around] == ["2026Q1", "2026"]
    assert [each.text for each in quarter.around] == ["2026"]
    assert year.around == ()
    assert all(period_of(each.text) == each for each in (month, quarter, year))
    assert month_of(date(1999, 12, 31)) is None


def test_an_instant_near_the_end_of_a_month_is_found_in_both() -> None:
    def months(moment: datetime) -> set[str]:
        row = Row(RowKey("F-1"), FollowUp(owner="张伟", done_at=moment))
        return {entry.value for entry in entries_of(row) if entry.role is Role.COUNTS}

    assert months(datetime(2026, 11, 15, tzinfo=UTC)) == {"2026-11|张伟"}
    assert months(datetime(2026, 10, 31, 18, tzinfo=UTC)) == {"2026-10|张伟", "2026-11|张伟"}
    assert Entry("facts", "2026-11|张伟", Role.COUNTS).name == "facts"


def test_how_a_scope_is_looked_up() -> None:
    assert [
        scope_key(text) for text in ("公司", "Company", "部门：销售部", "小组:销售部/一组", "ＳＡＬＥＳ", " ", None)
    ] == [
        "",
        "",
        "销售部",
        "销售部/一组",
        "sales",
        None,
        None,
    ]
    assert [scope_kind(text) for text in ("部门:华东", "人员:张伟", "华东", "备注:华东")] == [
        "department",
        "person",
        "",
        "",
    ]
    assert scope_name("备注:华东") == "备注:华东"
