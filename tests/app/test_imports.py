"""An import as a whole: faults named, rows changed, run again, cut off and taken back."""

import json
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from crm_sheets import app, reports
from crm_sheets.cells import CellValue
from crm_sheets.cli import cli
from crm_sheets.commands import Act, Command
from crm_sheets.errors import UsageError
from crm_sheets.tables import ColumnKey
from tests.app.offices import Office

HEADER = ("客户名称", "客户类型", "所属行业", "联系人", "联系电话", "生日", "年收入", "备注")
NEW = ("宁波一号有限公司", "企业客户", "制造业", "郑爽", "13800138011", None, None, "新")


def csv_of(path: Path, *rows: Sequence[object], header: Sequence[str] = HEADER) -> Path:
    lines = [header, *rows]
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in line) for line in lines)
    path.write_text(text + "\n", encoding="utf-8")
    return path


GOES = "（整行移出）"


def run(office: Office, source: Path, *, again: bool = False, **wishes: str | tuple[str, ...]) -> reports.ImportReport:
    wanted = app.MappingRequest(**wishes)  # type: ignore[arg-type]  # options by name
    mapping = app.mapping_of(office.settings, [source], wanted, lambda each: None)
    request = app.ImportRequest((source,), mapping, source.with_suffix(".errors.xlsx"), again=again)
    return app.import_files(office.settings, request)


def faults(report: reports.ImportReport) -> list[tuple[int, str, str]]:
    return [(row.line, each.header, each.rule) for row in report.refused for each in row.faults]


def names(office: Office) -> list[CellValue]:
    return [row["客户名称"] for row in office.rows("客户")]


def test_a_suggested_mapping_is_kept_and_used_and_no_file_is_written_over(office: Office, tmp_path: Path) -> None:
    source, kept = csv_of(tmp_path / "新.csv", NEW), tmp_path / "m.toml"
    mapping = app.mapping_of(office.settings, [source], app.MappingRequest(mode="both"), lambda each: None)
    app.keep_mapping(mapping, kept)
    with pytest.raises(UsageError):
        app.keep_mapping(mapping, kept)
    assert app.mapping_of(office.settings, [source], app.MappingRequest(kept), lambda each: None) == mapping


def test_each_fault_is_named_and_the_mended_error_workbook_leaves_none(office: Office, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADER)
    sheet.append(NEW)
    sheet.append(("宁波二号有限公司", "企业客户", "制造业", "孙丽", "1.38E+10", None, None, None))
    sheet.append(("宁波三号有限公司", "企业客户", "制造业", "孙丽", 13800138013, "#REF!", None, None))
    sheet["F4"].data_type = "e"
    sheet.append(("宁波四号有限公司", "企业客护", "制造业", "孙丽", "13800138014", None, None, None))
    sheet.append(("宁波五号有限公司", "个人客户", "制造业", "孙丽", "13800138015", 33000, "=1+", None))
    sheet.append(("宁波六号有限公司", "企业客户", "制造业", "孙丽", "13800138011", None, None, None))
    sheet.append(("宁波七号有限公司", "企业客户", "制造业", "孙丽", "13800138001", None, None, None))
    sheet.append((None, "企业客户", "制造业", "孙丽", "13800138018", None, None, None))
    source = tmp_path / "迁移.xlsx"
    book.save(source)

    report = run(office, source)

    assert report.imported == {"customers": 1}
    assert faults(report) == [
        (3, "联系电话", "digits-lost"),
        (4, "生日", "cell-error"),
        (5, "客户类型", "not-in-dictionary-similar"),
        (6, "年收入", "formula-without-value"),
        (7, "联系电话", "import-repeats-line"),
        (8, "联系电话", "import-in-book"),
        (9, "客户名称", "import-blank"),
    ]
    assert {row.tab for row in report.refused} == {"customers"}
    errors = tmp_path / "迁移.errors.xlsx"
    book = openpyxl.load_workbook(errors)
    sheet = book.worksheets[0]
    mended = ("13800138012", "", "企业客户", "", "13800138016", "13800138017", "宁波八号有限公司")
    for (row, header), text in zip(
        enumerate(("联系电话", "生日", "客户类型", "年收入", "联系电话", "联系电话", "客户名称"), 2),
        mended,
        strict=True,
    ):
        sheet.cell(row, HEADER.index(header) + 1).value = text or None
    book.save(errors)
    report = run(office, errors)
    assert (report.imported, report.refused) == ({"customers": 7}, ())
    born = next(row for row in office.rows("客户") if row["客户名称"] == "宁波五号有限公司")
    assert born["生日"] == 33000


