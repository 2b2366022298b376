"""Files that are dropped are taken in once, put away, and told about; a crash at any point doubles nothing."""

import io
import os
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from crm_sheets import app, reports
from crm_sheets.app.imports import IMPORT_NOTE
from crm_sheets.app.workspace import opened
from crm_sheets.cli import cli
from tests.app.offices import CONFIG, Office

SETTLED = 60.0
ROWS = (
    "客户名称,客户类型,所属行业,联系人,联系电话\n"
    "宁波一号有限公司,企业客户,制造业,郑爽,13800138011\n"
    "武汉三号有限公司,企业客户,制造业,孙丽,138\n"
)
CARDS = """BEGIN:VCARD
VERSION:3.0
FN:陈静怡
ORG:厦门海风贸易有限公司;采购部
TITLE:采购经理
TEL;TYPE=WORK:0592-2110011
TEL;TYPE=CELL:13800138021
EMAIL:chen@example.com
ADR:;;湖滨南路1号;厦门;福建;361000;中国
BDAY:--0412
NOTE:展会认识
END:VCARD
BEGIN:VCARD
VERSION:3.0
X garbage
END:VCARD
BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0;=E4=B8=89;;;
TEL;CELL:13800138022
END:VCARD
"""


@pytest.fixture
def fed(office: Office) -> Office:
    """An office with an intake folder."""
    config = CONFIG + '[intake]\nfolder = "收件"\n'
    office.config.write_text(config, encoding="utf-8")
    (office.folder / "收件").mkdir()
    return office


def drop(office: Office, place: str, content: str | bytes, *, age: float = SETTLED) -> Path:
    path = office.folder / "收件" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def told(report: reports.IntakeReport) -> list[tuple[str, str, str]]:
    return [(each.file, each.outcome, "" if each.moved is None else each.moved.parent.name) for each in report.files]


def names(office: Office) -> list[object]:
    return [row["客户名称"] for row in office.rows("客户")]


def files(office: Office) -> list[str]:
    folder = office.folder / "收件"
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_good_file_is_done_and_a_bad_row_has_its_error_workbook_beside(fed: Office) -> None:
    good, _, _ = ROWS.rpartition("武汉")
    drop(fed, "客户/good.csv", good)
    drop(fed, "bad.csv", ROWS.replace("13800138011", "13800138012").replace("一号", "二号"))
    report = app.intake(fed.settings)
    assert told(report) == [("bad.csv", "taken", "errors"), ("客户/good.csv", "taken", "客户")]
    assert len([name for name in files(fed) if name.startswith("done/客户/good-")]) == 1
    errors = report.files[0].errors
    assert errors is not None
    assert (errors.parent.name, openpyxl.load_workbook(errors).worksheets[0].max_row) == ("errors", 2)
    assert set(names(fed)[-2:]) == {"宁波一号有限公司", "宁波二号有限公司"}
    book = openpyxl.load_workbook(errors)
    book.worksheets[0].cell(2, 5).value = "13800138013"
    book.save(fed.folder / "收件" / "mended.xlsx")
    os.utime(fed.folder / "收件" / "mended.xlsx", (1, 1))
    assert told(app.intake(fed.settings)) == [("mended.xlsx", "taken", "done")]
    assert names(fed)[-1] == "武汉三号有限公司"


def test_a_file_of_which_rows_stayed_out_is_not_said_to_have_come_in(fed: Office) -> None:
    header, good, bad = ROWS.splitlines()
    drop(fed, "a.csv", ROWS)
    drop(fed, "b.csv", f"{header}\n{bad}0\n")
    drop(fed, "c.csv", f"{header}\n{good.replace('一号', '二号').replace('8011', '8012')}\n")
    shown = CliRunner().invoke(cli, ["intake", "--config", str(fed.config)]).output
    told = [[cell.strip() for cell in line.split("│")[1:3]] for line in shown.splitlines() if line.startswith("│")]
    assert [line for line in told if line[0]] == [["a.csv", "部分导入"], ["b.csv", "未导入"], ["c.csv", "已导入"]]


