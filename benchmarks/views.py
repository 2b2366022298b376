"""One edit among the workbooks of many people: `python -m benchmarks.views [--rows N] [--people N] [--workspace DIR]`.

A book of customers, each with an owner; every seller has a view of their own customers, every manager one of those of
the department. In one warm process, as in the daemon: an edit in the shared workbook and one in a view, and the round
that takes each of them in. Beside it the same cells are written into copies of the same files by themselves, twice: by
the public patcher alone (`patch_workbook`, a file in, a file out), and by the back end's whole safe write (back-up,
verified, replaced), warm as it is in the round. What reading the file costs that a person saved is part of the round;
it is shown, too. CPU seconds of the process; medians of several edits. Which files were touched is compared with which
show the row.
"""

import argparse
import gc
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.targets import Target, write_targets
from benchmarks.team_book import NOW_TEXT, made_rows
from crm_sheets import clock
from crm_sheets.app.backends import file_of
from crm_sheets.app.gallery import Gallery
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.cells import CellValue
from crm_sheets.config import load
from crm_sheets.outline import Outline
from crm_sheets.plan import WATERMARK
from crm_sheets.sync.backends.base import ReplicaWrite, Written
from crm_sheets.sync.backends.xlsx import patch_workbook, read_workbook
from crm_sheets.sync.backends.xlsx.backend import XlsxBackend
from crm_sheets.sync.backends.xlsx.container import fingerprint
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import SHARED, ColumnKey, ReplicaKey, Snapshot, TabKey

CUSTOMERS, PEOPLE = TabKey("customers"), TabKey("people")
DEPARTMENT = 5
"""People of a department: its manager and sellers."""

CONFIG = """
[workbook]
path = "book.xlsx"
locale = "zh-CN"
zone = "Asia/Shanghai"
quiet = "0s"
tabs = ["customers", "people", "dictionaries"]

[summaries]
enabled = false

[views]
enabled = true

[[grant]]
role = "shared"
tab = "*"
columns = { "*" = "edit" }
create = "all"
delete = "allow"

[[grant]]
role = "sales"
tab = "customers"
rows = "own"
columns = { "*" = "edit", private_note = "hidden" }
create = "own"

[[grant]]
role = "department_manager"
tab = "customers"
rows = "department"
columns = { "*" = "read", note = "edit", private_note = "hidden" }
"""


@dataclass
class Bench:
    """A warm process over one workspace.

    Attributes:
        writes: what a round wrote, by path; `before` the files as they were.
        reading: CPU seconds that a round spent on reading whole sheets.
    """

    workspace: Workspace
    aside: Path
    writes: dict[Path, ReplicaWrite] = field(default_factory=dict)
    before: dict[Path, Path] = field(default_factory=dict)
    patchers: dict[Path, XlsxBackend] = field(default_factory=dict)
    reading: float = 0.0
    now: datetime = field(default_factory=lambda: datetime.fromisoformat(NOW_TEXT.format(minute=0)))

    def watch(self) -> None:
        """Keeps of every write what was written and the file as it was."""
        watched: set[int] = set()
        for backend in self._backends():
            if id(backend) not in watched:
                watched.add(id(backend))
                self._watch(backend)

    def _backends(self) -> Iterator[XlsxBackend]:
        gallery = self.workspace.round.views
        assert isinstance(gallery, Gallery)
        yield file_of(self.workspace.backend)
        yield from gallery.backends()

    def _watch(self, backend: XlsxBackend) -> None:
        write = backend.write

        def kept(wanted: ReplicaWrite) -> Written:
            if backend.path not in self.writes:
                self.writes[backend.path] = wanted
                self.before[backend.path] = self.aside / f"{len(self.before)}.xlsx"
                with untimed():
                    shutil.copy2(backend.path, self.before[backend.path])
            return write(wanted)

        read = backend.read

        def counted(known: Mapping[str, str]) -> Snapshot:
            with timed() as spent:
                snapshot = read(known)
            self.reading += spent.seconds
            return snapshot

        skim = backend.skim

        def skimmed(known: Mapping[str, str], outlines: Mapping[str, Outline]) -> Snapshot:
            with timed() as spent:
                snapshot = skim(known, outlines)
            self.reading += spent.seconds
            return snapshot

        backend.write, backend.read = kept, counted  # type: ignore[assignment,method-assign]  # over its shoulder
        backend.skim = skimmed  # type: ignore[method-assign]

    def round(self) -> float:
        """CPU seconds of one round, an instant later than the last."""
        self.now += timedelta(minutes=1)
        os.environ["CRM_SHEETS_NOW"] = self.now.isoformat()
        self.writes.clear()
        self.before.clear()
        self.reading = 0.0
        wish = Wish(clock.now())
        with timed() as spent:
            self.workspace.run(wish)
        return spent.seconds

    def patched(self) -> float:
        """CPU seconds of the same cells patched into the same files, by the public patcher."""
        total = 0.0
        for path, wanted in self.writes.items():
            edits = {
                each.sheet: {(cell.row, cell.column): cell.value for cell in (*each.cells, *each.appended)}
                for each in wanted.edits
            }
            with timed() as spent:
                patch_workbook(self.before[path], self.aside / "patched.xlsx", edits)
            total += spent.seconds
        return total

    def written(self) -> float:
        """CPU seconds of the same safe writes into the same files, by themselves."""
        total = 0.0
        for path, wanted in self.writes.items():
            copy = self.before[path]
            known = self.patchers.get(path)
            settings = replace(self._settings(path), backups=self.aside / "backups")
            backend = known or XlsxBackend(copy, settings)
            backend.path = copy
            self.patchers[path] = backend
            with timed() as spent:
                backend.write(replace(wanted, expected=fingerprint(copy)))
            total += spent.seconds
        return total

    def _settings(self, path: Path):  # type: ignore[no-untyped-def]  # XlsxSettings
        return next(each.settings for each in self._backends() if each.path == path)