def test_everything_that_is_wrong_with_a_row_is_told_at_once(office: Office, tmp_path: Path) -> None:
    """Mending what was named leaves nothing: no reference, and no row twice, comes to light only then."""
    header = ("客户", "反馈日期", "反馈来源", "反馈类型", "反馈内容", "处理状态")
    nobody = ("没有这家公司", "2026-13-01", "邮件", "建议", "慢", "待处理")
    late = ("上海宏图机械有限公司", "2026-11-02", "邮件", "催促", "慢", "待处理")
    other = ("上海宏图机械有限公司", "46000", "邮件", "建议", "#REF!", "待处理")
    report = run(office, csv_of(tmp_path / "f.csv", nobody, late, late, other, header=header))
    assert report.imported == {}
    assert faults(report) == [
        (2, "客户", "reference-not-found"),
        (2, "反馈日期", "date-not-in-calendar"),
        (3, "反馈类型", "not-in-dictionary"),
        (4, "客户", "import-repeats-line"),
        (4, "反馈类型", "not-in-dictionary"),
        (5, "反馈内容", "cell-error"),
    ]
    again = run(office, tmp_path / "f.errors.xlsx")
    assert [each.rule for row in again.refused for each in row.faults] == [rule for _, _, rule in faults(report)]


def test_a_row_that_stays_out_keeps_no_good_one_out(office: Office, tmp_path: Path) -> None:
    repeats = (*NEW[:4], "13800138021", *NEW[5:])
    third = ("宁波三号有限公司", *NEW[1:4], "13800138021", *NEW[5:])
    report = run(office, csv_of(tmp_path / "r.csv", NEW, repeats, third))
    assert (report.imported, faults(report)) == ({"customers": 2}, [(3, "客户名称", "import-repeats-line")])


def test_formulas_without_a_result_stand_in_the_error_workbook(office: Office, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADER)
    sheet.append((*NEW[:7], '=A1&"x"'))
    book.save(tmp_path / "f.xlsx")
    assert faults(run(office, tmp_path / "f.xlsx")) == [(2, "备注", "formula-without-value")]
    kept = openpyxl.load_workbook(tmp_path / "f.errors.xlsx").worksheets[0].cell(2, HEADER.index("备注") + 1)
    assert (kept.value, kept.data_type) == ('=A1&"x"', "s")


def test_rows_are_found_by_chosen_keys_and_only_what_differs_changes(office: Office, tmp_path: Path) -> None:
    rows = (
        ("上海宏图机械有限公司", None, None, "李娜", "13800138001", None, 5000, None),
        ("上海宏图机械有限公司", None, None, "钱多多", "13800138002", None, None, None),
        ("不认识", None, None, "某", "13800138009", None, None, None),
    )
    report = run(office, csv_of(tmp_path / "u.csv", *rows), mode="update", match=("name,联系电话",))
    assert (report.updated, report.imported) == ({"customers": 1}, {})
    assert faults(report) == [(3, "客户名称", "import-match-none"), (4, "客户名称", "import-match-none")]
    first = office.rows("客户")[0]
    assert (first["年收入"], first["客户类型"]) == (5000, "企业客户")
    report = run(office, csv_of(tmp_path / "u.csv", rows[0]), mode="update", match=("name,联系电话",))
    assert (report.updated, report.unchanged) == ({}, {"customers": 1})


