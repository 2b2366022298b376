"""A book in use gets fields and tabs since the config says so, and keeps what a config takes out."""

import zipfile
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table

from crm_sheets import app, reports
from crm_sheets.app.workspace import opened
from crm_sheets.sync.backends.xlsx import patch_workbook
from crm_sheets.tables import TabKey
from tests.app.offices import CONFIG, CUSTOMERS, PEOPLE, Office

RATING = """
[[field]]
tab = "customers"
key = "rating"
label = "合作评级"
type = "choice"
values = ["战略", "核心", "一般"]
"""
SCORE = """
[[field]]
tab = "customers"
key = "score"
label = "评分"
type = "{kind}"
"""


def configured(office: Office, text: str) -> Office:
    office.config.write_text(CONFIG + text, encoding="utf-8")
    return office


def codes(report: reports.CycleReport) -> set[str]:
    return {issue.code for issue in report.issues}


def stored(office: Office, row: int = 0) -> dict[str, object]:
    """The record of a row of 客户, as the state has it."""
    with opened(office.settings) as workspace:
        records = workspace.state.all_records(TabKey("customers"))
        return {str(key): value for key, value in records[office.rows("客户")[row]["编号"]].values.items()}  # type: ignore[index]


def test_a_field_of_the_config_appears_at_the_next_cycle(office: Office) -> None:
    before = office.header("客户")
    with zipfile.ZipFile(office.book) as archive:
        others = {name: archive.read(name) for name in archive.namelist() if "sheet2" in name}
    configured(office, RATING)
    assert app.check(office.settings).halted is None
    assert office.header("客户") == before, "a dry run adds nothing"
    report = office.sync()
    assert office.header("客户") == [*before, "合作评级"]
    assert codes(report) == set()
    office.type("客户", 2, {"合作评级": "核心"})
    assert codes(office.sync()) == set()
    assert stored(office)["rating"] == "核心"
    assert office.sync().changes == ()
    with zipfile.ZipFile(office.book) as archive:
        assert {name: archive.read(name) for name in others} == others


def test_its_drop_down_and_those_that_were_there_point_to_their_own_lists(office: Office) -> None:
    names = {name: found.attr_text for name, found in load_workbook(office.book).defined_names.items()}
    configured(office, RATING)
    office.sync()
    book = load_workbook(office.book)
    now = {name: found.attr_text for name, found in book.defined_names.items()}
    assert {name: now[name] for name in names} == names
    lists = {cell.value: [each.value for each in column] for column in book["_lists"].columns if (cell := column[0])}
    assert lists["customers_rating"][1:4] == ["战略", "核心", "一般"]
    assert lists["customer_type"][1:4] == ["企业客户", "个人客户", "渠道客户"]
    place = [cell.value for cell in book["_lists"][1]].index("customers_rating") + 1
    letter = get_column_letter(place)
    assert now["list_customers_rating"].startswith(f"'_lists'!${letter}$2:")
    sheet = book["客户"]
    column = get_column_letter(sheet.max_column)
    rules = [each for each in sheet.data_validations.dataValidation if column in str(each.sqref)]
    assert [each.formula1 for each in rules] == ["list_customers_rating"]
    assert [row["值"] for row in office.rows("字典") if row["字典"] == "合作评级"] == ["战略", "核心", "一般"]


def test_a_column_that_the_team_had_under_that_header_becomes_the_field_with_its_values(office: Office) -> None:
    place = len(office.header("客户")) + 1
    typed = {(row, place): text for row, text in enumerate(("评分", 1, 2, 3, "很好", 5), 1)}
    aside = office.book.with_suffix(".typed")
    patch_workbook(office.book, aside, {"客户": typed})  # type: ignore[dict-item]
    aside.replace(office.book)
    office.sync()
    configured(office, SCORE.format(kind="integer") + "[sync.max_change]\ncells = 1\nfraction = 0.1\n")
    report = office.sync()
    assert report.halted is None
    assert codes(report) == {"not-a-number"}
    assert [row["评分"] for row in office.rows("客户")] == [1, 2, 3, "很好", 5]
    assert stored(office)["score"] == 1
    assert len(office.header("客户")) == place


