"""Deals, contracts, orders, campaigns that are called otherwise: whoever named them by the former name means them."""

from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sheets.draft import Draft
from crm_sheets.guards import Limits
from crm_sheets.permissions import Extent, Grant, Policy, Scope
from crm_sheets.renaming import follow_new_names
from crm_sheets.state import EntryKind, State
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from crm_sheets.undoing import undo
from tests.sync.desks import Desk, customer
from tests.sync.galleries import COLUMNS as VIEWED
from tests.sync.galleries import EDIT, EVERYTHING, READ, TeamDesk, grid_of, rows, types

COLUMNS = {
    "customers": "id key_ name type industry contact phone note created_at updated_at check",
    "follow_ups": "id key_ customer opportunity method content planned_at owner check",
    "opportunities": "id key_ name customer stage amount close_date owner check",
    "orders": "id key_ external customer opportunity ordered_on state check",
    "order_lines": "id key_ order product quantity unit_price check",
    "contracts": "id key_ number customer opportunity amount state check",
    "payments": "id key_ order contract customer amount due_on check",
    "campaigns": "id key_ name type starts_on ends_on check",
    "campaign_members": "id key_ campaign customer state check",
}
DEALS = TabKey("opportunities")


def book() -> Desk:
    """Two deals, and in every other tab a row that names the first of its kind by name."""
    desk = Desk(columns=COLUMNS, limits=Limits(delete_rows=99))
    customer(desk, "华为")
    deal(desk, "机房")
    deal(desk, "园区")
    desk.add("contracts", number="HT-1", customer="华为", opportunity="机房", amount=10, state="履行中")
    desk.add("orders", external="SO-1", customer="华为", opportunity="机房", ordered_on=46300, state="已确认")
    desk.add("order_lines", order="SO-1", product="交换机", quantity=2, unit_price=5)
    desk.add("payments", contract="HT-1", amount=5, due_on=46400)
    desk.add("campaigns", name="秋季会", type="展会", starts_on=46300, ends_on=46310)
    desk.add("campaign_members", campaign="秋季会", customer="华为", state="已邀请")
    call(desk, "机房")
    desk.sync()
    return desk


def deal(desk: Desk, name: str | None) -> None:
    desk.add(DEALS, name=name, customer="华为", stage="初步接触", amount=1000, close_date=46400)


def call(desk: Desk, of: str | None) -> None:
    desk.add("follow_ups", customer="华为", opportunity=of, method="电话", content="问候", planned_at=46370)


def references(desk: Desk) -> list[object]:
    """What the cells say that may name the deal, the order, the contract and the campaign."""
    cells = (("contracts", "opportunity"), ("orders", "opportunity"), ("follow_ups", "opportunity"),
             ("order_lines", "order"), ("payments", "contract"), ("campaign_members", "campaign"))  # fmt: skip
    return [desk.cell(tab, 0, column) for tab, column in cells]


def unknown(desk: Desk) -> list[tuple[str, str | None, str]]:
    return [each for each in desk.issues() if each[2].startswith("reference")]


def last_run(desk: Desk) -> int:
    return desk.state.journal(limit=1)[0].run


def undo_last(desk: Desk) -> None:
    lines = desk.state.journal(run=last_run(desk))
    found = undo(lines, desk.state, desk.tabs, "admin")
    desk.cycle.run(Wish(desk.now, commands=tuple(found.commands)))


def renamed() -> Desk:
    desk = book()
    assert references(desk) == ["机房", "机房", "机房", "SO-1", "HT-1", "秋季会"]
    for tab, column, name in (
        (DEALS, "name", "机房二期"),
        ("orders", "external", "SO-100"),
        ("contracts", "number", "HT-2026-1"),
        ("campaigns", "name", "秋季峰会"),
    ):
        desk.type(tab, 0, column, name)
    desk.sync()
    return desk


def test_every_tab_names_it_as_it_is_called_now() -> None:
    desk = renamed()
    assert references(desk) == ["机房二期", "机房二期", "机房二期", "SO-100", "HT-2026-1", "秋季峰会"]
    assert unknown(desk) == []
    writes = desk.backend.writes
    desk.sync()
    assert desk.backend.writes == writes