def test_a_blank_cell_clears_only_when_that_is_asked_for(office: Office, tmp_path: Path) -> None:
    row = ("上海宏图机械有限公司", "企业客户", "制造业", None, "13800138001", None, None, None)
    assert run(office, csv_of(tmp_path / "u.csv", row), mode="update").updated == {}
    assert run(office, csv_of(tmp_path / "u.csv", row), mode="update", blank="clear").updated == {"customers": 1}
    assert office.rows("客户")[0]["联系人"] in {None, ""}
    blank_name = csv_of(tmp_path / "n.csv", (None, None, None, None, "13800138001", None, None, None))
    report = run(office, blank_name, mode="update", match=("phone",), blank="clear")
    assert faults(report) == [(2, "客户名称", "import-blank")]


def test_both_makes_what_is_new_and_changes_what_is_there(office: Office, tmp_path: Path) -> None:
    there = ("上海宏图机械有限公司", "企业客户", "金融", "李娜", "13800138001", None, None, None)
    twice = ("上海宏图机械有限公司", "企业客户", "教育", "李娜", "13800138001", None, None, None)
    report = run(office, csv_of(tmp_path / "b.csv", NEW, there, twice), mode="both", match=("name", "phone"))
    assert (report.imported, report.updated) == ({"customers": 1}, {"customers": 1})
    assert faults(report) == [(4, "", "import-changes-twice")]


def test_an_ambiguous_match_changes_nothing(office: Office, tmp_path: Path) -> None:
    row = ("某", "企业客户", "金融", "李娜", "13800138077", None, None, None)
    report = run(office, csv_of(tmp_path / "a.csv", row), mode="update", match=("客户类型",))
    assert faults(report) == [(2, "客户类型", "import-match-several")]


@pytest.mark.parametrize(
    ("wish", "imported", "skipped", "updated", "refused"),
    [("flag", 1, 0, 0, 2), ("skip", 1, 2, 0, 0), ("update", 1, 0, 1, 0), ("add", 3, 0, 0, 0)],
)
def test_duplicates_are_treated_as_wished(
    office: Office, tmp_path: Path, wish: str, imported: int, skipped: int, updated: int, refused: int
) -> None:
    repeats = ("宁波一号分店", "企业客户", "制造业", "孙丽", "13800138011", None, None, "后")
    there = ("上海宏图公司", "企业客户", "金融", "李娜", "13800138001", None, None, None)
    report = run(office, csv_of(tmp_path / "d.csv", NEW, repeats, there), duplicates=wish)
    assert sum(report.imported.values()) == imported
    assert (sum(report.skipped.values()), sum(report.updated.values())) == (skipped, updated)
    assert len(report.refused) == refused


def test_the_same_file_again_doubles_nothing_until_it_is_taken_back(office: Office, tmp_path: Path) -> None:
    header = ("客户", "反馈日期", "反馈来源", "反馈类型", "反馈内容", "处理状态")
    same = ("上海宏图机械有限公司", "2026-11-01", "邮件", "建议", "很好", "待处理")
    other = (*same[:4], "一般", "待处理")
    source = csv_of(tmp_path / "f.csv", same, other, header=header)
    first = run(office, source)
    assert first.imported == {"feedback": 2}
    again = run(office, source)
    assert (again.imported, again.taken_before, again.refused) == ({}, {"feedback": 2}, ())
    assert len(office.rows("反馈")) == 2
    assert first.run is not None
    app.undo(office.settings, first.run, dry_run=False)
    assert office.rows("反馈") == []
    assert run(office, source).imported == {"feedback": 2}
    assert len(office.rows("反馈")) == 2


def test_the_same_row_of_an_origin_is_made_once_even_by_two_at_a_time(office: Office, tmp_path: Path) -> None:
    from crm_sheets import clock
    from crm_sheets.app.workspace import opened
    from crm_sheets.sync.setup import Wish
    from crm_sheets.tables import TabKey

    command = Command(Act.CREATE, TabKey("customers"), None, {ColumnKey("name"): "甲"}, "import", origin="x-1")
    with opened(office.settings) as workspace:
        for _ in range(2):
            workspace.run(Wish(clock.now(), commands=(command,)))
        assert sum(name == "甲" for name in names(office)) == 1


