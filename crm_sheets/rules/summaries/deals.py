"""The opportunities as every summary of deals needs them: one row each, with columns that can be added up."""

from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import Frames, Number, SummaryContext
from crm_sheets.rules.summaries.frames import Totals, column
from crm_sheets.rules.summaries.vectors import amounts, days, known_values, named, sum_of, sums_by

if TYPE_CHECKING:
    from pandas import DataFrame

STAGES = "opportunity_stage"

AMOUNTS = frozenset({"amount", "weighted", "won_amount", "lost_amount", "open_amount", "open_weighted"})
"""The columns of `deals` that are hundredths of the currency; NaN for what the reader may not see."""


def deals(frames: Frames, context: SummaryContext) -> "DataFrame":
    """A row for each opportunity, in the order of the tab.

    Columns: stage (as the dictionary writes it), closed and started (days or NaT), and what can be added up:
    deals, won, lost, open (1 or 0), the AMOUNTS, cycles and cycle_days. `amount` is the expected value, and of a won
    deal its value; `cycles` is 1 for a closed deal whose start and close are known, `cycle_days` the days between.
    """
    import numpy as np
    import pandas as pd

    stages = column(frames, "opportunities", "stage")
    codes = named(stages, lambda text: context.dictionaries.code(STAGES, text) or "", "")
    won, lost = (codes == "won"), (codes == "lost")
    is_open = ~(won | lost)
    worth, weighted = (amounts(frames, "opportunities", name) for name in ("amount", "weighted"))
    closed, started = (days(column(frames, "opportunities", name), context) for name in ("close_date", "started_on"))
    timed = ~is_open & ~np.isnat(closed) & ~np.isnat(started)
    spans = np.where(timed, (closed - started).astype("timedelta64[D]").astype(np.int64), 0)
    return pd.DataFrame(
        {
            "stage": pd.Series(known_values(stages, STAGES, context), dtype=object),
            "closed": closed,
            "started": started,
            "deals": np.ones(len(stages), dtype=np.int64),
            "amount": worth,
            "weighted": weighted,
            "won": won.astype(np.int64),
            "won_amount": np.where(won, worth, 0),
            "lost": lost.astype(np.int64),
            "lost_amount": np.where(lost, worth, 0),
            "open": is_open.astype(np.int64),
            "open_amount": np.where(is_open, worth, 0),
            "open_weighted": np.where(is_open, weighted, 0),
            "cycles": timed.astype(np.int64),
            "cycle_days": spans,
        }
    )


def totals_by(rows: "DataFrame", by: str, sums: tuple[str, ...]) -> Totals:
    """The sums of columns of `deals` for each text of the column `by`."""
    counts = [name for name in sums if name not in AMOUNTS]
    found = sums_by(rows, by, counts, [name for name in sums if name in AMOUNTS])
    return {group: {name: numbers[name] for name in sums} for group, numbers in found.items()}


def total_of(rows: "DataFrame", name: str) -> Number:
    """The sum of one of them."""
    return sum_of(rows[name]) if name in AMOUNTS else count_of(rows, name)


def count_of(rows: "DataFrame", name: str) -> int:
    """The sum of one that is counted."""
    return int(rows[name].sum())
