"""Charts of summary tabs, opened and saved by LibreOffice, before and after our rewrites."""

import re
from pathlib import Path

import pytest

from crm_sheets.rules.summaries.base import Block
from crm_sheets.sync.backends.xlsx.create import WorkbookOptions, create_workbook
from tests.backends.workbook.books import DICTIONARIES, ZH, parts, summaries
from tests.backends.workbook.test_charts_stay import FEW, moved, rewritten
from tests.libreoffice.office import WHY_NOT, python_with_uno
from tests.libreoffice.test_libreoffice_adopt import converted

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.slow,
    pytest.mark.skipif(python_with_uno() is None, reason=WHY_NOT),
]

LABELLED = re.compile(r'<c:show(?:Val|Percent) val="1"')


def drawn() -> list[Block]:
    """The blocks that have a chart."""
    return [block for summary in summaries(FEW) for block in summary.blocks if block.chart is not None]


def corners(path: Path) -> dict[str, list[tuple[bytes, ...]]]:
    """The upper left corner of each chart, by drawing: column and row."""
    place = re.compile(rb"<xdr:from><xdr:col>(\d+)</xdr:col>.*?<xdr:row>(\d+)</xdr:row>", re.DOTALL)
    found = {name: place.findall(content) for name, content in parts(path).items() if "drawings/drawing" in name}
    return {name: corners for name, corners in found.items() if corners}


def test_charts_stay_where_they_were_moved_to_and_keep_their_labels(tmp_path: Path) -> None:
    made = tmp_path / "made.xlsx"
    create_workbook(made, (), ZH, {}, WorkbookOptions(DICTIONARIES, summaries=summaries(FEW)))
    theirs = converted(moved(made, tmp_path / "moved.xlsx"), "xlsx", tmp_path / "office")
    saved = corners(theirs)
    assert sum(map(len, saved.values())) == len(drawn())
    book = theirs
    for number in range(1, 7):
        book = rewritten(book, tmp_path / f"{number}.xlsx", number)
    assert corners(book) == saved
    again = converted(book, "xlsx", tmp_path / "again")
    assert corners(again) == saved
    charts = [text.decode() for name, text in parts(again).items() if name.startswith("xl/charts/chart")]
    assert {block.title for block in drawn()} <= {title for chart in charts for title in titles(chart)}
    labelled = {title for chart in charts if LABELLED.search(chart) for title in titles(chart)}
    single = {block.title for block in drawn() if block.chart and block.rows and len(block.chart.series) == 1}
    assert single <= labelled


def titles(chart: str) -> list[str]:
    """Its texts, each without the line below it that names the measure: LibreOffice joins the two."""
    return [text.split("&#10;")[0] for text in re.findall(r"<a:t>([^<]+)</a:t>", chart)]
