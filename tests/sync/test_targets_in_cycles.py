"""Targets follow the deals, payments and people that they are measured by, and an edit concerns only those."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import delete

from crm_sheets.cells import CellValue
from crm_sheets.rules.base import Context, Rule
from crm_sheets.schema.base import Row
from crm_sheets.state import EntryKind
from crm_sheets.sync.store.tables import entries
from crm_sheets.tables import TabKey
from tests.sync.desks import Desk

COLUMNS: Mapping[str, str] = {
    "people": "key_ id name department group role email active check",
    "opportunities": "id key_ name customer stage amount close_date owner win_reason probability stage_since check",
    "orders": "id key_ external customer ordered_on state total paid payment_state owner check",
    "order_lines": "id key_ order product quantity unit_price amount check",
    "payments": "id key_ order customer due_on paid_on amount owner check",
    "performance": "id key_ month person name number department group won_deals won_amount paid_amount new_customers "
    "follow_ups check",
    "targets": "id key_ period scope measure value actual attainment gap pace check",
}
WON, PAID = "成交金额", "回款金额"


def desk_with_targets() -> Desk:
    desk = Desk(columns=COLUMNS)
    for number, name, group in (("S1", "张伟", "一组"), ("S2", "李娜", "二组")):
        desk.add(
            "people", id=number, name=name, department="销售部", group=group, role="销售专员", email="a@example.com"
        )
    for period, scope, measure in (
        ("2026-11", "张伟", WON),
        ("2026Q4", "销售部", WON),
        ("2026", "公司", WON),
        ("2026-11", "李娜", WON),
        ("2026-11", "公司", PAID),
    ):
        desk.add("targets", period=period, scope=scope, measure=measure, value=1000)
    deal(desk, "机房", 100, "张伟")
    deal(desk, "维保", 30, "李娜")
    desk.sync()
    return desk


def deal(desk: Desk, name: str, amount: int, owner: str, day: str = "2026-11-05", stage: str = "赢单") -> None:
    values: dict[str, CellValue] = {"name": name, "stage": stage, "amount": amount, "close_date": day, "owner": owner}
    desk.add("opportunities", customer="华为", win_reason="价格", **values)


def actual(desk: Desk) -> list[CellValue]:
    return [desk.cell("targets", row, "actual") for row in range(5)]


def test_targets_are_measured_when_the_book_is_read_first() -> None:
    desk = desk_with_targets()
    assert actual(desk) == [100, 130, 130, 30, 0]
    assert desk.cell("targets", 0, "attainment") == 0.1
    assert len(desk.records("performance")) == 2


def test_a_deal_that_changes_moves_the_targets_above_it() -> None:
    desk = desk_with_targets()
    desk.type("opportunities", 0, "amount", 500)
    desk.sync()
    assert actual(desk) == [500, 530, 530, 30, 0]
    desk.type("opportunities", 0, "close_date", "2026-09-30")
    desk.sync()
    assert actual(desk) == [0, 30, 530, 30, 0]
    desk.type("opportunities", 0, "owner", "S2")
    desk.type("opportunities", 0, "close_date", "2026-11-30")
    desk.sync()
    assert actual(desk) == [0, 530, 530, 530, 0]
    desk.type("opportunities", 1, "stage", "商务谈判")
    desk.sync()
    assert actual(desk) == [0, 500, 500, 500, 0]


def test_a_person_who_changes_group_and_department_takes_the_results_along() -> None:
    desk = desk_with_targets()
    desk.type("people", 0, "department", "市场部")
    desk.sync()
    assert actual(desk) == [100, 30, 130, 30, 0]


def test_a_payment_counts_for_the_owner_of_its_order() -> None:
    desk = desk_with_targets()
    desk.add("orders", external="PO-1", customer="华为", ordered_on="2026-11-01", state="处理中", owner="李娜")
    desk.add("order_lines", order="PO-1", product="交换机", quantity=2, unit_price=50)
    desk.add("payments", order="PO-1", paid_on="2026-11-10", amount=60)
    desk.sync()
    assert actual(desk)[-1] == 60
    assert [desk.cell("orders", 0, column) for column in ("total", "paid", "payment_state")] == [100, 60, "分期支付"]
    results = {str(row["person"]): row["paid_amount"] for row in desk.records("performance").values()}
    assert results == {"张伟": Decimal("0.00"), "李娜": Decimal("60.00")}


def test_the_second_cycle_changes_nothing() -> None:
    desk = desk_with_targets()
    file, told = desk.backend.file.copied(), len(desk.state.journal())
    desk.sync()
    assert desk.backend.file == file
    assert len(desk.state.journal()) == told


def test_an_edit_asks_the_results_of_its_month_and_the_targets_above_and_nothing_else() -> None:
    desk = desk_with_targets()
    deal(desk, "旧单", 10, "李娜", "2026-08-01")
    desk.add("targets", period="2026-10", scope="李娜", measure=WON, value=5)
    desk.add("targets", period="2026Q3", scope="公司", measure=WON, value=5)
    desk.sync()
    asked: set[tuple[str, str]] = set()
    desk.cycle.setup = replace(
        desk.setup,
        rules={tab: tuple(_noting(rule, asked) for rule in rules) for tab, rules in desk.setup.rules.items()},
    )
    desk.type("opportunities", 0, "amount", 500)
    desk.sync()
    names = {tab: {row for of, row in asked if of == tab} for tab in COLUMNS}
    assert len(names["opportunities"]) == 1
    assert len(names["performance"]) == 1
    assert names["people"] <= {key for key, row in desk.records("people").items() if row["name"] == "张伟"}
    asked_for = {str(row["period"]) for key, row in desk.records("targets").items() if key in names["targets"]}
    assert asked_for == {"2026-11", "2026Q4", "2026"}


def _noting(rule: Rule, asked: set[tuple[str, str]]) -> Rule:
    def noting(row: Row, context: Context) -> object:
        asked.add((str(row.tab), str(row.key)))
        return rule(row, context)

    return noting  # type: ignore[return-value]  # an Outcome, as the rule gives it


def test_another_version_of_the_program_finds_rows_that_were_kept_without_these_entries() -> None:
    desk = desk_with_targets()
    with desk.state.engine.begin() as connection:
        connection.execute(delete(entries).where(entries.c.role.in_(("counts", "gathers"))))
    desk.cycle.setup = replace(desk.setup, rules_version="2")
    desk.sync()
    assert actual(desk) == [100, 130, 130, 30, 0]
    desk.type("opportunities", 0, "amount", 500)
    desk.sync()
    assert actual(desk) == [500, 530, 530, 30, 0]


def test_results_that_staff_type_over_are_put_back() -> None:
    desk = desk_with_targets()
    desk.type("performance", 0, "won_amount", 999_999)
    desk.sync()
    assert sorted(str(desk.cell("performance", row, "won_amount")) for row in range(2)) == ["100", "30"]
    assert EntryKind.REVERT in {line.entry.kind for line in desk.state.journal()}
    assert desk.state.all_records(TabKey("targets"))
