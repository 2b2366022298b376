"""The weekly report put together from made-up summaries: what is drawn, what is said where nothing can be drawn."""

from datetime import date, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.dashboard import weekly as weekly_module
from crm_sheets.dashboard.pictures import can_draw, picture
from crm_sheets.dashboard.weekly import paper, told_figures, weekly
from crm_sheets.dashboard.weekly_mail import told_in_mail
from crm_sheets.dashboard.weeks import last_week
from crm_sheets.language import language
from crm_sheets.rules.summaries.base import Block, Chart, ChartKind, Figure, Shown, Summary, Unit

WORDS = language("zh-CN")
AT = datetime(2026, 11, 23, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
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


def test_one_picture_of_each_summary_before_the_second_of_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weekly_module, "can_draw", lambda: False)
    told = (
        summary("a", block("1", TWO), block("2", TWO), block("3", TWO)),
        summary("b", block("one group", TWO[:1]), block("nothing", (("甲", 0, 0), ("乙", 0, 0))), block("4", TWO)),
        summary("empty", block("none", ())),
    )
    report = weekly("周报", told, AT, WORDS, 3)
    assert [(each.name, each.block.key) for each in report.pictures] == [("a", "1"), ("a", "2"), ("b", "4")]
    assert [each.key for each in report.told] == ["a", "b"]
    assert weekly("周报", told, AT, WORDS, 0).pictures == ()


def test_a_conclusion_is_what_the_summary_says_or_its_first_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weekly_module, "can_draw", lambda: False)
    told = (summary("a", block("1", TWO), conclusion="都好。"), summary("b", block("1", TWO)))
    assert [each.text for each in weekly("周报", told, AT, WORDS, 1).conclusions] == ["都好。", "总数 3"]


def test_what_stands_in_for_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib, or a font: bars of a table in the mail, SVG on the page."""
    monkeypatch.setattr(weekly_module, "can_draw", lambda: False)
    report = weekly("周报", (summary("a", block("1", TWO)),), AT, WORDS, 6)
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


@pictures_needed
def test_pictures_go_by_content_id_and_stand_on_the_page_itself() -> None:
    report = weekly("周报", (summary("a", block("1", TWO)),), AT, WORDS, 6)
    [drawn] = report.pictures
    assert drawn.identity.endswith("@crm-sheets")
    page = paper(report, WORDS)
    assert page.count("data:image/png;base64,") == 1
    assert told_figures(drawn.block).replace("<", "&lt;").replace(">", "&gt;") in page
    assert "http" not in page.replace("http-equiv", "")


def test_nothing_to_tell() -> None:
    page = paper(weekly("周报", (), AT, WORDS, 6), WORDS)
    assert WORDS.text("dashboard.nothing") in page
