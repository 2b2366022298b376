"""A template can be filled in and imported as it is, its example left out, in both languages."""

from pathlib import Path

import openpyxl
import pytest

from crm_sheets import app
from crm_sheets.errors import UsageError
from crm_sheets.importing.mapping import ImportMapping
from crm_sheets.importing.template import template_tab
from crm_sheets.language import LOCALES, language
from crm_sheets.schema import TABS
from tests.app.offices import CONFIG, NOW, Office, made

FILLABLE = [tab.key for tab in TABS if not tab.ours]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that uses every tab."""
    tabs = ", ".join(f'"{tab.key}"' for tab in TABS)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        return made(tmp_path_factory.mktemp("whole"), CONFIG.replace("[workbook]", f"[workbook]\ntabs = [{tabs}]"))


def imported(office: Office, source: Path, mapping: ImportMapping) -> tuple[dict[str, int], list[tuple[str, str]]]:
    report = app.import_files(office.settings, app.ImportRequest((source,), mapping, dry_run=True))
    return dict(report.imported), [(each.header, each.rule) for row in report.refused for each in row.faults]


@pytest.mark.parametrize("tab", FILLABLE)
def test_the_example_is_left_out_and_can_be_read_when_it_is_not_one(whole: Office, tmp_path: Path, tab: str) -> None:
    target = tmp_path / f"{tab}.xlsx"
    app.template(whole.settings, tab, target)
    wish = app.MappingRequest(tab=tab, duplicates="add")
    mapping = app.mapping_of(whole.settings, [target], wish, lambda each: None)
    assert imported(whole, target, mapping) == ({}, [])
    book = openpyxl.load_workbook(target)
    sheet = book.worksheets[0]
    for cell in sheet[2]:
        if isinstance(cell.value, str):
            cell.value = cell.value.removeprefix("【示例】")
    book.save(target)
    taken, faults = imported(whole, target, mapping)
    assert [(header, rule) for header, rule in faults if rule != "reference-not-found"] == []
    assert taken == ({} if faults else {tab: 1})


@pytest.mark.parametrize("locale", LOCALES)
def test_notes_say_of_each_column_what_it_means_and_how_it_is_filled_in(
    whole: Office, tmp_path: Path, locale: str
) -> None:
    target = tmp_path / f"customers-{locale}.xlsx"
    app.template(whole.settings, "客户", target, locale=locale)
    book = openpyxl.load_workbook(target)
    words = language(locale)
    assert book.sheetnames[1] == words.text("template.notes")
    headers = [str(cell.value).rstrip("*") for cell in book.worksheets[0][1]]
    notes = {str(row[0]): row for row in book.worksheets[1].iter_rows(min_row=4, values_only=True)}
    assert list(notes) == headers
    assert [header for header, row in notes.items() if not row[1] or not row[3]] == []
    kind = notes[words.text("column.customers.type")]
    assert (kind[2], "企业客户" in str(kind[4])) == (words.text("word.yes"), True)
    assert book.worksheets[0].data_validations.count > 5


@pytest.mark.parametrize("locale", LOCALES)
def test_every_column_that_people_bring_has_its_meaning(locale: str) -> None:
    """A new column wants a line `meaning.<tab>.<column>` in a catalogue."""
    words = language(locale)
    columns = [(tab.key, column) for tab in TABS if not tab.ours for column in template_tab(tab).columns]
    assert [f"meaning.{tab}.{column}" for tab, column in columns if not words.has(f"meaning.{tab}.{column}")] == []


def test_what_cannot_be_made_is_said(whole: Office, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no tab 'nothing'"):
        app.template(whole.settings, "nothing", tmp_path / "a.xlsx")
    with pytest.raises(UsageError, match="takes no rows"):
        app.template(whole.settings, "stage_history", tmp_path / "a.xlsx")
