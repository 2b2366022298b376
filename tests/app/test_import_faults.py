"""An import or an intake, killed at any point and done again, ends where an undisturbed one does."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.app.imports import checked, taken_in
from crm_sheets.app.workspace import opened
from crm_sheets.importing.sources import gather
from tests.app.offices import CONFIG, Office
from tests.app.test_fault_injection import STEPS, Countdown, in_child, watch_files

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is a fork of this one")

HEADER = "客户,反馈日期,反馈来源,反馈类型,反馈内容,处理状态\n"
ROWS = "".join(f"上海宏图机械有限公司,2026-11-{day:02},邮件,建议,第{day % 3}类,待处理\n" for day in range(1, 9))
BAD = "没有这家公司,2026-11-01,邮件,建议,很好,待处理\n"


@pytest.fixture
def fed(office: Office) -> Office:
    """An office with a file to import, in its intake folder too."""
    office.config.write_text(CONFIG + '[intake]\nfolder = "收件"\nquiet = "0s"\n', encoding="utf-8")
    (office.folder / "收件").mkdir()
    for place in ("反馈.csv", "收件/反馈.csv"):
        (office.folder / place).write_text(HEADER + ROWS + BAD + ROWS[: len(ROWS) // 8], encoding="utf-8")
    return office


def do_import(office: Office, checkpoint: Callable[[str], None] = lambda step: None) -> None:
    source = office.folder / "反馈.csv"
    mapping = app.mapping_of(office.settings, [source], app.MappingRequest(), lambda each: None)
    with opened(office.settings, checkpoint) as workspace:
        sources = gather([source], mapping, workspace.words).tables
        taken_in(workspace, sources, checked(workspace, sources, mapping))


def do_intake(office: Office) -> None:
    app.intake(office.settings)


def ending(office: Office) -> list[str]:
    """Rows of the sheet, records, what the journal says of them, and the files of the folder, without ids and times."""
    with opened(office.settings) as workspace:
        tab = next(key for key in workspace.tabs if key == "feedback")
        records = [record.values for record in workspace.state.all_records(tab).values()]
        journal = [line.entry.kind for line in workspace.state.journal() if line.entry.tab == tab]
    kept = {"content", "date", "customer"}
    said = [str(sorted((c, str(v)) for c, v in values.items() if c in kept)) for values in records]
    rows = [str((row["反馈日期"], row["反馈内容"], row["客户"])) for row in office.rows("反馈")]
    folder = office.folder / "收件"
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return [*sorted(said), *sorted(map(str, journal)), *sorted(rows), *sorted(files)]


def killed(
    office: Office, folder: Path, work: Callable[[Office, Countdown], None], again: Callable[[Office], None]
) -> int:
    """Kills `work` at each of its points in turn, does it again, and compares; how many points there were."""
    undisturbed = office.copied(folder / "undisturbed")
    again(undisturbed)
    wanted = ending(undisturbed)
    assert sum("上海宏图" in line for line in wanted) == 16
    counted = office.copied(folder / "counted")

    def count() -> int:
        countdown = Countdown(None)
        work(counted, countdown)
        return countdown.count

    points = in_child(count)
    for point in range(1, points + 1):
        copy = office.copied(folder / "killed")

        def until(copy: Office = copy, point: int = point) -> int:
            work(copy, Countdown(point))
            return 0

        assert in_child(until) == -signal.SIGKILL
        again(copy)
        assert ending(copy) == wanted, f"killed at point {point} of {points}"
        shutil.rmtree(copy.folder)
    return points


@pytest.mark.slow
def test_an_import_killed_after_each_durable_step(fed: Office, tmp_path: Path) -> None:
    assert killed(fed, tmp_path, do_import, do_import) >= len(STEPS)


@pytest.mark.slow
def test_an_import_killed_at_each_touch_of_a_file(fed: Office, tmp_path: Path) -> None:
    def work(office: Office, countdown: Countdown) -> None:
        watch_files(office, countdown)
        do_import(office)

    assert killed(fed, tmp_path, work, do_import) > 2 * len(STEPS)


@pytest.mark.slow
def test_an_intake_killed_at_each_touch_of_a_file(fed: Office, tmp_path: Path) -> None:
    def work(office: Office, countdown: Countdown) -> None:
        watch_files(office, countdown)
        do_intake(office)

    def again(office: Office) -> None:
        do_intake(office)
        office.sync()  # the next cycle of the daemon

    assert killed(fed, tmp_path, work, again) > 2 * len(STEPS)