def test_undo_of_an_import_puts_old_values_back_and_keeps_what_staff_changed_since(
    office: Office, tmp_path: Path
) -> None:
    before = office.rows("客户")
    changed = [(row["客户名称"], None, "金融", "新人", row["联系电话"], None, 77, "改") for row in before[:3]]
    report = run(office, csv_of(tmp_path / "u.csv", NEW, *changed), mode="both", match=("name",))
    assert (report.imported, report.updated) == ({"customers": 1}, {"customers": 3})
    assert NEW[0] in names(office)
    office.type("客户", 3, {"联系人": "员工改的"})
    office.sync()
    assert report.run is not None
    undone = app.undo(office.settings, report.run, dry_run=False)
    assert [(each.column, each.new) for each in undone.kept] == [("contact", "新人")]
    after = office.rows("客户")
    wanted = [dict(row) for row in before]
    wanted[1]["联系人"] = "员工改的"
    for row in (*after, *wanted):
        row.pop("更新时间", None)
    assert after == wanted


def test_sheets_of_a_workbook_find_their_tabs_and_what_is_left_out_is_told(office: Office, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    customers = book.worksheets[0]
    customers.title = "客户 "
    customers.append(["二〇二六年客户名单"])
    customers.append(["客户\n名称", *HEADER[1:6], "年收入(元)", HEADER[7], "爱好", None, "联系电话"])
    customers.append([*NEW, "钓鱼", "无表头", "13800138099"])
    customers.append(["宁波二号有限公司", "企业客户", "制造业", "孙丽", "13800138012"])
    visits = book.create_sheet("v1.2 跟进")
    visits.append(["客户", "跟进方式", "跟进内容", "计划完成时间", "跟进人"])
    visits.append(["宁波一号有限公司", "电话", "问候", "2026-12-01 10:00", "王芳"])
    notes = book.create_sheet("杂记")
    for line in (["周二", "周三"], ["晴", "雨"]):
        notes.append(line)
    source = tmp_path / "两张表.xlsx"
    book.save(source)

    report = run(office, source)

    assert report.imported == {"customers": 2, "follow_ups": 1}
    assert [(each.column, each.header, each.rows) for each in report.left_over] == [
        ("I", "爱好", 1),
        ("J", "", 1),
        ("K", "联系电话", 1),
    ]
    assert report.other_sheets == ("两张表.xlsx · 杂记",)
    assert {"宁波一号有限公司", "宁波二号有限公司"} <= set(names(office))


def test_what_somebody_elses_table_says_in_a_column_of_ours_is_told(office: Office, tmp_path: Path) -> None:
    """We compute 下次跟进 ourselves: of a table that is not our own it would be lost without a word."""
    source = tmp_path / "旧表.csv"
    source.write_text(
        "客户名称,客户类型,所属行业,联系人,联系电话,下次跟进\n宁波九号有限公司,企业客户,制造业,孙丽,13800138019,2026-12-01\n",
        encoding="utf-8",
    )
    assert [(each.header, each.rows) for each in run(office, source).left_over] == [("下次跟进", 1)]


def test_an_undo_tells_what_goes_and_what_comes_back(office: Office, tmp_path: Path) -> None:
    """From what the import made to what was there before; a row that goes is one line, not one for each blank cell."""
    before = office.rows("客户")[0]
    source = tmp_path / "两行.csv"
    source.write_text(
        f"客户名称,客户类型,所属行业,联系人,联系电话\n{before['客户名称']},企业客户,制造业,换了人,13800138001\n"
        "宁波十号有限公司,企业客户,制造业,孙丽,13800138020\n",
        encoding="utf-8",
    )
    report = run(office, source, mode="both", match=("name",))
    shown = CliRunner().invoke(cli, ["undo", str(report.run), "--dry-run", "--config", str(office.config)]).output
    (line,) = (each for each in shown.splitlines() if "换了人" in each and "联系人" in each)
    assert line.index("换了人") < line.index(str(before["联系人"]))
    said = CliRunner().invoke(cli, ["undo", str(report.run), "--json", "--config", str(office.config)])
    assert [each["new"] for each in json.loads(said.output)["cycle"]["cells"] if "!" in each["cell"]].count(GOES) == 1
    assert all(each["old"] != each["new"] for each in json.loads(said.output)["cycle"]["cells"])
