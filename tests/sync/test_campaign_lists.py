"""The list of a campaign over several cycles: written once, kept, added to when somebody says so."""

from datetime import date, timedelta

import pytest

from crm_sheets.sync.result import CycleResult
from crm_sheets.sync.setup import Wish
from crm_sheets.undoing import undo
from tests.sync.desks import Crash, Desk, customer, played

COLUMNS = {
    "customers": "id key_ name type industry contact phone status level tags contact_consent won_days check",
    "opportunities": "id key_ name customer stage amount close_date stage_since check",
    "campaigns": "id key_ name type starts_on ends_on audience list listed_at invited attended converted "
    "conversion_rate check",
    "campaign_members": "key_ campaign customer customer_id state converted_on pair check",
}
AUDIENCE = "级别-A类 且 非 流失客户"


def fair(desk: Desk) -> None:
    for number, name in enumerate(("华为", "小米", "海尔", "格力")):
        customer(desk, name, tags="级别-A类", status="流失客户" if number == 3 else "潜在客户")
    desk.add(
        "campaigns",
        name="展会",
        type="线下",
        starts_on=date(2026, 11, 20),
        ends_on=date(2026, 12, 1),
        audience=AUDIENCE,
    )


@pytest.fixture
def desk() -> Desk:
    return played(fair, columns=COLUMNS)


def members(desk: Desk) -> list[str]:
    rows = range(len(desk.grid("campaign_members")) - 1)
    return sorted(str(desk.cell("campaign_members", row, "customer") or "") for row in rows)


def results(desk: Desk) -> list[object]:
    return [desk.cell("campaigns", 0, column) for column in ("invited", "attended", "converted", "conversion_rate")]


def test_before_anybody_asks_the_sheet_tells_how_many(desk: Desk) -> None:
    assert members(desk) == []
    assert "目前有 3 位客户" in str(desk.cell("campaigns", 0, "check"))
    customer(desk, "长虹", tags="级别-A类")
    desk.sync()
    assert "目前有 3 位客户" in str(desk.cell("campaigns", 0, "check")), "no customer is worth counting them all again"
    desk.sync(later=timedelta(days=1))
    assert "目前有 4 位客户" in str(desk.cell("campaigns", 0, "check"))


def test_columns_that_are_computed_in_the_same_cycle_count() -> None:
    def bought(desk: Desk) -> None:
        customer(desk, "华为")
        desk.add("opportunities", name="新机房", customer="华为", stage="赢单", amount=5, close_date=date(2026, 11, 1))
        desk.add(
            "campaigns",
            name="展会",
            type="线下",
            starts_on=date(2026, 11, 20),
            ends_on=date(2026, 12, 1),
            audience="成交日期 不为空",
            list="生成",
        )

    desk = played(bought, columns=COLUMNS)
    desk.sync()
    assert members(desk) == ["华为"]


def test_the_list_is_written_once_and_kept(desk: Desk) -> None:
    desk.type("campaigns", 0, "list", "生成")
    desk.sync()
    assert members(desk) == ["华为", "小米", "海尔"]
    assert results(desk) == [3, 0, 0, 0]
    before = desk.grid("campaign_members")
    result = desk.sync()
    assert not result.written
    customer(desk, "长虹", tags="级别-A类")
    desk.type("customers", 0, "status", "流失客户")
    desk.sync()
    desk.sync(later=timedelta(days=1))
    assert members(desk) == ["华为", "小米", "海尔"]
    assert desk.grid("campaign_members") == before


def looked_at(result: CycleResult, tab: str) -> int:
    return sum(len(commit.findings) for plan in result.plans for of, commit in plan.commit.tabs.items() if of == tab)


def test_what_a_member_does_costs_a_look_at_its_campaign_and_customer_only(desk: Desk) -> None:
    desk.type("campaigns", 0, "list", "生成")
    desk.sync()
    desk.type("campaign_members", 0, "state", "已参加")
    result = desk.sync()
    assert results(desk)[:2] == [3, 1]
    assert (looked_at(result, "campaign_members"), looked_at(result, "campaigns")) == (1, 1)
    assert looked_at(result, "customers") == 1


