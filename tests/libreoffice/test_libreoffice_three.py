"""Three people at once on a share, each with LibreOffice in a workbook of their own, while the daemon runs.

`CRM_SHEETS_OFFICE_MINUTES=30 pytest tests/libreoffice/test_libreoffice_three.py -s -m slow` plays half an hour and
prints the figures of docs/views.md.
"""

import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crm_sheets.state import EntryKind
from crm_sheets.sync.store.sql import SqlState
from tests.app.galleries import Desk, Gallery, gallery
from tests.libreoffice.office import WHY_NOT, Cell, Staff, libreoffice, python_with_uno

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.slow,
    pytest.mark.skipif(python_with_uno() is None, reason=WHY_NOT),
]

MINUTES = float(os.environ.get("CRM_SHEETS_OFFICE_MINUTES", "0.7"))
CUSTOMERS = "客户"
TOKEN = re.compile(r"w[0-9]+x[0-9]+(?![0-9])")
PEOPLE = ("E01", "E02", "E03")


@dataclass
class Worker:
    """One of the three: opens, does a few things at random, saves, closes, rests."""

    number: str
    staff: Staff
    book: Path
    random: random.Random
    saved: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    """Words of their own that they typed over: whether these were ever seen depends on when the file was read."""
    acts: int = 0
    errors: list[BaseException] = field(default_factory=list)
    _count: int = 0

    def token(self) -> str:
        self._count += 1
        return f"w{self.number[-1]}x{self._count}"

    def work(self, until: float) -> None:
        try:
            while time.monotonic() < until:
                self.sit_down()
                time.sleep(self.random.uniform(0.2, 3))
        except BaseException as error:
            self.errors.append(error)

    def sit_down(self) -> None:
        typed: set[str] = set()
        self.staff.act("open", str(self.book))
        for _ in range(self.random.randint(1, 4)):
            typed |= self.do_something()
            time.sleep(self.random.uniform(0, 1.5))
        standing = " ".join(str(cell) for row in self.staff.rows(CUSTOMERS) for cell in row)
        self.staff.act("save")
        self.saved |= typed & set(TOKEN.findall(standing))  # a word may have been typed over before it was saved
        self.staff.act("close")

    def do_something(self) -> set[str]:
        self.acts += 1
        rows = self.staff.rows(CUSTOMERS)
        header = [str(cell).rstrip("*") for cell in rows[0]]
        filled = [number for number, row in enumerate(rows[1:], 2) if row[header.index("编号")]]
        act = self.random.choices(("note", "new", "sort", "hidden"), (6, 2, 1, 1))[0]
        place = {name: header.index(name) + 1 for name in ("客户名称", "备注", "负责人")}
        word = self.token()
        if act == "sort":
            self.staff.act("sort", CUSTOMERS, place["客户名称"], self.random.random() < 0.5)
            return set()
        if act == "new" and self.number != "E02":
            empty = next(number for number, row in enumerate([*rows[1:], []], 2) if not any(row))
            self.type(empty, place["客户名称"], f"{word}有限公司")
            return {word}
        if not filled:
            return set()
        row, column = self.random.choice(filled), place["负责人" if act == "hidden" else "备注"]
        before = rows[row - 1][column - 1 : column]
        self.replaced |= {each for each in TOKEN.findall(str(before)) if each.startswith(f"w{self.number[-1]}x")}
        self.type(row, column, word)
        return {word}

    def type(self, row: int, column: int, value: Cell) -> None:
        self.staff.act("type", CUSTOMERS, row, column, value)


@contextmanager
def daemon(team: Gallery) -> Iterator[None]:
    """The real daemon, as a process of its own."""
    environment = {key: value for key, value in os.environ.items() if key != "CRM_SHEETS_NOW"}
    command = [sys.executable, "-m", "crm_sheets", "run", "--config", str(team.config)]
    process = subprocess.Popen(command, env=environment, cwd=team.folder, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def test_three_people_lose_and_double_nothing(tmp_path: Path) -> None:
    team = gallery(tmp_path / "team")
    with team.config.open("a", encoding="utf-8") as config:
        config.write('\n[sync]\ninterval = "1s"\n')
    workers: list[Worker] = []
    with ExitStack() as stack:
        for number in PEOPLE:
            profile = tmp_path / number
            profile.mkdir()
            staff = stack.enter_context(libreoffice(profile))
            workers.append(Worker(number, staff, team.view(number).book, random.Random(number)))
        stack.enter_context(daemon(team))
        until = time.monotonic() + MINUTES * 60
        threads = [threading.Thread(target=worker.work, args=(until,)) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        time.sleep(8)  # the last saves are taken in
    assert [worker.errors for worker in workers] == [[], [], []]
    for _ in range(4):
        report = team.sync()
    assert report.views == (), "everything has come to rest"
    judge(team, workers)


def judge(team: Gallery, workers: list[Worker]) -> None:
    """Nothing lost, nothing doubled, all workbooks show the same."""
    state = SqlState(team.settings.state.database_url(), team.settings.team.known)
    try:
        journal = [line.entry for line in state.journal()]
    finally:
        state.close()
    told = set(TOKEN.findall(" ".join(f"{entry.old} {entry.new}" for entry in journal)))
    saved = set().union(*(worker.saved - (worker.replaced - told) for worker in workers))
    assert saved, "nobody did anything"
    assert saved <= told, f"lost: {sorted(saved - told)[:10]}"
    taken = [
        word
        for entry in journal  # a conflict tells both values again, in a tab of its own
        if entry.kind in {EntryKind.EDIT, EntryKind.CREATE} and entry.tab == "customers"
        for word in TOKEN.findall(entry.new)
    ]
    assert len(taken) == len(set(taken)), f"doubled: {sorted(word for word in taken if taken.count(word) > 1)[:10]}"
    shared = notes(team)
    for worker in workers:
        own = notes(team.view(worker.number))
        assert own.items() <= shared.items(), worker.number
    of_customers = [entry for entry in journal if entry.tab == "customers"]
    kinds = {kind: sum(entry.kind is kind for entry in of_customers) for kind in EntryKind}
    print(
        f"\n{MINUTES:g} minutes: {sum(worker.acts for worker in workers)} acts, {len(saved)} words saved, "
        f"{kinds[EntryKind.EDIT]} edits, {kinds[EntryKind.CREATE]} new rows, {kinds[EntryKind.REVERT]} put back, "
        f"{kinds[EntryKind.CONFLICT]} conflicts, {kinds[EntryKind.HOLD]} kept aside; lost 0, doubled 0"
    )


def notes(desk: Gallery | Desk) -> dict[str, tuple[object, object]]:
    """Name and note of each customer, by number."""
    rows = [row for row in desk.rows(CUSTOMERS) if row.get("编号")]
    assert len({row["编号"] for row in rows}) == len(rows)
    return {str(row["编号"]): (row.get("客户名称"), row.get("备注") or None) for row in rows}
