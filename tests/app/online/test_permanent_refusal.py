"""Google says for ever that there are too many requests: the program says so in time, and goes on when it is over."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.faults import Fault, FaultKind
from crm_sheets.google_emulator.patterns import CallPattern
from tests.app.online.teams import Team, made

PATIENCE = 3.0


def command(team: Team, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crm_sheets", *words],
        cwd=team.folder, env={**os.environ, "PYTHONIOENCODING": "utf-8"}, capture_output=True, encoding="utf-8",
        timeout=120, check=False,
    )  # fmt: skip


def told(team: Team) -> dict[str, Any]:
    (file,) = team.folder.rglob("status.json")
    return dict(json.loads(file.read_text(encoding="utf-8")))


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 180
    while not until():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="ended by SIGTERM, which Windows has not")
def test_a_permanent_429_ends_in_a_clear_state_and_passes(tmp_path: Path, emulator: Emulator) -> None:
    team = made(tmp_path, emulator, more='[sync]\ninterval = "1s"\n')
    text = team.config.read_text(encoding="utf-8")
    team.config.write_text(text.replace("[google]", f'[google]\npatience = "{PATIENCE:.0f}s"'), encoding="utf-8")
    mirrors = "".join(f'[[mirror]]\nname = "m{n}"\nspreadsheet = "{team.spreadsheet("镜像")}"\n' for n in range(5))
    team.init()
    team.config.write_text(team.config.read_text(encoding="utf-8") + mirrors, encoding="utf-8")
    first = len(emulator.requests)
    for method in ("sheets.spreadsheets.get", "batchGet", "batchUpdate"):
        emulator.trouble.faults.add(Fault(FaultKind.TOO_MANY_REQUESTS, CallPattern(method), times=None))
    try:
        done = command(team, "sync")
        assert done.returncode == 4, done.stderr
        assert "请求过于频繁" in done.stderr
        assert "Traceback" not in done.stderr
        calls = emulator.requests[first:]
        assert len(calls) < 25, "six spreadsheets, and only the first of them was tried again and again"
        daemon = subprocess.Popen(
            [sys.executable, "-m", "crm_sheets", "run"], cwd=team.folder, stderr=subprocess.DEVNULL
        )
        try:
            wait(lambda: bool(list(team.folder.rglob("status.json"))) and bool(told(team)["failures"]))
            known = told(team)
            assert "请求过于频繁" in known["last_error"]
            assert known["cycle_seconds"] < 3 * PATIENCE, "one call is patient, the others are not"
            shown = command(team, "status")
            assert "请求过于频繁" in shown.stdout.replace("\n", "")
            emulator.trouble.faults.clear()
            wait(lambda: told(team)["failures"] == 0)
            assert told(team)["last_error"] == ""
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(timeout=60)
    finally:
        emulator.trouble.faults.clear()
