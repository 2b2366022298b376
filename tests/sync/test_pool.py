"""The pool in whole cycles: back to all, claimed, and at rest between."""

from dataclasses import replace
from datetime import timedelta

from crm_sheets.rules.pool import PoolTerms, no_pool, pooling
from crm_sheets.tables import TabKey
from tests.sync.desks import Desk, customer

COLUMNS = {
    "customers": "id key_ name type industry contact phone status owner claim pool_since pool_from claimed_at check",
    "people": "key_ id name department role email active check",
}
TERMS = PoolTerms(timedelta(days=30), timedelta(days=3), timedelta(days=7), 1)


def team() -> Desk:
    desk = Desk(columns=COLUMNS)
    rules = dict(desk.setup.rules)
    customers = TabKey("customers")
    rules[customers] = tuple(pooling(TERMS) if rule is no_pool else rule for rule in rules[customers])
    desk.cycle.setup = replace(desk.setup, rules=rules)
    for number, name in enumerate(("张伟", "李娜")):
        desk.add(
            "people", id=f"0{number}", name=name, department="销售部", role="销售专员", email=f"p{number}@example.com"
        )
    for number, name in enumerate(("华为技术", "小米通讯")):
        customer(desk, name, contact=f"c{number}", phone=f"1380013800{number}", owner="张伟")
    desk.sync()
    return desk


def row(desk: Desk, number: int) -> tuple[object, ...]:
    return tuple(desk.cell("customers", number, column) for column in ("owner", "claim", "pool_from"))


def test_a_customer_goes_round() -> None:
    desk = team()
    desk.sync(later=timedelta(days=29))
    assert [row(desk, number)[0] for number in (0, 1)] == ["张伟", "张伟"]
    desk.sync(later=timedelta(days=2))
    assert [row(desk, number) for number in (0, 1)] == [(None, None, "张伟")] * 2
    writes = desk.backend.writes
    desk.sync()
    assert desk.backend.writes == writes, "nothing is left to do"

    desk.type("customers", 0, "claim", "李娜")
    desk.type("customers", 1, "claim", "李娜")
    desk.sync()
    assert [row(desk, number) for number in (0, 1)] == [("李娜", None, None), (None, "李娜", "张伟")]
    assert "claim-full" in desk.codes()

    desk.type("customers", 1, "claim", "张伟")
    desk.sync()
    assert "claim-too-soon" in desk.codes()
    desk.sync(later=timedelta(days=7))
    assert row(desk, 1) == ("张伟", None, None)
    assert desk.codes() == []


def test_a_person_written_in_by_hand_keeps_the_customer() -> None:
    desk = team()
    desk.sync(later=timedelta(days=31))
    desk.type("customers", 0, "owner", "李娜")
    desk.sync()
    desk.sync(later=timedelta(days=29))
    assert row(desk, 0) == ("李娜", None, None)
    desk.sync(later=timedelta(days=2))
    assert row(desk, 0) == (None, None, "李娜")


def test_a_claim_that_found_no_room_counts_once_there_is_room() -> None:
    desk = team()
    desk.sync(later=timedelta(days=31))
    desk.type("customers", 0, "claim", "李娜")
    desk.sync()
    desk.type("customers", 1, "claim", "李娜")
    desk.sync()
    assert "claim-full" in desk.codes()
    desk.type("customers", 0, "owner", "张伟")
    desk.sync()
    assert row(desk, 1) == ("李娜", None, None), "another row made room: nobody has to touch this one"
    assert desk.codes() == []