@dataclass(slots=True)
class Spent:
    """CPU seconds between two moments."""

    seconds: float = 0.0


_UNTIMED: list[float] = []
"""CPU seconds of what the benchmark itself did."""


class timed:  # noqa: N801 - a context manager that reads like a word
    """Counts CPU seconds of this process, without those spent under untimed()."""

    def __enter__(self) -> Spent:
        self.spent, self.begun, self.skipped = Spent(), cpu(), sum(_UNTIMED)
        return self.spent

    def __exit__(self, *_: object) -> None:
        self.spent.seconds = cpu() - self.begun - (sum(_UNTIMED) - self.skipped)


class untimed:  # noqa: N801 - see timed
    """What the benchmark itself does meanwhile."""

    def __enter__(self) -> None:
        self.begun = cpu()

    def __exit__(self, *_: object) -> None:
        _UNTIMED.append(cpu() - self.begun)


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def make(folder: Path, rows: int, people: int) -> Path:
    """A workspace before its first cycle; returns its config."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    tabs = made_rows({"customers": rows})
    team = [_person(number) for number in range(people)]
    sellers = [person[ColumnKey("name")] for person in team if person[ColumnKey("role")] == "销售专员"]
    for number, row in enumerate(tabs[CUSTOMERS]):
        row[ColumnKey("owner")] = sellers[number % len(sellers)]
    os.environ["CRM_SHEETS_NOW"] = NOW_TEXT.format(minute=0)
    with opened(load(config)) as workspace:
        file_of(workspace.backend).create(workspace.dictionaries(), rows={CUSTOMERS: tabs[CUSTOMERS], PEOPLE: team})
    return config


def _person(number: int) -> dict[ColumnKey, CellValue]:
    manages = number % DEPARTMENT == 0
    cells = {
        "id": f"E{number:03d}",
        "name": f"员工{number:03d}",
        "department": f"第{number // DEPARTMENT + 1}部",
        "role": "部门经理" if manages else "销售专员",
        "email": f"e{number}@example.com",
        "active": "是",
    }
    return {ColumnKey(key): value for key, value in cells.items()}


def edit(path: Path, name: str, text: str) -> None:
    """Types a note into the row of a customer."""
    sheet = read_workbook(path).sheets["客户"]
    header = [str(cell or "").rstrip(" *") for cell in sheet.rows[0].cells]
    place = header.index("客户名称")
    number = next(row.number for row in sheet.rows[1:] if len(row.cells) > place and row.cells[place] == name)
    aside = path.with_suffix(".typed")
    patch_workbook(path, aside, {"客户": {(number, header.index("备注") + 1): text}})
    aside.replace(path)


@dataclass(frozen=True, slots=True)
class Line:
    """What one edit cost, in CPU seconds: the round, reading in it, and by themselves the patches and the writes."""

    round: float
    reading: float
    patching: float
    writing: float
    files: int


def measured(bench: Bench, source: str, times: int) -> Iterator[Line]:
    """Edit after edit, in the shared workbook or in a view."""
    workspace, state = bench.workspace, bench.workspace.state
    keys = sorted(state.all_records(CUSTOMERS))
    for number in range(times):
        key = keys[len(keys) * (number + 1) // (times + 2)]
        name = str(state.records(CUSTOMERS, [key])[key].values[ColumnKey("name")])
        showing = state.holders([ReplicaKey(each) for each in state.written_at()], CUSTOMERS, [key])
        paths = {_path(workspace, replica) for replica in showing}
        typed_in = _path(workspace, SHARED if source == "shared" else _seller(bench, showing))
        edit(typed_in, name, f"{source} {number} {time.time_ns()}")
        spent = bench.round()
        if set(bench.writes) != paths:
            raise RuntimeError(f"touched {sorted(bench.writes)}, the row shows in {sorted(paths)}")
        yield Line(spent, bench.reading, bench.patched(), bench.written(), len(paths))


def _seller(bench: Bench, showing: Mapping[ReplicaKey, object]) -> ReplicaKey:
    gallery = bench.workspace.round.views
    assert isinstance(gallery, Gallery)
    readers = gallery.readership.readers
    return next(each for each in showing if each in readers and readers[each].person.role == "sales")


def _path(workspace: Workspace, replica: ReplicaKey) -> Path:
    if replica == SHARED:
        return file_of(workspace.backend).path
    place = workspace.state.note(f"view-file@{replica}")
    return workspace.settings.views.folder / str(place)


def run(config: Path, times: int) -> list[Target]:
    """The figures of a workspace after its first cycle."""
    targets: list[Target] = []
    with opened(load(config), remember=True) as workspace, tempfile.TemporaryDirectory() as aside:
        bench = Bench(workspace, Path(aside))
        last = workspace.state.note(WATERMARK)  # a clock that goes back makes a round look at every row anew
        bench.now = bench.now if last is None else max(bench.now, datetime.fromisoformat(last))
        bench.round()
        bench.watch()
        idle = [bench.round() for _ in range(10)]
        targets.append(Target("idle round", statistics.median(idle), "CPU s", None))
        for source, name in (("shared", "edit in the shared workbook"), ("view", "edit in a view")):
            lines = list(measured(bench, source, times + 1))[1:]
            print(f"  {name}", *lines, sep="\n    ", flush=True)
            targets += _targets(name, lines)
    return targets


def _targets(name: str, lines: Sequence[Line]) -> Iterator[Target]:
    def median(of: Callable[[Line], float]) -> float:
        return statistics.median(map(of, lines))

    yield Target(f"{name}: round", median(lambda line: line.round), "CPU s")
    yield Target(f"{name}: of it reading sheets that were saved", median(lambda line: line.reading), "CPU s")
    yield Target(f"{name}: patching by itself", median(lambda line: line.patching), "CPU s")
    yield Target(f"{name}: safe writes by themselves", median(lambda line: line.writing), "CPU s")
    yield Target(f"{name}: of patching", median(lambda line: line.round / line.patching), "times", 1.5)
    yield Target(f"{name}: of safe writes", median(lambda line: line.round / line.writing), "times")
    without = median(lambda line: (line.round - line.reading) / line.writing)
    yield Target(f"{name}: of safe writes, but for the reading", without, "times")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--times", type=int, default=4, help="edits of each kind; one more comes first")
    parser.add_argument("--workspace", type=Path, help="keep the book there, and take it if it is there")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.workspace or Path(temporary) / "workspace"
        config = folder / "config.toml"
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder, options.rows, options.people)
            with timed() as first, opened(load(config)) as workspace:
                workspace.run(Wish(clock.now()))
            print(
                f"first round, {options.rows} customers, {options.people} views: {first.seconds:.1f} CPU s", flush=True
            )
            (folder / "ready").touch()
        gc.collect()
        targets = run(config, options.times)
    print(*targets, sep="\n")
    write_targets(options.json, targets)
    return 0 if all(target.met for target in targets) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
