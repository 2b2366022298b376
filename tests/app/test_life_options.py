"""What [status] and [levels] say is what happens in a real workbook, and the stage history stands in it."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from crm_sheets.cells import CellValue
from tests.app.offices import CONFIG, NOW, Office, made

TABS = """
tabs = ["customers", "follow_ups", "opportunities", "stage_history", "people", "dictionaries"]
"""
DEAL: dict[str, CellValue] = {
    "机会名称": "数控机床",
    "客户": "上海宏图机械有限公司",
    "阶段": "赢单",
    "预计成交金额": 60_000,
    "预计成交日期": "2026-11-01",
    "赢单原因": "价格优势",
    "负责人": "王芳",
}


def column(office: Office, name: str) -> list[CellValue]:
    return [row[name] for row in office.rows("客户")]


def test_levels_by_fifths_and_customers_that_fall_asleep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = (
        TABS
        + """
[levels]
method = "rfm"
[status]
dormant_after = "10d"
dormant = "move"
"""
    )
    office = made(tmp_path, CONFIG + options)
    office.type("客户", 2, {"客户状态": "意向客户"})
    office.sync()
    office.add("机会", [DEAL])
    office.sync()
    assert column(office, "客户状态")[0] == "成交客户", "the first won deal moved it"
    assert column(office, "分级依据")[0] == "自动：近365天RFM 1-1-1，共3分"
    assert column(office, "客户等级") == ["C"] * 5

    monkeypatch.setenv("CRM_SHEETS_NOW", (NOW + timedelta(days=10)).isoformat())
    office.sync()
    assert column(office, "客户状态") == ["休眠客户", None, None, None, None]
    columns = ("变更项", "变更前", "变更后", "停留天数")
    told = [tuple(row.get(name) for name in columns) for row in office.rows("阶段记录")]
    assert Counter(told) == Counter(
        [
            ("客户状态", "成交客户", "休眠客户", 10),
            ("客户状态", "意向客户", "成交客户", 0),
            ("客户状态", None, "意向客户", None),
            ("阶段", None, "赢单", None),
        ]
    )
    report = office.sync()
    assert (report.changes, report.written) == ((), ())


def test_a_team_that_gives_levels_itself(tmp_path: Path) -> None:
    office = made(tmp_path, CONFIG + TABS + '[levels]\nmethod = "none"\n')
    assert column(office, "客户等级") == [None] * 5
    assert column(office, "系统评级") == [None] * 5
