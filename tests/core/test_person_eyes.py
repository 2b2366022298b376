"""What the workbook of one person shows and takes, asked of its eyes directly."""

from dataclasses import replace

import pytest

from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.organisation import Organisation
from crm_sheets.permissions import Level
from crm_sheets.rights import Authority
from crm_sheets.rules.summaries.base import Summary, SummaryRule, columns
from crm_sheets.schema.sealed import Revealed
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from crm_sheets.views import PersonEyes, Reader, readers, rights_text, summaries_of, view_tabs
from tests.core.permission_tables import AT, Team
from tests.core.test_disclosure import drafted
from tests.rules.tables import ALL_TABS, SHIPPED

SEALED = "sealed:abc::110101********1234"
CUSTOMERS, DEALS, APPROVALS = TabKey("customers"), TabKey("opportunities"), TabKey("approvals")
OWNER, NAME, NOTE, NUMBER = (ColumnKey(name) for name in ("owner", "name", "note", "id_number"))
BOOK = """
customers
key | id | name | owner | note | private_note | status
C-1 | C-1 | 华为 | 张伟 | 甲 | 私 | 潜在客户
C-2 | C-2 | 中兴 | 李娜 | 乙 | 密 | 潜在客户

opportunities
key | name | customer | owner | amount
O-1 | 机房 | 华为 | 张伟 | 100
"""
GRANTS = """
[[grant]]
role = "sales"
tab = "customers"
rows = "own"
create = "own"
delete = "propose"
columns = { "*" = "edit", contact = "propose", id_number = "read", level = "hidden" }
approve_by = "department_manager"
reveal = ["id_number"]

[[grant]]
role = "sales"
tab = "opportunities"
rows = "own"
columns = { name = "read" }

[[grant]]
role = "department_manager"
tab = "customers"
rows = "department"
create = "all"
columns = { "*" = "edit", private_note = "hidden", id_number = "read" }

[[grant]]
role = "finance"
tab = "customers"
columns = { id = "read" }
"""


@pytest.fixture(scope="module")
def team() -> Team:
    return Team(GRANTS, BOOK)


@pytest.fixture(scope="module")
def draft(team: Team) -> Draft:
    return drafted(team.book)


def reader(team: Team, name: str) -> Reader:
    rights = team.rights(name)
    return Reader(RowKey(f"P-{name}"), team.person(name), rights, view_tabs(rights, ALL_TABS))


def eyes(team: Team, draft: Draft, name: str) -> PersonEyes:
    told = lambda tab, row, column, value: f"{row} {column}"  # noqa: E731  # what the store would open
    return PersonEyes(reader(team, name), draft, told)


def cells(**given: Value) -> dict[ColumnKey, Value]:
    return {ColumnKey(name): value for name, value in given.items()}


def test_who_has_a_workbook_and_in_which_order(team: Team) -> None:
    people = [
        (RowKey(row.key), team.person(str(row.record.__dict__["name"]))) for row in team.book.every(TabKey("people"))
    ]
    found = readers(reversed(people), team.authority, ALL_TABS)
    assert [each.person.name for each in found] == ["赵敏", "张伟", "李娜"], "by 工号; nobody who left, or sees nothing"
    assert found[0].replica == f"view:{found[0].key}"
    nameless = [(key, replace(person, name="")) for key, person in people]
    assert readers(nameless, team.authority, ALL_TABS) == []
    emptied = Authority(team.policy, Organisation(()), ALL_TABS, AT, SHIPPED)
    assert readers(people, emptied, ALL_TABS) == [], "who is not in the organisation has none"


@pytest.mark.parametrize("changed", [{"name": ""}, {"id": ""}, {"active": False}, {"id": "004"}])
def test_who_cannot_be_told_from_others_or_has_left_has_no_workbook(team: Team, changed: dict[str, str | bool]) -> None:
    """As 组织 itself has them: a row without a name or 工号, of somebody who left, with the 工号 of somebody else."""
    there = {row.key: team.person(str(row.record.__dict__["name"])) for row in team.book.every(TabKey("people"))}
    li_na = RowKey("P-5")
    there[li_na] = replace(there[li_na], **changed)  # type: ignore[arg-type]  # a field each
    authority = Authority(team.policy, Organisation(there.values()), ALL_TABS, AT, SHIPPED)
    found = {each.key for each in readers(there.items(), authority, ALL_TABS)}
    assert found == {"P-2", "P-4"} - ({"P-4"} if changed.get("id") else set()), changed


