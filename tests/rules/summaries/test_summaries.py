"""Small books in, figures out."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.changes import Value
from crm_sheets.language import LOCALES, language
from crm_sheets.rules.summaries import SUMMARIES
from crm_sheets.rules.summaries.base import Frames, Number, Summary, SummaryContext, SummaryRule
from crm_sheets.rules.summaries.customers import CUSTOMERS
from crm_sheets.rules.summaries.feedback import FEEDBACK
from crm_sheets.rules.summaries.follow_ups import FOLLOW_UPS
from crm_sheets.rules.summaries.funnel import FUNNEL
from crm_sheets.rules.summaries.periods import month_before, quarter_before, quarter_of, week_of, window
from crm_sheets.rules.summaries.team import TEAM
from crm_sheets.schema.dictionaries import Dictionaries, DictionaryEntry
from crm_sheets.tables import ColumnKey, TabKey

TODAY = date(2026, 11, 22)  # a Sunday


def dictionary(*codes: str) -> tuple[DictionaryEntry, ...]:
    return tuple(DictionaryEntry(code, code, place, True, {}) for place, code in enumerate(codes))


def context(locale: str = "zh-CN", today: date = TODAY) -> SummaryContext:
    known = {
        "opportunity_stage": dictionary("contact", "offer", "won", "lost"),
        "customer_status": dictionary("lead", "won", "lost"),
        "feedback_state": dictionary("open", "done"),
    }
    return SummaryContext(today, ZoneInfo("Asia/Shanghai"), Dictionaries(known), language(locale))


def frame(header: str, *rows: tuple[Value, ...]) -> dict[ColumnKey, list[Value]]:
    return {ColumnKey(name): [row[place] for row in rows] for place, name in enumerate(header.split())}


def values(summary: Summary) -> Mapping[str, Number]:
    return {figure.key: figure.value for figure in summary.figures}


def rows_of(summary: Summary, key: str) -> tuple[tuple[object, ...], ...]:
    return next(block.rows for block in summary.blocks if block.key == key)


DEALS: Frames = {
    TabKey("opportunities"): frame(
        "stage amount weighted close_date started_on owner",
        ("contact", Decimal(100), Decimal(10), date(2026, 12, 1), None, "甲"),
        ("offer", Decimal(200), Decimal(100), date(2026, 12, 9), None, "E2"),
        ("won", Decimal("300.50"), Decimal("300.50"), date(2026, 11, 30), date(2026, 11, 20), "甲"),
        ("won", Decimal(50), Decimal(50), date(2026, 1, 2), date(2026, 1, 1), "乙"),
        ("lost", Decimal(900), None, date(2026, 11, 1), date(2026, 10, 31), "丙"),
        (None, None, None, None, None, None),
    ),
    TabKey("people"): frame(
        "id name department group manager",
        ("E1", "甲", "销售部", "一组", "E9"),
        ("E2", "乙", "销售部", "二组", "E9"),
        ("E9", "老板", "总部", None, None),
    ),
}


def test_funnel_counts_what_stands_where() -> None:
    summary = FUNNEL.compute(DEALS, context())
    figures = values(summary)
    assert figures["funnel.won_amount"] == Decimal("350.50")
    assert figures["funnel.win_rate"] == Decimal("0.6667")
    assert figures["funnel.won_cycle_days"] == Decimal("5.50")
    assert figures["funnel.closed_cycle_days"] == Decimal("4.00")
    assert figures["funnel.open_weighted"] == Decimal(110)
    assert [row[:2] + row[4:6] for row in rows_of(summary, "stages")] == [
        ("contact", 1, 4, None),
        ("offer", 1, 3, Decimal("0.7500")),
        ("won", 2, 2, Decimal("0.6667")),
        ("lost", 1, None, None),
        ("（未填写）", 1, None, None),
    ]


def test_one_deal_of_nonsense_leaves_the_forecast_standing() -> None:
    rows = (("offer", Decimal(0), Decimal(-5)), ("offer", Decimal(-50), Decimal(-15)))
    frames = {
        TabKey("opportunities"): frame(
            "stage amount weighted close_date started_on", *((*row, date(2026, 12, 1), None) for row in rows)
        )
    }
    month = next(row for row in rows_of(FUNNEL.compute(frames, context()), "forecast") if row[0] == "2026-12")
    assert month[1:4] == (2, Decimal(-50), Decimal(-20))


def test_an_owner_is_one_person_by_name_or_number() -> None:
    summary = TEAM.compute(DEALS, context())
    assert rows_of(summary, "people")[:3] == (
        ("甲", 1, Decimal("300.50"), 1, Decimal(100), Decimal("1.0000"), Decimal("300.50"), "n=1: 21–100%"),
        ("乙", 1, Decimal(50), 1, Decimal(200), Decimal("1.0000"), Decimal("50.00"), "n=1: 21–100%"),
        ("丙", 0, Decimal(0), 0, Decimal(0), Decimal("0.0000"), None, "n=1: 0–79%"),
    )
    assert values(summary)["team.managers.won_amount[老板]"] == Decimal("350.50")
    assert values(summary)["team.won_this_quarter"] == Decimal("300.50")
    assert rows_of(summary, "quarters")[-1][:5] == (
        "2026Q4",
        1,
        Decimal("300.50"),
        Decimal("0.5000"),
        Decimal("300.50"),
    )


def test_follow_ups_are_counted_by_the_day_on_which_they_were_done() -> None:
    words = language("zh-CN")
    states = ("done", "overdue", "pending", "cancelled")
    done, overdue, pending, cancelled = (words.text(f"value.follow_up_state.{code}") for code in states)
    late_sunday = datetime(2026, 11, 22, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    next_monday = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    frames: Frames = {
        TabKey("follow_ups"): frame(
            "owner method state planned_at done_at",
            ("甲", "电话", done, datetime(2026, 11, 22, 1, tzinfo=UTC), late_sunday),
            ("甲", "电话", done, datetime(2026, 11, 22, 1, tzinfo=UTC), next_monday),
            ("甲", "拜访", overdue, datetime(2026, 11, 1, 1, tzinfo=UTC), None),
            ("甲", "拜访", cancelled, datetime(2026, 11, 22, 1, tzinfo=UTC), late_sunday),
            ("甲", "拜访", pending, datetime(2026, 12, 1, 1, tzinfo=UTC), None),
        ),
        TabKey("customers"): frame(
            "owner status last_contact created_at",
            ("甲", "lead", datetime(2026, 10, 22, 15, tzinfo=UTC), None),
            ("甲", "lead", datetime(2026, 10, 23, 15, tzinfo=UTC), None),
            ("甲", "lost", None, None),
            ("乙", None, None, datetime(2026, 1, 1, tzinfo=UTC)),
        ),
    }
    summary = FOLLOW_UPS.compute(frames, context())
    assert rows_of(summary, "people") == (("甲", 1, 2, 1, 1, Decimal("0.5000"), "n=2: 9–91%"),)
    assert rows_of(summary, "neglected") == (
        ("乙", 1, 1, Decimal("1.0000"), "n=1: 21–100%"),
        ("甲", 1, 2, Decimal("0.5000"), "n=2: 9–91%"),
    )


def test_customers_and_feedback() -> None:
    frames: Frames = {
        TabKey("customers"): frame(
            "name status level industry source region created_at",
            ("一", "won", "A", "制造", None, "苏州", datetime(2026, 10, 31, 16, tzinfo=UTC)),
            ("二", "WON", "A", "制造", None, None, datetime(2026, 10, 31, 15, tzinfo=UTC)),
        ),
        TabKey("feedback"): frame(
            "date type source state due resolved_at satisfaction",
            (date(2026, 11, 1), "投诉", "邮件", "done", date(2026, 11, 3), datetime(2026, 11, 4, tzinfo=UTC), 4),
            (date(2026, 11, 2), "投诉", "邮件", "open", date(2026, 11, 21), None, None),
            (date(2026, 11, 2), "建议", "邮件", "open", date(2026, 11, 22), None, 1),
        ),
    }
    customers = CUSTOMERS.compute(frames, context())
    assert rows_of(customers, "by_status") == (("won", 2, Decimal("1.0000")),)
    assert rows_of(customers, "new") == (("2026-10", 1), ("2026-11", 1))
    feedback = FEEDBACK.compute(frames, context())
    assert tuple(row[:6] for row in rows_of(feedback, "by_type")) == (
        ("建议", 1, 1, 0, None, Decimal("1.00")),
        ("投诉", 2, 1, 1, Decimal("3.00"), Decimal("4.00")),
    )
    assert values(feedback)["feedback.resolution_rate"] == Decimal("0.3333")


@pytest.mark.parametrize("rule", SUMMARIES, ids=lambda rule: rule.key)
def test_an_empty_book_has_a_summary(rule: SummaryRule) -> None:
    assert all(not figure.value for figure in rule.compute({}, context()).figures)


@pytest.mark.parametrize("rule", SUMMARIES, ids=lambda rule: rule.key)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_word_is_in_the_catalogues(rule: SummaryRule, locale: str) -> None:
    summary = rule.compute(DEALS, context(locale))
    shown = [summary.title, *(text for block in summary.blocks for text in (block.title, *block.header))]
    shown += [text for figure in summary.figures for text in (figure.label, figure.definition)]
    assert [text for text in shown if "summary." in text or "{" in text] == []


def test_another_day_changes_no_content_by_itself() -> None:
    today, tomorrow = (FUNNEL.compute(DEALS, context(today=day)) for day in (TODAY, date(2026, 11, 23)))
    assert today.content == tomorrow.content
    assert today != tomorrow
    assert {figure.as_of for figure in today.figures} == {date(2026, 11, 22)}


def test_what_exceeds_a_block_is_summed_up_and_still_a_figure() -> None:
    people = [("won", Decimal(1), None, date(2026, 11, 1), None, f"P{number:02}") for number in range(30)]
    summary = TEAM.compute(
        {TabKey("opportunities"): frame("stage amount weighted close_date started_on owner", *people)}, context()
    )
    rows = rows_of(summary, "people")
    assert len(rows) == 20
    assert rows[-1] == ("其他 11 项", Decimal(11), Decimal(11), Decimal(0), Decimal(0), None, None, None)
    assert values(summary)["team.people.won[P29]"] == 1


def test_periods() -> None:
    assert (month_before("2026-01"), quarter_before("2026Q1")) == ("2025-12", "2025Q4")
    assert quarter_of(date(2026, 3, 31)) == "2026Q1"
    assert week_of(TODAY) == "2026-11-16/2026-11-22"
    assert window(["2026-09"], "2026-11", 12) == ["2026-09", "2026-10", "2026-11"]
    assert window(["2017Q1", "2017Q4"], "2026Q4", 8) == ["2017Q1", "2017Q2", "2017Q3", "2017Q4"]
    assert window(["2027-01"], "2026-11", 3) == ["2027-01"]
    assert window([], "2026-11", 3) == ["2026-11"]


def test_what_lies_far_ahead_takes_no_room_from_what_goes_on_now() -> None:
    instalments = [f"{year}-{month:02}" for year in range(2026, 2031) for month in range(1, 13)]
    assert window(instalments, "2026-11", 6) == ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01", "2027-02"]
    assert window(["2025Q3", "2098Q1"], "2025Q4", 4) == ["2025Q3", "2025Q4", "2026Q1", "2026Q2"]
    assert window(["2017-05", "2098-01"], "2026-11", 3) == ["2017-05"]
    assert window(["2027-04", "2027-05", "2098-01"], "2026-11", 3) == ["2027-04", "2027-05", "2027-06"]
