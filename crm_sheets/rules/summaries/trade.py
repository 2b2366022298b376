"""What was sold: orders that were not cancelled, and won deals of which no order tells."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import Frames, SummaryContext
from crm_sheets.rules.summaries.deals import STAGES
from crm_sheets.rules.summaries.frames import column
from crm_sheets.rules.summaries.registers import Register, customers
from crm_sheets.rules.summaries.vectors import amounts, chosen, covered_amounts, days, hundredths, instants, named

if TYPE_CHECKING:
    import numpy as np
    from pandas import DataFrame

    from crm_sheets.rules.summaries.vectors import Days, Flags

CUSTOMERS = "id name merged_from"
ORDERS = "customer opportunity ordered_on state total"
DEALS = "id name customer stage close_date amount"
"""The columns that `trade` reads of each tab."""


@dataclass(frozen=True, slots=True)
class Trade:
    """All sales.

    Attributes:
        buyers: whom the places in `rows` mean.
        rows: one for each sale: customer (place, -1 for nobody), day (NaT while it is not known), amount and profit in
            hundredths (the amount NaN where the reader may not see it), covered (the amount where the
            profit is known, NaN where the reader may not see the profit), order (place of
            the order, -1 of a deal).
    """

    buyers: Register
    rows: "DataFrame"

    def dated(self, context: SummaryContext) -> "DataFrame":
        """Those up to today of which customer and day are known."""
        import numpy as np

        day = self.rows["day"].to_numpy()
        known = (self.rows["customer"].to_numpy() >= 0) & ~np.isnat(day) & (day <= np.datetime64(context.today))
        return chosen(self.rows, known)


def trade(frames: Frames, context: SummaryContext, won_on: str = "close_date") -> Trade:
    """Reads the frames.

    Args:
        frames: hold customers, orders and opportunities, as far as there are any.
        context: says what is cancelled and what is won.
        won_on: the column that says when a deal was won.
    """
    import pandas as pd

    buyers = customers(frames)
    parts = [_orders(frames, buyers, context), _deals(frames, buyers, context, won_on)]
    return Trade(buyers, pd.concat(parts, ignore_index=True))


def stands(frames: Frames, context: SummaryContext) -> "Flags":
    """Which orders were not cancelled."""
    codes = named(column(frames, "orders", "state"), lambda text: context.dictionaries.code("order_state", text), "")
    found: Flags = codes != "cancelled"
    return found


def _orders(frames: Frames, buyers: Register, context: SummaryContext) -> "DataFrame":
    import numpy as np
    import pandas as pd

    def values(name: str) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
        return np.array(column(frames, "orders", name), dtype=object)

    profit = values("profit")
    rows = pd.DataFrame(
        {
            "customer": buyers.places(column(frames, "orders", "customer")),
            "day": _seconds(days(column(frames, "orders", "ordered_on"), context)),
            "amount": amounts(frames, "orders", "total"),
            "profit": hundredths(column(frames, "orders", "profit")),
            "covered": covered_amounts(frames, "orders", "total"),
            "order": np.arange(len(profit), dtype=np.int64),
        }
    )
    return chosen(rows, stands(frames, context))


def _deals(frames: Frames, buyers: Register, context: SummaryContext, won_on: str) -> "DataFrame":
    import numpy as np
    import pandas as pd

    stages = column(frames, "opportunities", "stage")
    won = named(stages, lambda text: context.dictionaries.code(STAGES, text), "") == "won"
    ordered = np.array(column(frames, "orders", "opportunity"), dtype=object)[stands(frames, context)]
    told = Register(frames, "opportunities", ("id", "name")).places(list(ordered))
    won[told[(told >= 0) & (told < len(won))]] = False
    closed = days(column(frames, "opportunities", "close_date"), context)
    if won_on != "close_date":
        entered = instants(column(frames, "opportunities", won_on), context)
        closed = np.where(np.isnat(entered), closed, entered)
    rows = pd.DataFrame(
        {
            "customer": buyers.places(column(frames, "opportunities", "customer")),
            "day": _seconds(closed),
            "amount": amounts(frames, "opportunities", "amount"),
            "profit": np.zeros(len(won), dtype=np.int64),
            "covered": np.zeros(len(won), dtype=np.int64),
            "order": np.full(len(won), -1, dtype=np.int64),
        }
    )
    return chosen(rows, won)


def _seconds(of: "Days") -> "Days":
    """In the unit that pandas keeps: it knows no days."""
    return of.astype("datetime64[s]")
