"""What a month is expected to bring: what was won in it, and each open deal with its chance; lost deals add nothing.

Every deal is won with its own chance p or not at all, independently of the others: the sum has the mean Σ p·amount and
the variance Σ amount²·p·(1 − p) (Bernoulli). Low and high are the normal interval of that, cut off at nothing and at
all of it.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.vectors import amount, grouped_sums, known_amount

if TYPE_CHECKING:
    from pandas import DataFrame

LIKELY = 0.8
"""How often the sum is to lie between low and high."""

_Z = 1.2815515655446004
"""Quantile of the normal distribution for LIKELY."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A month; None is what follows from nothing that the reader may see.

    Attributes:
        open: deals that are to close in it; amount, weighted: what these are worth.
        won: what was won in it.
        low, middle, high: what it will have brought in the end; whole units of the currency but for the middle.
    """

    open: int = 0
    amount: Decimal | None = Decimal(0)
    weighted: Decimal | None = Decimal(0)
    won: Decimal | None = Decimal(0)
    low: Decimal | None = Decimal(0)
    middle: Decimal | None = Decimal(0)
    high: Decimal | None = Decimal(0)


def expected(ahead: "DataFrame", won: "DataFrame", by: str = "month") -> dict[str, Expected]:
    """What each month brings, or each group of another kind.

    Args:
        ahead: rows of `deals` that are open, with the column `by`.
        won: those that are won, likewise.
        by: the column of their months.
    """
    worth = ahead["open_amount"].to_numpy().astype(float)
    weighted = ahead["open_weighted"].to_numpy().astype(float)
    rows = ahead.assign(spread=(weighted * (worth - weighted)).clip(min=0))  # a²·p·(1 − p), as weighted is a·p
    sums = grouped_sums(rows, by, ["open", "open_amount", "open_weighted", "spread"])
    brought = grouped_sums(won, by, ["won_amount"])["won_amount"]
    found = {
        str(month): _month(int(count), all_of_it, middle, float(spread), brought.get(month, 0))
        for month, count, all_of_it, middle, spread in sums.itertuples(name=None)
    }
    only_won = {str(month): known_amount(value) for month, value in brought.items() if str(month) not in found}
    return found | {
        month: Expected(0, Decimal(0), Decimal(0), sure, sure, sure, sure) for month, sure in only_won.items()
    }


def _month(count: int, all_of_it: float, middle: float, spread: float, won: float) -> Expected:
    """In hundredths; NaN of what nothing is known, and then nobody knows what is to be expected."""
    told = count, known_amount(all_of_it), known_amount(middle), known_amount(won)
    if None in told:
        return Expected(*told, None, None, None)
    half = _Z * spread**0.5
    low, high = max(0.0, middle - half), min(float(all_of_it), middle + half)
    return Expected(
        *told,
        _whole(won + low),
        amount(won + middle),
        _whole(won + high),
    )


def _whole(hundredths: float) -> Decimal:
    return amount(hundredths).quantize(Decimal(1), ROUND_HALF_UP)
