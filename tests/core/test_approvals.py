"""The life of a request, step by step."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crm_sheets.approval_flows import Change, Flow, Gate, Quorum, Step
from crm_sheets.approvals import Proposal, Status, Turn, Verb, decide, propose, tick
from crm_sheets.permissions import Level
from crm_sheets.tables import ColumnKey, TabKey
from tests.core.approval_teams import CUSTOMERS, NOW, PHONE, Team, flow, hours, request, team

DAY = timedelta(days=1)


def asked(of: Flow, by: str = "ann", among: Team | None = None, anchor: str = "") -> Proposal:
    turn = propose(request(by, of, anchor), among or team(), NOW)
    assert turn.asked == turn.proposal.approvers == turn.proposal.waiting
    return turn.proposal


def says(proposal: Proposal, person: str, verb: Verb = Verb.APPROVE, among: Team | None = None) -> Turn:
    return decide(proposal, person, verb, among or team(), hours(1), unchanged=True)


# -- who is asked ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("approver", "by", "who"),
    [
        ("manager", "ann", {"mia"}),
        ("manager", "mia", {"tom"}),
        ("manager", "tom", {"adm"}),  # nobody above: the administrators
        ("department_head", "ann", {"mia"}),
        ("department_head", "mia", {"tom"}),  # the head proposes: whoever is above
        ("department_head", "pia", {"tom"}),  # a department without a head
        ("role:finance", "ann", {"pia", "pam"}),
        ("role:finance", "pia", {"pam"}),
        ("role:nobody", "ann", {"adm"}),
        ("finance", "ann", {"pia", "pam"}),
        ("department_manager", "ann", {"mia"}),
        ("pia", "ann", {"pia"}),
        ("pia", "pia", {"tom"}),
        ("zoe", "ann", {"adm"}),
        ("role:admin", "adm", set()),  # the only administrator cannot approve what he proposed
    ],
)
def test_who_is_asked(approver: str, by: str, who: set[str]) -> None:
    assert asked(flow(approver), by).approvers == who


def test_where_nobody_knows_who_proposed_the_owner_counts_and_may_not_decide() -> None:
    proposal = asked(flow("role:finance"), anchor="pia")
    assert proposal.approvers == {"pam"}
    assert says(proposal, "pia").refused == "approval-own"
    assert asked(flow("manager"), anchor="ann").approvers == {"mia"}


def test_a_line_of_superiors_that_goes_round_ends() -> None:
    round_about = Team({"ann": "mia", "mia": "ann"}, {"adm": "admin"}, left={"mia"})
    assert asked(flow("manager"), among=round_about).approvers == {"adm"}


def test_who_left_is_not_asked() -> None:
    without_mia = team()
    without_mia.left = {"mia"}
    assert asked(flow("manager"), among=without_mia).approvers == {"tom"}
    assert asked(flow("mia"), among=without_mia).approvers == {"tom"}


# -- decisions -------------------------------------------------------------------------------------------------------


def test_one_of_those_who_are_asked_is_enough() -> None:
    turn = says(asked(flow("role:finance")), "pam")
    assert turn.granted
    assert turn.proposal.status is Status.APPROVED
    assert turn.proposal.waiting == frozenset()


def test_all_of_those_who_are_asked_must_say_yes() -> None:
    first = says(asked(flow(Step("role:finance", Quorum.ALL))), "pam")
    assert (first.granted, first.proposal.waiting) == (False, frozenset({"pia"}))
    assert says(first.proposal, "pam").refused == "approval-voted"
    assert says(first.proposal, "pia").granted


def test_one_no_is_enough() -> None:
    first = says(asked(flow(Step("role:finance", Quorum.ALL))), "pam").proposal
    turn = says(first, "pia", Verb.REJECT)
    assert (turn.granted, turn.proposal.status) == (False, Status.REJECTED)


def test_levels_are_asked_in_order() -> None:
    proposal = asked(flow("manager", "role:finance", timeout=DAY))
    turn = says(proposal, "mia")
    assert (turn.granted, turn.asked, turn.proposal.step) == (False, frozenset({"pia", "pam"}), 1)
    assert turn.proposal.due == hours(25), "the time begins anew"
    assert says(turn.proposal, "mia").refused == "approval-not-asked"
    assert says(turn.proposal, "pia").granted


def test_nobody_else_decides() -> None:
    proposal = asked(flow("manager"))
    assert says(proposal, "ann").refused == "approval-own"
    assert says(proposal, "tom").refused == "approval-not-asked"
    assert says(proposal, "").refused == "approval-unknown-person"
    gone = team()
    gone.left = {"mia"}
    assert says(proposal, "mia", among=gone).refused == "approval-not-asked"
    for person in ("ann", "tom", ""):
        turn = says(proposal, person)
        assert (turn.proposal, turn.granted, turn.asked) == (proposal, False, frozenset())


def test_whoever_proposed_it_withdraws_it() -> None:
    proposal = asked(flow("manager"))
    assert says(proposal, "mia", Verb.WITHDRAW).refused == "approval-not-yours"
    assert says(proposal, "ann", Verb.WITHDRAW).proposal.status is Status.WITHDRAWN
    assert says(asked(flow("manager"), anchor="bob"), "bob", Verb.WITHDRAW).proposal.status is Status.WITHDRAWN


@pytest.mark.parametrize("verb", Verb)
def test_what_is_closed_stays_closed(verb: Verb) -> None:
    closed = says(asked(flow("manager")), "mia", Verb.REJECT).proposal
    for person in ("ann", "mia"):
        turn = says(closed, person, verb)
        assert (turn.refused, turn.proposal, turn.granted) == ("approval-closed", closed, False)
    assert tick(closed, team(), hours(999), unchanged=True).proposal == closed


def test_a_value_that_changed_is_not_overwritten() -> None:
    proposal = asked(flow("manager"))
    turn = decide(proposal, "mia", Verb.APPROVE, team(), hours(1), unchanged=False)
    assert (turn.granted, turn.proposal.status) == (False, Status.STALE)
    assert tick(proposal, team(), hours(1), unchanged=False).proposal.status is Status.STALE
    assert decide(proposal, "mia", Verb.REJECT, team(), NOW, unchanged=False).proposal.status is Status.REJECTED


# -- time ------------------------------------------------------------------------------------------------------------


def test_without_a_time_limit_nothing_lapses() -> None:
    proposal = asked(flow("manager"))
    assert proposal.next_instant is None
    assert tick(proposal, team(), hours(99999), unchanged=True) == Turn(proposal)


def test_who_is_late_is_reminded_once() -> None:
    proposal = asked(flow("manager", timeout=DAY, remind=timedelta(hours=6)))
    assert proposal.next_instant == hours(18)
    assert tick(proposal, team(), hours(17.9), unchanged=True) == Turn(proposal)
    turn = tick(proposal, team(), hours(18), unchanged=True)
    assert (turn.reminded, turn.asked) == (frozenset({"mia"}), frozenset())
    assert turn.proposal.next_instant == hours(24)
    assert tick(turn.proposal, team(), hours(19), unchanged=True) == Turn(turn.proposal)


def test_then_it_lapses() -> None:
    proposal = asked(flow("manager", timeout=DAY))
    assert tick(proposal, team(), hours(23.9), unchanged=True) == Turn(proposal)
    turn = tick(proposal, team(), hours(24), unchanged=True)
    assert (turn.proposal.status, turn.granted) == (Status.EXPIRED, False)
    assert turn.proposal.next_instant is None


def test_or_the_superior_of_who_was_late_decides() -> None:
    proposal = asked(flow("manager", timeout=DAY, escalate=True))
    turn = tick(proposal, team(), hours(24), unchanged=True)
    assert (turn.asked, turn.proposal.approvers, turn.proposal.due) == (
        frozenset({"tom"}),
        frozenset({"tom"}),
        hours(48),
    )
    assert says(turn.proposal, "mia").refused == "approval-not-asked"
    assert says(turn.proposal, "tom").granted
    assert tick(turn.proposal, team(), hours(48), unchanged=True).proposal.status is Status.EXPIRED


def test_or_a_delegate_does_once() -> None:
    proposal = asked(flow("manager", timeout=DAY, delegate="pia"))
    turn = tick(proposal, team(), hours(24), unchanged=True)
    assert (turn.asked, turn.proposal.approvers) == (frozenset({"pia"}), frozenset({"pia"}))
    assert tick(turn.proposal, team(), hours(48), unchanged=True).proposal.status is Status.EXPIRED


def test_nobody_decides_what_they_proposed_through_a_delegate() -> None:
    turn = tick(asked(flow("manager", timeout=DAY, delegate="pia"), "pia"), team(), hours(24), unchanged=True)
    assert turn.proposal.status is Status.EXPIRED, "tom, who stands in for pia, was asked already"
    turn = tick(asked(flow("manager", timeout=DAY, delegate="ann")), team(), hours(24), unchanged=True)
    assert turn.proposal.status is Status.EXPIRED, "mia, who stands in for ann, was asked already"
    turn = tick(asked(flow("manager", timeout=DAY, delegate="zoe")), team(), hours(24), unchanged=True)
    assert turn.proposal.status is Status.EXPIRED


def test_who_said_yes_is_not_asked_again_in_the_place_of_who_is_late() -> None:
    both = asked(flow(Step("role:finance", Quorum.ALL), timeout=DAY, delegate="pam"))
    first = says(both, "pam").proposal
    turn = tick(first, team(), hours(24), unchanged=True)
    assert turn.proposal.status is Status.EXPIRED
    both = asked(flow(Step("role:finance", Quorum.ALL), timeout=DAY, escalate=True))
    turn = tick(says(both, "pam").proposal, team(), hours(24), unchanged=True)
    assert (turn.asked, turn.proposal.waiting, turn.proposal.voted) == (
        frozenset({"tom"}),
        frozenset({"tom"}),
        frozenset({"pam"}),
    )
    assert says(turn.proposal, "tom").granted


# -- people leave ----------------------------------------------------------------------------------------------------


def test_the_superior_of_who_left_decides() -> None:
    proposal = asked(flow("manager", timeout=DAY))
    gone = team()
    gone.left = {"mia"}
    turn = tick(proposal, gone, hours(5), unchanged=True)
    assert (turn.asked, turn.proposal.approvers, turn.proposal.due) == (
        frozenset({"tom"}),
        frozenset({"tom"}),
        hours(29),
    )
    gone.left = {"mia", "tom"}
    turn = tick(turn.proposal, gone, hours(6), unchanged=True)
    assert turn.asked == {"adm"}


def test_one_of_two_who_left_is_not_missed_when_the_other_may_decide() -> None:
    proposal = asked(flow("role:finance"))
    gone = team()
    gone.left = {"pam"}
    turn = tick(proposal, gone, hours(5), unchanged=True)
    assert (turn.asked, turn.proposal.approvers) == (frozenset(), frozenset({"pia"}))


def test_who_said_yes_does_not_stand_in_for_who_left() -> None:
    """Pia's superior Tom said yes already: somebody else must, and never time alone."""
    among = team()
    among.roles = {**among.roles, "tom": "finance", "pam": "sales"}
    both = asked(flow(Step("role:finance", Quorum.ALL)), among=among)
    first = says(both, "tom", among=among).proposal
    assert first.waiting == {"pia"}
    among.left = {"pia"}
    turn = tick(first, among, hours(5), unchanged=True)
    assert (turn.granted, turn.asked, turn.proposal.waiting) == (False, frozenset({"adm"}), frozenset({"adm"}))


