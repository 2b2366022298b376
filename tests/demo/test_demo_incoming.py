"""The demo's files to import: each planted fault is named, good rows and cards come in."""

from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.config import load
from crm_sheets.demo.incoming import FAULTS, GOOD, write_incoming
from crm_sheets.language import LOCALES, language
from tests.app.offices import NOW

CONFIG = '[workbook]\npath = "book.xlsx"\nlocale = "{locale}"\nquiet = "0s"\n'


@pytest.mark.parametrize("locale", LOCALES)
def test_each_fault_of_the_list_is_named_and_the_cards_come_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    monkeypatch.setenv("CRM_SHEETS_NOW", NOW.isoformat())
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(locale=locale), encoding="utf-8")
    app.init(config, workbook=None, locale=None, adopt=False, all_columns=False)
    settings = load(config)
    listed, cards = write_incoming(tmp_path / "in", language(locale))
    found = []
    for source, rows in ((listed, GOOD), (cards, 2)):
        mapping = app.mapping_of(settings, [source], app.MappingRequest(), lambda each: None)
        report = app.import_files(settings, app.ImportRequest((source,), mapping, tmp_path / f"{source.stem}.e.xlsx"))
        assert report.imported == {"customers": rows}
        found += [fault.rule for row in report.refused for fault in row.faults]
    assert tuple(found) == FAULTS
