"""Clients that know nothing of the emulator: Google's real addresses, through an HTTPS proxy."""

import json
import os
import subprocess
import sys
from pathlib import Path

from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.json_values import Object
from tests.google_emulator.tls_proxy import tls_proxy

ROBOT = "robot@emulated.iam.gserviceaccount.com"

PROGRAM = """
import sys, gspread
book = gspread.service_account(sys.argv[1]).open_by_key(sys.argv[2])
book.sheet1.update([["张三", 5]], "A1")
print(book.sheet1.get("A1:B1"), book.title)
"""


def as_google_gives_it(key: Object) -> Object:
    """The key file of an account with Google's own address for tokens."""
    return {**key, "token_uri": "https://oauth2.googleapis.com/token"}


def test_gspread_in_another_process_reaches_the_emulator_by_googles_addresses(
    emulator: Emulator, tmp_path: Path
) -> None:
    book = emulator.create("客户")
    emulator.share(book, ROBOT)
    key = tmp_path / "key.json"
    key.write_text(json.dumps(as_google_gives_it(emulator.service_account(ROBOT))), encoding="utf-8")
    with tls_proxy(emulator.url, tmp_path) as proxy:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(key), book],
            env={**os.environ, **proxy.environment, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
    assert done.stdout.split() == ["[['张三',", "'5']]", "客户"], done.stderr
    assert {"sheets.googleapis.com", "oauth2.googleapis.com"} <= set(proxy.asked)
    assert emulator.requests[0].method_id == "token"
    asked = {call.method_id.partition(".")[2] for call in emulator.requests if call.method_id.startswith("sheets.")}
    assert asked == {"spreadsheets.get", "spreadsheets.values.update", "spreadsheets.values.get"}
    assert {call.user for call in emulator.requests if call.method_id.startswith("sheets.")} == {ROBOT}
