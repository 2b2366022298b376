"""Approvals where everyone has a workbook: the author of a view is known, and each sees of a request what they may."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crm_sheets.approval_flows import ApprovalTerms, Change, Flow, Step
from crm_sheets.permissions import Extent, Grant, Policy, Scope
from crm_sheets.schema.book import tab as described
from crm_sheets.tables import ColumnKey, TabKey
from tests.sync.approval_desks import mails
from tests.sync.desks import customer
from tests.sync.galleries import COLUMNS, EDIT, EVERYTHING, HIDDEN, PROPOSE, READ, TeamDesk, grid_of, rows, types

ANY = "customers"
TABS = {
    **COLUMNS,
    ANY: "id key_ name type industry contact phone status owner department private_note note created_at check",
    "approvals": " ".join(described(TabKey("approvals")).columns),
}
CHURN = Flow(
    "客户流失",
    TabKey(ANY),
    (Step("manager"),),
    change=Change(ColumnKey("status"), after=frozenset({"lost"})),
    roles=frozenset({"sales"}),
    timeout=timedelta(days=3),
)
RIGHTS = Policy(
    (
        EVERYTHING,
        Grant("sales", ANY, {"*": EDIT, "owner": READ, "phone": PROPOSE}, Extent.OWN, PROPOSE, (Scope.OWN,)),
        Grant(
            "department_manager",
            ANY,
            {"*": EDIT, "private_note": HIDDEN, "phone": HIDDEN},
            Extent.ALL,
            EDIT,
            (Scope.DEPARTMENT,),
        ),
    )
)


@pytest.fixture
def desk() -> TeamDesk:
    desk = TeamDesk(columns=TABS, policy=RIGHTS)
    terms = ApprovalTerms((CHURN,), (Step("manager"),))
    desk.setup = desk.gallery.setup = replace(desk.setup, approvals=terms)
    desk.cycle.setup = replace(desk.cycle.setup, approvals=terms)
    desk.person("E1", "安妮", "销售专员", manager="伊娃")
    desk.person("E2", "包博", "销售专员", manager="伊娃")
    desk.person("E3", "伊娃", "部门经理")
    for number, owner in enumerate(("安妮", "包博")):
        customer(desk, f"n{number}", phone=f"1380013800{number}", owner=owner, status="意向客户", private_note="秘密")
    desk.go()
    return desk


def rests(desk: TeamDesk) -> None:
    before = (len(desk.state.journal()), mails(desk), [each.writes for each in desk.gallery.files.values()])
    desk.go()
    assert (len(desk.state.journal()), mails(desk), [each.writes for each in desk.gallery.files.values()]) == before


SHOWN = ("state", "subject", "field", "old", "new", "proposer", "approvers")


def test_a_seller_proposes_and_the_manager_approves_each_in_their_own_workbook(desk: TeamDesk) -> None:
    types(desk, "E1", ANY, 0, status="流失客户")
    desk.go()

    request = ("审批中", "n0", "客户状态", "意向客户", "流失客户", "安妮", "伊娃")
    assert rows(desk, "E1", ANY, "name", "status") == [("n0", "意向客户")]
    assert "审批中" in str(rows(desk, "E1", ANY, "check"))
    assert rows(desk, "E1", "approvals", *SHOWN) == [request]
    assert rows(desk, "E3", "approvals", *SHOWN) == [request]
    assert rows(desk, "E2", "approvals", *SHOWN) == [], "who has no part in it does not see it"
    rests(desk)

    types(desk, "E3", "approvals", 0, decision="同意", comment="已核实")
    desk.go()

    assert rows(desk, "E1", ANY, "status", "check") == [("流失客户", None)]
    closed = [("已通过", "同意", "已核实", "伊娃")]
    assert rows(desk, "E1", "approvals", "state", "decision", "comment", "decided_by") == closed
    assert rows(desk, "E3", "approvals", "state", "decision", "comment", "decided_by") == closed
    rests(desk)


def test_the_manager_who_edits_himself_needs_nobody(desk: TeamDesk) -> None:
    types(desk, "E3", ANY, 0, status="流失客户")
    desk.go()

    assert rows(desk, "E3", ANY, "status")[0] == ("流失客户",)
    assert rows(desk, "E3", "approvals", "state") == []


def test_nobody_decides_what_they_proposed(desk: TeamDesk) -> None:
    types(desk, "E1", ANY, 0, status="流失客户")
    desk.go()
    types(desk, "E1", "approvals", 0, decision="同意")
    desk.go()

    assert rows(desk, "E1", ANY, "status") == [("意向客户",)]
    assert rows(desk, "E1", "approvals", "state", "decision") == [("审批中", None)]
    assert "不能审批自己" in str(rows(desk, "E1", "approvals", "check"))
    types(desk, "E1", "approvals", 0, decision="撤回", reason="填错了")
    desk.go()
    assert rows(desk, "E3", "approvals", "state", "reason") == [("已撤回", "填错了")]
    rests(desk)


def test_cells_of_the_program_in_a_request_go_back(desk: TeamDesk) -> None:
    types(desk, "E1", ANY, 0, status="流失客户")
    desk.go()
    types(desk, "E1", "approvals", 0, approvers="安妮", state="已通过", new="休眠客户")
    desk.go()

    assert rows(desk, "E1", "approvals", "state", "new", "approvers") == [("审批中", "流失客户", "伊娃")]
    assert rows(desk, "E1", ANY, "status") == [("意向客户",)]


def test_who_may_not_read_the_cell_decides_without_its_values(desk: TeamDesk) -> None:
    types(desk, "E1", ANY, 0, phone="13912345678")
    desk.go()

    assert rows(desk, "E1", "approvals", "old", "new") == [("13800138000", "13912345678")]
    assert rows(desk, "E3", "approvals", "field", "old", "new") == [("联系电话", None, None)]
    assert "139" not in repr(desk.view("E3").file)
    types(desk, "E3", "approvals", 0, decision="同意")
    desk.go()
    assert rows(desk, "E1", ANY, "phone") == [("13912345678",)]
    assert "139" not in repr(desk.view("E3").file)


def test_of_a_customer_that_was_given_away_the_request_tells_nothing_more(desk: TeamDesk) -> None:
    types(desk, "E1", ANY, 0, phone="13912345678")
    desk.go()
    desk.type(ANY, 0, "owner", "包博")
    desk.go()

    assert rows(desk, "E1", ANY, "name") == []
    assert rows(desk, "E1", "approvals", "state", "subject", "old", "new") == [("审批中", None, None, None)]
    assert "n0" not in repr(desk.view("E1").file)


def test_a_deletion_that_a_grant_lets_people_only_propose(desk: TeamDesk) -> None:
    types(desk, "E1", ANY, 0, note="老客户")
    desk.go()
    del grid_of(desk.view("E1").file, ANY)[1]
    desk.go()

    assert rows(desk, "E1", ANY, "name") == [("n0",)]
    assert rows(desk, "E3", "approvals", "subject", "new") == [("n0", "（整行删除）")]
    types(desk, "E3", "approvals", 0, decision="同意")
    desk.go()
    assert rows(desk, "E1", ANY, "name") == []
    rests(desk)


def test_a_deputy_decides_after_the_first_left(desk: TeamDesk) -> None:
    desk.person("E4", "李总", "部门经理", department="公司")
    desk.go()
    types(desk, "E1", ANY, 0, status="流失客户")
    desk.type("people", 2, "manager", "李总")
    desk.go()
    desk.type("people", 2, "active", "否")
    desk.go()

    assert rows(desk, "E4", "approvals", "state", "approvers") == [("审批中", "李总")]
    types(desk, "E4", "approvals", 0, decision="同意")
    desk.go()
    assert rows(desk, "E1", ANY, "status") == [("流失客户",)]


def test_a_grant_names_who_decides(desk: TeamDesk) -> None:
    desk.person("E5", "钱会计", "财务", manager="")
    own = replace(RIGHTS.grants[1], approve_by="钱会计")
    desk.gallery.readership.policy = replace(RIGHTS, grants=(EVERYTHING, own, RIGHTS.grants[2]))
    desk.go()
    types(desk, "E1", ANY, 0, phone="13912345678")
    desk.go()

    assert rows(desk, "E1", "approvals", "approvers") == [("钱会计",)]
