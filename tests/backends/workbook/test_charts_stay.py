"""Charts of summary tabs through many rewrites: nothing grows, and they stay where the lead moved them."""

import os
import re
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from crm_sheets.sync.backends.xlsx import PackageEdit, open_package
from crm_sheets.sync.backends.xlsx.create import WorkbookOptions, create_workbook
from crm_sheets.sync.backends.xlsx.summary_sheets import write_summary
from tests.backends.workbook.books import DICTIONARIES, SUMMARY_SHEETS, ZH, parts, summaries

REWRITES = int(os.environ.get("CRM_SHEETS_REWRITES", "50"))
FEW, MANY = (100, 250), tuple(range(1, 41))
"""Amounts of few rows and of many: blocks grow and shrink by turns."""

_FROM = re.compile(
    rb"(<(?:\w+:)?col>)(\d+)(</(?:\w+:)?col><(?:\w+:)?colOff>-?\d+</(?:\w+:)?colOff><(?:\w+:)?row>)(\d+)"
)


def moved(source: Path, target: Path) -> Path:
    """The book with every chart a column to the right and seven rows down, as Excel writes it down: in the drawing."""
    with ZipFile(source) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename.startswith("xl/drawings/drawing"):
                content, count = _FROM.subn(
                    lambda at: b"%s%d%s%d" % (at[1], int(at[2]) + 1, at[3], int(at[4]) + 7), content
                )
                assert count
            new.writestr(item, content)
    return target


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("charts")
    made = folder / "made.xlsx"
    create_workbook(made, (), ZH, {}, WorkbookOptions(DICTIONARIES, summaries=summaries(FEW)))
    return moved(made, folder / "moved.xlsx")


def rewritten(book: Path, target: Path, number: int) -> Path:
    edit = PackageEdit(open_package(book))
    for summary in summaries(MANY if number % 2 else FEW):
        write_summary(edit, summary, ZH)
    edit.write(target)
    return target


@pytest.mark.parametrize("times", [4, pytest.param(REWRITES, marks=pytest.mark.slow)])
def test_rewrites_leave_everything_but_the_rows(book: Path, tmp_path: Path, times: int) -> None:
    before, found = parts(book), {0: book}
    for number in range(1, times + 1):
        found[number] = rewritten(found[number - 1], tmp_path / f"{number % 4}.xlsx", number)
        if number == 2:
            second = found[2].read_bytes()
    assert found[times].read_bytes() == second  # not a byte more than after the first time round
    after = parts(found[times])
    assert after.keys() == before.keys()
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {f"xl/worksheets/sheet{number}.xml" for number in range(1, len(SUMMARY_SHEETS) + 1)}
    drawings = [name for name in after if name.startswith("xl/drawings/drawing")]
    assert len(drawings) == sum(any(block.chart for block in summary.blocks) for summary in summaries(FEW))


def test_every_chart_has_a_title_and_labels(book: Path) -> None:
    """One series: a number at each bar, on a pie the share; several: a legend. So it is for each summary."""
    charts = [content.decode() for name, content in parts(book).items() if name.startswith("xl/charts/chart")]
    assert len(charts) == sum(block.chart is not None for summary in summaries(FEW) for block in summary.blocks)
    for chart in charts:
        assert re.search(r"<(?:\w+:)?title>.*?<(?:\w+:)?t>[^<]+</", chart, re.DOTALL)
        several = len(re.findall(r"<(?:\w+:)?ser>", chart)) > 1
        assert re.search(r"<(?:\w+:)?legend>" if several else r"<(?:\w+:)?dLbls>", chart)
        assert "Microsoft YaHei" in chart or "微软雅黑" in chart
