"""Conflicts where everyone has a workbook: whoever leads the owner decides in theirs, without a grant for the tab."""

import pytest

from crm_sheets.permissions import Extent, Grant, Policy, Scope
from crm_sheets.schema.book import tab as described
from crm_sheets.sync.outbox import State
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.tables import TabKey
from tests.sync.desks import customer
from tests.sync.galleries import COLUMNS, EDIT, EVERYTHING, HIDDEN, READ, TeamDesk, rows, types

TABS = {**COLUMNS, "conflicts": " ".join(described(TabKey("conflicts")).columns)}
SHOWN = ("subject", "field", "kept", "put_away", "decision")
RIGHTS = Policy(
    (
        EVERYTHING,
        Grant("sales", "customers", {"*": EDIT}, Extent.OWN, EDIT, (Scope.OWN,)),
        Grant("sales", "follow_ups", {"*": EDIT}, Extent.OWN, EDIT, (Scope.CUSTOMER,)),
        Grant("department_manager", "customers", {"*": READ, "phone": HIDDEN}, rows=(Scope.DEPARTMENT,)),
    )
)


@pytest.fixture
def desk() -> TeamDesk:
    """Two sellers with a customer each, of one department and one manager; another manager elsewhere."""
    desk = TeamDesk(columns=TABS, policy=RIGHTS)
    desk.person("E1", "安妮", "销售专员", manager="伊娃")
    desk.person("E2", "包博", "销售专员", manager="伊娃")
    desk.person("E3", "伊娃", "部门经理")
    desk.person("E4", "丹", "部门经理", department="客服部")
    customer(desk, "甲公司", owner="安妮", note="原来")
    customer(desk, "乙公司", owner="包博", note="原来", phone="13800138009")
    desk.add(
        "follow_ups", customer="甲公司", method="电话", content="原来", planned_at="2026-11-25 10:00", owner="安妮"
    )
    desk.go()
    return desk


def clash(desk: TeamDesk, tab: str, column: str, *values: str) -> None:
    """安妮 types into her first row what somebody has just typed otherwise into the shared workbook."""
    desk.type(tab, 0, column, values[0])
    types(desk, "E1", tab, 0, **{column: values[1]})
    desk.go()


def seen(desk: TeamDesk, number: str) -> list[tuple[object, ...]]:
    return list(rows(desk, number, "conflicts", *SHOWN))


def test_the_lead_of_the_owner_decides_in_their_view(desk: TeamDesk) -> None:
    clash(desk, "customers", "note", "先到的", "我的")
    told = [("甲公司", "备注", "先到的", "我的", None)]
    assert [seen(desk, number) for number in ("E1", "E2", "E3", "E4")] == [told, [], told, []]
    assert rows(desk, "E1", "customers", "note") == [("先到的",)]
    types(desk, "E1", "conflicts", 0, decision="改用另一值")
    desk.go()
    assert rows(desk, "E1", "customers", "note") == [("先到的",)]  # it is not hers to decide
    assert seen(desk, "E1") == told
    types(desk, "E3", "conflicts", 0, decision="改用另一值", comment="以客户确认为准")
    desk.go()
    assert rows(desk, "E1", "customers", "note") == [("我的",)]
    assert rows(desk, "E1", "conflicts", "state", "comment") == [("已改用", "以客户确认为准")]
    types(desk, "E3", "conflicts", 0, decision="保留现值")
    desk.go()
    assert rows(desk, "E3", "conflicts", "decision") == [("改用另一值",)]  # it is decided


def test_who_may_not_read_the_cell_is_told_nothing_of_it(desk: TeamDesk) -> None:
    clash(desk, "customers", "phone", "13900139001", "13900139002")
    assert [each[1] for each in seen(desk, "E1")] == ["联系电话"]
    assert seen(desk, "E3") == []  # her lead, from whom phones are hidden


def test_with_the_row_the_conflict_about_it_goes(desk: TeamDesk) -> None:
    clash(desk, "follow_ups", "content", "先到的", "我的")
    assert [each[1:4] for each in seen(desk, "E1")] == [("跟进内容", "先到的", "我的")]
    desk.type("customers", 0, "owner", "包博")  # her follow-ups are seen by way of the customer
    desk.go()
    assert rows(desk, "E1", "follow_ups", "content") == []
    assert seen(desk, "E1") == []


def test_whoever_leads_the_owner_now_decides(desk: TeamDesk) -> None:
    annie, dan = 0, 3  # their rows in 组织
    desk.person("E5", "苏菲", "销售专员", manager="丹", department="客服部")
    clash(desk, "customers", "note", "先到的", "我的")
    types(desk, "E3", "conflicts", 0, decision="保留现值")
    clash(desk, "customers", "contact", "先到的", "我的")
    desk.type("customers", 0, "owner", "苏菲")
    desk.go()
    assert [desk.cell("conflicts", row, "decider") for row in (0, 1)] == ["伊娃", "丹"]  # the first is decided
    assert [told[1] for told in seen(desk, "E4")] == ["联系人"]
    mails = [mail.person for mail in SqlOutbox(desk.state).entries(list(State)) if mail.kind == "notice-conflict"]
    assert mails.count("丹") == 1
    desk.type("customers", 0, "owner", "安妮")
    desk.type("people", annie, "manager", "丹")
    desk.go()
    assert desk.cell("conflicts", 1, "decider") == "丹"
    desk.type("people", dan, "active", "否")
    desk.go()
    assert desk.cell("conflicts", 1, "decider") == "安妮"  # nobody leads her: the row is hers
    desk.type("people", annie, "active", "否")
    desk.go()
    assert desk.cell("conflicts", 1, "decider") is None
