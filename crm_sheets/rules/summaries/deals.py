"""The opportunities as every summary of deals needs them: one row each, with columns that can be added up."""

from decimal import Decimal
from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import Frames, SummaryContext
from crm_sheets.rules.summaries.frames import choices, column, numbers, table

if TYPE_CHECKING:
    from pandas import DataFrame

STAGES = "opportunity_stage"

SUMS = (
    "deals",
    "amount",
    "weighted",
    "won",
    "won_amount",
    "lost",
    "open",
    "open_amount",
    "open_weighted",
    "cycles",
    "cycle_days",
)
"""The number columns of `deals`."""


def deals(frames: Frames, context: SummaryContext) -> "DataFrame":
    """A row for each opportunity.

    Columns: stage, closed (date or None), and the SUMS. `amount` is the expected value, and of a won deal its value;
    `cycles` is 1 for a closed deal whose start and close are known, `cycle_days` the days between them.
    """
    stages = choices(frames, "opportunities", "stage", STAGES, context)
    codes = [context.dictionaries.code(STAGES, stage) for stage in stages]
    amounts = numbers(frames, "opportunities", "amount")
    weighted = numbers(frames, "opportunities", "weighted")
    closed = [context.day(value) for value in column(frames, "opportunities", "close_date")]
    started = [context.day(value) for value in column(frames, "opportunities", "started_on")]
    won = [int(code == "won") for code in codes]
    lost = [int(code == "lost") for code in codes]
    is_open = [int(code not in ("won", "lost")) for code in codes]
    timed = [int(bool(start and end and not o)) for start, end, o in zip(started, closed, is_open, strict=True)]
    return table(
        {
            "stage": stages,
            "closed": closed,
            "deals": [1] * len(stages),
            "amount": amounts,
            "weighted": weighted,
            "won": won,
            "won_amount": _where(won, amounts),
            "lost": lost,
            "open": is_open,
            "open_amount": _where(is_open, amounts),
            "open_weighted": _where(is_open, weighted),
            "cycles": timed,
            "cycle_days": [
                (end - start).days if flag and start and end else 0
                for flag, start, end in zip(timed, started, closed, strict=True)
            ],
        }
    )


def _where(flags: list[int], amounts: list[Decimal]) -> list[Decimal]:
    return [amount if flag else Decimal(0) for flag, amount in zip(flags, amounts, strict=True)]
