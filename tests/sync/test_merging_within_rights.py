"""Merging customers leads past no approval and no permission: what could not be typed does not come about by it."""

from dataclasses import replace

import pytest

from crm_sheets.approval_flows import ApprovalTerms, Flow, Step
from crm_sheets.approvals import Verb
from crm_sheets.merging import MergeRules, MergeWish, Take
from crm_sheets.permissions import Deny, Extent, Grant, Level, Policy, Scope
from crm_sheets.schema.book import tab as described
from crm_sheets.sync.backends.memory import Grid
from crm_sheets.sync.setup import Wish, shared_replica
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.sync.approval_desks import CUSTOMERS, approving, policy, requests, said
from tests.sync.desks import Desk, customer
from tests.sync.galleries import COLUMNS, EDIT, EVERYTHING, READ, TeamDesk, columns_in, grid_of, rows, types

PHONE = ColumnKey("phone")
CALLS = Flow("电话", CUSTOMERS, (Step("manager"),), columns=frozenset({PHONE}))
LONGEST = MergeRules(Take.LONGEST)


def longest(desk: Desk) -> Desk:
    desk.setup = desk.cycle.setup = replace(desk.setup, merge_rules=LONGEST)
    return desk


def called(desk: Desk, row: int, phone: str | None) -> None:
    """What stands in a row before anybody needs an approval for it."""
    terms, desk.cycle.setup = desk.setup, replace(desk.setup, approvals=ApprovalTerms())
    desk.type("customers", row, "phone", phone)
    desk.sync()
    desk.cycle.setup = terms


def phones(desk: Desk) -> dict[object, object]:
    return {each["name"]: each.get("phone") for each in desk.records("customers").values()}


def test_a_value_that_needs_an_approval_is_asked_for() -> None:
    desk = longest(approving(CALLS))
    called(desk, 1, "+1 202 555 0123")
    desk.type("customers", 1, "merge_into", "华为")
    desk.sync()

    assert phones(desk) == {"华为": "13800138002", "小米": "13800138002"}
    assert requests(desk, "subject", "field", "old", "new") == [("华为", "联系电话", "13800138002", "+12025550123")]
    assert ("customers", "phone", "cell-proposed") in desk.issues()
    said(desk, 0, "张伟", Verb.APPROVE)
    assert phones(desk)["华为"] == "+12025550123"


def test_a_blank_is_filled_by_no_merge_where_filling_it_needs_an_approval() -> None:
    desk = longest(approving(CALLS))
    called(desk, 0, None)
    desk.type("customers", 1, "merge_into", "华为")
    desk.sync()

    assert phones(desk)["华为"] is None
    assert requests(desk, "subject", "new") == [("华为", "13800138002")]


def test_a_command_asks_for_it_too() -> None:
    desk = longest(approving(CALLS))
    called(desk, 1, "+1 202 555 0123")
    keep, other = (RowKey(str(desk.cell("customers", row, "id"))) for row in (0, 1))
    desk.cycle.run(Wish(desk.now, merges=(MergeWish(keep, other, "admin"),)))

    assert phones(desk) == {"华为": "13800138002", "小米": "13800138002"}
    assert requests(desk, "new") == [("+12025550123",)]


def test_what_is_closed_in_the_workbook_stays_as_it_is() -> None:
    desk = longest(approving())
    desk.type("customers", 1, "phone", "+1 202 555 0123")
    desk.sync()
    closed = Policy(policy().grants, (Deny("shared", "customers", frozenset({PHONE}), Level.READ),))
    desk.setup = desk.cycle.setup = replace(desk.setup, replica=shared_replica(closed, desk.tabs))
    desk.type("customers", 1, "merge_into", "华为")
    desk.sync()
    assert phones(desk) == {"华为": "13800138002", "小米": "13800138002"}


