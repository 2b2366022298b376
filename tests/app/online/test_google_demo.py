"""The demo in a spreadsheet: the same faults are found in it, and a copy is left to look at."""

from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.sync.backends.xlsx import read_workbook


@pytest.mark.slow
def test_the_demo_in_a_spreadsheet(tmp_path: Path) -> None:
    report = app.demo(tmp_path / "demo", seed=1, locale="en", google=True)
    assert {kind: counts for kind, counts in report.planted.items() if counts[0] != counts[1]} == {}
    first, second = (cycle for _, cycle in report.acts)
    assert str(first.written[0]).startswith("https://docs.google.com/spreadsheets/d/")
    assert second.reverted
    copy = read_workbook(Path(next(iter(report.open_first))))
    assert len(copy.sheets["Customers"].rows) > 100
