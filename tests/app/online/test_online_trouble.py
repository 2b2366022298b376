"""Whatever goes wrong between us and Google at whichever call: the next round has everything, once."""

import os
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from crm_sheets import clock
from crm_sheets.app.workspace import opened
from crm_sheets.cells import column_letters
from crm_sheets.errors import ServiceError, WorkbookError
from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.faults import Fault, FaultKind
from crm_sheets.google_emulator.patterns import CallPattern
from crm_sheets.google_emulator.people import Person
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import RowKey
from tests.app.online.teams import OWNER, Team, made

TRIES = int(os.environ.get("GOOGLE_TROUBLE_TRIES", "14"))
"""How many faults of the long test; all 80 of them, and more, take a few minutes."""
QUICK = [kind for kind in FaultKind if kind is not FaultKind.HANG]


class Desk:
    """A team with a spreadsheet, and its lead at the keyboard."""

    def __init__(self, team: Team) -> None:
        self.team = team
        team.init()
        team.sync()
        (self.book,) = team.emulator.files.held
        self.lead: Person = team.emulator.person(OWNER, self.book)
        header = [str(name).rstrip("*") for name in team.grid(self.book, "客户")[0]]
        self.name = column_letters(header.index("客户名称") + 1)
        self.typed: list[str] = []

    def type(self) -> None:
        """A new customer below the others, and another name for the first one."""
        first, row = f"改名{len(self.typed)}", len(self.typed) + 2
        self.typed.append(f"公司{row}")
        self.lead.type("客户", f"{self.name}{row}", self.typed[-1])
        self.typed[0] = first
        self.lead.type("客户", f"{self.name}2", first)

    def check(self) -> None:
        rows = self.team.rows(self.book, "客户")
        ids = [row["编号"] for row in rows]
        assert [row["客户名称"] for row in rows] == self.typed
        assert all(ids)
        assert len(set(ids)) == len(ids)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Emulator() as emulator:
        yield Desk(made(tmp_path, emulator))
        assert emulator.api.defects == []


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_doubled_whatever_goes_wrong_at_whichever_call(desk: Desk) -> None:
    randomness = random.Random(5)
    trouble = desk.team.emulator.trouble
    for _ in range(TRIES):
        kind, after, applied = randomness.choice(QUICK), randomness.randrange(5), randomness.random() < 0.5
        desk.type()
        trouble.faults.clear()
        trouble.faults.add(Fault(kind, after=after, applied=applied))
        with suppress(ServiceError, WorkbookError):
            desk.team.sync()
        trouble.faults.clear()
        desk.team.sync()
        desk.check()


@pytest.mark.slow
def test_a_cycle_with_something_to_do_sees_what_was_typed_since_a_quiet_one(desk: Desk) -> None:
    with opened(desk.team.settings, remember=True) as workspace:
        desk.type()
        while workspace.run(Wish(clock.now())).shared.written:
            pass  # the last of them only looked
        desk.type()
        workspace.run(Wish(clock.now(), compare=frozenset({RowKey("C-1")})))
        desk.check()


@pytest.mark.slow
def test_an_answer_that_is_lost_after_the_write_doubles_nothing(desk: Desk) -> None:
    desk.type()
    trouble = desk.team.emulator.trouble
    trouble.faults.add(Fault(FaultKind.CLOSED, CallPattern("spreadsheets.batchUpdate"), applied=True))
    desk.team.sync()
    desk.check()
    writes = [call for call in desk.team.emulator.requests if call.method_id == "sheets.spreadsheets.batchUpdate"]
    trouble.faults.clear()
    desk.team.sync()
    again = [call for call in desk.team.emulator.requests if call.method_id == "sheets.spreadsheets.batchUpdate"]
    assert writes == again, "nothing was left to be done"