TEAM = {
    **COLUMNS,
    "customers": "id key_ name type industry contact phone status owner shared_with note created_at check merge_into",
    "approvals": " ".join(described(TabKey("approvals")).columns),
}
OWN = Grant("sales", "customers", {"*": EDIT, "owner": READ, "phone": READ}, Extent.OWN, EDIT, (Scope.OWN,))


def team(sellers: Grant = OWN, *others: Grant) -> TeamDesk:
    desk = TeamDesk(columns=TEAM, policy=Policy((EVERYTHING, sellers, *others)))
    desk.setup = desk.gallery.setup = replace(desk.setup, merge_rules=LONGEST)
    desk.cycle.setup = replace(desk.cycle.setup, merge_rules=LONGEST)
    desk.person("E1", "安妮", "销售专员", manager="伊娃")
    desk.person("E2", "包博", "销售专员")
    desk.person("E3", "伊娃", "部门经理")
    for number, owner in enumerate(("安妮", "安妮", "包博")):
        phone = "13800138000" if number == 0 else f"+1 202 555 012{number}"
        customer(desk, f"n{number}", phone=phone, contact="张" * (number + 1), owner=owner, status="意向客户")
    desk.go()
    return desk


def test_a_person_changes_by_a_merge_what_they_might_type() -> None:
    desk = team()
    types(desk, "E1", "customers", 1, merge_into="n0")
    desk.go()
    kept = {each["name"]: each for each in desk.records("customers").values()}
    assert kept.keys() == {"n0", "n2"}
    assert (kept["n0"]["contact"], kept["n0"]["phone"]) == ("张张", "13800138000")


@pytest.mark.parametrize("called_by", ["name", "id"])
def test_a_person_merges_into_no_customer_that_they_do_not_see(called_by: str) -> None:
    """Neither by name, which means nobody in their workbook, nor by a number that they guessed."""
    desk = team()
    (unseen,) = (each for each in desk.records("customers").values() if each["name"] == "n2")
    types(desk, "E1", "customers", 1, merge_into=str(unseen[called_by]))
    desk.go()
    kept = {each["name"]: each for each in desk.records("customers").values()}
    assert kept.keys() == {"n0", "n1", "n2"}
    assert kept["n2"]["contact"] == "张张张"


# -- the customer that goes ------------------------------------------------------------------------------------------

GOING = Flow("删除客户", CUSTOMERS, (Step("manager"),), deletes=True)


def names(desk: Desk) -> set[object]:
    return {each["name"] for each in desk.records("customers").values()}


def test_where_a_deletion_must_be_approved_the_merge_is() -> None:
    """A merge takes a row out: it is asked for in the column 合并到, and done when somebody agrees."""
    desk = approving(GOING)
    keep, other = (str(desk.cell("customers", row, "id")) for row in (0, 1))
    desk.type("customers", 1, "merge_into", "华为")
    desk.sync()

    assert names(desk) == {"华为", "小米", "中兴"}
    assert desk.cell("customers", 1, "merge_into") is None
    assert requests(desk, "subject", "field", "old", "new") == [("中兴", "合并到", "（空）", keep)]
    assert ("customers", "merge_into", "cell-proposed") in desk.issues()
    said(desk, 0, "张伟", Verb.APPROVE)
    assert names(desk) == {"华为", "小米"}
    (kept,) = (each for each in desk.records("customers").values() if each["name"] == "华为")
    assert kept["merged_from"] == (other, "中兴")
    desk.sync()
    assert requests(desk, "state") == [("已通过",)]


def test_a_merge_that_was_refused_does_not_happen() -> None:
    desk = approving(GOING)
    desk.type("customers", 1, "merge_into", "华为")
    desk.sync()
    said(desk, 0, "张伟", Verb.REJECT)
    desk.sync()
    assert names(desk) == {"华为", "小米", "中兴"}
    assert requests(desk, "state") == [("已驳回",)]


