"""Random edits in workbooks of every kind: nothing changes but what was meant to, judged by tests' own XML reading."""

import os
import random
import shutil
import string
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from crm_sheets.cells import CellError, CellValue, Formula
from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx import PatchReport, patch_workbook
from tests.backends.xlsx.independent import Book, Place, SheetXml, attributes, expected, same, value_of
from tests.backends.xlsx.kinds import KINDS

Edits = dict[str, dict[Place, CellValue]]
DATA = Path(__file__).parents[2] / "../shared/data/maven_crm/data_model.xlsx"
SOFFICE = shutil.which("soffice")
ALPHABET = string.ascii_letters + string.digits + " <>&'\"=+-@_x000D_\t\n\r\x01\x0b,.;客户名称éß😀𠀀\u200b\ufeff\uffff"


def a_value(chance: random.Random) -> CellValue:
    choices: tuple[CellValue, ...] = (
        "".join(chance.choices(ALPHABET, k=chance.randrange(30))),
        chance.choice(("=1+1", "+86 138", "-x", "@me", "_x0041_", " ", "  lead", "]]>", "&amp;", "a" * 3000)),
        chance.randrange(-(10**9), 10**9),
        chance.uniform(-1e6, 1e6),
        chance.choice((1e300, 5e-324, 0.1, 1e15, -0.0)),
        chance.random() < 0.5,
        None,
        date(1950, 1, 1) + timedelta(days=chance.randrange(40_000)),
        datetime.fromisoformat("2000-01-01") + timedelta(seconds=chance.randrange(10**9)),
        Decimal(chance.randrange(10**8)).scaleb(-2),
        CellError(chance.choice(("#N/A", "#REF!", "#DIV/0!"))),
    )
    return chance.choice(choices)


def some_edits(book: Book, chance: random.Random, many: int) -> Edits:
    edits: Edits = {}
    for name in book.sheet_parts:
        sheet, forbidden = book.sheet(name), book.forbidden(name)
        last = max(sheet.rows, default=0)
        cells: dict[Place, CellValue] = {}
        present = list(sheet.cells)
        for _ in range(chance.randrange(many)):
            place = (chance.randrange(1, last + 6), chance.randrange(1, 30))
            if present and chance.random() < 0.6:
                place = chance.choice(present)
            elif chance.random() < 0.02:
                place = (chance.randrange(1, 1_048_577), chance.randrange(1, 16_385))
            if place not in forbidden:
                cells[place] = a_value(chance)
        edits[name] = cells
    return edits


def check_patch(before: Book, after: Book, edits: Edits, report: PatchReport) -> None:
    changed = set(report.parts_changed)
    assert after.order == [name for name in before.order if name in after.infos]
    assert set(before.order) - set(after.order) <= {"xl/calcChain.xml"}
    for name in after.order:
        if name not in changed:
            assert before.raw(name) == after.raw(name), name
        assert after.header_agrees(name), name
    recalculated = {(place.tab, place.row, place.column) for place in report.recalculated}
    for name, part in before.sheet_parts.items():
        cleared = {(row, column) for tab, row, column in recalculated if tab == name}
        check_sheet(before, after, name, edits.get(name, {}), cleared)
        changed.discard(part)
    allowed = {"xl/workbook.xml"} if recalculated or report.parts_changed else set()
    assert changed <= allowed | {"xl/calcChain.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"}


def check_sheet(before: Book, after: Book, name: str, edits: Mapping[Place, CellValue], cleared: set[Place]) -> None:
    old, new = before.sheet(name), after.sheet(name)
    assert old.rest == new.rest
    assert new.order == sorted(new.order), "rows and cells stand in their order"
    assert len(new.order) == len(new.cells), "no cell stands twice"
    for row, kept in old.rows.items():
        assert new.rows[row] == kept
    for row in new.rows.keys() - old.rows.keys():
        assert any(line == row for line, _ in edits)
    for place in old.cells.keys() | new.cells.keys():
        if place in cleared:
            check_cleared(old, new, place)
        elif place not in edits:
            assert old.cell(place) == new.cell(place), (name, place)
    for place, value in edits.items():
        found = value_of(after, new.cells.get(place))
        assert same(found, expected(value, before.date1904)), (name, place, value, found)
        was = old.cells.get(place)
        if was is not None and was.get("s") is not None:
            assert new.cells[place].get("s") == was.get("s"), (name, place)
        if was is not None and same(value_of(before, was), expected(value, before.date1904)):
            assert old.cell(place) == new.cell(place), "an equal value changes nothing"


