"""What a person adds to their own workbook stays through rounds; what cannot come along into a new file is kept."""

import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from tests.app.galleries import Desk, Gallery, gallery
from tests.app.offices import NOW

HONGTU = "上海宏图机械有限公司"


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    """王芳 has made herself at home in her workbook."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        team = gallery(tmp_path_factory.mktemp("furnished"))
        furnish(team.view("E01").book)
        team.sync()
        return team


def furnish(path: Path) -> None:
    book = load_workbook(path)
    tab = book["客户"]
    assert isinstance(tab, Worksheet)
    tab.cell(2, 3).comment = Comment("先打电话", "王芳")
    tab.auto_filter.ref = f"A1:{tab.dimensions.split(':')[1]}"
    tab.auto_filter.add_filter_column(2, ["上海宏图机械有限公司"])
    tab.column_dimensions["C"].width = 47.5
    own = tab.max_column + 1
    tab.cell(1, own, "我的标记")
    tab.cell(row(tab, HONGTU), own, "重点")
    sheet = book.create_sheet("我的表")
    for line in (["月份", "拜访"], ["十月", 3], ["十一月", 5]):
        sheet.append(line)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    sheet.add_chart(chart, "D2")
    book.save(path)


def row(tab: Worksheet, name: str) -> int:
    return next(cell.row for cells in tab.iter_rows() for cell in cells if cell.value == name)


def additions(path: Path) -> dict[str, object]:
    """What stands in a file of all that."""
    book = load_workbook(path)
    tab = book["客户"]
    assert isinstance(tab, Worksheet)
    with zipfile.ZipFile(path) as container:
        charts = [name for name in container.namelist() if name.startswith("xl/charts/chart")]
    comments = [cell.comment.text for cells in tab.iter_rows() for cell in cells if cell.comment is not None]
    own = [cell.column for cell in tab[1] if cell.value == "我的标记"]
    return {
        "sheet": [[cell.value for cell in cells] for cells in book["我的表"].iter_rows()] if "我的表" in book else None,
        "comment": comments,
        "filter": [column.filters.filter for column in tab.auto_filter.filterColumn if column.filters],
        "width": tab.column_dimensions["C"].width,
        "charts": len(charts),
        "own": tab.cell(row(tab, HONGTU), own[0]).value if own else None,
    }


HERS = {
    "sheet": [["月份", "拜访"], ["十月", 3], ["十一月", 5]],
    "comment": ["先打电话"],
    "filter": [["上海宏图机械有限公司"]],
    "width": 47.5,
    "charts": 1,
    "own": "重点",
}


@pytest.fixture
def team(furnished: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gallery:
    monkeypatch.setenv("CRM_SHEETS_NOW", NOW.isoformat())
    return furnished.copied(tmp_path / "team")


def note(desk: Desk | Gallery, name: str, text: str) -> None:
    place = next(int(str(each["#"])) for each in desk.rows("客户") if each["客户名称"] == name)
    desk.type("客户", place, {"备注": text})


def test_additions_stay_through_rounds(team: Gallery) -> None:
    desk = team.view("E01")
    assert additions(desk.book) == HERS
    note(team, HONGTU, "总表里写的")
    team.sync()
    note(desk, HONGTU, "自己写的")
    team.add("客户", [{"客户名称": "宁波东方模具厂", "客户类型": "企业客户", "所属行业": "制造业", "负责人": "王芳"}])
    team.sync()
    team.sync()
    assert [each["备注"] for each in team.rows("客户") if each["客户名称"] == HONGTU] == ["自己写的"]
    assert "宁波东方模具厂" in [each["客户名称"] for each in desk.rows("客户")]
    assert additions(desk.book) == HERS


def test_a_row_that_goes_takes_only_its_own_additions(team: Gallery) -> None:
    desk = team.view("E01")
    note(desk, HONGTU, "留下")
    place = next(int(str(each["#"])) for each in team.rows("客户") if each["客户名称"] == "苏州远航物流有限公司")
    team.type("客户", place, {"负责人": "李强"})
    team.sync()
    assert "苏州远航物流有限公司" not in [each["客户名称"] for each in desk.rows("客户")]
    found = additions(desk.book)
    assert found | {"comment": None} == HERS | {"comment": None}


def test_a_view_that_is_made_anew_says_so_and_the_old_one_is_kept(team: Gallery) -> None:
    """Columns come along as values; sheets, charts and notes may hold what may no longer be seen."""
    team.allow('level = "hidden", private', 'needs = "hidden", level = "hidden", private')
    report = team.sync()
    [told] = [view.handled for view in report.views if view.person == "E01"]
    assert told == ("renewed", "carried")
    found = additions(team.view("E01").book)
    assert found["own"] == "重点"
    assert (found["sheet"], found["comment"], found["charts"]) == (None, [], 0)
    kept = (team.folder / "backups" / "views").glob("*/E01-王芳.*.xlsx")
    assert any(additions(each) == HERS for each in kept)
