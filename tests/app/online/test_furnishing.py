"""A spreadsheet gets everything that a workbook of ours has, once; what people do to it stays."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from crm_sheets import clock
from crm_sheets.app.backends import spreadsheet_of
from crm_sheets.app.online_init import fill
from crm_sheets.app.workspace import opened
from crm_sheets.errors import UsageError
from crm_sheets.figures import compute
from crm_sheets.google_emulator import Emulator
from crm_sheets.rules.summaries.base import SummaryContext
from crm_sheets.sync.backends.google.native.summaries import summary_requests
from crm_sheets.sync.backends.google.native.there import SheetThere
from crm_sheets.sync.setup import Wish
from tests.app.galleries import STAFF
from tests.app.online.teams import OWNER, Team, made

GRANTS = """
[[grant]]
role = "shared"
tab = "*"
columns = { "*" = "edit" }
create = "all"

[[grant]]
role = "sales"
tab = "customers"
rows = "own"
columns = { "*" = "edit", level = "read" }
create = "own"

[[grant]]
role = "department_manager"
tab = "customers"
rows = "department"
columns = { "*" = "edit" }
"""
"""Sellers edit all but the level of their customers, managers that as well."""


@pytest.fixture(scope="module")
def team(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Team:
    """A team of a manager and two sellers, whose spreadsheet was made and filled."""
    found = made(tmp_path_factory.mktemp("team"), emulator, more=GRANTS)
    found.init()
    found.add(book(found), "组织", STAFF)
    found.sync()
    return found


def book(team: Team) -> str:
    """The team's spreadsheet."""
    spreadsheet = team.settings.workbook.spreadsheet
    assert spreadsheet is not None
    return spreadsheet


def sheet(team: Team, title: str) -> Any:
    """A tab as Google tells of it."""
    told = team.told(book(team), "sheets(properties,protectedRanges,conditionalFormats,charts,basicFilter)")["sheets"]
    return next(each for each in told if each["properties"]["title"] == title)


def looks(team: Team, where: str) -> Any:
    """What cells have beside their values."""
    fields = "sheets(data(columnMetadata(hiddenByUser),rowData(values(dataValidation,note,userEnteredFormat))))"
    told = team.ask("GET", f"/v4/spreadsheets/{book(team)}?includeGridData=true&ranges={quote(where)}&fields={fields}")
    return told["sheets"][0]["data"][0]


def guards(team: Team, title: str) -> dict[tuple[int, int], set[str]]:
    """Who may edit which columns (1-based, both ends) of a tab."""
    found = {}
    for each in sheet(team, title).get("protectedRanges", []):
        place = each["range"]
        assert not each["editors"].get("domainUsersCanEdit", False)
        columns = place.get("startColumnIndex", 0) + 1, place.get("endColumnIndex", 0)
        found[columns] = set(each["editors"].get("users", ()))
    return found


def column(team: Team, title: str, label: str) -> int:
    """The 1-based column of a label."""
    return [str(name).rstrip("*") for name in team.grid(book(team), title)[0]].index(label) + 1


def test_a_tab_looks_as_in_xlsx(team: Team) -> None:
    customers = sheet(team, "客户")
    grid = customers["properties"]["gridProperties"]
    assert (grid["frozenRowCount"], grid["frozenColumnCount"]) == (1, 3)
    assert customers["basicFilter"]["range"]["endColumnIndex"] == grid["columnCount"]
    told = looks(team, "客户!A1:AW2")
    assert [number for number, each in enumerate(told["columnMetadata"], 1) if each.get("hiddenByUser")] == [
        column(team, "客户", "_key")
    ]
    cells = dict(enumerate(told["rowData"][1]["values"], 1))
    assert cells[column(team, "客户", "联系电话")]["userEnteredFormat"]["numberFormat"]["type"] == "TEXT"
    assert cells[column(team, "客户", "生日")]["userEnteredFormat"]["numberFormat"]["type"] == "DATE"


