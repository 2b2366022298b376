"""Many new rows at once: the rules are asked about them once, when they are records."""

import pytest

from crm_sheets import plan
from crm_sheets.cells import CellValue
from crm_sheets.errors import WorkbookBusy
from crm_sheets.sync.backends.base import ReplicaWrite, Written
from crm_sheets.sync.backends.memory import MemoryBackend
from crm_sheets.tables import TabKey
from tests.sync.desks import Desk, customer, played

ANY = "customers"


def faulty(desk: Desk) -> None:
    """Three customers; one lacks its phone, two are the same."""
    customer(desk, "华为", phone=None)
    customer(desk, "小米科技有限公司", contact="雷军", phone="13900139000")
    customer(desk, "小米科技有限公司", contact="雷军", phone="13900139000")


def seen(desk: Desk) -> list[list[CellValue]]:
    """What stands in the sheet, without the hidden keys, which are other ones in each store."""
    hidden = desk.place(ANY, "key_")
    return [[*row[:hidden], *row[hidden + 1 :]] for row in desk.grid(ANY)]


class Open(MemoryBackend):
    """A file of which only the attempt to write tells that somebody has it open."""

    def write(self, wanted: ReplicaWrite) -> Written:
        raise WorkbookBusy("book.xlsx is open", holder="王芳")


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows are many."""
    monkeypatch.setattr(plan, "MANY_NEW", 3)


def test_they_end_as_few_do(monkeypatch: pytest.MonkeyPatch) -> None:
    few = played(faulty)
    monkeypatch.setattr(plan, "MANY_NEW", 3)
    desk = Desk()
    faulty(desk)
    result = desk.sync()

    assert [each.deferred for each in result.plans][:2] == [True, False]
    assert seen(desk) == seen(few)
    assert desk.records(ANY) == few.records(ANY)
    assert desk.issues() == few.issues() != []
    told = [[line.entry for line in each.state.journal()] for each in (desk, few)]
    assert told[0] == told[1]
    assert not desk.sync().plans


@pytest.mark.usefixtures("many")
def test_what_stands_beside_records_is_judged_at_once() -> None:
    desk = played(lambda desk: customer(desk, "华为"))
    faulty(desk)
    desk.type(ANY, 0, "phone", "13700137000")

    assert not any(each.deferred for each in desk.sync().plans)


@pytest.mark.usefixtures("many")
def test_a_dry_run_tells_of_them() -> None:
    desk = Desk()
    faulty(desk)
    result = desk.sync(dry_run=True)

    assert "required" in {issue.code for issue in result.plans[-1].issues}


@pytest.mark.usefixtures("many")
def test_a_file_that_cannot_be_written_is_judged_all_the_same() -> None:
    desk = Desk()
    faulty(desk)
    desk.backend = desk.cycle.backend = Open(desk.backend.file)
    result = desk.sync()

    assert result.waiting == "王芳"
    assert "required" in {issue.code for issue in result.plans[-1].issues}
    desk.backend = desk.cycle.backend = MemoryBackend(desk.backend.file)
    desk.sync()
    assert len(desk.state.all_records(TabKey(ANY))) == 3
