"""A sample is drawn, filled in, read back, kept, and lets its own import come in and no other."""

from pathlib import Path

import openpyxl
import pytest

from crm_sheets import app
from crm_sheets.errors import UsageError
from crm_sheets.importing.sample import bound
from tests.app.offices import Office

HEADER = "客户名称,客户类型,所属行业,联系人,联系电话\n"


def source(folder: Path, rows: int = 40) -> Path:
    lines = "".join(f"宁波{n}号公司,企业客户,制造业,郑爽,138 0013 8{n:03}\n" for n in range(100, 100 + rows))
    path = folder / "旧表.csv"
    path.write_text(HEADER + lines, encoding="utf-8")
    return path


def request(office: Office, path: Path) -> app.ImportRequest:
    mapping = app.mapping_of(office.settings, [path], app.MappingRequest(), lambda each: None)
    return app.ImportRequest((path,), mapping)


def answered(path: Path, *answers: str) -> Path:
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    column = [cell.value for cell in sheet[1]].index("核对") + 1
    for row, answer in enumerate(answers, 2):
        sheet.cell(row, column).value = answer
    book.save(path)
    return path


def drawn(office: Office, path: Path, name: str, size: int = 5, seed: int = 7) -> Path:
    target = path.parent / name
    app.sample_import(office.settings, request(office, path), size, seed, target)
    return target


def lines(path: Path) -> list[int]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)]  # type: ignore[misc]  # whole numbers


def test_old_and_new_stand_side_by_side_and_the_seed_decides(office: Office, tmp_path: Path) -> None:
    path = source(tmp_path)
    one, same, other = (drawn(office, path, f"{n}.xlsx", seed=seed) for n, seed in enumerate((7, 7, 8)))
    assert lines(one) == lines(same) == sorted(lines(one))
    assert lines(one) != lines(other)
    sheet = openpyxl.load_workbook(one).worksheets[0]
    header = [cell.value for cell in sheet[1]]
    first = {name: cell.value for name, cell in zip(header, sheet[2], strict=True)}
    number = lines(one)[0] - 2
    assert (first["原：联系电话"], first["新：联系电话"]) == (f"138 0013 8{100 + number}", f"138001381{number:02}")
    assert header[-2:] == ["核对", "说明"]
    assert len(office.rows("客户")) == 5


def test_what_was_signed_off_is_kept_and_lets_its_import_in(office: Office, tmp_path: Path) -> None:
    path = source(tmp_path)
    signed = answered(drawn(office, path, "s.xlsx"), *["一致"] * 5)
    report = app.sign_off(office.settings, signed)
    assert (report.complete, report.agreed, report.population) == (True, 5, 40)
    assert app.require_signed(office.settings, signed, request(office, path)).complete
    app.import_files(office.settings, request(office, path))
    past = app.past_imports(office.settings)
    assert [(each.agreed, each.seed) for each in past.samples] == [(5, 7)]
    assert [(each.made, each.sources) for each in past.imports] == [(40, ("旧表.csv",))]


def test_a_disagreement_a_gap_or_another_file_stops_the_import(office: Office, tmp_path: Path) -> None:
    path = source(tmp_path)
    signed = answered(drawn(office, path, "s.xlsx"), "一致", "不一致", "是", "")
    report = app.sign_off(office.settings, signed)
    assert (report.complete, report.agreed, report.disagreed, report.unanswered) == (False, 2, 1, 2)
    with pytest.raises(UsageError, match="1 rows were not agreed to and 2 not answered"):
        app.require_signed(office.settings, signed, request(office, path))
    answered(signed, *["一致"] * 5)
    source(tmp_path, 41)
    with pytest.raises(UsageError, match="of other files"):
        app.require_signed(office.settings, signed, request(office, path))
    with pytest.raises(UsageError, match="no sample"):
        app.sign_off(office.settings, office.book)


def test_the_bound_is_that_of_no_failure_in_a_sample() -> None:
    assert round(bound(59), 3) == 0.050
    assert (1 - bound(20)) ** 20 == pytest.approx(0.05)
