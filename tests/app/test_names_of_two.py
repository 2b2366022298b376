"""Two customers of one name: what was bought by that name is of neither, until one of them is called otherwise."""

from pathlib import Path

from crm_sheets.cells import CellValue
from tests.app.offices import CONFIG, CUSTOMERS, Office, made

TABS = """
tabs = ["customers", "follow_ups", "opportunities", "orders", "order_lines", "people", "dictionaries"]
"""
NAME = "上海宏图机械有限公司"


def sold(office: Office) -> list[tuple[CellValue, ...]]:
    columns = ("订单数", "订单总额", "生命周期", "客户状态")
    return [tuple(row[column] for column in columns) for row in office.rows("客户") if row["联系人"] in ("李娜", "乙")]


def test_a_name_that_comes_twice_takes_what_was_bought_and_gives_it_back(tmp_path: Path) -> None:
    office = made(tmp_path, CONFIG + TABS)
    office.add("订单", [{"客户": NAME, "下单日期": "2026-11-02", "订单状态": "已创建", "外部单号": "PO-1"}])
    office.add("订单明细", [{"订单": "PO-1", "产品或服务": "机床", "数量": 1, "单价": 100}])
    office.sync()
    assert sold(office) == [(1, 100, "成交", "成交客户")]

    other = {**CUSTOMERS[0], "联系人": "乙", "联系电话": "13900139000"}
    office.add("客户", [other])
    report = office.sync()
    assert {issue.code for issue in report.issues if issue.tab == "orders"} >= {"reference-ambiguous"}
    assert sold(office) == [(0, 0, "成交", "成交客户"), (0, 0, "潜在", None)], "the first one is looked at again, too"
    assert office.sync().changes == ()

    office.type("客户", 2, {"客户状态": "流失客户"})
    office.sync()
    assert sold(office)[0] == (0, 0, "流失", "流失客户")

    office.type("客户", 7, {"客户名称": "北京宏图机械有限公司"})
    office.sync()
    assert sold(office) == [(1, 100, "流失", "流失客户"), (0, 0, "潜在", None)], "nobody converts anew"
