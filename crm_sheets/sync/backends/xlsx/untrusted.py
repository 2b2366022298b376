"""Reading a file that a stranger may have made: in a process of its own, with bounds on memory and time."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crm_sheets.errors import WorkbookUnreadable
from crm_sheets.sync.backends.xlsx.container import Limits
from crm_sheets.sync.backends.xlsx.plain import from_plain
from crm_sheets.tables import Snapshot

_SIGXCPU = 24
STRANGER = Limits(members=5_000, part=512 << 20, total=1 << 30, ratio=200)
"""For files that people drop or send."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the reading process may use: bytes of address space (where the platform can bound it) and seconds."""

    memory: int = 2 << 30
    seconds: float = 60.0


def read_untrusted(path: Path, bounds: Bounds = Bounds(), limits: Limits = STRANGER) -> Snapshot:
    """Read a workbook as `read_workbook` does, in a child process.

    Raises:
        WorkbookUnreadable: it cannot be read, or not within the bounds; `reason` says which.
        FileNotFoundError: it is not there.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    with tempfile.TemporaryDirectory(prefix="crm-sheets-") as folder:
        answer = Path(folder) / "snapshot"
        task = {
            "path": str(path),
            "answer": str(answer),
            "limits": [limits.members, limits.part, limits.total, limits.ratio],
        }
        run_bounded("crm_sheets.sync.backends.xlsx.untrusted_child", path, task, bounds)
        return from_plain(json.loads(answer.read_text(encoding="utf-8")))


def run_bounded(module: str, path: Path, task: Mapping[str, object], bounds: Bounds) -> None:
    """Runs a module of ours on a task, in a process that keeps within the bounds.

    Args:
        module: it bounds itself by `untrusted_child.bound`, and prints a reason and a message when it cannot read.
        path: of the file that is read, for messages.
        task: given to it as JSON on standard input, with the bounds.
        bounds: of memory and time.

    Raises:
        WorkbookUnreadable: the file cannot be read, or not within the bounds.
    """
    command = [sys.executable, "-m", module]
    given = json.dumps({**task, "memory": bounds.memory, "seconds": bounds.seconds}).encode()
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module; the path goes in as data
            command, input=given, capture_output=True, timeout=bounds.seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        message = f"{path}: reading took more than {bounds.seconds:g} seconds"
        raise WorkbookUnreadable(message, "time-out") from error
    if done.returncode == 0:
        return
    if done.returncode == -_SIGXCPU:
        raise WorkbookUnreadable(f"{path}: reading took more than {bounds.seconds:g} seconds", "time-out")
    try:
        told = json.loads(done.stdout)
    except ValueError:
        told = {}
    if "reason" in told:
        raise WorkbookUnreadable(str(told["message"]), str(told["reason"]))
    raise WorkbookUnreadable(f"{path}: reading it needs too much memory", "memory")