def test_drop_downs_point_at_lists_and_take_free_words(team: Team) -> None:
    cells = dict(enumerate(looks(team, "客户!A2:AW2")["rowData"][0]["values"], 1))
    rules = {label: cells[column(team, "客户", label)]["dataValidation"] for label in ("客户类型", "负责人")}
    assert {rule["condition"]["type"] for rule in rules.values()} == {"ONE_OF_RANGE"}
    assert not any(rule.get("strict") for rule in rules.values())
    source = rules["负责人"]["condition"]["values"][0]["userEnteredValue"]
    assert source == "='_lists'!$A$2:$A"
    assert [row[0] for row in team.grid(book(team), "_lists")[1:4]] == sorted(row["姓名"] for row in STAFF)
    active = looks(team, "组织!2:2")["rowData"][0]["values"][column(team, "组织", "在职") - 1]["dataValidation"]
    assert active["strict"]
    assert active["condition"]["type"] == "ONE_OF_LIST"


def test_a_cell_is_coloured_when_the_check_column_complains_of_it(team: Team) -> None:
    formulas = {
        rule["ranges"][0]["startColumnIndex"] + 1: rule["booleanRule"]["condition"]["values"][0]["userEnteredValue"]
        for rule in sheet(team, "客户")["conditionalFormats"]
        if "FIND" in rule["booleanRule"]["condition"]["values"][0]["userEnteredValue"]
    }
    assert "【联系电话】" in formulas[column(team, "客户", "联系电话")]
    assert column(team, "客户", "检查") not in formulas


def test_our_columns_are_ours_and_the_level_is_the_managers(team: Team) -> None:
    found = guards(team, "客户")
    ids = found[column(team, "客户", "编号"), column(team, "客户", "_key")]
    assert ids - {OWNER} == {team.account}
    level = column(team, "客户", "客户等级")
    assert found[level, level] - {OWNER} == {team.account, "zhangwei@example.com"}
    assert not any(first <= column(team, "客户", "备注") <= last for first, last in found)


def test_somebody_who_leaves_loses_what_was_theirs(team: Team) -> None:
    row = next(number for number, each in enumerate(team.rows(book(team), "组织"), 2) if each["姓名"] == "张伟")
    level = column(team, "客户", "客户等级")
    for active, editors in (("否", {team.account}), ("是", {team.account, "zhangwei@example.com"})):
        team.type(book(team), "组织", row, {"在职": active})
        team.sync()
        assert guards(team, "客户")[level, level] - {OWNER} == editors


def test_asked_again_nothing_is_lacking(team: Team) -> None:
    team.calls()
    with opened(team.settings) as workspace:
        fill(workspace, workspace.dictionaries(), {}, {})
    assert {call.partition(" ")[0] for call in team.calls()} == {"GET"}


def test_rows_that_came_later_get_their_drop_downs_when_it_is_set_up_again(team: Team) -> None:
    told = sheet(team, "跟进")["properties"]
    last = told["gridProperties"]["rowCount"] + 50
    more = {"appendDimension": {"sheetId": told["sheetId"], "dimension": "ROWS", "length": 50}}
    team.ask("POST", f"/v4/spreadsheets/{book(team)}:batchUpdate", {"requests": [more]})
    assert team.init(adopt=True).added == ()
    cells = looks(team, f"跟进!{last}:{last}")["rowData"][0]["values"]
    assert cells[column(team, "跟进", "跟进方式") - 1]["dataValidation"]["condition"]["type"] == "ONE_OF_RANGE"


def rule_of_the_last_row(team: Team, title: str, label: str) -> Any:
    """What may be chosen in the last row of a tab."""
    last = sheet(team, title)["properties"]["gridProperties"]["rowCount"]
    rows = looks(team, f"{title}!{last}:{last}").get("rowData", [])
    cells = rows[0].get("values", []) if rows else []
    place = column(team, title, label) - 1
    return cells[place].get("dataValidation", {}) if place < len(cells) else {}


