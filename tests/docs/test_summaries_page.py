"""docs/summaries.md and its Chinese twin say how every figure is counted, in the words of the sheet."""

import re
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.language import language
from crm_sheets.rules.summaries import SUMMARIES
from crm_sheets.rules.summaries.base import SummaryContext, Unit
from crm_sheets.schema.dictionaries import default_dictionaries

WORDS = {Unit.TEXT, Unit.DATE}
DOCS = Path(__file__).parents[2] / "docs"
KEYS = {"customers", "value", "retention", "campaigns", "feedback", "services", "orders", "payments", "quality"}


@pytest.mark.parametrize(("locale", "page"), [("en", "summaries.md"), ("zh-CN", "summaries.zh-CN.md")])
def test_every_figure_is_told(locale: str, page: str) -> None:
    text, words = (DOCS / page).read_text(encoding="utf-8"), language(locale)
    context = SummaryContext(date(2026, 11, 22), ZoneInfo("UTC"), default_dictionaries(words), words)
    told = [rule.compute({}, context) for rule in SUMMARIES if rule.key in KEYS]
    assert len(told) == len(KEYS)
    for summary in told:
        lines = {(figure.label, figure.definition) for figure in summary.headlines}
        lines |= {line for block in summary.blocks for line in block.definitions}
        interval = words.text("summary.definition.interval", few="30")
        assert [line for line in lines if line[1] != interval and f"| {line[0]} | {line[1]} |" not in text] == []
        assert all(block.title in text for block in summary.blocks)


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_every_number_of_a_tab_is_defined_on_the_tab(locale: str) -> None:
    """A column of numbers that nobody says the formula of cannot be argued about. Columns that differ by a number only
    (第 3 个月) share one definition."""
    words = language(locale)
    context = SummaryContext(date(2026, 11, 22), ZoneInfo("UTC"), default_dictionaries(words), words)
    seen = 0
    for summary in (rule.compute({}, context) for rule in SUMMARIES):
        told = dict(line for block in summary.blocks for line in block.definitions)
        told |= {figure.label: figure.definition for figure in summary.headlines}
        assert all(told.values())
        for block in summary.blocks:
            numbers = [h for h, unit in zip(block.header, block.units, strict=True) if unit not in WORDS]
            assert {h for h in numbers if h not in told and re.sub(r"\d+", "n", h) not in told} == set(), block.key
            seen += len(numbers)
    assert seen > 300
