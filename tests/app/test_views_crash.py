"""A round over views killed at any point, and run again, ends where an undisturbed one does."""

import os
import random
import re
import signal
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from crm_sheets import clock
from crm_sheets.app.workspace import opened
from crm_sheets.sync.outbox import State
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.tables import TabKey
from tests.app.galleries import Desk, Gallery, gallery
from tests.app.offices import NOW, Office
from tests.app.test_fault_injection import STEPS, Countdown, Ending, in_child, watch_files

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is a fork of this one")

LATER = NOW + timedelta(hours=1)
MOST_POINTS = 255
"""A process tells no more by the way in which it ends."""

PEOPLE = ("E01", "E02", "E03")
HONGTU, JINCHANG = "上海宏图机械有限公司", "杭州锦昌环保科技有限公司"


@pytest.fixture(scope="module")
def busy_gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    """Edits in three workbooks wait to be taken in; each concerns two others."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        team = gallery(tmp_path_factory.mktemp("busy_gallery"))
        seller, boss = team.view("E01"), team.view("E02")
        places = {row["客户名称"]: int(str(row["#"])) for row in seller.rows("客户")}
        gone = next(name for name in places if name not in (HONGTU, JINCHANG))
        seller.type("客户", places[HONGTU], {"备注": "卖方写的", "编号": "X"})
        seller.type("客户", places[gone], dict.fromkeys(seller.header("客户")))
        seller.add(
            "客户", [{"客户名称": "宁波东方模具厂", "客户类型": "企业客户", "所属行业": "制造业", "联系人": "吴刚"}]
        )
        place = next(int(str(row["#"])) for row in boss.rows("客户") if row["客户名称"] == JINCHANG)
        boss.type("客户", place, {"备注": "经理写的", "联系人": "不许改"})
        place = next(int(str(row["#"])) for row in team.rows("客户") if row["客户名称"] == "青岛海蓝船务有限公司")
        team.type("客户", place, {"负责人": "王芳"})
        return team


def round_of(team: Gallery, checkpoint: Callable[[str], None] = lambda step: None) -> None:
    with opened(team.settings, checkpoint, random.Random(f"{os.getpid()}").randbytes) as workspace:
        workspace.run(Wish(clock.now()))


def desks(team: Gallery) -> dict[str, Office | Desk]:
    return {"shared": team, **{person: team.view(person) for person in PEOPLE}}


def ending(team: Gallery) -> Ending:
    """What stands in all workbooks, the records, the journal and the mails; ids are called by the row's name."""
    names: dict[str, str] = {}
    for called, desk in desks(team).items():
        for tab in desk.snapshot().sheets.keys() & {"客户", "跟进", "组织"}:
            for row in desk.rows(tab):
                label = row.get("客户名称") or row.get("姓名") or row["#"]
                ids = [str(row[header]) for header in ("编号", "_key") if row.get(header)]
                names |= {
                    each: f"{tab} {label}" if each == row.get("编号") else f"{called} {tab} {label}" for each in ids
                }
    with opened(team.settings) as workspace:
        state = workspace.state
        every = [(tab, key, record) for tab in workspace.tabs for key, record in state.all_records(tab).items()]
        people = {str(key): str(record.values) for tab, key, record in every if tab == TabKey("people")}
        lines = [line.entry for line in state.journal()]
        mails = SqlOutbox(state).entries(State)
    names |= {key: f"person {number}" for number, key in enumerate(sorted(people, key=people.__getitem__))}
    pattern = re.compile("|".join(map(re.escape, names)))

    def plain(values: Iterable[object]) -> list[str]:
        return sorted(pattern.sub(lambda match: names[match[0]], repr(value)) for value in values)

    return Ending(
        plain(
            (called, name, place, cell)
            for called, desk in desks(team).items()
            for name, sheet in desk.snapshot().sheets.items()
            for row in sheet.rows
            for place, cell in enumerate(row.cells)
        ),
        plain((tab, key, column, value) for tab, key, record in every for column, value in record.values.items()),
        plain((e.kind, e.tab, e.row, e.column, e.old, e.new, e.author) for e in lines),
        plain((each.key, each.kind, each.person, each.parameters) for each in mails),
        sorted(path.name for path in team.folder.rglob("*.tmp")),
    )


def at_steps(team: Gallery, stop_at: int | None) -> int:
    countdown = Countdown(stop_at)
    round_of(team, countdown)
    return countdown.count


def at_files(team: Gallery, stop_at: int | None) -> int:
    countdown = Countdown(stop_at)
    watch_files(team, countdown)
    round_of(team)
    return min(countdown.count, MOST_POINTS)


@pytest.fixture(scope="module")
def undisturbed(busy_gallery: Gallery, tmp_path_factory: pytest.TempPathFactory) -> Ending:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", LATER.isoformat())
        team = busy_gallery.copied(tmp_path_factory.mktemp("undisturbed"))
        round_of(team)
        round_of(team)
        found = ending(team)
    for kind in ("create", "edit", "delete", "revert"):
        assert any(f"'{kind}'" in line for line in found.journal), kind
    for called, text in (("shared", "卖方写的"), ("E02", "卖方写的"), ("shared", "经理写的"), ("E01", "经理写的")):
        assert any(called in line and text in line for line in found.sheets), (called, text)
    for called in ("shared", "E01", "E02"):
        assert any(called in line and "宁波东方模具厂" in line for line in found.sheets), called
    return found


def converges(busy: Gallery, folder: Path, run: Callable[[Gallery, int | None], int], wanted: Ending, step: int) -> int:
    """Kills a round at each of its points in turn, or at every `step`-th; how many there were."""
    counted = busy.copied(folder / "counted")
    points = in_child(lambda: run(counted, None))
    assert points > 0
    for point in range(1, points + 1, step):
        team = busy.copied(folder / f"point-{point}")
        assert in_child(lambda team=team, point=point: run(team, point)) == -signal.SIGKILL  # type: ignore[misc]
        round_of(team)
        round_of(team)
        assert ending(team).differences(wanted) == [], f"killed at point {point} of {points}"
        before = {path: path.read_bytes() for path in team.folder.rglob("*.xlsx")}
        round_of(team)
        assert {path: path.read_bytes() for path in team.folder.rglob("*.xlsx")} == before
    return points


@pytest.mark.slow
def test_a_round_killed_after_each_durable_step(
    busy_gallery: Gallery, undisturbed: Ending, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_SHEETS_NOW", LATER.isoformat())
    assert converges(busy_gallery, tmp_path, at_steps, undisturbed, 1) > 2 * len(STEPS)


@pytest.mark.slow
def test_a_round_killed_as_it_touches_files(
    busy_gallery: Gallery, undisturbed: Ending, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`CRM_SHEETS_CRASH_STEP=1` tries each of the first 255 touches."""
    monkeypatch.setenv("CRM_SHEETS_NOW", LATER.isoformat())
    step = int(os.environ.get("CRM_SHEETS_CRASH_STEP", "40"))
    assert converges(busy_gallery, tmp_path, at_files, undisturbed, step) > 2 * len(STEPS)