def check_cleared(old: SheetXml, new: SheetXml, place: Place) -> None:
    was, now = old.cells[place], new.cells[place]
    formula, kept = was.find("{*}f"), now.find("{*}f")
    assert formula is not None
    assert kept is not None
    assert (formula.text, attributes(formula)) == (kept.text, attributes(kept))
    assert now.find("{*}v") is None
    assert now.get("t") is None
    assert now.get("s") == was.get("s")


def books(folder: Path) -> Iterator[tuple[str, Path]]:
    for name, make in KINDS.items():
        path = folder / f"{name}.xlsx"
        make(path)
        yield name, path


def fuzz(folder: Path, books: Iterable[tuple[str, Path]], seeds: range, many: int) -> int:
    done = 0
    for name, path in books:
        before = Book(path)
        for seed in seeds:
            chance = random.Random(f"{name} {seed}")
            edits = some_edits(before, chance, many)
            target = folder / "patched.xlsx"
            report = patch_workbook(path, target, edits)
            check_patch(before, Book(target), edits, report)
            done += sum(len(cells) for cells in edits.values())
            again = patch_workbook(target, folder / "again.xlsx", edits)
            assert again.parts_changed == (), (name, seed)
            assert (folder / "again.xlsx").read_bytes() == target.read_bytes()
    return done


def test_random_edits_change_nothing_else(tmp_path: Path) -> None:
    assert fuzz(tmp_path, books(tmp_path), range(3), 40) > 300


@pytest.mark.slow
def test_many_random_edits(tmp_path: Path) -> None:
    """`CRM_SHEETS_FUZZ_SEEDS=60` makes fifty thousand."""
    seeds = int(os.environ.get("CRM_SHEETS_FUZZ_SEEDS", "20"))
    assert fuzz(tmp_path, books(tmp_path), range(100, 100 + seeds), 250) > 50_000 * seeds / 60


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="the shared data are not beside this checkout")
def test_random_edits_in_a_workbook_that_excel_saved(tmp_path: Path) -> None:
    assert fuzz(tmp_path, [("data_model", DATA)], range(3), 1_000) > 1_000


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not on this machine")
def test_random_edits_in_workbooks_that_libreoffice_saved(tmp_path: Path) -> None:
    made, out = tmp_path / "made", tmp_path / "out"
    made.mkdir()
    sources = [str(path) for _, path in books(made)]
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [str(SOFFICE), profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out), *sources]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    saved = [(f"libreoffice {path.stem}", path) for path in sorted(out.glob("*.xlsx"))]
    assert len(saved) > 5
    assert fuzz(tmp_path, saved, range(20), 150) > 5_000


def test_what_may_not_be_written_is_refused(tmp_path: Path) -> None:
    refused = 0
    for name, path in books(tmp_path):
        book = Book(path)
        for tab in book.sheet_parts:
            for place in sorted(book.forbidden(tab))[:12]:
                target = tmp_path / "never.xlsx"
                with pytest.raises(WriteRefused, match=tab):
                    patch_workbook(path, target, {tab: {place: "new"}})
                assert not target.exists(), name
                refused += 1
    assert refused > 50


def test_an_explicit_formula_is_written_and_computed(tmp_path: Path) -> None:
    path, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    KINDS["xlsxwriter_rich"](path)
    report = patch_workbook(path, target, {"Data": {(2, 20): Formula("SUM(B2:C2)")}})
    after = Book(target)
    assert value_of(after, after.sheet("Data").cells[2, 20]) == Formula("SUM(B2:C2)")
    assert b'fullCalcOnLoad="1"' in after.parts["xl/workbook.xml"]
    assert report.cells_written == 1