def test_a_workbook_has_the_tabs_and_columns_that_any_row_may_show(team: Team) -> None:
    tabs = reader(team, "张伟").tabs
    assert {CUSTOMERS, DEALS, APPROVALS, "conflicts"} == tabs.keys()
    assert {"id", "key_", "check", "duplicates", "note", "private_note"} <= tabs[CUSTOMERS].columns.keys()
    assert "level" not in tabs[CUSTOMERS].columns
    assert set(tabs[DEALS].columns) - {"check"} == {"id", "key_", "name", "owner"}
    assert view_tabs(team.rights("钱进"), ALL_TABS) == {}, "numbers alone are nothing to look at"
    assert view_tabs(team.rights("周杰"), ALL_TABS) == {}, "requests and conflicts alone neither"


def test_a_column_that_one_row_shows_stays_blank_in_another() -> None:
    some = """
[[grant]]
role = "sales"
tab = "customers"
rows = "own"
columns = { id = "read", name = "read", note = "read" }

[[grant]]
role = "sales"
tab = "customers"
columns = { id = "read", name = "read" }
"""
    other = Team(some, BOOK)
    looking = eyes(other, drafted(other.book), "张伟")
    theirs = cells(id="C-2", name="中兴", owner="李娜", note="乙")
    assert looking.shown((CUSTOMERS, RowKey("C-2")), theirs, {}) == cells(id="C-2", name="中兴", owner="李娜")
    mine = cells(id="C-1", name="华为", owner="张伟", note="甲")
    assert looking.shown((CUSTOMERS, RowKey("C-1")), mine, {}) == cells(id="C-1", name="华为", owner="张伟", note="甲")


def test_the_structure_says_which_summaries_there_are(team: Team) -> None:
    plain = reader(team, "张伟")
    with_one = replace(plain, summaries=("funnel",))
    assert "funnel" not in plain.structure
    assert "funnel" in with_one.structure
    organisation, policy = team.organisation, team.policy
    texts = {
        rights_text(plain, organisation, policy, ["a"]),
        rights_text(plain, organisation, policy, ["b"]),
        rights_text(with_one, organisation, policy, ["a"]),
        rights_text(plain, Organisation(()), policy, ["a"]),
        rights_text(plain, organisation, "another", ["a"]),
        rights_text(reader(team, "赵敏"), organisation, policy, ["a"]),
    }
    assert len(texts) == 6
    assert rights_text(plain, organisation, policy, ["a"]) in texts


def test_a_summary_is_made_for_those_who_see_all_that_it_reads(team: Team) -> None:
    def rule(**reads: str) -> SummaryRule:
        return SummaryRule("one", columns(**reads), lambda frames, context: Summary("one", "", context.today, (), ()))

    sales = reader(team, "张伟")
    can = {
        text: bool(summaries_of(sales, [rule(**reads)], ALL_TABS))
        for text, reads in {
            "own": {"customers": "name note"},
            "hidden": {"customers": "name level"},
            "both": {"customers": "name", "opportunities": "name"},
            "one hidden": {"customers": "name", "opportunities": "amount"},
            "no tab": {"contracts": "amount"},
        }.items()
    }
    assert can == {"own": True, "hidden": False, "both": True, "one hidden": False, "no tab": False}
    everything = {"customers": " ".join(sorted(sales.tabs[CUSTOMERS].columns))}
    assert summaries_of(sales, [rule(**everything)], ALL_TABS), "all that there is to see"
    lean = {CUSTOMERS: ALL_TABS[CUSTOMERS].without(frozenset({ColumnKey("level")}))}
    kept_nowhere = [rule(customers="name level"), rule(contracts="amount"), rule(customers="level")]
    assert len(summaries_of(sales, kept_nowhere, lean)) == 3, "what the team does not keep is hidden from nobody"
    without_customers = replace(sales, tabs={})
    assert not summaries_of(without_customers, [rule(customers="name")], lean)
    assert len(summaries_of(without_customers, [rule(customers="level")], lean)) == 1


