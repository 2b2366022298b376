"""Summary tabs: made once with their charts, then only their rows are written."""

import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from crm_sheets.change_log import ChangeLog
from crm_sheets.rules.summaries.base import Block, Chart, ChartKind, Figure, Summary, Unit
from crm_sheets.sync.backends.xlsx import PackageEdit, open_package, read_workbook
from crm_sheets.sync.backends.xlsx.create import WorkbookOptions, create_workbook
from crm_sheets.sync.backends.xlsx.log_sheet import write_log
from crm_sheets.sync.backends.xlsx.summary_layout import CHART_ROWS, areas, chart_places, lines
from crm_sheets.sync.backends.xlsx.summary_sheets import write_summary
from tests.backends.workbook.books import DICTIONARIES, SUMMARY_SHEETS, ZH, cells_of, children_of, parts, summaries

FEW, MANY = (100, 250), tuple(range(1, 41))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    create_workbook(path, (), ZH, {}, WorkbookOptions(DICTIONARIES, summaries=summaries(FEW)))
    return path


def team_of(amounts: tuple[int, ...]) -> Summary:
    return next(summary for summary in summaries(amounts) if summary.key == "team")


def rewrite(source: Path, amounts: tuple[int, ...], target: Path, today: date = date(2026, 11, 22)) -> Path:
    edit = PackageEdit(open_package(source))
    for summary in summaries(amounts, today):
        write_summary(edit, summary, ZH)
    edit.write(target)
    return target


def test_rewritten_rows_show_what_a_new_tab_would(book: Path, tmp_path: Path) -> None:
    rewritten = rewrite(book, MANY, tmp_path / "rewritten.xlsx")
    fresh = tmp_path / "fresh.xlsx"
    create_workbook(fresh, (), ZH, {}, WorkbookOptions(DICTIONARIES, summaries=summaries(MANY)))
    one, other = read_workbook(rewritten), read_workbook(fresh)
    assert len(one.sheets) == len(SUMMARY_SHEETS) + 1
    assert {name: list(sheet.rows) for name, sheet in one.sheets.items()} == {
        name: list(sheet.rows) for name, sheet in other.sheets.items()
    }


def test_a_tab_that_somebody_called_like_a_summary_stays_theirs(tmp_path: Path) -> None:
    own = openpyxl.Workbook()
    own.worksheets[0].title = team_of(FEW).title
    own.worksheets[0].append(("我们自己的", 42))
    own.save(tmp_path / "own.xlsx")
    edit = PackageEdit(open_package(tmp_path / "own.xlsx"))
    write_summary(edit, team_of(FEW), ZH)
    edit.write(tmp_path / "after.xlsx")
    (sheet,) = read_workbook(tmp_path / "after.xlsx").sheets.values()
    assert [row.cells for row in sheet.rows] == [("我们自己的", 42)]


def test_any_text_stands_in_a_new_tab_as_in_one_that_is_rewritten(book: Path, tmp_path: Path) -> None:
    odd = replace(team_of(FEW), conclusion="规格_x0031_型\x0b\ud800 & <甲>")
    create_workbook(tmp_path / "new.xlsx", (), ZH, {}, WorkbookOptions(DICTIONARIES, summaries=[odd]))
    edit = PackageEdit(open_package(book))
    write_summary(edit, odd, ZH)
    edit.write(tmp_path / "rewritten.xlsx")
    told = [read_workbook(tmp_path / f"{name}.xlsx").sheets[odd.title].rows[0].cells for name in ("new", "rewritten")]
    assert told == [(None, "规格_x0031_型\x0b\ufffd & <甲>")] * 2


def test_only_rows_change_and_a_second_time_nothing(book: Path, tmp_path: Path) -> None:
    first = rewrite(book, MANY, tmp_path / "first.xlsx")
    before, after = parts(book), parts(first)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {f"xl/worksheets/sheet{number}.xml" for number in range(1, len(SUMMARY_SHEETS) + 1)}
    sheet = "xl/worksheets/sheet2.xml"
    assert children_of(before[sheet]) == children_of(after[sheet])
    assert cells_of(after[sheet]).keys() == cells_of(before[sheet]).keys()
    again = rewrite(first, MANY, tmp_path / "again.xlsx")
    assert again.read_bytes() == first.read_bytes()