def test_the_same_content_is_taken_once_under_whatever_name(fed: Office) -> None:
    drop(fed, "a.csv", ROWS)
    app.intake(fed.settings)
    drop(fed, "b.csv", ROWS)
    count = len(names(fed))
    assert told(app.intake(fed.settings)) == [("b.csv", "known", "errors")]
    assert len(names(fed)) == count


def test_a_file_that_is_being_written_waits_and_what_is_not_for_us_is_left(fed: Office) -> None:
    drop(fed, "a.csv", ROWS, age=0)
    for place in ("b.csv.part", "~$c.xlsx", ".hidden.csv"):
        drop(fed, place, ROWS)
    (fed.folder / "收件" / "link.csv").symlink_to(fed.config)
    before = files(fed)
    report = app.intake(fed.settings)
    assert (told(report), report.waiting) == ([], ("a.csv",))
    assert files(fed) == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF"),
        ("b.xlsx", b"PK\x03\x04 not"),
        ("c.csv", b"\xff\xff\x80"),
        ("d.csv", "温度,湿度\n1,2\n".encode()),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_stops_no_other(fed: Office, name: str, content: bytes) -> None:
    drop(fed, name, content)
    drop(fed, "z.csv", ROWS)
    report = app.intake(fed.settings)
    assert told(report) == [(name, "unreadable", "errors"), ("z.csv", "taken", "errors")]
    reasons = list((fed.folder / "收件" / "errors").glob("*.reason.txt"))
    assert [path.read_text(encoding="utf-8").strip() for path in reasons] == [report.files[0].reason]