@pytest.mark.slow
def test_rows_beyond_those_that_were_set_up(emulator: Emulator, tmp_path: Path) -> None:
    team = made(tmp_path, emulator)
    team.init()
    told = sheet(team, "客户")["properties"]
    where, last = told["sheetId"], told["gridProperties"]["rowCount"]
    team.type_at(book(team), f"客户!C{last - 9}:C{last}", [[f"公司{number}"] for number in range(10)])
    team.sync()
    assert sheet(team, "客户")["properties"]["gridProperties"]["rowCount"] > last + 50, "there is room for more again"
    assert rule_of_the_last_row(team, "客户", "客户类型")["condition"]["type"] == "ONE_OF_RANGE"
    (guard,) = (
        each["range"]
        for each in sheet(team, "客户")["protectedRanges"]
        if each["range"].get("startColumnIndex", 0) == column(team, "客户", "编号") - 1
    )
    assert "endRowIndex" not in guard
    with opened(team.settings, remember=True) as workspace:
        workspace.run(Wish(clock.now()))
        team.calls()
        workspace.run(Wish(clock.now()))
        assert team.calls() == ["GET values:batchGet"], "what we add ourselves is not looked at again"
        more = {"appendDimension": {"sheetId": where, "dimension": "ROWS", "length": 70}}
        team.ask("POST", f"/v4/spreadsheets/{book(team)}:batchUpdate", {"requests": [more]})
        assert rule_of_the_last_row(team, "客户", "客户类型") == {}
        spreadsheet_of(workspace.backend).forget()  # as it does after ten minutes
        workspace.run(Wish(clock.now()))
        workspace.run(Wish(clock.now()))
    assert rule_of_the_last_row(team, "客户", "客户类型")["condition"]["type"] == "ONE_OF_RANGE"


def test_what_people_set_up_stays(team: Team, emulator: Emulator) -> None:
    own_rule = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "一"}, {"userEnteredValue": "二"}]}
    region, customers = column(team, "客户", "客户来源"), sheet(team, "客户")["properties"]["sheetId"]
    here = {"sheetId": customers, "startRowIndex": 1, "startColumnIndex": region - 1, "endColumnIndex": region}
    blue = {"backgroundColor": {"blue": 1}}
    blank = {"condition": {"type": "BLANK"}, "format": blue}
    requests: list[dict[str, Any]] = [
        {"setDataValidation": {"range": here, "rule": {"condition": own_rule, "showCustomUi": True}}},
        {"addConditionalFormatRule": {"rule": {"ranges": [here], "booleanRule": blank}, "index": 0}},
        {"addProtectedRange": {"protectedRange": {"range": here, "description": "我的", "warningOnly": True}}},
    ]
    team.ask("POST", f"/v4/spreadsheets/{book(team)}:batchUpdate", {"requests": requests})
    before = sheet(team, "客户"), looks(team, "客户!A2:AW2")
    with opened(team.settings) as workspace:
        fill(workspace, workspace.dictionaries(), {}, {})
    assert (sheet(team, "客户"), looks(team, "客户!A2:AW2")) == before


def test_charts_have_the_same_ids_for_ever(team: Team) -> None:
    charts = {each["chartId"] for each in sheet(team, "汇总_客户")["charts"]}
    team.add(book(team), "客户", [{"客户名称": "上海宏图机械有限公司", "客户类型": "企业客户"}])
    team.sync()
    told = sheet(team, "汇总_客户")
    assert {each["chartId"] for each in told["charts"]} == charts
    assert charts
    assert all(each["spec"]["title"] for each in told["charts"])


