"""Care in a cycle: a follow-up is made once, and does not come back when it was called off or deleted."""

from datetime import UTC, datetime, timedelta

from tests.sync.desks import Desk, customer

COLUMNS = {
    "customers": "id key_ name type industry contact phone birthday birthday_calendar status level owner "
    "last_contact next_contact created_at updated_at check duplicates",
    "follow_ups": "id key_ customer method subject content planned_at owner done_at result next_step next_at reaction "
    "state check",
}
FRIDAY = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def subjects(desk: Desk) -> list[str]:
    return sorted(f"{row['customer']} {row['subject']}" for row in desk.records("follow_ups").values())


def test_a_birthday_is_thought_of_once_a_year() -> None:
    desk = Desk(COLUMNS, now=FRIDAY)
    customer(desk, "王芳", type="个人客户", birthday="1988-11-24")
    desk.sync()
    assert subjects(desk) == []
    desk.sync(later=timedelta(days=1))
    assert subjects(desk) == ["王芳 生日祝福"]
    desk.sync(later=timedelta(days=1))
    assert subjects(desk) == ["王芳 生日祝福"]
    del desk.grid("follow_ups")[1:]
    desk.sync()
    desk.sync(later=timedelta(days=1))
    assert subjects(desk) == []
    desk.sync(later=timedelta(days=364))
    assert [subject for subject in subjects(desk) if "生日" in subject] == ["王芳 生日祝福"]


def test_a_regular_call_comes_after_each_contact() -> None:
    desk = Desk(COLUMNS, now=FRIDAY)
    customer(desk, "华为技术", level="VIP")
    desk.sync()
    desk.sync(later=timedelta(days=24))
    assert subjects(desk) == []
    desk.sync(later=timedelta(days=1))
    assert subjects(desk) == ["华为技术 定期回访"]
    desk.sync(later=timedelta(days=60))
    assert subjects(desk) == ["华为技术 定期回访"]
    desk.type("follow_ups", 0, "done_at", desk.now.strftime("%Y-%m-%d %H:%M"))
    for column in ("result", "next_step", "reaction"):
        desk.type("follow_ups", 0, column, "好")
    desk.sync()
    assert subjects(desk) == ["华为技术 定期回访"]
    desk.sync(later=timedelta(days=28))
    assert subjects(desk) == ["华为技术 定期回访"] * 2