def test_a_file_that_nobody_else_may_have_waits_and_stops_no_other(
    fed: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(fed, "a.csv", ROWS.replace("一号", "二号"))
    drop(fed, "z.csv", ROWS)
    settings, plainly = fed.settings, Path.open

    def refused(path: Path, *how: Any, **more: Any) -> Any:
        if path.name == "a.csv":
            raise PermissionError(13, "used by another process", str(path))
        return plainly(path, *how, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refused)
        report = app.intake(settings)
    assert ([each.file for each in report.files], report.waiting) == (["z.csv"], ("a.csv",))
    assert [each.file for each in app.intake(fed.settings).files] == ["a.csv"]


def test_cards_become_customers_and_lose_nothing(fed: Office) -> None:
    drop(fed, "名片.vcf", CARDS)
    report = app.intake(fed.settings).files[0].report
    assert report is not None
    assert report.imported == {"customers": 2}
    assert [(row.line, row.faults[0].rule) for row in report.refused] == [(13, "import-blank")]
    firm, person = fed.rows("客户")[-2:]
    headers = ("客户名称", "客户类型", "联系人", "职位", "联系电话", "邮箱", "地址")
    told_of = "厦门海风贸易有限公司 企业客户 陈静怡 采购经理 13800138021 chen@example.com 福建厦门湖滨南路1号"
    assert [firm[header] for header in headers] == told_of.split()
    for part in ("展会认识", "采购部", "0592-2110011", "--0412"):
        assert part in str(firm["备注"])
    assert (person["客户名称"], person["客户类型"], person["联系电话"]) == ("张三", "个人客户", "13800138022")


def test_a_rule_of_the_config_says_what_becomes_of_a_file(fed: Office) -> None:
    mapping = '[[table]]\nsource = "web.csv"\ntab = "customers"\n[table.columns]\nname = "公司"\nphone = "手机"\n'
    (fed.folder / "web.toml").write_text(mapping, encoding="utf-8")
    rule = '[[intake.source]]\nfiles = "web/*.csv"\nmapping = "web.toml"\nmode = "both"\nmatch = ["phone"]\n'
    fed.config.write_text(fed.config.read_text(encoding="utf-8") + rule, encoding="utf-8")
    for encoding, name in (("gb18030", "甲公司"), ("utf-16", "乙公司")):
        drop(fed, f"web/{encoding}.csv", f"公司;手机\n{name};13800138001\n".encode(encoding))
    report = app.intake(fed.settings)
    assert [file.report and file.report.updated for file in report.files] == [{"customers": 1}] * 2
    assert names(fed)[0] == "乙公司"


def test_each_sheet_of_a_workbook_has_the_table_of_the_mapping_that_names_it(fed: Office) -> None:
    book = openpyxl.Workbook()
    for name, header, customer in (("新客户", "公司", "甲公司"), ("老客户", "名称", "乙公司")):
        sheet = book.create_sheet(name)
        sheet.append((header, "手机"))
        sheet.append((customer, "13800138001"))
    book.remove(book.worksheets[0])
    content = io.BytesIO()
    book.save(content)
    tables = (
        f'[[table]]\nsource = "两表.xlsx · {name}"\ntab = "customers"\nduplicates = "add"\n'
        f'[table.columns]\nname = "{header}"\nphone = "手机"\n'
        for name, header in (("新客户", "公司"), ("老客户", "名称"))
    )
    (fed.folder / "two.toml").write_text("".join(tables), encoding="utf-8")
    rule = '[[intake.source]]\nfiles = "*.xlsx"\nmapping = "two.toml"\n'
    fed.config.write_text(fed.config.read_text(encoding="utf-8") + rule, encoding="utf-8")
    drop(fed, "两表.xlsx", content.getvalue())
    report = app.intake(fed.settings)
    assert [file.outcome for file in report.files] == ["taken"]
    assert names(fed)[-2:] == ["甲公司", "乙公司"]


def test_a_broken_mapping_leaves_the_file_where_it_is(fed: Office) -> None:
    rule = '[[intake.source]]\nfiles = "*.csv"\nmapping = "none.toml"\n'
    fed.config.write_text(fed.config.read_text(encoding="utf-8") + rule, encoding="utf-8")
    path = drop(fed, "a.csv", ROWS)
    assert told(app.intake(fed.settings)) == [("a.csv", "unreadable", "")]
    assert path.exists()


def test_what_was_taken_in_can_be_taken_back(fed: Office) -> None:
    before = names(fed)
    drop(fed, "a.csv", ROWS)
    report = app.intake(fed.settings).files[0].report
    assert report is not None
    with opened(fed.settings) as workspace:
        assert f"{IMPORT_NOTE}{report.run}" in workspace.state.notes(IMPORT_NOTE)
    assert report.run is not None
    app.undo(fed.settings, report.run, dry_run=False)
    assert names(fed) == before


def test_a_sheet_of_notes_stops_no_workbook_and_is_told(fed: Office) -> None:
    """As `import` does it: what fits no tab, and what nobody sees, is left out."""
    book = openpyxl.Workbook()
    customers = book.worksheets[0]
    for line in ROWS.splitlines()[:2]:
        customers.append([*line.split(","), "爱好" if line.startswith("客户") else "钓鱼"])
    book.create_sheet("说明").append(["请勿修改"])
    book["说明"].append(["制表人"])
    hidden = book.create_sheet("旧")
    hidden.sheet_state = "hidden"
    for line in ROWS.replace("一号", "隐藏").splitlines()[:2]:
        hidden.append(line.split(","))
    stream = io.BytesIO()
    book.save(stream)
    drop(fed, "名单.xlsx", stream.getvalue())
    report = app.intake(fed.settings)
    assert told(report) == [("名单.xlsx", "taken", "done")]
    (taken,) = (each.report for each in report.files if each.report)
    assert [each.header for each in taken.left_over] == ["爱好"]
    assert [each.partition(" · ")[2] for each in taken.other_sheets] == ["说明", "旧"]
    assert "宁波一号有限公司" in names(fed)
    assert "宁波隐藏有限公司" not in names(fed)
