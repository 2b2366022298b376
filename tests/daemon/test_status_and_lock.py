"""What the daemon leaves for others: its status file, its lock, its words to systemd, its log."""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_sheets.errors import ServiceUnavailable, Undeliverable, UsageError, WorkbookBusy
from crm_sheets.sync.lock import daemon_lock, holder_of, is_held
from crm_sheets.sync.logs import LOGGER, Event, configure, failure, log
from crm_sheets.sync.status import Status, read_status, write_status
from crm_sheets.sync.systemd import READY, notify, status_line

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
STATUS = Status(
    version="0.1.0",
    workbook="/srv/客户.xlsx",
    pid=42,
    host="server",
    started_at=NOW,
    written_at=NOW,
    last_ok=NOW,
    cycle_seconds=0.25,
    generation=7,
    held={"customers": "缺少表头"},
    rows={"customers": 300},
    outbox={"pending": 2},
)


def test_a_status_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    assert read_status(path) is None
    write_status(path, STATUS)
    assert read_status(path) == STATUS
    assert json.loads(path.read_text(encoding="utf-8"))["held"] == {"customers": "缺少表头"}
    assert [found.name for found in tmp_path.iterdir()] == ["status.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}'])
def test_what_is_no_status_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "status.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"status\.json"):
        read_status(path)


def test_a_reader_never_finds_half_a_status(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    write_status(path, STATUS)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            write_status(path, replace(STATUS, last_error="x" * 20_000))
            write_status(path, STATUS)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(300):
            assert read_status(path) is not None
    finally:
        stop.set()
        writer.join()


HOLD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from crm_sheets.sync.lock import daemon_lock
with daemon_lock(Path(sys.argv[1]), datetime(2026, 11, 22, 1, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock of tmp_path until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_daemon_is_told_who_holds_the_workbook(tmp_path: Path, other: "subprocess.Popen[str]") -> None:
    assert is_held(tmp_path)
    with pytest.raises(WorkbookBusy, match=rf"process {other.pid} on {socket.gethostname()}") as caught:
        daemon_lock(tmp_path, NOW).__enter__()
    assert caught.value.exit_code == 3


def test_the_lock_is_free_after_the_holder_ended(tmp_path: Path, other: "subprocess.Popen[str]") -> None:
    other.communicate("", timeout=10)
    assert not is_held(tmp_path)
    assert holder_of(tmp_path) is None


def test_the_lock_is_free_after_the_holder_was_killed(tmp_path: Path, other: "subprocess.Popen[str]") -> None:
    other.kill()
    other.wait(timeout=10)
    assert not is_held(tmp_path)
    with daemon_lock(tmp_path, NOW, "sync"):
        holder = holder_of(tmp_path)
        assert holder is not None
        assert (holder.pid, holder.command) == (os.getpid(), "sync")


def test_asking_makes_no_folder(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets here")
def test_systemd_is_told(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        assert notify(READY, {"NOTIFY_SOCKET": path})
        assert notify(status_line("4 of 5\ntabs"), {"NOTIFY_SOCKET": path})
        assert [manager.recv(100), manager.recv(100)] == [b"READY=1", b"STATUS=4 of 5 tabs"]
    assert not notify(READY, {})
    assert not notify(READY, {"NOTIFY_SOCKET": str(tmp_path / "nobody")})


@pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")
def test_systemd_is_told_through_an_abstract_socket() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0crm-sheets-test-{os.getpid()}")
        assert notify(READY, {"NOTIFY_SOCKET": f"@crm-sheets-test-{os.getpid()}"})
        assert manager.recv(100) == b"READY=1"


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "logs" / "crm.jsonl"
    configure("info", path)
    yield path
    for handler in LOGGER.handlers[:]:
        LOGGER.removeHandler(handler)
        handler.close()
    LOGGER.propagate = True


def lines(path: Path) -> list[dict[str, object]]:
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert all(datetime.fromisoformat(line.pop("at")).tzinfo for line in found)
    return found


def test_the_log_is_one_object_a_line(log_file: Path) -> None:
    log(Event("cycle", run="r1", tab="customers", count=3, seconds=0.5))
    log(Event("row held", tab="customers", row="C-7K3Q9", code="identity-ambiguous"), logging.WARNING)
    log(Event("too fine"), logging.DEBUG)
    assert lines(log_file) == [
        {"level": "info", "event": "cycle", "run": "r1", "tab": "customers", "count": 3, "seconds": 0.5},
        {
            "level": "warning",
            "event": "row held",
            "tab": "customers",
            "row": "C-7K3Q9",
            "code": "identity-ambiguous",
        },
    ]


def test_the_log_holds_no_value_that_an_error_quotes(log_file: Path) -> None:
    try:
        int("13812345678x")
    except ValueError as error:
        log(failure("job failed", error, job="cycle"), logging.ERROR)
    log(failure("mail", Undeliverable("wang@example.com is no address")))
    log(failure("mail", ServiceUnavailable("mail server x:25: refused")))
    LOGGER.warning("13812345678")
    written = lines(log_file)
    assert [line.get("error") for line in written] == ["ValueError", "Undeliverable", "ServiceUnavailable", None]
    assert str(written[0]["place"]).startswith("test_status_and_lock.py:")
    assert written[2]["message"] == "mail server x:25: refused"
    for secret in ("13812345678", "wang@example.com"):
        assert secret not in log_file.read_text(encoding="utf-8")
