"""Two customers made one: values, references, aliases, and the way back."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from crm_sheets.draft import Draft
from crm_sheets.guards import Limits
from crm_sheets.merging import CUSTOMERS, MergeRules, MergeWish, Take, plan_unmerge
from crm_sheets.state import EntryKind
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.result import CycleResult
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import ColumnKey, RowKey
from tests.sync.desks import Desk, customer

COLUMNS = {
    "customers": "id key_ name type industry contact phone note tags created_at updated_at check duplicates merge_into "
    "merged_from",
    "follow_ups": "id key_ customer method content planned_at owner state check",
    "opportunities": "id key_ name customer stage amount probability close_date owner check",
}


def two(**settings: object) -> Desk:
    """华为 twice, with a follow-up and a deal of the second, and somebody else."""
    desk = Desk(columns=COLUMNS, limits=Limits(delete_rows=99), **settings)  # type: ignore[arg-type]  # fields of Desk
    customer(desk, "华为技术", contact="张三", note="老客户", tags="行业-制造业")
    customer(desk, "华为技术有限公司深圳", contact="张三丰", phone="13900139000", note="要发票", tags="级别-A类")
    customer(desk, "小米通讯", contact="雷先生", phone="13700137000")
    desk.add(
        "follow_ups", customer="华为技术有限公司深圳", method="电话", content="问候", planned_at="2026-11-25 15:00"
    )
    desk.sync()
    desk.add("opportunities", name="机房", customer=str(desk.cell("customers", 1, "id")), stage="初步接触", amount=1000,
             close_date="2026-12-20")  # fmt: skip
    desk.sync()
    return desk


def ids(desk: Desk) -> list[RowKey]:
    return [RowKey(str(desk.cell("customers", row, "id"))) for row in range(3)]


def merge(desk: Desk, keep: RowKey, other: RowKey) -> CycleResult:
    desk.now = desk.now.replace(minute=desk.now.minute + 1)
    return desk.cycle.run(Wish(desk.now, merges=(MergeWish(keep, other, "admin"),)))


def unmerge(desk: Desk, other: RowKey) -> None:
    lines = desk.state.journal(row=(CUSTOMERS, other))
    entry = next(line.entry for line in lines if line.entry.kind is EntryKind.MERGE)
    draft = Draft(desk.state, desk.tabs)
    desk.now = desk.now.replace(minute=desk.now.minute + 1)
    desk.cycle.run(Wish(desk.now, commands=plan_unmerge(draft, entry, "admin").commands))


def everything(desk: Desk) -> dict[str, Mapping[str, Mapping[str, object]]]:
    return {tab: desk.records(tab) for tab in COLUMNS}


def test_the_one_that_stays_takes_over_what_it_lacks_and_every_reference() -> None:
    desk = two()
    keep, other, _ = ids(desk)
    merge(desk, keep, other)

    kept = desk.records("customers")
    assert other not in kept
    assert len(kept) == 2
    assert kept[keep]["contact"] == "张三"
    assert kept[keep]["note"] == "老客户\n要发票"
    assert kept[keep]["tags"] == ("行业-制造业", "级别-A类")
    assert kept[keep]["merged_from"] == (other, "华为技术有限公司深圳")
    assert [values["customer"] for values in desk.records("follow_ups").values()] == ["华为技术"]
    assert [values["customer"] for values in desk.records("opportunities").values()] == [keep]
    assert not any(other in row for row in desk.grid("customers")), "it is gone from the sheet, and leaves no gap"
    assert desk.codes() == []


def test_a_merge_and_its_way_back_give_the_same_rows() -> None:
    desk = two()
    keep, other, _ = ids(desk)
    before = everything(desk)
    merge(desk, keep, other)
    assert everything(desk) != before
    unmerge(desk, other)
    assert everything(desk) == before, "also when it was changed last"
    writes = desk.backend.writes
    desk.sync()
    assert desk.backend.writes == writes


def test_what_the_program_says_of_a_level_is_taken_over_by_nobody() -> None:
    columns = {**COLUMNS, "customers": f"{COLUMNS['customers']} level level_basis computed_level"}
    desk = Desk(columns=columns, limits=Limits(delete_rows=99))
    customer(desk, "华为技术")
    customer(desk, "华为技术有限公司深圳", phone="13900139000")
    desk.add("opportunities", name="机房", customer="华为技术有限公司深圳", stage="赢单", amount=1000)
    desk.sync()
    keep, other = (RowKey(str(desk.cell("customers", row, "id"))) for row in range(2))
    bases = [str(desk.records("customers")[key]["level_basis"]) for key in (keep, other)]
    assert bases[0] != bases[1]
    merge(desk, keep, other)
    assert desk.records("customers")[keep]["level_basis"] == bases[1]
    line = next(line.entry for line in desk.state.journal() if line.entry.kind is EntryKind.MERGE)
    undo = plan_unmerge(Draft(desk.state, desk.tabs), line, "admin")
    assert "level_basis" not in {cell.column for cell in undo.merge.cells}
    assert undo.kept == 0, "nobody changed anything since"


def test_the_sheet_asks_for_a_merge() -> None:
    desk = two()
    keep, other, _ = ids(desk)
    desk.type("customers", 1, "merge_into", str(keep))
    desk.sync()
    assert other not in desk.records("customers")
    assert desk.records("customers")[keep]["merged_from"] == (other, "华为技术有限公司深圳")
    unmerge(desk, other)
    assert other in desk.records("customers")
    desk.sync()
    assert other in desk.records("customers"), "the decision went with the merge"


def test_who_still_types_the_old_id_or_name_means_the_one_that_stayed() -> None:
    desk = two()
    keep, other, _ = ids(desk)
    merge(desk, keep, other)
    for name in (other, "华为技术有限公司深圳"):
        desk.add("follow_ups", customer=name, method="电话", content="再问", planned_at="2026-11-26 15:00")
    desk.sync()
    assert desk.codes() == []
    customer(desk, "华为技术有限公司深圳", contact="另一家", phone="13600136000")
    desk.sync()
    assert "reference-ambiguous" not in desk.codes(), "a row that bears the name goes before an alias"


def test_an_edit_beside_the_merge_is_not_lost() -> None:
    """Staff type into both rows while the command runs: what they typed is taken in first, then merged."""
    desk = two()
    keep, other, _ = ids(desk)
    desk.type("customers", 0, "contact", "李四")
    desk.type("customers", 1, "note", "要专票")
    desk.type("customers", 2, "note", "不相干")
    merge(desk, keep, other)
    kept = desk.records("customers")
    assert (kept[keep]["contact"], kept[keep]["note"]) == ("李四", "老客户\n要专票")
    assert [values["note"] for values in kept.values() if values["name"] == "小米通讯"] == ["不相干"]


@pytest.mark.parametrize("decided_in_the_sheet", [False, True])
def test_an_edit_beside_the_merge_comes_back_with_its_row(decided_in_the_sheet: bool) -> None:
    desk = two()
    keep, other, _ = ids(desk)
    desk.type("customers", 1, "note", "要专票")
    if decided_in_the_sheet:
        desk.type("customers", 1, "merge_into", str(keep))
        desk.sync()
    else:
        merge(desk, keep, other)
    unmerge(desk, other)
    assert desk.records("customers")[keep]["note"] == "老客户"
    assert desk.records("customers")[other]["note"] == "要专票"


def test_what_was_changed_after_the_merge_stays() -> None:
    desk = two()
    keep, other, third = ids(desk)
    merge(desk, keep, other)
    desk.type("follow_ups", 0, "customer", str(third))
    desk.type("customers", 0, "note", "重写")
    desk.sync()
    unmerge(desk, other)
    assert [values["customer"] for values in desk.records("follow_ups").values()] == [third]
    assert [values["customer"] for values in desk.records("opportunities").values()] == [other]
    kept = desk.records("customers")[keep]
    assert (kept["note"], kept["updated_at"]) == ("重写", desk.now), (
        "somebody changed it since: taking back is a change"
    )


def test_what_the_merge_left_as_it_was_is_neither_put_back_nor_said_to_stay() -> None:
    """A rule may have changed such a cell since (分级依据 names other deals): nobody touched it."""
    desk = two()
    keep, other, _ = ids(desk)
    merge(desk, keep, other)
    desk.type("customers", 0, "contact", "改过")  # both had a contact, and that of the one that stays stayed
    desk.sync()
    lines = desk.state.journal(row=(CUSTOMERS, other))
    entry = next(line.entry for line in lines if line.entry.kind is EntryKind.MERGE)
    back = plan_unmerge(Draft(desk.state, desk.tabs), entry, "admin")
    assert ({cell.column for cell in back.cells}, back.kept) == ({"note", "tags"}, 0)


def test_three_that_are_one_end_in_one() -> None:
    desk = two()
    first, second, _ = ids(desk)
    desk.type("customers", 1, "merge_into", str(first))
    desk.type("customers", 2, "merge_into", str(second))
    desk.sync()
    assert set(desk.records("customers")) == {first}
    assert [values["customer"] for values in desk.records("opportunities").values()] == [first]


def test_a_row_with_an_unreadable_cell_is_not_merged() -> None:
    desk = two()
    keep, other, _ = ids(desk)
    desk.type("customers", 1, "phone", "不知道")
    desk.type("customers", 1, "merge_into", str(keep))
    desk.sync()
    assert other in desk.records("customers")
    assert "merge-unreadable" in desk.codes()
    desk.type("customers", 1, "phone", "13900139000")
    desk.sync()
    assert other not in desk.records("customers")


def test_a_customer_is_not_merged_into_itself() -> None:
    desk = two()
    desk.type("customers", 1, "merge_into", str(ids(desk)[1]))
    desk.sync()
    assert "merge-into-itself" in desk.codes()


def test_two_that_each_are_to_go_both_stay_until_one_is_named() -> None:
    desk = two()
    first, second, _ = ids(desk)
    desk.type("customers", 0, "merge_into", str(second))
    desk.type("customers", 1, "merge_into", str(first))
    desk.sync()
    assert {first, second} <= set(desk.records("customers"))
    assert "merge-both-ways" in desk.codes()
    desk.type("customers", 0, "merge_into", None)
    desk.sync()
    assert second not in desk.records("customers"), "what the other row says is done although only this one changed"
    assert "merge-both-ways" not in desk.codes()


@pytest.mark.parametrize(
    ("take", "first", "second", "expected"),
    [
        (Take.NOT_EMPTY, "张三", "张三丰", "张三"),
        (Take.LONGEST, "张三", "张三丰", "张三丰"),
        (Take.LONGEST, "张三丰", "张三", "张三丰"),
        (Take.NEWEST, "新的", "张三丰", "新的"),
    ],
)
def test_the_rules_of_the_config_choose(take: Take, first: str, second: str, expected: str) -> None:
    desk = two()
    keep, other, _ = ids(desk)
    desk.cycle.setup = replace(desk.setup, merge_rules=MergeRules(columns={ColumnKey("contact"): take}))
    desk.type("customers", 1, "contact", second)
    desk.sync()
    desk.type("customers", 0, "contact", first)
    desk.sync()
    merge(desk, keep, other)
    assert desk.records("customers")[keep]["contact"] == expected


def test_texts_that_no_cell_would_hold_are_not_joined() -> None:
    desk = two()
    keep, other, _ = ids(desk)
    desk.type("customers", 0, "note", "长" * 20_000)
    desk.type("customers", 1, "note", "短" * 12_767)
    merge(desk, keep, other)
    assert desk.records("customers")[keep]["note"] == "长" * 20_000


def test_newest_is_what_was_edited_last() -> None:
    desk = two()
    keep, other, _ = ids(desk)
    desk.cycle.setup = replace(desk.setup, merge_rules=MergeRules(default=Take.NEWEST))
    desk.type("customers", 0, "contact", "先改的")
    desk.sync()
    desk.type("customers", 1, "contact", "后改的")
    desk.sync()
    merge(desk, keep, other)
    assert desk.records("customers")[keep]["contact"] == "后改的"


def test_a_customer_that_is_called_otherwise_is_still_meant() -> None:
    desk = two()
    desk.type("customers", 1, "name", "华为深圳")
    desk.sync()
    assert desk.codes() == []
    assert desk.cell("customers", 1, "merged_from") == "华为技术有限公司深圳"
    customer(desk, "华为技术有限公司深圳", contact="王五", phone="13600136000")
    desk.sync()
    (follow_up,) = desk.records("follow_ups").values()
    assert follow_up["customer"] == "华为技术有限公司深圳", "stored as typed"
    new = RowKey(str(desk.cell("customers", 3, "id")))
    assert [row.key for row in Draft(desk.state, desk.tabs).named(CUSTOMERS, "华为技术有限公司深圳")] == [new]


def test_a_name_that_is_taken_back_leaves_what_was_typed_meanwhile() -> None:
    desk = two()
    desk.type("customers", 2, "name", "小米")
    desk.sync()
    desk.type("customers", 2, "name", "Xiaomi, Inc.")
    desk.sync()
    assert desk.cell("customers", 2, "merged_from") == "小米通讯; 小米"
    desk.type("customers", 2, "name", "小米通讯")
    desk.sync()
    assert desk.cell("customers", 2, "merged_from") == "小米; Xiaomi, Inc."


def test_a_merge_that_gives_the_other_name_and_its_way_back_give_the_same_rows() -> None:
    """The customer that stays was once called as the other is; it takes over the other's present name."""
    desk = two()
    desk.type("customers", 0, "name", "华为")
    desk.sync()
    desk.type("customers", 1, "name", "华为技术")
    desk.sync()
    keep, other, _ = ids(desk)
    rules = MergeRules(columns={ColumnKey("name"): Take.NEWEST})
    desk.setup = replace(desk.setup, merge_rules=rules)
    desk.cycle = Cycle(desk.state, desk.backend, desk.setup)
    before = everything(desk)
    merge(desk, keep, other)
    kept = desk.records("customers")[str(keep)]
    assert kept["name"] == "华为技术"
    assert kept["merged_from"] == (other, "华为技术有限公司深圳", "华为")
    unmerge(desk, other)
    assert everything(desk) == before
