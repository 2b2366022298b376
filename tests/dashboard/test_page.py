"""The page: every figure that a reader may see, nothing that a cell could smuggle in, nothing fetched from anywhere."""

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.dashboard.charts import chart
from crm_sheets.dashboard.numbers import in_short, shown
from crm_sheets.dashboard.page import page, status_page
from crm_sheets.language import LOCALES, language
from crm_sheets.rules.summaries.base import Block, Chart, ChartKind, Figure, Shown, Summary, Unit

AT = datetime(2026, 11, 22, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
ZH = language("zh-CN")
EVIL = '<script>alert("x")</script>&'


def block(kind: ChartKind, *rows: tuple[Shown, ...], series: tuple[int, ...] = (1,)) -> Block:
    units = (Unit.TEXT, *(Unit.MONEY for _ in rows[0][1:])) if rows else (Unit.TEXT, Unit.MONEY)
    header = ("组", *(f"列{number}" for number, _ in enumerate(units[1:], 1)))
    return Block("b", "标题", header, rows, units, 20, Chart(kind, series))


def summary(*blocks: Block, conclusion: str = "") -> Summary:
    figure = Figure("k", EVIL, Decimal("0.25"), Unit.RATIO, "怎么算的", "2026-11", date(2026, 11, 22))
    return Summary("funnel", "汇总_销售漏斗", date(2026, 11, 22), (figure,), blocks, conclusion)


class Strict(HTMLParser):
    """Fails on tags that are not closed in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        if tag not in {"meta", "rect", "circle", "path", "line"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"rect", "circle", "path", "line"}:
            assert self.open.pop() == tag


def test_the_marks_of_an_axis_are_where_their_numbers_say() -> None:
    told = {}
    for unit, most in ((Unit.COUNT, 3), (Unit.COUNT, 33), (Unit.DAYS, Decimal("1.5")), (Unit.RATIO, Decimal("0.4"))):
        drawn = replace(block(ChartKind.COLUMN, ("甲", most), ("乙", 1)), units=(Unit.TEXT, unit))
        told[unit, most] = re.findall(r'class="axis">([0-9.%]+)<', chart(drawn, ZH))
    assert list(told.values()) == [
        ["0", "1", "2", "3"],
        ["0", "10", "20", "30", "40"],
        ["0.0", "0.5", "1.0", "1.5"],
        ["0.0%", "20.0%", "40.0%", "60.0%", "80.0%", "100.0%"],
    ]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_page_is_whole_and_fetches_nothing(locale: str) -> None:
    blocks = [
        block(kind, (EVIL, Decimal(7), Decimal(3)), ("乙", None, Decimal(1)), series=(1, 2)) for kind in ChartKind
    ]
    text = page(EVIL, [summary(*blocks, conclusion=EVIL)], AT, language(locale))
    parser = Strict()
    parser.feed(text)
    assert parser.open == []
    assert not parser.seen & {"script", "link", "img", "iframe", "object", "form"}
    assert EVIL not in text
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!#)", text)
    assert "url(" not in text
    assert "dashboard." not in text


def test_every_figure_stands_in_it() -> None:
    text = page("t", [summary(block(ChartKind.BAR, ("甲", Decimal(1234567))))], AT, ZH)
    assert "25.0%" in text
    assert "1,234,567" in text
    assert "123.5万" in text
    assert "怎么算的" in text
    assert "2026-11-22 09:30" in text


def test_without_summaries_it_says_so() -> None:
    assert ZH.text("dashboard.nothing") in page("t", [], AT, ZH)


@pytest.mark.parametrize("kind", ChartKind)
def test_nothing_to_draw_is_no_chart(kind: ChartKind) -> None:
    assert chart(block(kind), ZH) == ""
    assert chart(block(kind, ("甲", Decimal(0)), ("乙", None)), ZH) == ""


def test_bars_are_as_long_as_their_numbers() -> None:
    drawn = chart(block(ChartKind.BAR, ("甲", Decimal(400)), ("乙", Decimal(100))), ZH)
    widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', drawn)]
    assert widths[0] == pytest.approx(4 * widths[1], rel=0.01)


def test_a_bar_below_nothing_goes_the_other_way() -> None:
    drawn = chart(block(ChartKind.BAR, ("甲", Decimal(300)), ("乙", Decimal(-100))), ZH)
    found = re.findall(r'<rect x="([\d.]+)"[^>]*width="([\d.]+)"', drawn)
    (above, width), (below, other) = ((float(x), float(wide)) for x, wide in found)
    assert width == pytest.approx(3 * other, rel=0.01)
    assert below + other == pytest.approx(above, abs=0.2)


def test_months_below_an_axis_do_not_run_into_each_other() -> None:
    rows = [(f"2026-{month:02}", Decimal(month)) for month in range(1, 13)]
    drawn = chart(block(ChartKind.LINE, *rows), ZH)
    places = [float(x) for x in re.findall(r'<text x="([\d.]+)"[^>]*>2026-\d\d<', drawn)]
    assert len(places) > 3
    assert min(after - before for before, after in pairwise(places)) >= 54


def test_what_is_not_known_breaks_a_line() -> None:
    rows = [("一", Decimal(1)), ("二", None), ("三", Decimal(3)), ("四", Decimal(4))]
    drawn = chart(block(ChartKind.LINE, *rows), ZH)
    path = re.search(r'<path d="([^"]*)"', drawn)
    assert path is not None
    assert path[1].count("M") == 2
    assert drawn.count("<circle") == 3


def test_one_slice_is_a_circle_and_shares_add_up() -> None:
    assert "100%" in chart(block(ChartKind.PIE, ("甲", Decimal(5)), ("乙", Decimal(0))), ZH)
    shares = re.findall(r"(\d+)%", chart(block(ChartKind.PIE, ("甲", Decimal(1)), ("乙", Decimal(3))), ZH))
    assert shares == ["25", "75"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, Unit.MONEY, "–"),
        (Decimal("0.12345"), Unit.RATIO, "12.3%"),
        (Decimal("1234.5"), Unit.MONEY, "1,235"),
        (Decimal("-1234567.4"), Unit.MONEY, "-1,234,567"),
        (1234, Unit.COUNT, "1,234"),
        (Decimal("18.46"), Unit.DAYS, "18.5"),
        (date(2026, 1, 2), Unit.DATE, "2026-01-02"),
        ("文字", Unit.TEXT, "文字"),
    ],
)
def test_figures_as_people_read_them(value: Shown, unit: Unit, text: str) -> None:
    assert shown(value, unit) == text


def test_large_amounts_in_short() -> None:
    assert in_short(Decimal(123_456), Unit.MONEY, ZH) == "12.3万"
    assert in_short(Decimal(250_000_000), Unit.MONEY, ZH) == "2.5亿"
    assert in_short(Decimal(1_500_000), Unit.MONEY, language("en")) == "1.5M"
    assert in_short(Decimal(9_999), Unit.MONEY, ZH) == "9,999"


def test_how_the_daemon_stands() -> None:
    text = status_page("t", {"版本": "0.1"}, {"客户": EVIL}, AT, ZH)
    assert "0.1" in text
    assert EVIL not in text
