"""汇总_目标达成 where results are not known, or hidden from its reader."""

from decimal import Decimal

from crm_sheets.changes import Value
from crm_sheets.rules.summaries.attainment import ATTAINMENT
from crm_sheets.rules.summaries.base import Frames
from crm_sheets.tables import TabKey
from tests.rules.summaries.test_summaries import context, frame, values

TARGETS = "period scope measure value actual attainment pace gap"


def targets(*results: tuple[str, Decimal | None]) -> Frames:
    rows: list[tuple[Value, ...]] = [
        ("2026-11", scope, "成交金额", Decimal(100), attained, attained, Decimal("0.7"), None)
        for scope, attained in results
    ]
    return {TabKey("targets"): frame(TARGETS, *rows), TabKey("people"): frame("id name department group")}


def test_targets_without_a_result_are_not_said_to_be_on_time() -> None:
    told = ATTAINMENT.compute(targets(("甲", None), ("乙", None)), context())
    assert told.conclusion == "2 个目标的实际数未知或不可见。"
    assert values(told)["attainment.targets"] == 2
    assert (values(told)["attainment.targets_reached"], values(told)["attainment.targets_behind"]) == (None, None)


def test_only_targets_with_a_result_are_judged() -> None:
    told = ATTAINMENT.compute(targets(("甲", Decimal("0.9")), ("乙", None)), context())
    assert told.conclusion == "1 个进行中的目标都不落后于时间进度；1 个目标的实际数未知或不可见。"
    assert values(told)["attainment.targets_behind"] == 0
