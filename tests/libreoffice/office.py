"""LibreOffice as a member of staff: the side of the tests."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

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

    def open(self, path: Path) -> None:
        self.act("open", str(path))

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
