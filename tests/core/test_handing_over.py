"""What changes hands, and what stays."""

from datetime import timedelta

from crm_sheets.cells import CellValue
from crm_sheets.draft import Draft
from crm_sheets.handing_over import Handover, plan_handover
from crm_sheets.rules.base import Context
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.state import OutboxItem
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import TabKey
from tests.sync.desks import WORDS, ZONE, Desk, customer

COLUMNS = {
    "customers": "id key_ name type industry contact phone owner check",
    "opportunities": "id key_ name customer stage amount probability close_date loss_reason owner check",
    "follow_ups": "id key_ customer method content planned_at owner done_at result next_step reaction state check",
    "people": "key_ id name department role email active check",
}


def team() -> Desk:
    desk = Desk(columns=COLUMNS)
    for number, name in enumerate(("张伟", "李娜", "王强", "王强")):
        works = {"department": "销售部", "role": "销售专员", "email": f"p{number}@example.com"}
        desk.add("people", id=f"0{number}", name=name, **works)
    customer(desk, "华为技术", owner="张伟")
    customer(desk, "小米通讯", owner="00", contact="c1", phone="13800138001")
    customer(desk, "大疆创新", owner="李娜", contact="c2", phone="13800138002")
    customer(desk, "联想集团", owner="王强", contact="c3", phone="13800138003")
    deal: dict[str, CellValue] = {"customer": "华为技术", "amount": 1000, "close_date": "2026-12-01", "owner": "张伟"}
    desk.add("opportunities", name="机房", stage="需求分析", **deal)
    desk.add("opportunities", name="旧单", stage="输单", loss_reason="价格", **deal)
    plan = {"customer": "华为技术", "method": "电话", "content": "问候", "planned_at": "2026-11-25 15:00"}
    desk.add("follow_ups", **plan)
    desk.add("follow_ups", done_at="2026-11-20 10:00", result="好", next_step="无", reaction="好", **plan)
    desk.sync()
    return desk


def planned(desk: Desk, who: str) -> Handover:
    draft = Draft(desk.state, desk.tabs)
    known = default_dictionaries(WORDS)
    context = Context(desk.now, desk.now.astimezone(ZONE).date(), ZONE, draft, known, WORDS, desk.tabs)
    (person,) = draft.named(TabKey("people"), who)
    return plan_handover(draft, person, context)


def owners(desk: Desk, tab: str, name: str) -> dict[object, object]:
    return {values[name]: values.get("owner") for values in desk.records(tab).values()}


def test_customers_and_what_is_open_change_hands() -> None:
    desk = team()
    plan = planned(desk, "张伟")
    message = OutboxItem("handover|1", "handover", "李娜", desk.now)
    desk.now += timedelta(minutes=1)
    desk.cycle.run(Wish(desk.now, commands=plan.commands("李娜", "admin"), messages=(message,)))
    assert owners(desk, "customers", "name") == {
        "华为技术": "李娜", "小米通讯": "李娜", "大疆创新": "李娜", "联想集团": "王强",
    }  # fmt: skip
    assert owners(desk, "opportunities", "name") == {"机房": "李娜", "旧单": "张伟"}
    follow_ups = {values.get("result"): values["owner"] for values in desk.records("follow_ups").values()}
    assert follow_ups == {None: "李娜", "好": "张伟"}
    assert {str(tab): count for tab, count in plan.counts.items()} == {
        "customers": 2, "opportunities": 1, "follow_ups": 1,
    }  # fmt: skip
    assert {str(tab): count for tab, count in plan.kept.items()} == {"opportunities": 1, "follow_ups": 1}
    writes = desk.backend.writes
    desk.sync()
    assert desk.backend.writes == writes


def test_a_name_that_two_people_bear_hands_nothing_over() -> None:
    assert planned(team(), "02").rows == ()


def test_receipts_are_remembered_with_what_was_done() -> None:
    from sqlalchemy import select

    from crm_sheets.sync.store.tables import outbox

    desk = team()
    commands = planned(desk, "张伟").commands("李娜", "admin")
    message = OutboxItem("handover|1", "handover", "李娜", desk.now)
    desk.cycle.run(Wish(desk.now + timedelta(minutes=1), commands=commands, messages=(message,)))
    with desk.state.engine.connect() as connection:
        assert "handover|1" in set(connection.scalars(select(outbox.c.key)))


def test_the_command_can_be_asked_for_twice() -> None:
    """Its module must not bear its name: importing it would put the module in the command's place."""
    from pathlib import Path

    from crm_sheets import app

    modules = {path.stem for path in Path(app.__file__).parent.glob("*.py")}
    assert not modules & set(app.__all__)