def test_a_deleted_column_comes_back_with_its_values(office: Office) -> None:
    configured(office, SCORE.format(kind="integer"))
    office.sync()
    office.type_all("客户", {row: {"评分": row} for row in range(2, 7)})
    office.sync()
    place = office.header("客户").index("评分") + 1
    aside = office.book.with_suffix(".typed")
    patch_workbook(office.book, aside, {"客户": {(row, place): None for row in range(1, 7)}})
    aside.replace(office.book)
    assert "评分" not in office.header("客户")
    report = office.sync()
    assert report.halted is None
    assert [row["评分"] for row in office.rows("客户")] == [2, 3, 4, 5, 6]
    assert office.sync().changes == ()


def test_a_field_that_is_taken_out_leaves_its_column_to_the_team_and_may_come_back(office: Office) -> None:
    configured(office, SCORE.format(kind="integer"))
    office.sync()
    office.type_all("客户", {row: {"评分": row} for row in range(2, 7)})
    office.sync()
    configured(office, "")
    office.sync()
    office.type_all("客户", {2: {"评分": "随便写"}, 3: {"备注": "改过", "评分": 30}})
    assert codes(office.sync()) == set()
    assert [row["评分"] for row in office.rows("客户")] == ["随便写", 30, 4, 5, 6]
    assert stored(office, 1)["score"] == 3, "the state keeps what it knew"
    assert app.history(office.settings, app.HistoryRequest(str(office.rows("客户")[1]["编号"]), limit=9)).entries
    office.type("客户", 2, {"评分": 20})
    configured(office, SCORE.format(kind="integer"))
    report = office.sync()
    assert codes(report) == set()
    assert [row["评分"] for row in office.rows("客户")] == [20, 30, 4, 5, 6]
    assert [stored(office, row)["score"] for row in range(5)] == [20, 30, 4, 5, 6]


def test_a_field_may_change_its_kind(office: Office) -> None:
    configured(office, SCORE.format(kind="text"))
    office.sync()
    office.type_all("客户", {2: {"评分": "7"}, 3: {"评分": "很好"}})
    office.sync()
    configured(office, SCORE.format(kind="integer"))
    report = office.sync()
    assert codes(report) == {"not-a-number"}
    assert stored(office)["score"] == 7
    assert "score" not in stored(office, 1)


def test_a_held_file_gets_the_field_when_it_is_closed(office: Office) -> None:
    configured(office, RATING + "required = true\n")
    lock = office.book.with_name(f"~${office.book.name}")
    lock.write_bytes(b"\x04Wang" + b" " * 160)
    office.sync()
    assert "合作评级" not in office.header("客户")
    lock.unlink()
    report = office.sync()
    assert "合作评级" in office.header("客户")
    assert codes(report) == {"required"}
    assert str(office.rows("客户")[0]["检查"]).startswith("【合作评级】")


def test_a_tab_that_is_chosen_later_appears_and_one_left_out_stays_untouched(office: Office) -> None:
    few = '[workbook]\npath = "客户.xlsx"\nquiet = "0s"\ntabs = ["customers", "people", "dictionaries"]\n'
    office.add("反馈", [{"客户": str(CUSTOMERS[0]["客户名称"]), "反馈内容": "很好", "处理状态": "待处理"}])
    office.sync()
    office.config.write_text(few, encoding="utf-8")
    office.sync()
    office.type("反馈", 2, {"反馈内容": "不好"})
    assert codes(office.sync()) == set()
    assert office.rows("反馈")[0]["反馈内容"] == "不好"
    office.config.write_text(CONFIG, encoding="utf-8")
    assert {issue.column for issue in office.sync().issues} == {"date", "type"}
    with opened(office.settings) as workspace:
        (record,) = workspace.state.all_records(TabKey("feedback")).values()
    assert record.values["content"] == "不好"  # type: ignore[index]


