"""The weekly report put together from made-up summaries: what is drawn, what is said where nothing can be drawn."""

from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from math import isnan
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.dashboard import weekly as weekly_module
from crm_sheets.dashboard.pictures import can_draw, picture
from crm_sheets.dashboard.weekly import paper, told_figures, weekly
from crm_sheets.dashboard.weekly_mail import told_in_mail
from crm_sheets.dashboard.weeks import last_week, week_called
from crm_sheets.language import language
from crm_sheets.rules.summaries.base import Block, Chart, ChartKind, Figure, Shown, Summary, Unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WORDS = language("zh-CN")
AT = datetime(2026, 11, 23, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
WEEK = last_week(AT.date())
DAY = date(2026, 11, 22)

pictures_needed = pytest.mark.skipif(not can_draw(), reason="matplotlib or a font with Chinese characters is missing")


def block(key: str, rows: tuple[tuple[Shown, ...], ...], kind: ChartKind = ChartKind.BAR) -> Block:
    units = (Unit.TEXT, Unit.COUNT, Unit.MONEY)
    return Block(key, f"块{key}", ("组", "数量", "金额"), rows, units, 20, Chart(kind, (1, 2)))


def summary(key: str, *blocks: Block, conclusion: str = "") -> Summary:
    tile = Figure(f"{key}.n", "总数", 3, Unit.COUNT, "数出来的", "all", DAY)
    return Summary(key, f"汇总_{key}", DAY, (tile,), blocks, conclusion)


TWO: tuple[tuple[Shown, ...], ...] = (("甲$x_1$公司", 2, 30_000), ("<乙>", 1, 5))


def test_the_week_is_the_one_that_ended() -> None:
    days = ("2026-11-22", "2026-11-23", "2026-11-29", "2027-01-04")
    weeks = [last_week(date.fromisoformat(day)) for day in days]
    assert [week.name for week in weeks] == ["2026-W46", "2026-W47", "2026-W47", "2026-W53"]
    assert weeks[1].sunday == DAY
    assert [week_called(week.name) for week in weeks] == weeks
    assert [week_called(name) for name in ("", "2026-W54", "2026-W", "2026-11-23")] == [None] * 4


def test_one_picture_of_each_summary_before_the_second_of_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weekly_module, "can_draw", lambda: False)
    told = (
        summary("a", block("1", TWO), block("2", TWO), block("3", TWO)),
        summary("b", block("one group", TWO[:1]), block("nothing", (("甲", 0, 0), ("乙", 0, 0))), block("4", TWO)),
        summary("empty", block("none", ())),
    )
    report = weekly("周报", told, WEEK, AT, WORDS, 3)
    assert [(each.name, each.block.key) for each in report.pictures] == [("a", "1"), ("a", "2"), ("b", "4")]
    assert [each.key for each in report.told] == ["a", "b"]
    assert weekly("周报", told, WEEK, AT, WORDS, 0).pictures == ()


def test_a_conclusion_is_what_the_summary_says_or_its_first_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weekly_module, "can_draw", lambda: False)
    told = (summary("a", block("1", TWO), conclusion="都好。"), summary("b", block("1", TWO)))
    assert [each.text for each in weekly("周报", told, WEEK, AT, WORDS, 1).conclusions] == ["都好。", "总数 3"]


def test_a_summary_is_called_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weekly_module, "can_draw", lambda: False)
    told = tuple(summary(key, block("1", TWO), conclusion="Well.") for key in ("DataQuality", "Funnel", "数据质量"))
    told = tuple(replace(each, title=each.title.replace("汇总", "Summary")) for each in told)
    report = weekly("Week", told, WEEK, AT, WORDS, 1)
    assert [each.name for each in report.conclusions] == ["Data quality", "Funnel", "数据质量"]


