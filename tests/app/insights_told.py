"""汇总_洞察 of a workspace, held against a second count of it."""

import re
from collections.abc import Sequence
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path

import pytest

from crm_sheets.app.workspace import opened
from crm_sheets.config import load
from crm_sheets.figures import compute
from crm_sheets.rules.summaries.base import Number, Shown, Summary, SummaryContext
from crm_sheets.rules.summaries.insights import INSIGHTS
from tests.app.insight_figures import Insights

SEARCHED = re.compile(r"insights\.(at_risk\.(alive_chance|expected_purchases)|calibration\.foretold_rate)\[")
"""Figures from parameters that a search found: they may differ in the last of their four places."""
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def insights_of(folder: Path, today: date) -> Summary:
    """What the tab says of a workspace."""
    with opened(load(folder / "config.toml")) as workspace:
        context = SummaryContext(today, UTC, workspace.dictionaries(), workspace.words)
        return compute((INSIGHTS,), workspace.draft(), context)[0]


def differences(summary: Summary, expected: Insights) -> list[object]:
    """Every figure, every line of the worklist, and every number of the reasons that is not the same on both sides."""
    told = {figure.key: figure.value for figure in summary.figures}
    blocks = {block.key: block.rows for block in summary.blocks}
    reasons = {str(name): (str(verdict), NUMBER.findall(str(why))) for name, verdict, why in blocks["trust"]}
    calls = [tuple(row[:6]) for row in blocks["calls"]]
    return [
        *(("only one side has", key) for key in told.keys() ^ expected.figures.keys()),
        *(
            (key, told[key], expected.figures[key])
            for key in told.keys() & expected.figures.keys()
            if not _same(key, told[key], expected.figures[key])
        ),
        *([] if len(calls) == len(expected.calls) else [("calls", len(calls), len(expected.calls))]),
        *((row, other) for row, other in zip(calls, expected.calls, strict=False) if not _same_call(row, other)),
        *([] if reasons.keys() == expected.trust.keys() else [("analyses", *reasons)]),
        *(
            (name, *reason, *expected.trust[name])
            for name, reason in reasons.items()
            if not _same_reason(reason, expected.trust[name])
        ),
    ]


def _same(key: str, value: Number, other: Number) -> bool:
    searched = SEARCHED.match(key) and value is not None
    return value == other or bool(searched and value == pytest.approx(other, abs=Decimal("0.0001")))


def _same_call(row: Sequence[Shown], other: Sequence[Shown | float]) -> bool:
    (*begin, chance, silent), (*expected, likely, days) = row, other
    return (begin, silent) == (expected, days) and float(str(chance)) == pytest.approx(likely, abs=1e-4)


def _same_reason(reason: tuple[str, list[str]], expected: tuple[str, list[float]]) -> bool:
    """The same verdict, and numbers that are the same to the last place that is told."""
    (verdict, texts), (wanted, numbers) = reason, expected
    return (
        verdict == wanted
        and len(texts) == len(numbers)
        and all(
            float(text.replace(",", "")) == pytest.approx(number, abs=0.6 * 0.1 ** len(text.partition(".")[2]))
            for text, number in zip(texts, numbers, strict=True)
        )
    )
