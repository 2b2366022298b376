"""Deals that stand still: whose they are, since when, and what was agreed as the next step."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import Block, Frames, Number, SummaryContext, Unit
from crm_sheets.rules.summaries.deals import total_of
from crm_sheets.rules.summaries.frames import column
from crm_sheets.rules.summaries.vectors import days, days_of, instants, known_amount

if TYPE_CHECKING:
    import numpy as np
    from pandas import DataFrame

    from crm_sheets.rules.summaries.vectors import Counts, Days

CAPACITY = 20
_HEADER = ("deal", "owner", "stage", "amount", "in_stage", "late", "why", "step")
_UNITS = (Unit.TEXT, Unit.TEXT, Unit.TEXT, Unit.MONEY, Unit.COUNT, Unit.COUNT, Unit.TEXT, Unit.TEXT)


@dataclass(frozen=True, slots=True)
class Stalled:
    """Those that stand still; `lines` are the largest, as the block shows them."""

    count: int
    amount: Number
    lines: tuple[tuple[str | int | Decimal | None, ...], ...]


def stalled_deals(frames: Frames, rows: "DataFrame", context: SummaryContext) -> Stalled:
    """Open deals that are in their stage for longer than it should take, or whose expected day has passed.

    Where a stage has no time of its own, `quiet_days` count.

    Args:
        frames: the book.
        rows: of `deals`, with the column `people`.
        context: the day.
    """
    import numpy as np

    today = np.datetime64(context.today)
    since = instants(column(frames, "opportunities", "stage_since"), context)
    due = days(column(frames, "opportunities", "stage_due"), context)
    end = np.where(np.isnat(due), since + np.timedelta64(context.quiet_days, "D"), due)
    over = _days_between(end, today)
    past = _days_between(days_of(rows, "closed"), today)
    rows = rows.assign(over=over, past=past, inside=_days_between(since, today))
    found = rows[(rows["open"] == 1) & ((rows["over"] > 0) | (rows["past"] > 0))]
    largest = found.sort_values("open_amount", ascending=False, kind="stable").head(CAPACITY)
    return Stalled(len(found), total_of(found, "open_amount"), tuple(_lines(frames, largest, context)))


def _days_between(start: "Days", today: "np.datetime64") -> "Counts":
    """Whole days since; 0 where it is not known or lies ahead."""
    import numpy as np

    spans = (today - start).astype("timedelta64[D]")
    return np.where(np.isnat(spans), 0, spans.astype(np.int64)).clip(min=0)


def _lines(frames: Frames, rows: "DataFrame", context: SummaryContext) -> list[tuple[str | int | Decimal | None, ...]]:
    text = context.language.text
    names, numbers = (column(frames, "opportunities", name) for name in ("name", "id"))
    often = Counter(names)  # what several deals are called names none of them
    called = {
        place: (str(names[place] or ""), str(numbers[place] or ""), often[names[place]] == 1)
        for place in map(int, rows.index)
    }
    meant = {text for name, number, alone in called.values() for text in (name if alone else "", number) if text}
    steps = _next_steps(frames, meant, context)
    lines: list[tuple[str | int | Decimal | None, ...]] = []
    fields = [rows[name].tolist() for name in ("people", "stage", "open_amount", "inside", "over", "past")]
    for (name, number, _), owner, stage, worth, inside, over, past in zip(called.values(), *fields, strict=True):
        why = [text(f"summary.stalled.{key}") for key, days_late in (("stage", over), ("close", past)) if days_late]
        step = steps.get(name) or steps.get(number) or text("summary.stalled.no_step")
        lines.append(
            (
                name or number,
                owner,
                stage,
                known_amount(worth),
                inside or None,
                max(over, past),
                text("list.and").join(why),
                step,
            )
        )
    return lines


def _next_steps(frames: Frames, called: set[str], context: SummaryContext) -> Mapping[str, str]:
    """The next step that the latest follow-up of each deal names, by what it calls the deal."""
    import numpy as np
    import pandas as pd

    names = pd.Series(list(column(frames, "follow_ups", "opportunity")), dtype=object)
    done, planned, steps = (column(frames, "follow_ups", name) for name in ("done_at", "planned_at", "next_step"))
    found: dict[str, tuple[date, str]] = {}
    for place in map(int, np.flatnonzero(names.isin(called))):
        day, step = context.day(done[place]) or context.day(planned[place]) or date.min, steps[place]
        if step and day >= found.get(names[place], (date.min, ""))[0]:
            found[names[place]] = (day, str(step))
    return {key: step for key, (_, step) in found.items()}


def stalled_block(summary: str, stalled: Stalled, context: SummaryContext) -> Block:
    """The largest of them, with owner and next step."""
    text = context.language.text
    return Block(
        key="stalled",
        title=text(f"summary.block.{summary}.stalled"),
        header=tuple(text(f"summary.stalled.column.{name}") for name in _HEADER),
        rows=stalled.lines,
        units=_UNITS,
        capacity=CAPACITY,
        definitions=tuple(
            (text(f"summary.stalled.column.{name}"), text(f"summary.stalled.definition.{name}"))
            for name in ("amount", "in_stage", "late")
        ),
    )
