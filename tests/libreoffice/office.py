"""LibreOffice as a member of staff: the side of the tests."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from crm_sheets.config import Settings
from crm_sheets.tables import ColumnKey, TabKey

SCRIPT = Path(__file__).with_name("staff.py")
PYTHONS = ("/usr/bin/python3", "/Applications/LibreOffice.app/Contents/Resources/python")
"""Where the Python that knows UNO may be: it comes with LibreOffice or the system, never from PyPI."""

Cell = str | float | int | None


@cache
def python_with_uno() -> str | None:
    """The Python that can speak with LibreOffice; None when there is none, or no LibreOffice."""
    if shutil.which("soffice") is None:
        return None
    for python in PYTHONS:
        if (
            Path(python).exists()
            and not subprocess.run([python, "-c", "import uno"], check=False, capture_output=True).returncode
        ):
            return python
    return None


WHY_NOT = "LibreOffice (soffice) or its Python (python3-uno) is not on this machine"


class Staff:
    """Somebody with LibreOffice; see the script for what each act does."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        assert self._answer() == "ready"

    def _answer(self) -> object:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "LibreOffice ended; its words are on standard error"
        return json.loads(line)

    def act(self, *words: Cell) -> object:
        """Has something done and waits for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def open(self, path: Path, password: str = "") -> None:
        self.act("open", str(path), password)

    def save(self) -> None:
        self.act("save")

    def close(self) -> None:
        self.act("close")

    def rows(self, tab: str) -> list[list[Cell]]:
        """What stands in a tab, header first; blank cells are empty texts and all numbers floats."""
        found = self.act("rows", tab)
        assert isinstance(found, list)
        return found

    @contextmanager
    def at(self, path: Path, *, saves: bool = True) -> Iterator["Staff"]:
        """The workbook is open meanwhile, and saved at the end."""
        self.open(path)
        try:
            yield self
            if saves:
                self.save()
        finally:
            self.close()


@contextmanager
def libreoffice(folder: Path) -> Iterator[Staff]:
    """LibreOffice runs, with a profile of its own in `folder`."""
    python = python_with_uno()
    assert python is not None
    command = [python, str(SCRIPT), str(folder / "profile")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        staff = Staff(process)
        yield staff


def places(*columns: str) -> tuple[int, ...]:
    """Where columns of the customers stand in a new workbook, 1-based."""
    team = Settings.model_validate({"workbook": {"path": "book.xlsx"}}).team
    order = list(team.tabs[TabKey("customers")].columns)
    return tuple(order.index(ColumnKey(column)) + 1 for column in columns)


def crm(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Runs a command as its own process, on a Sunday morning in Shanghai."""
    command = [sys.executable, "-m", "crm_sheets", *words, "--config", str(folder / "config.toml")]
    now = {"CRM_SHEETS_NOW": "2026-11-22T09:00:00+08:00"}
    return subprocess.run(
        command, check=False, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **now}
    )


def told(folder: Path, *words: str) -> dict[str, object]:
    """What a command tells programs."""
    done = crm(folder, *words, "--json")
    assert done.returncode in (0, 1, 3), done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def configured(folder: Path) -> Path:
    """A config whose workbook need not rest between a save and a write; the workbook's path."""
    book = folder / "book.xlsx"
    (folder / "config.toml").write_text(
        f'[workbook]\npath = "{book.as_posix()}"\nlocale = "zh-CN"\nquiet = "0s"\n', encoding="utf-8"
    )
    return book


def made(folder: Path) -> Path:
    """A new workbook after its first cycle."""
    book = configured(folder)
    assert crm(folder, "init").returncode == 0
    assert crm(folder, "sync").returncode == 0
    return book
