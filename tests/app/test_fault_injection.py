"""A cycle killed at any point, and run again, ends where an undisturbed one does."""

import multiprocessing
import os
import random
import re
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from difflib import ndiff
from pathlib import Path

import pytest

from crm_sheets import clock
from crm_sheets.app.workspace import opened
from crm_sheets.sync.outbox import State
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.tables import ColumnKey, TabKey
from tests.app.offices import NOW, Office

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is a fork of this one")

LATER = NOW + timedelta(hours=1)
STEPS = ("committed", "written", "confirmed")
EVENTS = frozenset(
    {"open", "os.rename", "os.remove", "os.chmod", "os.mkdir", "shutil.copyfile", "ctypes.call_function"}
)
"""What Python tells its audit hooks before it touches the file system (PEP 578)."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Everything that a cycle leaves, ids replaced by the place of their row."""

    sheets: list[str]
    records: list[str]
    journal: list[str]
    outbox: list[str]
    files: list[str]

    def differences(self, other: "Ending") -> list[str]:
        pairs = ((getattr(self, name), getattr(other, name)) for name in self.__slots__)
        return [line for one, two in pairs for line in ndiff(one, two) if line[0] in "+-"]


@pytest.fixture(scope="module")
def busy_office(first_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A workbook in which a day's work waits to be taken in."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        office = first_office.copied(tmp_path_factory.mktemp("busy"))
        plan = {"跟进方式": "电话", "跟进内容": "报价", "跟进人": "王芳"}
        office.add(
            "跟进",
            [
                {**plan, "客户": "上海宏图机械有限公司", "计划完成时间": "2026-11-20 10:30"},
                {**plan, "客户": "苏州远航物流有限公司", "计划完成时间": "2026-11-19 15:00"},
            ],
        )
        office.sync()
        office.add("组织", [{"工号": "E03", "姓名": "刘洋", "部门": "客服部", "角色": "客服专员"}])
        first = office.rows("客户")[0]
        twin = {header: first[header] for header in ("客户类型", "所属行业", "联系人", "联系电话")}
        twin["客户名称"] = "上海宏图机械公司"
        office.type_all(
            "客户",
            {
                2: {"联系电话": "123", "创建时间": "昨天"},
                3: {"备注": "改过", "联系人": "钱多多"},
                5: dict.fromkeys(office.header("客户")),
                7: twin,
            },
        )
        done = {"实际跟进时间": "2026-11-20 10:10", "跟进结果": "已报价", "下一步计划": "签约", "客户反馈": "好"}
        office.type("跟进", 3, {**done, "下次跟进时间": "2026-11-25 09:00"})
        return office


def cycle(office: Office, checkpoint: Callable[[str], None] = lambda step: None) -> None:
    with opened(office.settings, checkpoint, random.Random(f"{os.getpid()}").randbytes) as workspace:
        workspace.run(Wish(clock.now()))


def ending(office: Office) -> Ending:
    snapshot = office.snapshot()
    rows = [(tab, row) for tab in ("客户", "跟进", "组织") for row in office.rows(tab)]
    names = {
        str(row[header]): f"{tab}!{row['#']}" for tab, row in rows for header in ("编号", "_key") if row.get(header)
    }
    with opened(office.settings) as workspace:
        people = workspace.state.all_records(TabKey("people"))
    names |= {str(key): f"person {record.values[ColumnKey('id')]}" for key, record in people.items()}
    pattern = re.compile("|".join(map(re.escape, names)))

    def plain(values: Iterable[object]) -> list[str]:
        return sorted(pattern.sub(lambda match: names[match[0]], repr(value)) for value in values)

    with opened(office.settings) as workspace:
        state = workspace.state
        every = [(tab, key, record) for tab in workspace.tabs for key, record in state.all_records(tab).items()]
        lines = [line.entry for line in state.journal()]
        mails = SqlOutbox(state).entries(State)
    return Ending(
        plain(
            (name, row.number, place, cell)
            for name, sheet in snapshot.sheets.items()
            for row in sheet.rows
            for place, cell in enumerate(row.cells)
        ),
        plain((tab, key, column, value) for tab, key, record in every for column, value in record.values.items()),
        plain((e.kind, e.tab, e.row, e.column, e.old, e.new, e.author) for e in lines),
        plain((each.key, each.kind, each.person, each.parameters) for each in mails),
        sorted(path.name for path in (*office.folder.iterdir(), *office.folder.glob("backups/*.tmp"))),
    )


class Countdown:
    """Kills this process when it is called for the n-th time; without a number it counts."""

    def __init__(self, stop_at: int | None) -> None:
        self.left, self.count = stop_at, 0

    def __call__(self, step: str) -> None:
        self.count += 1
        if self.left is not None and self.count == self.left:
            os.kill(os.getpid(), signal.SIGKILL)


def watch_files(office: Office, countdown: Countdown) -> None:
    """Counts whatever touches a file of the workspace."""
    folder = str(office.folder)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in EVENTS and (event.startswith("ctypes") or any(str(each).startswith(folder) for each in arguments)):
            countdown(event)

    sys.addaudithook(hook)


def in_child(work: Callable[[], int]) -> int:
    """Runs `work` in a process of its own: what it returned, or minus the signal that ended it."""
    context = multiprocessing.get_context("fork")
    process = context.Process(target=lambda: os._exit(work()))
    process.start()
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def at_steps(office: Office, stop_at: int | None) -> int:
    countdown = Countdown(stop_at)
    cycle(office, countdown)
    return countdown.count


def at_files(office: Office, stop_at: int | None) -> int:
    countdown = Countdown(stop_at)
    watch_files(office, countdown)
    cycle(office)
    return countdown.count


@pytest.fixture
def undisturbed(busy_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ending:
    monkeypatch.setenv("CRM_SHEETS_NOW", LATER.isoformat())
    office = busy_office.copied(tmp_path / "undisturbed")
    cycle(office)
    cycle(office)
    found = ending(office)
    for kind in ("create", "edit", "delete", "revert"):
        assert any(f"'{kind}'" in line for line in found.journal), kind
    assert found.outbox
    return found


def killed_everywhere(busy: Office, folder: Path, run: Callable[[Office, int | None], int], wanted: Ending) -> int:
    """Kills a cycle at each of its points in turn; how many there were."""
    counted = busy.copied(folder / "counted")
    points = in_child(lambda: run(counted, None))
    assert points > 0
    for point in range(1, points + 1):
        office = busy.copied(folder / f"point-{point}")
        assert in_child(lambda office=office, point=point: run(office, point)) == -signal.SIGKILL  # type: ignore[misc]
        cycle(office)
        found = ending(office)
        assert found.differences(wanted) == [], f"killed at point {point} of {points}"
        digest = office.digest()
        cycle(office)
        assert office.digest() == digest
    return points


@pytest.mark.slow
def test_killed_after_each_durable_step(busy_office: Office, undisturbed: Ending, tmp_path: Path) -> None:
    assert killed_everywhere(busy_office, tmp_path, at_steps, undisturbed) >= len(STEPS)


@pytest.mark.slow
def test_killed_at_each_touch_of_a_file(busy_office: Office, undisturbed: Ending, tmp_path: Path) -> None:
    assert killed_everywhere(busy_office, tmp_path, at_files, undisturbed) > 2 * len(STEPS)