def test_when_nobody_is_left_it_waits_until_somebody_is() -> None:
    nobody = Team({"ann": ""}, {})
    proposal = asked(flow("manager", timeout=DAY), among=nobody)
    assert (proposal.waiting, proposal.next_instant) == (frozenset(), None)
    assert tick(proposal, nobody, hours(99), unchanged=True).proposal.status is Status.PENDING
    somebody = Team({"ann": ""}, {"adm": "admin"})
    turn = tick(proposal, somebody, hours(100), unchanged=True)
    assert (turn.asked, turn.proposal.due) == (frozenset({"adm"}), hours(124))


# -- which edits are requests ------------------------------------------------------------------------------------------

STATUS = ColumnKey("status")
CHURN = Flow("churn", CUSTOMERS, (Step("manager"),), change=Change(STATUS, frozenset({"a"}), frozenset({"lost"})))
FIELDS = Flow("fields", CUSTOMERS, (Step("tom"),), frozenset({PHONE}), roles=frozenset({"service"}))
GONE = Flow("gone", CUSTOMERS, (Step("tom"),), deletes=True)
WHOLE = Flow("whole", TabKey("orders"), (Step("tom"),), frozenset({ColumnKey("*")}))
GATE = Gate((CHURN, FIELDS, GONE, WHOLE), (Step("manager"),))