def test_a_chart_may_be_moved_to_a_sheet_of_its_own(team: Team) -> None:
    chart = sheet(team, "汇总_客户")["charts"][0]["chartId"]
    moved = {"objectId": chart, "newPosition": {"newSheet": True}, "fields": "*"}
    body = {"requests": [{"updateEmbeddedObjectPosition": moved}]}
    team.ask("POST", f"/v4/spreadsheets/{book(team)}:batchUpdate", body)
    with opened(team.settings) as workspace:  # a look that knows of it
        workspace.run(Wish(clock.now()))
    team.add(book(team), "客户", [{"客户名称": "成都西部建材有限公司", "客户类型": "企业客户"}])
    team.sync()
    assert any("成都西部建材有限公司" in row.values() for row in team.rows(book(team), "客户"))
    assert chart not in {each["chartId"] for each in sheet(team, "汇总_客户")["charts"]}


def test_a_summary_without_its_last_columns_gets_them_back(team: Team) -> None:
    title = "汇总_客户"
    columns = {"sheetId": sheet(team, title)["properties"]["sheetId"], "dimension": "COLUMNS", "startIndex": 9}
    body = {"requests": [{"deleteDimension": {"range": columns}}]}
    team.ask("POST", f"/v4/spreadsheets/{book(team)}:batchUpdate", body)
    team.add(book(team), "客户", [{"客户名称": "广州南方贸易有限公司", "客户类型": "企业客户"}])
    team.sync()
    assert sheet(team, title)["properties"]["gridProperties"]["columnCount"] > 9
    assert any("广州南方贸易有限公司" in row.values() for row in team.rows(book(team), "客户"))


def test_a_summary_of_another_layout_is_dressed_anew(team: Team) -> None:
    with opened(team.settings) as workspace:
        setup = workspace.cycle.setup
        made_ = compute(
            setup.summaries,
            workspace.draft(),
            SummaryContext(date(2026, 11, 22), setup.zone, workspace.dictionaries(), setup.language),
        )
        there = SheetThere(7, made_[0].title, rows=900, columns=15)
        plain, anew = (
            _flat(summary_requests(replace(made_[0], remake=remake), setup.language, there)) for remake in (False, True)
        )
    assert [each["fields"] for each in plain["updateCells"]] == ["userEnteredValue"]
    assert [each["fields"] for each in anew["updateCells"]] == ["userEnteredValue,userEnteredFormat"]
    assert anew["updateCells"][0]["range"] == plain["updateCells"][0]["range"]
    assert anew["updateCells"][0]["range"]["endRowIndex"] == 900
    shown = [each for each in anew["updateDimensionProperties"] if each["properties"] == {"hiddenByUser": False}]
    assert shown[0]["range"] == {"sheetId": 7, "dimension": "ROWS", "startIndex": 0, "endIndex": 900}


def _flat(requests: Any) -> dict[str, list[Any]]:
    """What is asked, by the kind of request."""
    found: dict[str, list[Any]] = {}
    for each in requests:
        for kind, told in each.items():
            found.setdefault(kind, []).append(told)
    return found


def test_a_spreadsheet_in_use_is_adopted_only_when_asked(emulator: Emulator, tmp_path: Path) -> None:
    team = made(tmp_path, emulator)
    body = {"requests": [{"updateSheetProperties": {"properties": {"sheetId": 0, "title": "客户"}, "fields": "title"}}]}
    team.ask("POST", f"/v4/spreadsheets/{book(team)}:batchUpdate", body)
    table = [
        ["公司名称", "客户类型", "联系人", "电话", "我们的编码"],
        ["远山贸易", "企业客户", "李雷", "13900139000", 7],
    ]
    where = f"/v4/spreadsheets/{book(team)}/values/%E5%AE%A2%E6%88%B7!A1:E2?valueInputOption=RAW"
    team.ask("PUT", where, {"values": table})
    with pytest.raises(UsageError, match="--adopt"):
        team.init()
    report = team.init(adopt=True)
    assert report.unknown == ("客户!我们的编码",)
    assert "客户!编号" in report.added
    team.sync()
    (row,) = team.rows(book(team), "客户")
    assert (row["公司名称"], row["我们的编码"]) == ("远山贸易", 7)
    assert str(row["编号"]).startswith("C-")