def test_a_command_that_merges_asks_for_the_deletion_too() -> None:
    desk = approving(GOING)
    keep, other = (RowKey(str(desk.cell("customers", row, "id"))) for row in (0, 1))
    result = desk.cycle.run(Wish(desk.now, merges=(MergeWish(keep, other, "admin"),)))

    assert [each.row for plan in result.plans for each in plan.asked] == [other]
    assert names(desk) == {"华为", "小米", "中兴"}
    said(desk, 0, "张伟", Verb.APPROVE)
    assert names(desk) == {"华为", "小米"}


def test_who_may_delete_no_customer_merges_none_away() -> None:
    desk = team(replace(OWN, delete=READ))
    types(desk, "E1", "customers", 1, merge_into="n0")
    desk.go()
    assert names(desk) == {"n0", "n1", "n2"}
    assert ("customers", "merge_into", "merge-not-permitted") in desk.issues()


def lose_header(grid: Grid, place: int) -> None:
    """The tab of customers has lost a header that it must have: it is held."""
    grid[0][place] = "别的"


def find_header(grid: Grid, place: int) -> None:
    grid[0][place] = "客户名称"


def approved_while_held() -> Desk:
    desk = approving(GOING)
    desk.type("customers", 1, "merge_into", "华为")
    desk.sync()
    lose_header(desk.grid("customers"), desk.place("customers", "name"))
    said(desk, 0, "张伟", Verb.APPROVE)
    assert names(desk) == {"华为", "小米", "中兴"}
    return desk


def test_a_merge_that_was_approved_while_the_tab_was_held_is_done_when_it_is_free() -> None:
    desk = approved_while_held()
    desk.sync()
    find_header(desk.grid("customers"), desk.place("customers", "name"))
    desk.sync()
    assert names(desk) == {"华为", "小米"}
    assert requests(desk, "state") == [("已通过",)], "nobody is asked once more"
    desk.sync()
    assert not desk.sync().plans


def approved_in_a_view() -> TeamDesk:
    """安妮 asks for it in her workbook, and 伊娃 agrees in hers, in which the tab is held."""
    lead = Grant("department_manager", "customers", {"*": EDIT}, Extent.ALL, EDIT, (Scope.ALL,))
    desk = team(OWN, lead)
    terms = ApprovalTerms((GOING,), (Step("manager"),))
    desk.setup = desk.gallery.setup = replace(desk.setup, approvals=terms)
    desk.cycle.setup = replace(desk.cycle.setup, approvals=terms)
    desk.go()
    types(desk, "E1", "customers", 1, merge_into="n0")
    desk.go()
    lose_header(*names_in(desk))
    types(desk, "E3", "approvals", 0, decision="同意")
    desk.go()
    return desk


def names_in(desk: TeamDesk) -> tuple[Grid, int]:
    file = desk.view("E3").file
    return grid_of(file, "customers"), columns_in(file, "customers")["key_"] + 1


def test_a_merge_that_was_approved_waits_for_the_workbook_of_who_approved_it() -> None:
    desk = approved_in_a_view()
    types(desk, "E1", "customers", 1, note="下周再打")
    desk.go()
    assert names(desk) == {"n0", "n1", "n2"}
    find_header(*names_in(desk))
    desk.go()
    assert names(desk) == {"n0", "n2"}
    assert rows(desk, "E3", "approvals", "state") == [("已通过",)], "nobody is asked once more"


def test_what_was_approved_and_is_wanted_no_more_is_not_done() -> None:
    desk = approved_in_a_view()
    types(desk, "E1", "customers", 1, merge_into=None)
    desk.go()
    find_header(*names_in(desk))
    desk.go()
    assert names(desk) == {"n0", "n1", "n2"}
    types(desk, "E1", "customers", 1, merge_into="n0")
    desk.go()
    assert sorted(rows(desk, "E3", "approvals", "state")) == [("审批中",), ("已通过",)], "it is asked for anew"
