"""A tab that was made for another layout is made anew: charts point at their rows, and stand where they were put."""

import re
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from crm_sheets.rules.summaries.base import Summary
from crm_sheets.sync.backends.xlsx import PackageEdit, open_package, read_workbook
from crm_sheets.sync.backends.xlsx.create import WorkbookOptions, create_workbook
from crm_sheets.sync.backends.xlsx.summary_layout import CHART_COLUMNS, areas, chart_places, layout_digest
from crm_sheets.sync.backends.xlsx.summary_sheets import write_summary
from tests.backends.workbook.books import DICTIONARIES, ZH, parts, summary
from tests.backends.workbook.test_charts_stay import moved

FUNNEL = summary("funnel", (100, 250))
NOW = replace(FUNNEL, remake=True)
BEFORE = replace(FUNNEL, blocks=FUNNEL.blocks[:1])
"""What an earlier version told: one table less, so that each stood elsewhere."""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    made = tmp_path / "made.xlsx"
    create_workbook(made, (), ZH, {}, WorkbookOptions(DICTIONARIES, summaries=[BEFORE]))
    return made


def written(book: Path, target: Path, summary: Summary) -> Path:
    edit = PackageEdit(open_package(book))
    write_summary(edit, summary, ZH)
    edit.write(target)
    return target


def corners(book: Path) -> list[tuple[int, int]]:
    """Row and column in which each chart begins, 1-based."""
    (drawing,) = (content for name, content in parts(book).items() if name.startswith("xl/drawings/drawing"))
    found = re.findall(rb"<(?:\w+:)?from>.*?<(?:\w+:)?col>(\d+)<.*?<(?:\w+:)?row>(\d+)<", drawing, re.DOTALL)
    return [(int(row) + 1, int(column) + 1) for column, row in found]


def pointed_at(book: Path) -> list[set[int]]:
    """The first rows of the data that each chart draws."""
    charts = [content for name, content in sorted(parts(book).items()) if name.startswith("xl/charts/chart")]
    return [{int(row) for row in re.findall(rb"<(?:c:)?f>[^<]*?\$[A-Z]+\$([0-9]+)", chart)} for chart in charts]


def test_charts_get_their_rows_and_new_ones_are_added(book: Path, tmp_path: Path) -> None:
    again = written(book, tmp_path / "again.xlsx", NOW)
    drawn = [area for area in areas(NOW) if area.block.chart is not None]
    assert len(drawn) == 2
    assert pointed_at(again) == [{area.header + 1} for area in drawn]
    assert corners(again) == chart_places(NOW)
    names = set(parts(again))
    assert sum(name.startswith("xl/charts/") for name in names) == 2
    assert sum(name.startswith("xl/drawings/drawing") for name in names) == 1
    listed = set(re.findall(rb'PartName="/([^"]*)"', parts(again)["[Content_Types].xml"]))
    assert {name.decode() for name in listed} <= names
    sheet = read_workbook(again).sheets[FUNNEL.title]
    told = {row.number: row.cells for row in sheet.rows}
    assert all(told[area.header][1 : 1 + len(area.block.header)] == area.block.header for area in areas(NOW))
    assert [each.name for each in open_package(again).sheets] == [each.name for each in open_package(book).sheets]


def test_a_chart_whose_title_says_more_now_stays_where_it_was_moved_to(tmp_path: Path) -> None:
    """Earlier versions did not say below the title what a chart shows; that line is the last of the title."""
    made, old = tmp_path / "made.xlsx", tmp_path / "old.xlsx"
    told = replace(BEFORE, blocks=(replace(BEFORE.blocks[0], title="各阶段"),))
    create_workbook(made, (), ZH, {}, WorkbookOptions(DICTIONARIES, summaries=[told]))
    with ZipFile(moved(made, tmp_path / "moved.xlsx")) as source, ZipFile(old, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/charts/chart"):
                content = re.sub(rb"(</a:p>)<a:p .*?</a:p>(</rich>)", rb"\1\2", content, count=1)
            target.writestr(name, content)
    assert parts(old) != parts(tmp_path / "moved.xlsx")
    again = written(old, tmp_path / "again.xlsx", replace(told, remake=True))
    ((row, column),) = chart_places(told)
    assert corners(again) == [(row + 7, column + 1)]
    (chart,) = (content for name, content in parts(again).items() if name.startswith("xl/charts/chart"))
    assert re.findall("<a:t>([^<]+)<", chart.decode()) == ["各阶段", "机会数"]


def test_a_chart_that_was_moved_stays_where_it_is(book: Path, tmp_path: Path) -> None:
    theirs = moved(book, tmp_path / "moved.xlsx")
    again = written(theirs, tmp_path / "again.xlsx", NOW)
    (row, column), second = chart_places(NOW)
    assert corners(again) == [(row + 7, column + 1), second]
    assert second[1] == CHART_COLUMNS[1]
    once_more = written(again, tmp_path / "once.xlsx", replace(NOW, remake=False))
    assert once_more.read_bytes() == written(once_more, tmp_path / "twice.xlsx", FUNNEL).read_bytes()
    assert corners(once_more) == corners(again)


def test_where_somebody_put_things_of_their_own_only_the_rows_are_written(book: Path, tmp_path: Path) -> None:
    workbook = load_workbook(book)
    workbook[FUNNEL.title]["R6"] = "我的备注"
    workbook[FUNNEL.title]["R400"] = 42
    noted = tmp_path / "noted.xlsx"
    workbook.save(noted)
    for number in range(2):
        noted = written(noted, tmp_path / f"{number}.xlsx", NOW)
    sheet = load_workbook(noted)[FUNNEL.title]
    assert (sheet["R6"].value, sheet["R400"].value) == ("我的备注", 42)
    assert len(corners(noted)) == 1


def test_the_layout_is_another_when_a_table_or_its_words_are() -> None:
    renamed = replace(FUNNEL, blocks=(replace(FUNNEL.blocks[0], title="漏斗"), *FUNNEL.blocks[1:]))
    digests = {layout_digest(each) for each in (FUNNEL, BEFORE, renamed)}
    assert len(digests) == 3
    assert layout_digest(summary("funnel", (100,))) == layout_digest(FUNNEL)