def test_a_new_tab_with_its_lists(tmp_path: Path) -> None:
    office = Office(tmp_path)
    few = '[workbook]\npath = "客户.xlsx"\nquiet = "0s"\ntabs = ["customers", "people", "dictionaries"]\n'
    office.config.write_text(few, encoding="utf-8")
    app.init(office.config, workbook=None, locale=None, adopt=False, all_columns=False)
    office.add("组织", PEOPLE)
    office.add("客户", CUSTOMERS)
    office.sync()
    assert "跟进" not in office.snapshot().sheets
    assert not any(row["字典"] == "跟进方式" for row in office.rows("字典"))
    office.config.write_text(CONFIG, encoding="utf-8")
    report = office.sync()
    assert report.halted is None
    assert {"跟进", "机会", "反馈"} <= office.snapshot().sheets.keys()
    assert [row["值"] for row in office.rows("字典") if row["字典"] == "跟进方式"][:2] == ["电话", "拜访"]
    book = load_workbook(office.book)
    lists = [cell.value for cell in book["_lists"][1]]
    assert "follow_up_method" in lists
    assert "list_follow_up_method" in book.defined_names
    office.add(
        "跟进",
        [{"客户": str(CUSTOMERS[0]["客户名称"]), "跟进方式": "电话", "跟进内容": "回访", "计划完成时间": "2026-12-01"}],
    )
    assert codes(office.sync()) == set()
    assert office.rows("跟进")[0]["编号"]
    assert office.sync().changes == ()


def test_values_that_a_team_took_out_of_a_dictionary_stay_out(office: Office) -> None:
    rows = [row["#"] for row in office.rows("字典") if row["字典"] == "企业规模"]
    office.type_all(
        "字典", {int(str(row)): dict.fromkeys(("字典", "值", "顺序", "属性", "启用"), None) for row in rows}
    )
    office.sync(accept_deletions=True)
    assert not any(row["字典"] == "企业规模" for row in office.rows("字典"))
    configured(office, RATING)
    office.sync()
    assert not any(row["字典"] == "企业规模" for row in office.rows("字典"))
    assert any(row["字典"] == "合作评级" for row in office.rows("字典"))


def test_a_unique_field_finds_rows_that_had_their_values_before(office: Office) -> None:
    configured(office, SCORE.format(kind="integer"))
    office.sync()
    office.type_all("客户", {2: {"评分": 1}, 3: {"评分": 1}, 4: {"评分": 2}})
    office.sync()
    configured(office, SCORE.format(kind="integer") + "unique = true\n")
    assert [issue.code for issue in office.sync().issues] == ["not-unique"] * 2
    office.type("客户", 3, {"评分": 2})
    issues = office.sync().issues
    keys = [str(row["编号"]) for row in office.rows("客户")]
    assert {issue.row for issue in issues} == {keys[1], keys[2]}
    assert {issue.code for issue in issues} == {"not-unique"}


def test_a_sheet_that_cannot_be_extended_says_so_and_works_on(office: Office) -> None:
    book = load_workbook(office.book)
    sheet = book["客户"]
    last = get_column_letter(len(office.header("客户")))
    sheet.auto_filter.ref = None
    sheet.add_table(Table(displayName="Customers", ref=f"A1:{last}6"))
    beside = len(office.header("客户")) + 3
    sheet.cell(1, beside, "旁边的笔记")
    book.save(office.book)
    office.sync()
    configured(office, RATING)
    report = office.sync()
    assert report.halted is None
    assert codes(report) == {"column-not-added"}
    (issue,) = [issue for issue in report.issues if issue.code == "column-not-added"]
    assert "right of the table" in issue.message
    office.type("客户", 2, {"备注": "还能用"})
    office.sync()
    assert stored(office)["note"] == "还能用"


def test_a_dry_run_says_which_tab_the_next_cycle_makes(office: Office) -> None:
    text = CONFIG.replace(
        "[workbook]", '[workbook]\ntabs = ["customers", "feedback", "services", "people", "dictionaries"]'
    )
    office.config.write_text(text, encoding="utf-8")

    report, checked = office.sync(dry_run=True), app.check(office.settings)

    assert report.halted is None
    assert checked.halted is None
    assert [(issue.code, issue.tab) for issue in checked.issues] == [("tab-to-come", "services")]
    assert office.sync().halted is None
    assert app.check(office.settings).issues == ()
