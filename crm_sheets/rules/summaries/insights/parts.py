"""What a part of the insights is, and the block that says how far each may be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_sheets.rules.summaries.base import Block, Figure, SummaryContext, Unit

KEY = "insights"
EXTRA = "no_library"
"""The verdict of a part whose library is not installed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One analysis.

    Attributes:
        name: under which its words stand in the catalogue.
        verdict: `told`, `declined`, `too_few`, `no_library` …: `insights.verdict.<verdict>`.
        why: one sentence with the numbers that the verdict rests on.
        headline: a part has one or none, whatever its verdict: places on the tab are fixed.
        conclusion: what of it stands in the first line of the tab, "" for nothing.
    """

    name: str
    verdict: str
    why: str
    headline: Figure | None = None
    blocks: tuple[Block, ...] = ()
    conclusion: str = ""


def trust(parts: Sequence[Part], context: SummaryContext) -> Block:
    """A line for each part: told or not, and why."""
    text = context.language.text
    return Block(
        key="trust",
        title=text("summary.block.insights.trust"),
        header=(text("summary.group.analysis"), text("insights.verdict"), text("insights.why")),
        rows=tuple(
            (text(f"insights.part.{part.name}"), text(f"insights.verdict.{part.verdict}"), part.why) for part in parts
        ),
        units=(Unit.TEXT, Unit.TEXT, Unit.TEXT),
        capacity=len(parts),
    )
