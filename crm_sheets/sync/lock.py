"""One daemon for a state folder: two would answer the same edits twice."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from os import getpid
from pathlib import Path

from crm_sheets.errors import WorkbookBusy

LOCK, HOLDER = "daemon.lock", "daemon.json"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock: since when (ISO 8601), and what it is doing, `run` or `sync`."""

    pid: int
    host: str
    since: str
    command: str

    def __str__(self) -> str:
        return f"{self.command}, process {self.pid} on {self.host} since {self.since}"


@contextmanager
def daemon_lock(folder: Path, now: datetime, command: str = "run") -> Iterator[None]:
    """Holds the lock of the state folder; the system gives it back when the process ends, however it ends.

    Raises:
        WorkbookBusy: another process holds it; the message says which one.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        holder = holder_of(folder)
        who = str(holder) if holder else "another process"
        raise WorkbookBusy(f"{folder}: already in use by {who}; stop it, or wait until it is done", who).told(
            "error.busy.daemon", folder=folder, who=who
        ) from error
    try:
        me = Holder(getpid(), socket.gethostname(), now.isoformat(timespec="seconds"), command)
        (folder / HOLDER).write_text(json.dumps(asdict(me), ensure_ascii=False), encoding="utf-8")
        yield
    finally:
        (folder / HOLDER).unlink(missing_ok=True)
        lock.release()


def is_held(folder: Path) -> bool:
    """Whether some process holds the lock now."""
    from filelock import FileLock, Timeout

    if not (folder / LOCK).exists():
        return False
    try:
        with FileLock(folder / LOCK).acquire(timeout=0):
            return False
    except Timeout:
        return True


def holder_of(folder: Path) -> Holder | None:
    """Who wrote that it holds the lock; None when nobody did. After a crash it may be somebody who is gone.

    It stands in a file of its own, since the lock file cannot be read by others on Windows.
    """
    try:
        return Holder(**json.loads((folder / HOLDER).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
