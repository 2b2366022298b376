"""What leads type into 汇总_复盘 becomes rows of 复盘措施, once, with the rights of the writer; nothing is lost."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.app.restoring import HistoryRequest
from crm_sheets.app.workspace import opened
from crm_sheets.cells import CellValue
from crm_sheets.sync.backends.xlsx import patch_workbook
from crm_sheets.sync.setup import Wish
from tests.app.galleries import POLICY, Gallery, gallery
from tests.app.offices import WHOLE, Office

TABS = 'tabs = ["customers", "opportunities", "follow_ups", "reviews", "people", "dictionaries"]\n'
GRANTS = """
[[grant]]
role = "department_manager"
tab = ["opportunities", "reviews", "people"]
rows = "department"
create = "all"
columns = { "*" = "edit" }
"""
TAB, BLOCK = "汇总_复盘", "填写新的改进措施"
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
Cells = Mapping[str, CellValue]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    config = (
        WHOLE.rstrip()
        + "\n"
        + TABS
        + POLICY.replace('folder = "各人"', 'folder = "各人"\nsummaries = ["department_manager"]')
        + GRANTS
    )
    return gallery(tmp_path_factory.mktemp("entries") / "team", config)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_SHEETS_NOW", NOW.isoformat())


@pytest.fixture
def team(made: Gallery, tmp_path: Path) -> Gallery:
    return made.copied(tmp_path / "team")


def block(office: Office) -> tuple[int, dict[str, int]]:
    """The row of the header of the block, and the column of each label."""
    rows = office.snapshot().sheets[TAB].rows
    title = next(row.number for row in rows if any(str(cell or "").startswith(BLOCK) for cell in row.cells))
    header = next(row for row in rows if row.number == title + 1)
    return header.number, {str(cell): place for place, cell in enumerate(header.cells, 1) if cell}


def enter(office: Office, *lines: Cells) -> None:
    """Types rows into the block."""
    first, places = block(office)
    cells = {(first + 1 + n, places[name]): value for n, line in enumerate(lines) for name, value in line.items()}
    aside = office.book.with_suffix(".typed")
    patch_workbook(office.book, aside, {TAB: cells})
    aside.replace(office.book)


def left(office: Office, size: int = 5) -> list[dict[str, CellValue]]:
    """What stands in the block."""
    first, places = block(office)
    rows = {row.number: row.cells for row in office.snapshot().sheets[TAB].rows}
    found = []
    for number in range(first + 1, first + 1 + size):
        cells = dict(enumerate(rows.get(number, ()), 1))
        line = {name: cells[at] for name, at in places.items() if cells.get(at) is not None}
        found += [line] if line else []
    return found


def measures(office: Office) -> list[tuple[CellValue, ...]]:
    """The rows of 复盘措施."""
    return [
        tuple(row.get(name) for name in ("复盘月份", "对象", "改进措施", "责任人")) for row in office.rows("复盘措施")
    ]


def told(office: Office) -> set[str]:
    """All texts of the summary."""
    return {str(cell) for row in office.snapshot().sheets[TAB].rows for cell in row.cells if cell}


def authors(office: Office) -> set[str]:
    """Whom the journal names for the making of measures."""
    told = app.history(office.settings, HistoryRequest()).entries
    return {entry.author for entry in told if entry.tab == "reviews" and entry.kind == "create"}


def test_what_was_typed_is_a_measure_and_what_cannot_be_one_says_why(team: Gallery) -> None:
    good: Cells = {"对象": "销售部", "改进措施": "每周一次报价评审", "责任人": "张伟", "期限": "2026-12-15"}
    bad: tuple[Cells, ...] = ({"改进措施": "没有对象"}, {"对象": "销售部", "改进措施": "期限不清", "期限": "尽快"})
    enter(team, good, *bad)
    team.sync()
    assert measures(team) == [("2026-10", "销售部", "每周一次报价评审", "张伟")]
    assert left(team) == [
        {"改进措施": "没有对象", "系统提示": "请填写：对象"},
        {"对象": "销售部", "期限": "尽快", "改进措施": "期限不清", "系统提示": "“期限”读不懂：尽快，请改正"},
    ]
    assert {"2026-10", "每周一次报价评审"} <= told(team)
    assert authors(team) == {"shared"}
    before = team.digest()
    team.sync()
    assert team.digest() == before
    enter(team, {"对象": "王芳"})
    team.sync()
    assert [row[1:3] for row in measures(team)] == [("销售部", "每周一次报价评审"), ("王芳", "没有对象")]
    assert [line["改进措施"] for line in left(team)] == ["期限不清"]


@pytest.mark.slow
def test_more_rows_than_the_block_has_are_pasted_over_it_and_none_is_lost(team: Gallery) -> None:
    lines = [{"月份": "2026-10", "改进措施": f"没有对象的措施{number}"} for number in range(8)]
    enter(team, *lines)
    team.sync()
    assert measures(team) == []
    assert {line["改进措施"] for line in lines} <= told(team)
    assert [line["改进措施"] for line in left(team, 8)] == [line["改进措施"] for line in lines]


@pytest.mark.slow
def test_the_same_measure_may_be_written_again_later(team: Gallery) -> None:
    for _ in range(2):
        enter(team, {"月份": "2026-09", "对象": "销售部", "改进措施": "复盘丢单"})
        team.sync()
    assert measures(team) == [("2026-09", "销售部", "复盘丢单", None)] * 2
    assert left(team) == []


@pytest.mark.slow
def test_a_file_that_somebody_holds_keeps_the_row_until_it_can_be_written(team: Gallery) -> None:
    enter(team, {"对象": "销售部", "改进措施": "还在写"})
    lock = team.book.with_name(f"~${team.book.name}")
    lock.write_bytes(b"\x04" + b"Anna".ljust(54))
    team.sync()
    lock.unlink()
    assert measures(team) == []
    team.sync()
    assert [row[2] for row in measures(team)] == ["还在写"]


@pytest.mark.slow
def test_a_crash_before_the_write_makes_no_second_measure(team: Gallery) -> None:
    enter(team, {"对象": "销售部", "改进措施": "只此一条"})

    def crash(step: str) -> None:
        raise KeyboardInterrupt(step)

    with opened(team.settings) as workspace:
        workspace.cycle.setup = replace(workspace.cycle.setup, checkpoint=crash)
        with pytest.raises(KeyboardInterrupt, match="committed"):
            workspace.cycle.run(Wish(NOW))
    team.sync()
    assert [row[2] for row in measures(team)] == ["只此一条"]
    assert left(team) == []


def test_in_a_view_its_person_writes_as_far_as_they_may(team: Gallery) -> None:
    view = team.view("E02")
    enter(view, {"对象": "销售部", "改进措施": "本部门"}, {"对象": "客服部", "改进措施": "别的部门"})
    team.sync()
    assert [row[1:3] for row in measures(team)] == [("销售部", "本部门")]
    assert [row[1:3] for row in measures(view)] == [("销售部", "本部门")]
    assert [(line["改进措施"], "权限" in str(line["系统提示"])) for line in left(view)] == [("别的部门", True)]
    assert authors(team) == {"张伟"}
    assert "别的部门" not in told(team)


@pytest.mark.slow
def test_who_may_write_none_has_no_block(team: Gallery) -> None:
    team.allow('create = "all"\ncolumns = { "*" = "edit" }\n', 'columns = { "*" = "read" }\n')
    team.sync()
    assert not any(text.startswith(BLOCK) for text in told(team.view("E02")))