def test_a_list_typed_with_its_campaign_is_written_too() -> None:
    def asked(desk: Desk) -> None:
        fair(desk)
        desk.type("campaigns", 0, "list", "生成")

    desk = played(asked, columns=COLUMNS)
    desk.sync()
    assert members(desk) == ["华为", "小米", "海尔"]


def test_more_are_added_when_somebody_says_so_but_not_whom_somebody_took_off(desk: Desk) -> None:
    desk.type("campaigns", 0, "list", "生成")
    desk.sync()
    del desk.grid("campaign_members")[1]
    desk.sync()
    kept = members(desk)
    assert len(kept) == 2
    customer(desk, "长虹", tags="级别-A类")
    desk.sync()
    desk.type("campaigns", 0, "list", "补充")
    desk.sync()
    assert members(desk) == sorted([*kept, "长虹"])
    desk.sync(later=timedelta(days=1))
    assert members(desk) == sorted([*kept, "长虹"])


@pytest.mark.parametrize("step", ["committed", "written"])
def test_a_crash_doubles_nobody(desk: Desk, step: str) -> None:
    desk.type("campaigns", 0, "list", "生成")
    desk.crash_at = step
    with pytest.raises(Crash):
        desk.sync()
    desk.sync()
    desk.sync()
    assert members(desk) == ["华为", "小米", "海尔"]


def test_who_came_and_who_bought_is_counted(desk: Desk) -> None:
    desk.type("campaigns", 0, "list", "生成")
    desk.sync()
    desk.type("campaign_members", 0, "state", "已参加")
    desk.add("opportunities", name="新机房", customer="小米", stage="赢单", amount=5, close_date=date(2026, 11, 25))
    desk.sync()
    desk.sync()
    assert desk.cell("customers", 1, "won_days") == "2026-11-22"
    assert results(desk) == [3, 1, 1, 0.3333]
    desk.add("campaign_members", campaign="展会", customer="小米", state="已参加")
    desk.sync()
    assert "campaign-member-doubled" in desk.codes()
    assert results(desk)[0] == 3


def test_a_wish_that_could_not_be_met_is_met_as_soon_as_it_can(desk: Desk) -> None:
    desk.type("campaigns", 0, "audience", None)
    desk.type("campaigns", 0, "list", "补充")
    desk.sync()
    assert members(desk) == []
    desk.type("campaigns", 0, "audience", AUDIENCE)
    desk.sync()
    assert members(desk) == ["华为", "小米", "海尔"]


def test_who_is_added_while_the_audience_is_being_mended_comes_on_the_list(desk: Desk) -> None:
    desk.type("campaigns", 0, "list", "生成")
    desk.sync()
    customer(desk, "长虹", tags="级别-A类")
    desk.type("campaigns", 0, "audience", "级别-A类 且 (")
    desk.type("campaigns", 0, "list", "补充")
    desk.sync()
    assert len(members(desk)) == 3
    desk.type("campaigns", 0, "audience", AUDIENCE)
    desk.sync()
    assert members(desk) == ["华为", "小米", "海尔", "长虹"]
    writes = desk.backend.writes
    desk.sync()
    assert desk.backend.writes == writes


def test_a_campaign_that_an_undo_brings_back_has_its_list(desk: Desk) -> None:
    desk.type("campaigns", 0, "list", "生成")
    desk.sync()
    del desk.grid("campaign_members")[1]
    desk.sync()
    del desk.grid("campaigns")[1]
    desk.sync()
    run = max(line.run for line in desk.state.journal())
    commands = undo(desk.state.journal(run=run), desk.state, desk.tabs, "管理员").commands
    desk.now += timedelta(seconds=30)
    desk.cycle.run(Wish(desk.now, commands=tuple(commands)))
    assert len(desk.records("campaigns")) == 1
    assert len(members(desk)) == 2, "whom somebody took off the list is not on it again"