def test_a_cell_keeps_the_style_that_somebody_gave_it(book: Path, tmp_path: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    size = workbook["汇总_团队业绩"]["B4"].font.size
    workbook["汇总_团队业绩"]["B58"].font = openpyxl.styles.Font(color="FF123456")
    painted = tmp_path / "painted.xlsx"
    workbook.save(painted)
    changed = openpyxl.load_workbook(rewrite(painted, MANY, tmp_path / "out.xlsx"))["汇总_团队业绩"]
    assert changed["B58"].font.color.rgb == "FF123456"
    assert changed["B58"].value == "员工14"
    assert changed["B4"].font.size == size == 9


def test_a_tab_begins_with_its_conclusion(book: Path) -> None:
    sheet = openpyxl.load_workbook(book)["汇总_团队业绩"]
    team = team_of(FEW)
    assert [sheet.cell(row, 2).value for row in (1, 2)] == [team.conclusion, "汇总 · 团队业绩"]
    assert team.conclusion.endswith("。")
    assert "B1:M1" in {str(each) for each in sheet.merged_cells.ranges}
    bare = replace(team, conclusion="")
    assert lines(bare, ZH)[0].places[0].value == "还没有可以总结的数据。"


def test_a_rate_says_of_how_many_cases_it_is_one() -> None:
    told = [str(place.value) for line in lines(team_of(FEW), ZH) for place in line.places]
    assert "2026Q4 · n=2: 34–100%" in told


def test_a_block_without_rows_says_so_in_its_first_one() -> None:
    team = team_of(FEW)
    people = replace(team.blocks[0], rows=(), nothing="尚无人员")
    empty = replace(team, blocks=(people, replace(team.blocks[1], rows=()), *team.blocks[2:]))
    shown = {line.number: line for line in lines(empty, ZH)}
    firsts = [shown[area.header + 1] for area in areas(empty)[:2]]
    assert [(line.places[0].value, line.hidden) for line in firsts] == [("尚无人员", False), ("（暂无数据）", False)]
    assert shown[areas(empty)[0].header + 2].hidden


def test_a_chart_says_what_it_measures_where_neither_title_nor_legend_does(book: Path) -> None:
    titles = {
        "".join(re.findall(r"<a:t>([^<]*)</a:t>", content.decode()))
        for name, content in parts(book).items()
        if name.startswith("xl/charts/chart")
    }
    assert {"个人业绩", "月度成交成交金额"} <= titles


def test_rows_that_are_not_filled_are_hidden_and_never_those_under_a_chart() -> None:
    for amounts in (FEW, MANY):
        team = team_of(amounts)
        people = areas(team)[0]
        hidden = {line.number for line in lines(team, ZH) if line.hidden}
        data = range(people.header + 1, people.header + 1 + people.block.capacity)
        assert [row in hidden for row in data] == [n >= len(people.block.rows) for n in range(people.block.capacity)]
        drawn = {row + n for row, _ in chart_places(team) for n in range(CHART_ROWS + 1)}
        assert not drawn & hidden
        assert max(drawn) < people.header - 1


def test_charts_point_at_the_whole_of_their_blocks(book: Path) -> None:
    content = parts(book)
    team = team_of(FEW)
    last = [area.header + area.block.capacity for area in areas(team) if area.block.chart]
    formulas = [
        content[name].decode()
        for name in sorted(content)
        if name.startswith("xl/charts/") and "团队业绩" in content[name].decode()
    ]
    assert len(formulas) == len(last)
    assert all(any(f"${row}</" in text for text in formulas) for row in last)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with one summary."""
    path = tmp_path_factory.mktemp("bare") / "book.xlsx"
    create_workbook(path, (), ZH, {}, WorkbookOptions(DICTIONARIES, summaries=summaries(FEW)[:1]))
    return path


@pytest.mark.parametrize("date1904", [False, True])
def test_dates_are_those_of_the_books_own_calendar(bare: Path, tmp_path: Path, date1904: bool) -> None:
    """Made anew and written again; a day before the first one that spreadsheets know is a text."""
    days = (date(2026, 12, 1), date(2026, 11, 30))
    at, blank = datetime(2026, 11, 22, 10, 30), ("",) * 8  # noqa: DTZ001 - cells know no zones
    log = ChangeLog("修改记录", ("时间", *blank), ((at, *blank),))
    tile = Figure("dated.n", "总数", 1, Unit.COUNT, "数出来的", "all", days[0])
    path = tmp_path / "0.xlsx"
    with ZipFile(bare) as old, ZipFile(path, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            if date1904 and item.filename == "xl/workbook.xml":
                content = content.replace(b"<workbookPr", b'<workbookPr date1904="1"', 1)
            new.writestr(item, content)
    for number, day in enumerate((*days, date(1066, 10, 14)), start=1):
        units = (Unit.TEXT, Unit.COUNT, Unit.DATE)
        chart = Chart(ChartKind.BAR, (1,))
        block = Block("due", "期限", ("事项", "数", "截止"), (("甲", 1, day),), units, 3, chart)
        edit = PackageEdit(open_package(path))
        write_summary(edit, Summary("dated", "汇总_期限", days[0], (tile,), (block,), ""), ZH)
        write_log(edit, log)
        path = tmp_path / f"{number}.xlsx"
        edit.write(path)
        shown = openpyxl.load_workbook(path)
        values = [value for row in shown["汇总_期限"].iter_rows(values_only=True) for value in row]
        if day in days:
            assert datetime(day.year, day.month, day.day) in values  # noqa: DTZ001 - cells know no zones
        else:
            assert "1066-10-14" in values
        assert shown["修改记录"]["A2"].value == at
