"""A new row between the cycle that gives it a key and the one that reads the key back."""

import contextlib

import pytest

from crm_sheets.state import EntryKind
from tests.sync.desks import Crash, Desk, customer


@pytest.fixture
def desk() -> Desk:
    """The process ended when the second customer had got its key."""
    found = Desk()
    customer(found, "华为")
    found.sync()
    customer(found, "小米", contact="雷军")
    found.crash_at = "confirmed"
    with contextlib.suppress(Crash):
        found.sync()
    assert found.cell("customers", 1, "key_")
    assert len(found.records("customers")) == 1
    return found


def reverted(desk: Desk) -> list[str]:
    return [line.entry.new for line in desk.state.journal() if line.entry.kind is EntryKind.REVERT]


def test_what_is_typed_over_our_stamp_meanwhile_goes_to_the_journal(desk: Desk) -> None:
    stamp = desk.cell("customers", 1, "created_at")
    desk.type("customers", 1, "created_at", "上周")
    desk.sync()
    assert len(desk.records("customers")) == 2
    assert desk.cell("customers", 1, "created_at") == stamp
    assert reverted(desk) == ['{"created_at": "上周"}']


def test_what_we_wrote_ourselves_was_typed_by_nobody(desk: Desk) -> None:
    desk.sync()
    assert len(desk.records("customers")) == 2
    assert reverted(desk) == []