@pytest.mark.parametrize(
    ("column", "change", "role", "level", "name"),
    [
        ("status", ("A", "Lost"), "sales", Level.EDIT, "churn"),
        ("status", ("a", "won"), "sales", Level.EDIT, None),
        ("status", ("b", "lost"), "sales", Level.EDIT, None),
        ("status", ("a", "won"), "sales", Level.PROPOSE, ""),  # no flow is about it: the default is
        ("status", ("a", "lost"), "sales", Level.READ, None),
        ("phone", ("1", "2"), "service", Level.EDIT, "fields"),
        ("phone", ("1", "2"), "shared", Level.EDIT, "fields"),
        ("phone", ("1", "2"), "sales", Level.EDIT, None),
        ("phone", ("1", "2"), "sales", Level.PROPOSE, None),  # a flow is about it, and not for them
        ("note", ("1", "2"), "sales", Level.PROPOSE, ""),
        ("note", ("1", "2"), "sales", Level.EDIT, None),
        (None, (None, None), "sales", Level.EDIT, "gone"),
        (None, (None, None), "sales", Level.READ, None),
    ],
)
def test_which_flow_an_edit_takes(
    column: str | None, change: tuple[str, str], role: str, level: Level, name: str | None
) -> None:
    found = GATE.flow(CUSTOMERS, ColumnKey(column) if column else None, change, role, level)
    assert (found.name if found is not None else None) == name