def test_the_journal_tells_it_and_undo_takes_it_back() -> None:
    desk = renamed()
    lines = desk.state.journal(run=last_run(desk))
    told = {(str(line.entry.tab), line.entry.kind) for line in lines if line.entry.column == "contract"}
    assert ("payments", EntryKind.COMPUTED) in told
    undo_last(desk)
    assert references(desk) == ["机房", "机房", "机房", "SO-1", "HT-1", "秋季会"]
    assert unknown(desk) == []


def test_a_name_that_is_taken_back_takes_its_references_along() -> None:
    desk = renamed()
    call(desk, "机房二期")
    desk.sync()
    desk.type(DEALS, 0, "name", "机房")
    desk.sync()
    assert references(desk)[:3] == ["机房", "机房", "机房"]
    assert desk.cell("follow_ups", 1, "opportunity") == "机房", "which was typed meanwhile"


def test_what_somebody_typed_beside_the_renaming_stays() -> None:
    desk = book()
    desk.type(DEALS, 0, "name", "机房二期")
    desk.type("follow_ups", 0, "opportunity", "园区")
    call(desk, "机房")
    desk.sync()
    assert references(desk)[:3] == ["机房二期", "机房二期", "园区"]
    assert desk.cell("follow_ups", 1, "opportunity") == "机房"
    assert unknown(desk) == [("follow_ups", "opportunity", "reference-not-found")]


def test_the_former_name_means_whoever_bears_it_now() -> None:
    desk = book()
    desk.type(DEALS, 0, "name", "机房二期")
    deal(desk, "机房")
    desk.sync()
    assert references(desk)[:3] == ["机房", "机房", "机房"]


def test_a_reference_that_meant_two_rows_follows_neither() -> None:
    desk = book()
    desk.type(DEALS, 1, "name", "机房")
    desk.sync()
    desk.type(DEALS, 0, "name", "机房二期")
    desk.type(DEALS, 1, "name", "园区")
    desk.sync()
    assert references(desk)[:3] == ["机房", "机房", "机房"]


def test_a_cell_that_cannot_be_read_is_left_to_whoever_typed_it() -> None:
    desk = book()
    desk.type("follow_ups", 0, "opportunity", "字" * 201)
    desk.sync()
    desk.type(DEALS, 0, "name", "机房二期")
    desk.sync()
    assert references(desk)[:3] == ["机房二期", "机房二期", "字" * 201]
    assert [each["opportunity"] for each in desk.records("follow_ups").values()] == ["机房"]


def test_where_two_bear_the_new_name_the_number_is_written() -> None:
    desk = book()
    desk.type(DEALS, 0, "name", "园区")
    desk.sync()
    assert references(desk)[:3] == [desk.cell(DEALS, 0, "id")] * 3
    assert unknown(desk) == []


def test_a_name_that_is_written_otherwise_is_the_same_name() -> None:
    desk = book()
    desk.type("orders", 0, "external", "so-1")
    desk.sync()
    assert references(desk)[3] == "SO-1", "as typed"


class Listening:
    """Hands on what a state is asked, and remembers it."""

    def __init__(self, state: State) -> None:
        self.state, self.asked = state, list[str]()

    def __getattr__(self, name: str) -> object:
        self.asked.append(name)
        return getattr(self.state, name)


def test_neighbours_of_what_changed_are_not_fetched_for_it() -> None:
    desk = book()
    listening = Listening(desk.state)
    draft = Draft(cast(State, listening), desk.tabs)
    (customer_of_all,) = ((TabKey("customers"), RowKey(key)) for key in desk.records("customers"))
    draft.update(customer_of_all, {ColumnKey("note"): "老客户"})
    rows = [customer_of_all, *((DEALS, RowKey(key)) for key in desk.records(DEALS))]
    listening.asked.clear()
    readers = desk.setup.replica.eyes(draft), desk.setup.replica.others
    assert follow_new_names(draft, desk.state, rows, readers, desk.setup.codec) == set()
    assert listening.asked == []


TEAM = {
    **VIEWED,
    "opportunities": COLUMNS["opportunities"],
    "contracts": "id key_ number customer opportunity amount state owner check",
}
OWN = (Scope.OWN,)


