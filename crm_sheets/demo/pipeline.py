"""The made-up team's pipeline of past days: how its deals stood before they were what they are now."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random

from crm_sheets.snapshots import PipelineLine
from crm_sheets.tables import RowKey

DAYS_KEPT = 220
STEPS = (0.1, 0.2, 0.3, 0.35, 0.4)
"""Chances of a deal on its way, as the stages that are shipped have them."""


def past_pipeline(
    deals: Iterable[tuple[RowKey, date, date, int, bool]], today: date, random: Random
) -> tuple[list[PipelineLine], list[date]]:
    """The lines of all days before today, and these days.

    Args:
        deals: key, first day, close date, hundredths of its amount, whether it is closed.
        today: from which on the pipeline is kept by cycles.
        random: of the demo.
    """
    first = today - timedelta(days=DAYS_KEPT)
    lines = [line for deal in sorted(deals) for line in _of_deal(deal, first, today, random)]
    return lines, [first + timedelta(days=number) for number in range(DAYS_KEPT)]


def _of_deal(
    deal: tuple[RowKey, date, date, int, bool], first: date, today: date, random: Random
) -> Iterator[PipelineLine]:
    """A line for each step of its way; now and then its close date was earlier and its amount another."""
    key, began, closes, worth, closed = deal
    end = min(closes, today) if closed else today
    start = max(began, first)
    if start >= end:
        return
    whole = (end - start).days
    cuts = sorted({start + timedelta(days=whole * step // len(STEPS)) for step in range(len(STEPS))})
    slip = random.choice((0, 0, 0, 10, 25, 40))
    for number, since in enumerate(cuts):
        until = cuts[number + 1] if number + 1 < len(cuts) else end
        early = slip if number < len(cuts) - 1 else 0
        then = round(worth * (1 + 0.1 * random.choice((-1, 0, 0, 0, 1)))) // 100 * 100
        due = max(closes - timedelta(days=early), since)
        yield PipelineLine(key, since, until, "", then, round(then * STEPS[number]), due, "")
