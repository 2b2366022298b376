"""Approvals in cycles over a shared workbook: what is proposed goes back, waits, and is decided once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crm_sheets.approvals import Verb
from crm_sheets.state import EntryKind
from tests.sync.approval_desks import CHURN, answer, approving, mails, policy, requests, said, saved_by
from tests.sync.desks import Crash, Desk, customer

WAITS = ("审批中", "华为", "客户状态", "意向客户", "流失客户", "张伟")
SHOWN = ("state", "subject", "field", "old", "new", "approvers")


def rests(desk: Desk) -> None:
    """A cycle in which nobody did anything writes nothing and says nothing."""
    before = (len(desk.state.journal()), desk.backend.writes, mails(desk))
    desk.sync()
    assert (len(desk.state.journal()), desk.backend.writes, mails(desk)) == before


def churned() -> Desk:
    """A seller has set a customer to lost."""
    desk = approving(CHURN)
    desk.type("customers", 0, "status", "流失客户")
    desk.sync()
    return desk


def test_a_transition_that_a_flow_covers_becomes_a_request() -> None:
    desk = churned()

    assert desk.cell("customers", 0, "status") == "意向客户", "the cell goes back"
    assert "审批中" in str(desk.cell("customers", 0, "check"))
    assert requests(desk, *SHOWN) == [WAITS]
    assert mails(desk) == [("approval-asked", "张伟")]
    kinds = [line.entry.kind for line in desk.state.journal() if line.entry.column == "status"]
    assert kinds == [EntryKind.PROPOSE], "both values are in the journal"
    rests(desk)


def test_another_transition_of_the_column_needs_nobody() -> None:
    desk = approving(CHURN)
    desk.type("customers", 0, "status", "方案洽谈")
    desk.sync()

    assert desk.cell("customers", 0, "status") == "方案洽谈"
    assert requests(desk) == []


def test_the_manager_approves() -> None:
    desk = churned()
    saved_by(desk, "张伟")
    answer(desk, 0, "同意", "已核实")
    desk.sync()

    assert desk.cell("customers", 0, "status") == "流失客户"
    assert desk.cell("customers", 0, "check") is None
    assert requests(desk, "state", "decision", "comment", "decided_by", "approvers") == [
        ("已通过", "同意", "已核实", "张伟", "张伟")
    ]
    assert mails(desk) == [("approval-asked", "张伟"), ("approval-closed", "王芳")]
    made = [line.entry for line in desk.state.journal() if line.entry.kind is EntryKind.EDIT]
    assert [entry.author for entry in made if entry.column == "status"] == ["王芳（张伟 审批）"]
    rests(desk)


def test_the_manager_rejects() -> None:
    desk = churned()
    saved_by(desk, "张伟")
    answer(desk, 0, "驳回", "再跟进一次")
    desk.sync()

    assert desk.cell("customers", 0, "status") == "意向客户"
    assert requests(desk, "state", "comment") == [("已驳回", "再跟进一次")]
    assert desk.codes() == []
    rests(desk)


@pytest.mark.parametrize(
    ("name", "code"),
    [("王芳", "approval-own"), ("李总", "approval-not-asked"), ("", "approval-unknown-person")],
)
def test_nobody_else_decides(name: str, code: str) -> None:
    desk = churned()
    saved_by(desk, name)
    answer(desk, 0, "同意")
    desk.sync()

    assert desk.cell("customers", 0, "status") == "意向客户"
    assert requests(desk, "state", "decision") == [("审批中", None)]
    assert ("approvals", "decision", code) in desk.issues()
    rests(desk)


def test_who_saved_the_shared_workbook_is_a_hint_and_the_owner_decides_nothing_of_their_own_rows() -> None:
    desk = approving(CHURN)
    saved_by(desk, "李总")
    desk.type("customers", 0, "status", "流失客户")
    desk.sync()
    saved_by(desk, "王芳")
    answer(desk, 0, "同意")
    desk.sync()

    assert desk.cell("customers", 0, "status") == "意向客户"
    assert ("approvals", "decision", "approval-own") in desk.issues()


def test_in_the_shared_workbook_decisions_may_be_closed() -> None:
    desk = approving(CHURN, rights=policy(shared_decides=False))
    desk.type("customers", 0, "status", "流失客户")
    desk.sync()
    saved_by(desk, "张伟")
    answer(desk, 0, "同意")
    desk.sync()

    assert requests(desk, "state", "decision") == [("审批中", None)]
    assert ("approvals", "decision", "cell-put-back") in desk.issues()


def test_a_decision_outside_the_workbook() -> None:
    desk = churned()
    said(desk, 0, "E2", Verb.APPROVE, "电话确认")

    assert desk.cell("customers", 0, "status") == "流失客户"
    assert requests(desk, "state", "decision", "comment") == [("已通过", "同意", "电话确认")]
    said(desk, 0, "E2", Verb.REJECT)
    assert requests(desk, "state") == [("已通过",)], "what is closed stays closed"
    rests(desk)


def test_a_request_is_withdrawn_by_its_proposer() -> None:
    desk = churned()
    answer(desk, 0, "撤回")
    desk.sync()

    assert requests(desk, "state") == [("已撤回",)]
    assert desk.codes() == []
    assert ("approval-closed", "张伟") in mails(desk), "who was asked need not decide any more"
    rests(desk)


def test_an_answer_to_a_closed_request_goes_back() -> None:
    desk = churned()
    saved_by(desk, "张伟")
    answer(desk, 0, "驳回")
    desk.sync()
    answer(desk, 0, "同意")
    desk.sync()

    assert requests(desk, "state", "decision") == [("已驳回", "驳回")]
    assert desk.cell("customers", 0, "status") == "意向客户"
    assert ("approvals", "decision", "approval-closed") in desk.issues()
    rests(desk)


def test_a_value_that_changed_meanwhile_makes_the_request_void() -> None:
    desk = churned()
    desk.type("customers", 0, "status", "方案洽谈")
    desk.sync()

    assert requests(desk, "state") == [("值已变化",)]
    assert desk.cell("customers", 0, "status") == "方案洽谈"
    assert mails(desk) == [("approval-asked", "张伟"), ("approval-closed", "张伟"), ("approval-closed", "王芳")]
    rests(desk)


def test_a_change_and_a_decision_in_one_save() -> None:
    desk = churned()
    saved_by(desk, "张伟")
    desk.type("customers", 0, "status", "方案洽谈")
    answer(desk, 0, "同意")
    desk.sync()

    assert desk.cell("customers", 0, "status") == "方案洽谈"
    assert requests(desk, "state") == [("值已变化",)]


def test_a_column_that_may_only_be_proposed_goes_to_the_manager() -> None:
    desk = approving(rights=policy("phone"))
    before = desk.cell("customers", 0, "phone")
    desk.type("customers", 0, "phone", "13912345678")
    desk.sync()

    assert desk.cell("customers", 0, "phone") == before
    assert requests(desk, "field", "new", "approvers", "flow") == [("联系电话", "13912345678", "张伟", "上级审批")]
    said(desk, 0, "张伟", Verb.APPROVE)
    assert desk.cell("customers", 0, "phone") == "13912345678"
    rests(desk)


def test_without_anybody_to_ask_a_proposal_is_put_back_as_ever() -> None:
    desk = approving(rights=policy("phone"), default=())
    before = desk.cell("customers", 0, "phone")
    desk.type("customers", 0, "phone", "13912345678")
    desk.sync()

    assert desk.cell("customers", 0, "phone") == before
    assert desk.codes() == ["cell-put-back"]
    assert requests(desk) == []


def test_typing_another_value_replaces_the_request() -> None:
    desk = approving(rights=policy("phone"))
    for number in ("13912345678", "13912345679"):
        desk.type("customers", 0, "phone", number)
        desk.sync()

    assert requests(desk, "state", "new") == [("已撤回", "13912345678"), ("审批中", "13912345679")]
    desk.type("customers", 0, "phone", "13912345679")
    desk.sync()
    assert len(requests(desk)) == 2, "it is asked for already"
    rests(desk)


def test_a_new_row_is_made_and_its_guarded_cell_waits() -> None:
    desk = approving(CHURN)
    customer(desk, "海尔", status="流失客户", owner="王芳", phone="13700137000")
    desk.sync()

    assert desk.cell("customers", 3, "status") is None
    assert requests(desk, "subject", "old", "new") == [("海尔", "（空）", "流失客户")]
    said(desk, 0, "张伟", Verb.APPROVE)
    assert desk.cell("customers", 3, "status") == "流失客户"
    rests(desk)


def test_a_deletion_waits_and_is_carried_out() -> None:
    desk = approving(replace(CHURN, change=None, deletes=True))
    del desk.grid("customers")[2]
    desk.sync()

    assert [desk.cell("customers", row, "name") for row in range(3)] == ["华为", "小米", "中兴"]
    assert requests(desk, "subject", "field", "old", "new") == [("中兴", None, None, "（整行删除）")]
    assert ("customers", None, "row-proposed") in desk.issues()
    rests(desk)
    said(desk, 0, "张伟", Verb.APPROVE)
    assert sorted(str(each["name"]) for each in desk.records("customers").values()) == ["华为", "小米"]
    assert desk.codes() == []
    rests(desk)


def test_a_row_that_changed_since_its_deletion_was_proposed_stays() -> None:
    desk = approving(replace(CHURN, change=None, deletes=True))
    del desk.grid("customers")[2]
    desk.sync()
    desk.type("customers", 2, "note", "还有用")
    desk.sync()

    assert requests(desk, "state") == [("值已变化",)]
    assert len(desk.records("customers")) == 3


def test_time_reminds_and_then_lapses() -> None:
    desk = churned()
    desk.sync(later=timedelta(days=2))
    assert ("approval-due", "张伟") in mails(desk)
    desk.sync(later=timedelta(hours=1))
    assert requests(desk, "state") == [("审批中",)]
    desk.sync(later=timedelta(days=1))

    assert requests(desk, "state") == [("已过期",)]
    assert desk.cell("customers", 0, "status") == "意向客户", "time approves nothing"
    assert mails(desk).count(("approval-due", "张伟")) == 1
    rests(desk)


def test_who_left_is_replaced_by_his_manager() -> None:
    desk = churned()
    desk.type("people", 1, "active", "否")
    desk.sync()

    assert requests(desk, "approvers") == [("李总",)]
    assert ("approval-asked", "李总") in mails(desk)
    rests(desk)


def test_rows_of_requests_are_made_by_nobody_and_stay() -> None:
    desk = churned()
    desk.add("approvals", state="已通过", decision="同意")
    del desk.grid("approvals")[1]
    desk.sync()

    assert len(desk.records("approvals")) == 1
    assert "row-may-not-be-made" in desk.codes()


@pytest.mark.parametrize("step", ["committed", "written"])
def test_a_crash_makes_no_second_request(step: str) -> None:
    desk = approving(CHURN)
    desk.type("customers", 0, "status", "流失客户")
    desk.crash_at = step
    with pytest.raises(Crash):
        desk.sync()
    desk.sync()

    assert requests(desk, *SHOWN) == [WAITS]
    assert desk.cell("customers", 0, "status") == "意向客户"
    assert mails(desk) == [("approval-asked", "张伟")]
    rests(desk)


@pytest.mark.parametrize("step", ["committed", "written"])
def test_a_crash_carries_nothing_out_twice(step: str) -> None:
    desk = churned()
    saved_by(desk, "张伟")
    answer(desk, 0, "同意")
    desk.crash_at = step
    with pytest.raises(Crash):
        desk.sync()
    desk.sync()

    assert desk.cell("customers", 0, "status") == "流失客户"
    assert requests(desk, "state", "decision") == [("已通过", "同意")]
    granted = [line for line in desk.state.journal() if line.entry.column == "status" and "审批" in line.entry.author]
    assert len(granted) == 1
    rests(desk)


def test_a_request_that_was_rejected_while_the_file_was_held_is_not_made_again() -> None:
    desk = approving(CHURN)
    desk.type("customers", 0, "status", "流失客户")
    desk.backend.held_by = "王芳"
    desk.sync()
    key = next(iter(desk.records("approvals")))
    assert desk.cell("customers", 0, "status") == "流失客户", "nobody may write now"
    desk.sync()
    assert list(desk.records("approvals")) == [key]
    desk.backend.held_by = None
    desk.sync()

    assert desk.cell("customers", 0, "status") == "意向客户"
    assert len(desk.records("approvals")) == 1
    rests(desk)


def test_what_may_not_be_proposed_is_no_request() -> None:
    desk = approving(CHURN)
    made = desk.cell("customers", 0, "created_at")
    desk.type("customers", 0, "created_at", 44000)
    desk.sync()
    assert desk.cell("customers", 0, "created_at") == made
    assert requests(desk) == []