def test_what_stands_in_for_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib, or a font: bars of a table in the mail, SVG on the page."""
    monkeypatch.setattr(weekly_module, "can_draw", lambda: False)
    report = weekly("周报", (summary("a", block("1", TWO)),), WEEK, AT, WORDS, 6)
    shown = told_in_mail(report, "", WORDS)["pictures"]
    assert shown == [
        {
            "title": "a · 块1", "identity": "", "alt": "块1 (数量 / 金额): 甲$x_1$公司 2 / 30,000; <乙> 1 / 5",
            "bars": [
                {"label": "甲$x_1$公司", "value": "2", "percent": 100}, {"label": "<乙>", "value": "1", "percent": 50},
            ],
        }
    ]  # fmt: skip
    page = paper(report, WORDS)
    assert "<svg" in page
    assert "<img" not in page
    assert "<乙>" not in page  # escaped


@pictures_needed
@pytest.mark.parametrize("kind", list(ChartKind))
def test_a_picture_is_a_png_of_twice_its_size(kind: ChartKind) -> None:
    from PIL import Image

    with Image.open(BytesIO(picture(block("1", TWO, kind), WORDS))) as image:
        assert image.size == (1120, 600)
        assert len(image.convert("RGB").getcolors(1 << 20) or ()) > 3  # something is drawn


def test_a_telephone_shows_few_rows_and_what_is_drawn_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weekly_module, "can_draw", lambda: False)
    rows: tuple[tuple[Shown, ...], ...] = tuple((f"组{n}" * 9, None if n else -1, 1, 2, n, 3) for n in range(10))
    units = (Unit.TEXT, *(Unit.COUNT,) * 5)
    wide = Block("1", "块", ("组", "一", "二", "三", "四", "五"), rows, units, 20, Chart(ChartKind.BAR, (4,)))
    told = told_in_mail(weekly("周报", (summary("a", wide),), WEEK, AT, WORDS, 6), "", WORDS)
    [table], [shown] = (cast("list[dict[str, Any]]", told[part]) for part in ("tables", "pictures"))
    assert (table["header"], len(table["rows"]), table["more"]) == (["组", "一", "二", "四"], 8, 2)
    assert table["rows"][1] == ["组1组1组1组1组1组1组1组1…", "–", "1", "1"]
    assert [bar["percent"] for bar in shown["bars"]] == [0, 14, 29, 43, 57, 71, 86, 100]
    assert told["tiles"] == [{"label": "总数", "value": "3"}]


def drawn(of: Block, monkeypatch: pytest.MonkeyPatch) -> "Axes":
    """What is drawn, before it becomes points."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg as Canvas

    seen: list[Canvas] = []
    plainly = Canvas.print_png

    def kept(canvas: Canvas, *where: Any, **how: Any) -> None:
        seen.append(canvas)
        plainly(canvas, *where, **how)

    with monkeypatch.context() as patched:
        patched.setattr(Canvas, "print_png", kept)
        picture(of, WORDS)
    [canvas] = seen
    [axes] = canvas.figure.axes
    return cast("Axes", axes)


def legend_of(axes: "Axes") -> list[str]:
    legend = axes.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


@pictures_needed
def test_bars_and_columns_have_their_names_and_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    bars = drawn(block("1", TWO), monkeypatch)
    assert [text.get_text() for text in bars.get_yticklabels()] == ["甲$x_1$公司", "<乙>"]
    assert [bar.get_width() for bar in bars.patches] == [2, 1, 30_000, 5]  # type: ignore[attr-defined]
    assert [text.get_text().strip() for text in bars.texts] == ["2", "1", "3.0万", "5"]
    assert legend_of(bars) == ["数量", "金额"]
    assert bars.get_ylim()[0] > bars.get_ylim()[1], "the first row is on top"
    columns = drawn(block("1", TWO, ChartKind.COLUMN), monkeypatch)
    assert [text.get_text() for text in columns.get_xticklabels()] == ["甲$x_1$公司", "<乙>"]
    assert [bar.get_height() for bar in columns.patches] == [2, 1, 30_000, 5]  # type: ignore[attr-defined]
    assert len({bar.get_x() for bar in columns.patches}) == 4, "side by side"  # type: ignore[attr-defined]
    one = replace(block("1", TWO, ChartKind.COLUMN), chart=Chart(ChartKind.COLUMN, (2,)))
    assert legend_of(drawn(one, monkeypatch)) == [], "what is the only one is told by the title"


@pictures_needed
def test_lines_leave_gaps_and_pies_tell_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    months: tuple[tuple[Shown, ...], ...] = (("2026-09", 2, 4), ("2026-10", None, 5), ("2026-11", 1, 6))
    lines = drawn(block("1", months, ChartKind.LINE), monkeypatch)
    first, second = ([float(y) for y in cast("list[float]", line.get_ydata())] for line in lines.get_lines())
    assert (first[0], isnan(first[1]), first[2], second) == (2, True, 1, [4, 5, 6])
    assert [text.get_text() for text in lines.get_xticklabels()] == ["2026-09", "2026-10", "2026-11"]
    assert legend_of(lines) == ["数量", "金额"]
    pie = drawn(block("1", (("甲", 3, 0), ("乙", 1, 0), ("丙", -1, 0)), ChartKind.PIE), monkeypatch)
    assert legend_of(pie) == ["甲  3 · 75%", "乙  1 · 25%", "丙  -1 · 0%"]


@pictures_needed
def test_pictures_go_by_content_id_and_stand_on_the_page_itself() -> None:
    report = weekly("周报", (summary("a", block("1", TWO)),), WEEK, AT, WORDS, 6)
    [shown] = report.pictures
    assert shown.identity.endswith("@crm-sheets")
    page = paper(report, WORDS)
    assert page.count("data:image/png;base64,") == 1
    assert told_figures(shown.block).replace("<", "&lt;").replace(">", "&gt;") in page
    assert "http" not in page.replace("http-equiv", "")


def test_nothing_to_tell() -> None:
    page = paper(weekly("周报", (), WEEK, AT, WORDS, 6), WORDS)
    assert WORDS.text("dashboard.nothing") in page
