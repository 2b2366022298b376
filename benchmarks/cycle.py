"""Cycles against openpyxl on the same workbook, in one run: `python -m benchmarks.cycle [--rows N] [--quick]`.

Five tabs: customers, follow-ups, opportunities, feedback and one of the team's own. A whole process is measured with
its start and its imports (from bytecode, as an installed program has it); of openpyxl only the loading and saving
count, not its imports. Each figure is CPU seconds (user and system) of a process of its own.
"""

import argparse
import compileall
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import crm_sheets
from benchmarks.targets import Target, write_targets
from benchmarks.team_book import NOW_TEXT, make_workspace

TABS = ("customers", "follow_ups", "opportunities", "feedback", "own")
SIZES_OF_ONE_TAB = (1_000, 10_000, 100_000)

PEER = """
from openpyxl import load_workbook
book = load_workbook(path)
say("load", 1)
book["客户"].cell(middle, note).value = text
book.save(path)
"""
SYNC = """
from crm_sheets.cli import main
sys.argv = ["crm-sheets", "sync", "--json", "--config", config]
try:
    with contextlib.redirect_stdout(io.StringIO()):
        main()
except SystemExit as end:
    assert not end.code, end.code
"""
PATCH = """
import shutil
from crm_sheets.sync.backends.xlsx import patch_workbook
patch_workbook(Path(path), Path(path + ".new"), {"客户": {(middle, note): text}})
Path(path + ".new").replace(path)
"""
DAEMON = """
from crm_sheets import clock
from crm_sheets.app.cycles import Recorder
from crm_sheets.app.workspace import opened
from crm_sheets.config import load
from crm_sheets.sync.backends.xlsx import patch_workbook
from crm_sheets.sync.daemon import JobRun
def edit(text, second):
    os.environ["CRM_SHEETS_NOW"] = os.environ["CRM_SHEETS_NOW"].replace(":00+", f":{second}+")
    patch_workbook(Path(path), Path(path + ".new"), {"客户": {(middle, note): text}})
    Path(path + ".new").replace(path)
with opened(load(Path(config)), remember=True) as workspace:
    recorder = Recorder(workspace, clock.now())
    spent = 0.0
    def counted(call):
        def run(*given):
            global spent
            before = cpu()
            try:
                return call(*given)
            finally:
                spent += cpu() - before
        return run
    workspace.backend.skim, workspace.backend.write = counted(workspace.backend.skim), counted(workspace.backend.write)
    def cycle():
        recorder.cycle()
        recorder.told(JobRun("cycle", 0.0, 0, None))
    edit(text + " 1", "00")
    cycle()
    cycle()
    begin()
    for _ in range(20):
        cycle()
    say("quiet", 20)
    edit(text + " 2", "30")
    spent = 0.0
    begin()
    cycle()
    say("edit", 1)
    told["between"] = told["edit"] - spent
    assert recorder.last.written, recorder.last
"""
CHILD = """
import contextlib, io, json, os, resource, sys, time
from pathlib import Path
path, config, middle, note, text = json.loads(sys.argv[1])
told = {{}}
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
begun = 0.0
def begin():
    global begun
    begun = cpu()
def say(name, times):
    told[name] = (cpu() - begun) / times
{imports}
begin()
{body}
say("body", 1)
print(json.dumps(told))
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: CPU seconds and peak MiB of ours and of the peer, and the share that is aimed at."""

    name: str
    ours: float
    peer: float
    aim: float | None
    ours_memory: float
    peer_memory: float

    @property
    def share(self) -> float:
        return self.ours / self.peer

    def targets(self) -> list[Target]:
        """As lines of the common table."""
        told = [Target(self.name, self.share, "of openpyxl's", self.aim)]
        if self.ours_memory:
            told.append(Target(f"{self.name}: memory", self.ours_memory / self.peer_memory, "of openpyxl's", 0.5))
        return told

    def __str__(self) -> str:
        aim = f"(aim {self.aim:.0%})" if self.aim is not None else ""
        memory = f"  memory {self.ours_memory:.0f} / {self.peer_memory:.0f} MiB" if self.ours_memory else ""
        return f"{self.name:52} {self.ours:8.4f} s  peer {self.peer:7.2f} s  {self.share:7.2%} {aim:10}{memory}"


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds of a whole process, peak MiB, and what it measured by itself."""

    whole: float
    peak: float
    told: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Bench:
    """A workspace that was synced once."""

    config: Path
    middle: int

    @property
    def path(self) -> Path:
        return self.config.with_name("book.xlsx")

    def run(self, body: str, text: str = "改动", *, minute: int = 0) -> Spent:
        """Runs a piece of code in a process of its own, as of some minutes later than the first cycle."""
        lines = body.strip().splitlines()
        imports = [line for line in lines if line.startswith(("from openpyxl",))]
        rest = "\n".join(line for line in lines if line not in imports)
        code = CHILD.format(imports="\n".join(imports), body=rest)
        task = json.dumps([str(self.path), str(self.config), self.middle, self._note(), text])
        environment = {**os.environ, "CRM_SHEETS_NOW": NOW_TEXT.format(minute=minute)}
        with subprocess.Popen(
            [sys.executable, "-c", code, task], stdout=subprocess.PIPE, text=True, env=environment
        ) as child:
            output = child.stdout.read() if child.stdout else ""
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise RuntimeError(f"the measured process ended with {child.returncode}")
        peak = used.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
        return Spent(used.ru_utime + used.ru_stime, peak, json.loads(output.splitlines()[-1]))

    def _note(self) -> int:
        from crm_sheets.schema import tab
        from crm_sheets.tables import ColumnKey, TabKey

        return list(tab(TabKey("customers")).columns).index(ColumnKey("note")) + 1


def made(folder: Path, sizes: Mapping[str, int]) -> tuple[Bench, Spent]:
    """A workspace after its first cycle, and what that cost. The workbook is made by a process of its own: what the
    measuring one has needed would count as the least that its children need."""
    with ProcessPoolExecutor(1, get_context("spawn")) as alone:
        config = alone.submit(make_workspace, folder, dict(sizes)).result()
    bench = Bench(config, max(sizes.values()) // 2)
    return bench, bench.run(SYNC)


def compare(bench: Bench) -> Iterator[Figure]:
    """The figures of one workbook. openpyxl comes last: its saving leaves another file."""
    before = bench.path.read_bytes()
    quiet = bench.run(SYNC)
    if bench.path.read_bytes() != before:
        raise RuntimeError("a second cycle changed the workbook")
    daemon = bench.run(DAEMON, minute=1)
    bench.run(PATCH, "改动一")
    one = bench.run(SYNC, minute=2)
    peer = bench.run(PEER, "改动二")
    resaved = bench.run(SYNC, minute=3)
    load, save, peak = peer.told["load"], peer.told["body"], peer.peak
    yield Figure("nothing changed, inside the daemon", daemon.told["quiet"], load, 0.01, 0, 0)
    yield Figure("nothing changed, whole process", quiet.whole, load, None, quiet.peak, peak)
    yield Figure("one edit, inside the daemon", daemon.told["edit"], save, 0.04, daemon.peak, peak)
    yield Figure("one edit, whole process", one.whole, save, 0.08, one.peak, peak)
    yield Figure("one edit and all saved anew, whole process", resaved.whole, save, None, resaved.peak, peak)


def grow(folder: Path, sizes: Sequence[int]) -> Iterator[tuple[int, Spent, tuple[Figure, ...]]]:
    """How the first cycle, a quiet one and one after an edit grow with the rows of one tab, as a whole process and in
    the daemon; of the latter also what is neither reading nor writing the file. The first edit is met by a process
    that takes all rows apart: the blocks of a sheet are remembered when they were read once as we wrote them."""
    for rows in sizes:
        bench, first = made(folder / str(rows), {"customers": rows})
        wholes = []
        for minute, text in ((1, "改动一"), (2, "改动二")):
            bench.run(PATCH, text)
            wholes.append(bench.run(SYNC, minute=minute))
        daemon = bench.run(DAEMON, minute=3)
        peer = bench.run(PEER)
        spent = peer.told["body"]
        told, peak = daemon.told, daemon.peak
        at_first, then = wholes
        yield (
            rows,
            first,
            (
                Figure(f"{rows} customers: nothing changed", told["quiet"], spent, None, 0, 0),
                Figure(f"{rows} customers: one edit", told["edit"], spent, None, peak, peer.peak),
                Figure(f"{rows} customers: one edit, without the file", told["between"], spent, None, 0, 0),
                Figure(f"{rows} customers: the first edit, whole process", at_first.whole, spent, None, 0, 0),
                Figure(f"{rows} customers: one edit, whole process", then.whole, spent, None, then.peak, peer.peak),
            ),
        )
        shutil.rmtree(folder / str(rows))


def _five_tabs(options: argparse.Namespace, folder: Path) -> Iterator[Target]:
    rows = 2_000 if options.quick else options.rows
    if options.workspace:
        bench = Bench(options.workspace / "config.toml", rows // 2)
    else:
        bench, first = made(options.keep or folder / "five", dict.fromkeys(TABS, rows))
        print(f"{len(TABS)} tabs of {rows} rows, {bench.path.stat().st_size / 1e6:.1f} MB")
        print(f"first cycle: {first.whole:.1f} s, {first.peak:.0f} MiB", flush=True)
        yield Target("first cycle", first.whole, "CPU s")
    for figure in compare(bench):
        print(figure, flush=True)
        yield from figure.targets()


def _growth(sizes: Sequence[int], folder: Path) -> Iterator[Target]:
    for size, spent, figures in grow(folder, sizes):
        print(f"{size} customers: first cycle {spent.whole:.1f} s, {spent.peak:.0f} MiB")
        print(*figures, sep="\n", flush=True)
        yield Target(f"{size} customers: first cycle", spent.whole, "CPU s")
        for figure in figures:
            yield Target(figure.name, figure.ours, "CPU s")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--quick", action="store_true", help="2,000 rows, and no growth beyond 4,000")
    parser.add_argument("--workspace", type=Path, help="one that an earlier run left with --keep")
    parser.add_argument("--keep", type=Path, help="leave the workspace there")
    parser.add_argument("--no-growth", action="store_true")
    parser.add_argument("--growth-only", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="*", help="rows of one tab; otherwise 1,000, 10,000 and 100,000")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    compileall.compile_dir(Path(crm_sheets.__file__).parent, quiet=1)
    told: list[Target] = []
    with tempfile.TemporaryDirectory() as temporary:
        if not options.growth_only:
            told += _five_tabs(options, Path(temporary))
        if not options.no_growth:
            told += _growth(options.sizes or ((1_000, 4_000) if options.quick else SIZES_OF_ONE_TAB), Path(temporary))
    write_targets(options.json, told)


if __name__ == "__main__":
    main()
