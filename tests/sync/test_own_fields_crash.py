"""Columns that a cycle adds: a crash at any step, an old file and a pulled brake lose and blank nothing."""

from dataclasses import replace

import pytest

from crm_sheets.schema.base import Column, Kind
from crm_sheets.schema.custom import CustomField
from crm_sheets.schema.team import TeamSchema, team_schema
from crm_sheets.sync.backends.memory import MemoryBackend
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import ColumnKey, TabKey
from tests.sync.desks import Crash, Desk, customer, played

CUSTOMERS = TabKey("customers")
LABEL = "评分"


def team(*, score: bool = True) -> TeamSchema:
    column = Column(Kind.INTEGER, key=ColumnKey("score"))
    fields = [CustomField(CUSTOMERS, column, {"zh-CN": LABEL})] if score else []
    return team_schema("zh-CN", ["customers", "follow_ups"], fields)


def configured(desk: Desk, of: TeamSchema, version: str) -> None:
    """The program is started anew with another config, over the same state and file."""
    backend, state = desk.backend, desk.state
    state.tabs = {tab.key: tab for tab in of.known}
    desk.backend = MemoryBackend(backend.file, of.tabs, of.language)
    desk.tabs = dict(of.tabs)
    desk.setup = replace(desk.using(of.tabs, version), language=of.language)
    desk.cycle = Cycle(state, desk.backend, desk.setup)


def scores(desk: Desk) -> list[object]:
    """What stands under the header of the field."""
    header, *rows = desk.grid("customers")
    place = header.index(LABEL)
    return [row[place] if place < len(row) else None for row in rows]


@pytest.fixture
def desk() -> Desk:
    def five(desk: Desk) -> None:
        for name in ("甲", "乙", "丙", "丁", "戊"):
            customer(desk, name)

    found = played(five)
    configured(found, team(), "one")
    found.sync()
    place = found.grid("customers")[0].index(LABEL)
    for number, row in enumerate(found.grid("customers")[1:], 1):
        row.extend([None] * (place + 1 - len(row)))
        row[place] = number
    found.sync()
    return found


def delete_column(desk: Desk) -> None:
    grid = desk.grid("customers")
    place = grid[0].index(LABEL)
    for row in grid:
        if place < len(row):
            row[place] = None


def test_a_deleted_column_comes_back_whole(desk: Desk) -> None:
    delete_column(desk)
    desk.sync()
    assert scores(desk) == [1, 2, 3, 4, 5]
    assert not desk.cycle.run(Wish(desk.now)).plans


@pytest.mark.parametrize("step", ["extended", "committed", "written", "confirmed"])
def test_a_crash_at_any_step_blanks_nothing(desk: Desk, step: str) -> None:
    delete_column(desk)
    desk.crash_at = step
    with pytest.raises(Crash):
        desk.sync()
    desk.sync()
    desk.sync()
    assert scores(desk) == [1, 2, 3, 4, 5]
    assert {record["score"] for record in desk.records("customers").values()} == {1, 2, 3, 4, 5}


def test_an_old_file_without_the_column_gets_it_with_the_values(desk: Desk) -> None:
    old = desk.backend.file.copied()
    place = desk.grid("customers")[0].index(LABEL)
    desk.grid("customers")[1][place] = 77
    desk.sync()
    desk.backend.file = old
    delete_column(desk)
    desk.sync()
    assert scores(desk) == [77, 2, 3, 4, 5]


def test_a_field_that_comes_back_takes_what_stands_in_the_sheet(desk: Desk) -> None:
    configured(desk, team(score=False), "two")
    desk.sync()
    place = desk.grid("customers")[0].index(LABEL)
    desk.grid("customers")[1][place] = 9
    desk.grid("customers")[2][place] = None
    desk.sync()
    configured(desk, team(), "three")
    desk.sync()
    assert scores(desk) == [9, 2, 3, 4, 5]
    assert desk.codes() == []
