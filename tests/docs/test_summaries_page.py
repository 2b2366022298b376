"""docs/summaries.md and its Chinese twin say how every figure is counted, in the words of the sheet."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.language import language
from crm_sheets.rules.summaries import SUMMARIES
from crm_sheets.rules.summaries.base import SummaryContext
from crm_sheets.schema.dictionaries import default_dictionaries

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
