"""People, groups and deals that share a name are not taken for one, and one thing is one by whichever name."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from crm_sheets.rules.summaries.base import Frames, SummaryContext
from crm_sheets.rules.summaries.follow_ups import FOLLOW_UPS
from crm_sheets.rules.summaries.outcomes import OUTCOMES
from crm_sheets.rules.summaries.review import REVIEW
from crm_sheets.rules.summaries.team import TEAM
from crm_sheets.rules.summaries.value import VALUE
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.tables import TabKey
from tests.rules.summaries.test_summaries import context, dictionary, frame, rows_of, values

PEOPLE = frame(
    "id name department group manager",
    ("E1", "王伟", "华东", "一组", None),
    ("E2", "王伟", "华北", "一组", "E1"),
    ("E3", "李娜", "华北", "二组", "王伟"),
)
WON: Frames = {
    TabKey("opportunities"): frame(
        "stage amount weighted close_date started_on owner source loss_reason",
        *(
            ("won", Decimal(amount), None, date(2026, 10, 3), None, owner, None, None)
            for amount, owner in ((5_000, None), (1_000, "李娜"), (100, "王伟"), (10, "E1"), (1, "e2"))
        ),
    ),
    TabKey("people"): PEOPLE,
}


def test_two_people_of_one_name_are_two_and_whoever_is_called_by_it_is_neither() -> None:
    told = TEAM.compute(WON, context())
    assert {row[0]: row[2] for row in rows_of(told, "people")} == {
        "（未填写）": 5_000,
        "李娜": 1_000,
        "王伟": 100,
        "王伟 (E1)": 10,
        "王伟 (E2)": 1,
    }
    assert {row[0]: row[2] for row in rows_of(told, "managers")} == {"（未填写）": 5_110, "王伟": 1_000, "王伟 (E1)": 1}


def test_groups_of_two_departments_are_two() -> None:
    told = TEAM.compute(WON, context())
    assert {row[0]: row[2] for row in rows_of(told, "groups")} == {
        "（未填写）": 5_100,
        "二组": 1_000,
        "华东/一组": 10,
        "华北/一组": 1,
    }
    assert "李娜" in told.conclusion, "what belongs to nobody is nobody's achievement"


def test_a_review_finds_results_by_number_by_group_and_by_department_with_group() -> None:
    scopes = ("E2", "华东/一组", "一组", "部门:华北", "没有这个人")
    frames = {
        **WON,
        TabKey("targets"): frame("period scope measure value", ("2026-10", "华北/一组", "won", Decimal(2))),
        TabKey("reviews"): frame(
            "period scope measures responsible due done", *(("2026-10", each, "x", None, None, None) for each in scopes)
        ),
    }
    told = REVIEW.compute(frames, _with_measures(context()))
    assert {row[1]: row[4] for row in rows_of(told, "measures")} == {
        "E2": 1,
        "华东/一组": 10,
        "一组": None,
        "部门:华北": 1_001,
        "没有这个人": None,
    }
    assert ("2026-10 华北/一组", 2, 1, Decimal("0.5"), 1, 1) in rows_of(told, "units")


def _with_measures(known: SummaryContext) -> SummaryContext:
    measures = tuple(replace(entry, code="won_amount") for entry in dictionary("won"))
    return replace(known, dictionaries=Dictionaries({**known.dictionaries.entries, "target_measure": measures}))


def test_a_customer_that_is_called_by_name_and_by_number_was_contacted_once() -> None:
    at = datetime(2026, 11, 20, 4, tzinfo=UTC)
    calls = (("C1", at), ("甲公司", at), ("老甲公司", at), ("不认识", at), (None, at))
    frames: Frames = {
        TabKey("customers"): frame(
            "id name merged_from owner status last_contact created_at",
            ("C1", "甲公司", ("老甲公司",), None, None, None, None),
        ),
        TabKey("follow_ups"): frame(
            "customer owner method state planned_at done_at",
            *((customer, "李娜", None, None, None, done) for customer, done in calls),
        ),
        TabKey("people"): PEOPLE,
    }
    assert values(FOLLOW_UPS.compute(frames, context()))["follow_ups.activity.contacted_30_days[李娜]"] == 2


def test_the_next_step_of_a_deal_is_not_that_of_another_with_its_name() -> None:
    deal = ("offer", Decimal(1), None, date(2026, 10, 1), None, None, None, None, None, None)
    frames: Frames = {
        TabKey("opportunities"): frame(
            "id name stage amount weighted close_date started_on owner win_reason loss_reason stage_since stage_due",
            ("O1", "年度采购", *deal),
            ("O2", "年度采购", *deal),
            ("O3", "扩容", *deal),
        ),
        TabKey("follow_ups"): frame(
            "opportunity planned_at done_at next_step",
            ("年度采购", None, None, "给谁的？"),
            ("O2", None, None, "送合同"),
            ("扩容", None, None, "报价"),
        ),
    }
    none = context().language.text("summary.stalled.no_step")
    assert [row[-1] for row in rows_of(OUTCOMES.compute(frames, context()), "stalled")] == [none, "送合同", "报价"]


def test_quantities_are_added_up_before_they_are_rounded() -> None:
    frames: Frames = {
        TabKey("customers"): frame("id name merged_from lifecycle level owner"),
        TabKey("orders"): frame(
            "id external customer opportunity ordered_on state total profit",
            ("O1", None, None, None, date(2026, 10, 1), None, Decimal(8), None),
        ),
        TabKey("order_lines"): frame(
            "order product quantity amount profit",
            *(("O1", "钢材", Decimal("0.125"), Decimal(1), None) for _ in range(7)),
            *(("O1", "螺丝", Decimal(150), Decimal(1), None) for _ in range(2)),
        ),
    }
    told = VALUE.compute(frames, context())
    assert [row[:3] for row in rows_of(told, "by_product")] == [("钢材", 7, Decimal("0.875")), ("螺丝", 2, 300)]
    assert "（未填写）" not in told.conclusion
