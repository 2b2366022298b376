"""The unmodified daemon in a process of its own, asking for Google's real addresses through an HTTPS proxy."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.people import Person
from tests.google_emulator.test_emulator_tls_proxy import as_google_gives_it
from tests.google_emulator.tls_proxy import TlsProxy, tls_proxy

ROBOT, LEAD = "robot@emulated.iam.gserviceaccount.com", "lead@example.com"
CONFIG = """
[workbook]
spreadsheet = "{spreadsheet}"
locale = "zh-CN"
tabs = ["customers", "people", "dictionaries"]
quiet = "0s"

[google]
credentials = {{ file = "key.json" }}

[sync]
interval = "1s"
"""


class Office:
    """A folder with a config, an emulator behind a proxy, and somebody with the spreadsheet open."""

    def __init__(self, emulator: Emulator, proxy: TlsProxy, folder: Path) -> None:
        self.emulator, self.proxy, self.folder = emulator, proxy, folder
        self.spreadsheet = emulator.create("客户管理", owner=LEAD)
        emulator.share(self.spreadsheet, ROBOT)
        self.lead: Person = emulator.person(LEAD, self.spreadsheet)
        key = as_google_gives_it(emulator.service_account(ROBOT))
        (folder / "key.json").write_text(json.dumps(key), encoding="utf-8")
        (folder / "config.toml").write_text(CONFIG.format(spreadsheet=self.spreadsheet), encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.proxy.environment, "PYTHONIOENCODING": "utf-8"}

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "crm_sheets", *words],
            cwd=self.folder, env=self.environment, capture_output=True, encoding="utf-8", timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def shown(self, tab: str) -> list[list[str]]:
        with self.emulator.lock:
            sheet = self.emulator.book(self.spreadsheet).titled(tab)
            assert sheet is not None
            return [
                ["" if cell is None or cell.value is None else str(cell.value) for cell in row.cells]
                for row in sheet.rows[: sheet.content_end()]
            ]

    def wait(self, until: Callable[[], bool], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, self.shown("客户")
            time.sleep(0.2)


@pytest.fixture
def office(emulator: Emulator, tmp_path: Path) -> Iterator[Office]:
    with tls_proxy(emulator.url, tmp_path) as proxy:
        yield Office(emulator, proxy, tmp_path)


def column(office: Office, tab: str, label: str) -> int:
    header = [name.rstrip("*") for name in office.shown(tab)[0]]
    return header.index(label)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="ended by SIGTERM, which Windows has not")
def test_the_daemon_keeps_a_spreadsheet_by_googles_addresses(office: Office) -> None:
    office.command("init")
    daemon = subprocess.Popen(
        [sys.executable, "-m", "crm_sheets", "run"],
        cwd=office.folder, env=office.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    try:
        name, number = column(office, "客户", "客户名称"), column(office, "客户", "编号")
        letter = chr(ord("A") + name)
        row = len(office.shown("客户")) + 1
        office.lead.type("客户", f"{letter}{row}", "上海远航")
        office.wait(lambda: len(office.shown("客户")) >= row and office.shown("客户")[row - 1][number] != "")
        office.lead.insert_rows("客户", row)
        office.lead.type("客户", f"{letter}{row}", "北京天成")
        office.wait(lambda: all(line[number] for line in office.shown("客户")[row - 1 : row + 1]))
    finally:
        daemon.send_signal(signal.SIGTERM)
        output, _ = daemon.communicate(timeout=60)
    assert daemon.returncode == 0, output
    told = {line[name]: line[number] for line in office.shown("客户")[row - 1 :]}
    assert set(told) == {"上海远航", "北京天成"}
    assert len(set(told.values())) == 2
    assert {"sheets.googleapis.com", "oauth2.googleapis.com"} <= set(office.proxy.asked)
    assert set(office.proxy.asked) <= {"sheets.googleapis.com", "oauth2.googleapis.com", "www.googleapis.com"}
    assert office.emulator.switches.check_answers
