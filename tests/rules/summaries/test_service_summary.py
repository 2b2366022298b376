"""Figures of the services tab, from a small book."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.changes import Value
from crm_sheets.language import LOCALES, language
from crm_sheets.rules.summaries.base import Frames, SummaryContext
from crm_sheets.rules.summaries.services import SERVICES
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.tables import ColumnKey, TabKey


def frames(*rows: tuple[Value, ...]) -> Frames:
    header = "type priority state owner opened_at solved_at sla_state".split()  # noqa: SIM905 - as SERVICES has it
    return {TabKey("services"): {ColumnKey(name): [row[n] for row in rows] for n, name in enumerate(header)}}


def context(locale: str = "zh-CN") -> SummaryContext:
    words = language(locale)
    return SummaryContext(date(2026, 11, 22), ZoneInfo("Asia/Shanghai"), default_dictionaries(words), words)


def at(day: int, hour: int = 1) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def test_figures_of_services() -> None:
    rows = frames(
        ("故障报修", "紧急", "已解决", "张伟", at(1), at(2), "达标"),
        ("故障报修", "普通", "已解决", "张伟", at(1), at(1, 13), "未达标"),
        ("故障报修", "普通", "处理中", "李娜", datetime(2026, 10, 31, 17, tzinfo=UTC), None, "已超时"),
        (None, None, "等待客户", None, None, None, None),
        ("使用咨询", None, "已解决", "李娜", at(3), None, None),
    )
    summary = SERVICES.compute(rows, context())
    told = {figure.key.removeprefix("services."): figure.value for figure in summary.figures}
    assert {key: told[key] for key in told if "[" not in key} == {
        "services": 5,
        "services_open": 2,
        "services_late": 1,
        "services_solved": 3,
        "solving_days": Decimal("0.75"),
        "sla_rate": Decimal("0.5000"),
        "response_rate": None,
        "response_minutes": 0,  # of those that were solved: their solution was the answer
        "solution_rate": None,
        "solution_minutes": 0,  # on a Sunday, and before nine on Monday
    }
    assert told["by_type.services[故障报修]"] == 3
    assert told["by_priority.sla_rate[紧急]"] == 1
    assert told["by_state.services[等待客户]"] == 1
    assert told["by_owner.services_open[李娜]"] == 1
    assert told["months.services[2026-11]"] == 4  # 31 October, 17:00 UTC, is November in Shanghai
    assert told["months.services_solved[2026-11]"] == 2
    names = {block.key: [row[0] for row in block.rows] for block in summary.blocks}
    assert names["by_priority"] == ["紧急", "普通", "（未填写）"]


def test_who_solved_at_once_has_answered() -> None:
    """As SLA judges it; an open service without a first response waits for one still."""
    due, monday = at(2, 4), at(2, 1)  # nine to twelve o'clock in Shanghai
    rows: list[tuple[Value, ...]] = [
        ("已解决", monday, None, at(2, 3), due),
        ("已解决", monday, None, at(2, 5), due),
        ("已解决", monday, at(2, 2), at(2, 5), due),
        ("处理中", monday, None, None, due),
        ("处理中", monday, None, at(2, 3), due),
    ]
    header = ("state", "opened_at", "first_response_at", "solved_at", "response_due")
    known = {ColumnKey(name): [row[place] for row in rows] for place, name in enumerate(header)}
    told = {figure.key: figure for figure in SERVICES.compute({TabKey("services"): known}, context()).headlines}
    rate = told["services.response_rate"]
    assert (rate.value, rate.cases) == (Decimal("0.6667"), 3)
    assert told["services.response_minutes"].value == (120 + 180 + 60) // 3  # nobody works from twelve to one


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_nothing(locale: str) -> None:
    summary = SERVICES.compute({}, context(locale))
    assert {figure.value for figure in summary.headlines} == {0, None}
    assert not any("." in definition[:8] for block in summary.blocks for _, definition in block.definitions)