def test_what_a_row_shows(team: Team, draft: Draft) -> None:
    mine = eyes(team, draft, "张伟")
    values = {**(draft.values((CUSTOMERS, RowKey("C-1"))) or {}), NUMBER: SEALED}
    said = cells(check="须补全", level="A", duplicates="")
    shown = mine.shown((CUSTOMERS, RowKey("C-1")), {**values, ColumnKey("check"): "对别人说的"}, said)
    assert shown is not None
    assert shown[NAME] == "华为"
    assert shown[ColumnKey("check")] == "须补全", "what is said to this reader, and nothing that was said to another"
    assert "level" not in shown
    assert "duplicates" not in shown
    number = shown[NUMBER]
    assert isinstance(number, Revealed)
    assert number.text == "C-1 id_number"
    silent = mine.shown((CUSTOMERS, RowKey("C-1")), {**values, ColumnKey("check"): "对别人说的"}, {})
    assert silent is not None
    assert "check" not in silent
    assert mine.shown((CUSTOMERS, RowKey("C-2")), draft.values((CUSTOMERS, RowKey("C-2"))) or {}, {}) is None
    lead = eyes(team, draft, "赵敏").shown((CUSTOMERS, RowKey("C-1")), values, {})
    assert lead is not None
    assert "private_note" not in lead
    assert not isinstance(lead[NUMBER], Revealed), "a right of its own"
    assert not isinstance(
        (PersonEyes(mine.reader, draft).shown((CUSTOMERS, RowKey("C-1")), values, {}) or {})[NUMBER], Revealed
    )
    assert not mine.sees_all
    assert (mine.role, mine.tabs) == ("sales", mine.reader.tabs)


def test_whose_a_new_row_is(team: Team, draft: Draft) -> None:
    mine, lead = eyes(team, draft, "张伟"), eyes(team, draft, "赵敏")
    assert mine.may_create(CUSTOMERS)
    assert not mine.may_create(DEALS)
    assert mine.made(CUSTOMERS, cells(name="小米")) == cells(name="小米", owner="张伟")
    assert mine.made(CUSTOMERS, cells(name="小米", owner="李娜")) == cells(name="小米", owner="张伟"), "not another's"
    assert mine.made(CUSTOMERS, cells(name="小米", level="A", contact="甲")) == cells(
        name="小米", contact="甲", owner="张伟"
    )
    assert mine.made(DEALS, cells(name="机房")) is None
    assert lead.made(CUSTOMERS, cells(name="小米", owner="李娜")) == cells(name="小米", owner="李娜")
    assert lead.made(CUSTOMERS, cells(name="小米")) == cells(name="小米", owner="赵敏")


def test_edits_are_judged_and_those_who_decide_named(team: Team, draft: Draft) -> None:
    mine, values = eyes(team, draft, "张伟"), draft.values((CUSTOMERS, RowKey("C-1"))) or {}
    wanted = cells(note="新", contact="乙", level="A", owner="李娜")
    judged = mine.judged(CUSTOMERS, values, {**values, **wanted}, wanted.keys())
    assert judged[ColumnKey("level")] is Level.HIDDEN
    assert judged[OWNER] < Level.PROPOSE
    alone = mine.judged(CUSTOMERS, values, {**values, **cells(note="新", contact="乙")}, [NOTE, ColumnKey("contact")])
    assert alone == {NOTE: Level.EDIT, ColumnKey("contact"): Level.PROPOSE}
    assert mine.approve_by(CUSTOMERS, values, ColumnKey("contact"), "乙") == ("department_manager",)
    assert mine.approve_by(CUSTOMERS, values, NOTE, "新") == ()
    assert mine.rights(CUSTOMERS, values).delete is Level.PROPOSE


def test_what_may_be_read_everywhere(team: Team, draft: Draft) -> None:
    row = (CUSTOMERS, RowKey("C-1"))
    mine, lead = eyes(team, draft, "张伟"), eyes(team, draft, "赵敏")
    assert not mine.everywhere(row, [(CUSTOMERS, NAME)])
    assert mine.everywhere(row, [])
    assert not lead.everywhere(row, [(DEALS, NAME)])
    assert not mine.everywhere((CUSTOMERS, RowKey("C-9")), []), "a row that there is not"
    assert OWNER in mine.steering(CUSTOMERS) or mine.steering(CUSTOMERS) == frozenset()


REQUEST = cells(
    in_tab="客户",
    row="C-1",
    field="备注",
    old="甲",
    new="新",
    proposer="李娜",
    approvers="赵敏",
    state="审批中",
    subject="华为",
)


def test_a_request_is_decided_by_who_is_asked_and_told_by_what_may_be_read(team: Team, draft: Draft) -> None:
    decision = ColumnKey("decision")
    lead, mine = eyes(team, draft, "赵敏"), eyes(team, draft, "张伟")
    judged = lead.judged(APPROVALS, REQUEST, {**REQUEST, decision: "同意"}, [decision, ColumnKey("new")])
    assert judged == {decision: Level.EDIT, ColumnKey("new"): Level.READ}
    assert not mine.rights(APPROVALS, REQUEST).visible, "neither asked nor the proposer"