def team(*deals: str) -> TeamDesk:
    """安妮's deal, named in a contract of 包博, who sees what is his, and of those deals that are not these columns."""
    sees = {"*": EDIT} if not deals else dict.fromkeys(deals, READ)
    everybody = (Scope.ALL,) if deals else OWN
    desk = TeamDesk(
        columns=TEAM,
        policy=Policy((
            EVERYTHING,
            Grant("sales", "opportunities", {"*": EDIT}, Extent.OWN, EDIT, OWN),
            Grant("sales", "opportunities", sees, rows=everybody),
            Grant("sales", "contracts", {"*": EDIT}, Extent.OWN, EDIT, OWN),
        )),
    )  # fmt: skip
    desk.person("E1", "安妮", "销售专员")
    desk.person("E2", "包博", "销售专员")
    customer(desk, "华为", owner="安妮")
    desk.add("opportunities", name="机房", customer="华为", stage="初步接触", amount=1, close_date=46400, owner="安妮")
    desk.add("contracts", number="HT-1", opportunity="机房", customer="华为", amount=9, state="履行中", owner="包博")
    desk.go()
    return desk


def test_who_sees_the_row_sees_its_new_name() -> None:
    desk = team("name")
    types(desk, "E1", "opportunities", 0, name="机房二期")
    desk.go()
    assert rows(desk, "E2", "contracts", "opportunity") == [("机房二期",)]
    assert grid_of(desk.backend.file, "contracts")[1][desk.place("contracts", "opportunity")] == "机房二期"


def test_who_does_not_see_the_name_learns_nothing_by_a_cell_that_they_see() -> None:
    for desk in (team(), team("stage")):
        for number, name in ("E1", "机房二期"), ("", "机房三期"):
            if number:
                types(desk, number, "opportunities", 0, name=name)
            else:
                desk.type("opportunities", 0, "name", name)
            desk.go()
            assert [each["name"] for each in desk.records("opportunities").values()] == [name]
            assert rows(desk, "E2", "contracts", "opportunity") == [("机房",)]


NAMES = st.sampled_from(["甲", "乙", "丙", "丁", None])
EDITS = st.lists(
    st.tuples(st.sampled_from(["opportunities", "follow_ups"]), st.integers(0, 2), NAMES), min_size=1, max_size=4
)
FEW = {tab: COLUMNS[tab] for tab in ("customers", "follow_ups", "opportunities")}


def meant(desk: Desk) -> dict[str, tuple[object, list[str]]]:
    """What each follow-up says, and the deals that it means by it."""
    draft = Draft(desk.state, desk.tabs)
    told = {key: values.get("opportunity") for key, values in desk.records("follow_ups").items()}
    return {
        key: (text, [row.key for row in draft.named(DEALS, str(text))] if text else []) for key, text in told.items()
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(EDITS, min_size=1, max_size=4), st.booleans())
def test_whatever_is_renamed_no_reference_is_lost(days: list[list[tuple[str, int, str | None]]], back: bool) -> None:
    """Names come and go, are swapped and shared, references are typed beside: each that nobody touched means the row
    that it meant, unless that has no name any more or another one bears the text; and so it does after an undo."""
    desk = Desk(columns=FEW, limits=Limits(delete_rows=99))
    customer(desk, "华为")
    for name in ("甲", "乙", "丙"):
        deal(desk, name)
        call(desk, name)
    desk.sync()
    for edits in days:
        before, run = meant(desk), last_run(desk)
        numbers = [str(desk.cell("follow_ups", row, "id")) for row in range(3)]
        typed: dict[str, str | None] = {}
        for tab, row, text in edits:
            desk.type(tab, row, "name" if tab == DEALS else "opportunity", text)
            if tab == "follow_ups":
                typed[numbers[row]] = text
        desk.sync()
        after, names = meant(desk), {key: values.get("name") for key, values in desk.records(DEALS).items()}
        for key, (said, whom) in before.items():
            if typed.get(key, said) != said:
                assert after[key][0] == typed[key], "as typed"
            elif len(whom) == 1 and names[whom[0]] and said not in names.values():
                assert after[key][1] == whom
            else:
                assert after[key][0] == said
        writes = desk.backend.writes
        desk.sync()
        assert desk.backend.writes == writes
    if back and last_run(desk) != run:
        undo_last(desk)
        again = meant(desk)
        assert all(again[key][1] == whom for key, (_, whom) in before.items() if len(whom) == 1)
