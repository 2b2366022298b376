"""RFM: how recently, how often and for how much a customer bought, each in fifths of all customers that did.

Hughes, Strategic Database Marketing (1994): each of the three counts 5 for the best fifth to 1 for the last. The
borders are computed once a day over the whole book and kept, so that a change of one customer costs one customer.
"""

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from crm_sheets.rules.level_policies import Tally
from crm_sheets.rules.quintiles import Borders, borders_between, fifth_of


class Scores(NamedTuple):
    """From 1 to 5 each; 0 for a customer that bought nothing in the period."""

    recency: int
    frequency: int
    monetary: int

    @property
    def total(self) -> int:
        """From 3 to 15, or 0."""
        return self.recency + self.frequency + self.monetary


NO_SCORES = Scores(0, 0, 0)


def borders_of(tallies: Iterable[Tally]) -> Borders | None:
    """The borders between the fifths of the customers that bought something; None when none did."""
    bought = [(each.last, each) for each in tallies if each.last is not None]
    if not bought:
        return None
    return Borders(
        borders_between([Decimal(last.toordinal()) for last, _ in bought]),
        borders_between([Decimal(each.count) for _, each in bought]),
        borders_between([each.amount for _, each in bought]),
    )


def scores_of(of: Tally, borders: Borders | None) -> Scores:
    """The scores of one customer."""
    if borders is None or of.last is None:
        return NO_SCORES
    return Scores(
        fifth_of(Decimal(of.last.toordinal()), borders.recency),
        fifth_of(Decimal(of.count), borders.frequency),
        fifth_of(of.amount, borders.monetary),
    )


def borders_text(borders: Borders, day: date, measures: str) -> str:
    """The borders of a day, to be kept, and of what they are."""
    parts = (borders.recency, borders.frequency, borders.monetary)
    return json.dumps([measures, day.isoformat(), *([str(value) for value in part] for part in parts)])


def borders_from(text: str | None, measures: str) -> tuple[date, Borders] | None:
    """What `borders_text` kept of the same measures; None when nothing was."""
    measured, day, *parts = json.loads(text) if text else (None, None)
    if measured != measures:
        return None
    recency, frequency, monetary = (tuple(Decimal(value) for value in part) for part in parts)
    return date.fromisoformat(str(day)), Borders(recency, frequency, monetary)