def test_a_flow_of_all_columns_and_a_tab_of_its_own() -> None:
    orders = TabKey("orders")
    found = GATE.flow(orders, ColumnKey("note"), (None, "x"), "sales", Level.EDIT)
    assert found is not None
    assert found.name == "whole"
    assert GATE.flow(orders, None, (None, None), "sales", Level.EDIT) is None
    default = GATE.flow(TabKey("contracts"), ColumnKey("note"), (None, "x"), "sales", Level.PROPOSE)
    assert default is not None
    assert (default.tab, default.steps, default.name) == (TabKey("contracts"), (Step("manager"),), "")
    assert Gate().flow(orders, ColumnKey("note"), (None, "x"), "sales", Level.PROPOSE) is None


def test_a_grant_names_a_flow_or_an_approver() -> None:
    found = GATE.flow(CUSTOMERS, ColumnKey("note"), (None, "x"), "sales", Level.PROPOSE, ("gone",))
    assert found is not None
    assert (found.name, found.steps) == ("gone", (Step("tom"),))
    found = GATE.flow(CUSTOMERS, ColumnKey("note"), (None, "x"), "sales", Level.PROPOSE, ("pia",))
    assert found is not None
    assert (found.name, found.steps) == ("", (Step("pia"),))


def test_a_blank_is_a_value_of_a_move() -> None:
    blanked = Flow("x", CUSTOMERS, (Step("tom"),), change=Change(STATUS, after=frozenset({""})))
    assert blanked.covers(CUSTOMERS, STATUS, "a", None)
    assert not blanked.covers(CUSTOMERS, STATUS, "a", "b")


def test_a_flow_as_it_was_goes_on() -> None:
    """What the config says since concerns later requests: a request has its own flow."""
    proposal = asked(flow("manager", "tom"))
    assert replace(proposal, step=1).level == Step("tom")


def test_the_head_of_a_department_decides_who_need_not_be_anybodys_superior() -> None:
    staff = Team(
        {"ann": "mia", "kim": "tom"},
        {"kim": "department_manager"},
        {"ann": "sales", "kim": "sales", "mia": "board"},
    )
    turn = propose(request("ann", flow("department_head")), staff, NOW)
    assert turn.asked == frozenset({"kim"})


def test_in_a_line_that_goes_round_nobody_is_asked_twice() -> None:
    staff = Team({"ann": "mia", "mia": "tom", "tom": "mia"}, {})
    proposal = propose(request("ann", flow("manager", timeout=DAY, escalate=True)), staff, NOW).proposal
    turn = tick(proposal, staff, hours(24), unchanged=True)
    assert turn.asked == frozenset({"tom"})
    assert tick(turn.proposal, staff, hours(48), unchanged=True).proposal.status is Status.EXPIRED


def test_who_proposed_it_is_not_asked_when_the_line_leads_back_to_them() -> None:
    staff = Team({"ann": "mia", "mia": "ann"}, {})
    proposal = propose(request("ann", flow("manager", timeout=DAY, escalate=True)), staff, NOW).proposal
    assert tick(proposal, staff, hours(24), unchanged=True).proposal.status is Status.EXPIRED
