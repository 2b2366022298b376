"""汇总_成交分析: why deals are won and lost, how long they take, how fast value comes in, and which stand still."""

from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import (
    Block,
    Chart,
    ChartKind,
    Figure,
    Frames,
    Measure,
    Number,
    Rate,
    Summary,
    SummaryContext,
    SummaryRule,
    Unit,
    columns,
    mean,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, sentence, summary_of
from crm_sheets.rules.summaries.deals import count_of, deals, total_of, totals_by
from crm_sheets.rules.summaries.frames import column
from crm_sheets.rules.summaries.periods import month_of, window
from crm_sheets.rules.summaries.staff import owned
from crm_sheets.rules.summaries.stalled import Stalled, stalled_block, stalled_deals
from crm_sheets.rules.summaries.vectors import (
    days_of,
    known_values,
    period_names,
    quantiles,
    two_decimals,
)
from crm_sheets.rules.summaries.wording import money, share
from crm_sheets.tables import TabKey

if TYPE_CHECKING:
    from pandas import DataFrame

KEY = "outcomes"

_WIN_REASONS = Blueprint(
    "win_reasons",
    "reason",
    (Measure("won", Unit.COUNT), Measure("won_amount", Unit.MONEY), Measure("reason_share", Unit.RATIO, interval=True)),
    12,
    Chart(ChartKind.BAR, (1,)),
)
_LOSS_REASONS = Blueprint(
    "loss_reasons",
    "reason",
    (
        Measure("lost", Unit.COUNT),
        Measure("lost_amount", Unit.MONEY),
        Measure("reason_share", Unit.RATIO, interval=True),
    ),
    12,
    Chart(ChartKind.BAR, (1,)),
)
_CYCLE = (
    Measure("cycles", Unit.COUNT),
    Measure("cycle_median", Unit.DAYS, adds_up=False),
    Measure("cycle_p90", Unit.DAYS, adds_up=False),
    Measure("cycle_mean", Unit.DAYS, adds_up=False),
)
_CYCLES = Blueprint("cycles", "outcome", _CYCLE, 3)
_CYCLE_MONTHS = Blueprint("cycle_months", "month", _CYCLE, 12, Chart(ChartKind.LINE, (2, 3)), periods=True)
_VELOCITY = Blueprint(
    "velocity",
    "person",
    (
        Measure("open", Unit.COUNT),
        Measure("average_deal", Unit.MONEY, adds_up=False),
        Measure("win_rate", Unit.RATIO, interval=True),
        Measure("cycle_mean", Unit.DAYS, adds_up=False),
        Measure("velocity", Unit.MONEY),
    ),
    20,
    Chart(ChartKind.BAR, (5,)),
)
_SUMS = ("open", "won", "lost", "won_amount", "won_cycles", "won_days")


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """Wins, losses and standstill as of today."""
    rows = deals(frames, context)
    rows["people"] = owned(frames, "opportunities", "owner", context)["people"]
    for name in ("win_reason", "loss_reason"):
        rows[name] = known_values(column(frames, "opportunities", name), name, context)
    rows["won_cycles"] = rows["cycles"] * rows["won"]
    rows["won_days"] = rows["cycle_days"] * rows["won"]
    stalled = stalled_deals(frames, rows, context)
    wins = _reasons(rows, "win_reason", "won", _WIN_REASONS, context)
    losses = _reasons(rows, "loss_reason", "lost", _LOSS_REASONS, context)
    return summary_of(
        KEY,
        context,
        headlines=_headlines(rows, stalled, context),
        blocks=(
            stalled_block(KEY, stalled, context),
            wins,
            losses,
            _cycles(rows, context),
            _cycle_months(rows, context),
            _velocities(rows, context),
        ),
        conclusion=_conclusion(rows, stalled, losses, context),
    )


def _headlines(rows: "DataFrame", stalled: Stalled, context: SummaryContext) -> tuple[Figure, ...]:
    spans = rows.loc[rows["won_cycles"] == 1, "cycle_days"]
    median, p90 = quantiles(spans, (0.5, 0.9))
    quiet = {"days": str(context.quiet_days)}
    return (
        headline(KEY, Measure("cycle_median", Unit.DAYS), median, context),
        headline(KEY, Measure("cycle_p90", Unit.DAYS), p90, context),
        headline(KEY, Measure("velocity", Unit.MONEY), _velocity(_sums(rows)), context),
        headline(KEY, Measure("stalled", Unit.COUNT, quiet), stalled.count, context),
        headline(KEY, Measure("stalled_amount", Unit.MONEY, quiet), stalled.amount, context),
    )


def _reasons(rows: "DataFrame", by: str, what: str, plan: Blueprint, context: SummaryContext) -> Block:
    """How often each reason was given, the most frequent first."""
    decided = rows[rows[what] == 1]
    sums = totals_by(decided, by, (what, f"{what}_amount"))
    names = sorted(sums, key=lambda name: (-(sums[name][what] or 0), -(sums[name][f"{what}_amount"] or 0), name))
    groups: list[Group] = [
        (name, (*sums[name].values(), Rate(int(sums[name][what] or 0), len(decided)))) for name in names
    ]
    return build(KEY, plan, groups, context)


def _cycles(rows: "DataFrame", context: SummaryContext) -> Block:
    timed = rows[rows["cycles"] == 1]
    text = context.language.text
    groups: list[Group] = [
        (text(f"summary.outcome.{name}"), _cycle_of(part))
        for name, part in (("won", timed[timed["won"] == 1]), ("lost", timed[timed["lost"] == 1]), ("closed", timed))
    ]
    return build(KEY, _CYCLES, groups, context)


def _cycle_of(rows: "DataFrame") -> tuple[Number, ...]:
    median, p90 = quantiles(rows["cycle_days"], (0.5, 0.9))
    return len(rows), median, p90, mean(count_of(rows, "cycle_days"), len(rows))


def _cycle_months(rows: "DataFrame", context: SummaryContext) -> Block:
    won = rows[rows["won_cycles"] == 1]
    months = period_names(days_of(won, "closed"), month_of)
    found = {str(month): _cycle_of(part) for month, part in won.groupby(months)}
    nothing: tuple[Number, ...] = (0, None, None, None)
    shown = window(found, month_of(context.today), _CYCLE_MONTHS.capacity)
    unseen: list[Group] = [(month, found[month]) for month in sorted(found) if month not in shown]
    return build(KEY, _CYCLE_MONTHS, [(month, found.get(month, nothing)) for month in shown], context, unseen)


def _velocities(rows: "DataFrame", context: SummaryContext) -> Block:
    sums = totals_by(rows, "people", _SUMS)
    speeds = {name: _velocity(numbers) for name, numbers in sums.items()}
    names = sorted(sums, key=lambda name: (-(speeds[name] or 0), -(sums[name]["open"] or 0), name))
    groups: list[Group] = []
    for name in names:
        row = sums[name]
        won = int(row["won"] or 0)
        rate = Rate(won, won + int(row["lost"] or 0))
        cycle = mean(row["won_days"], row["won_cycles"])
        groups.append((name, (row["open"], mean(row["won_amount"], won), rate, cycle, speeds[name])))
    return build(KEY, _VELOCITY, groups, context)


def _sums(rows: "DataFrame") -> dict[str, Number]:
    return {name: total_of(rows, name) for name in _SUMS}


def _velocity(sums: dict[str, Number]) -> Number:
    """Open deals × value of a won one × win rate ÷ days that a won one takes: what comes in per day at this pace."""
    won, decided = float(sums["won"] or 0), float((sums["won"] or 0) + (sums["lost"] or 0))
    days, timed = float(sums["won_days"] or 0), float(sums["won_cycles"] or 0)
    if not won or not days or sums["won_amount"] is None:
        return None
    worth, rate, cycle = float(sums["won_amount"]) / won, won / decided, days / timed
    return two_decimals(float(sums["open"] or 0) * worth * rate / cycle)


def _conclusion(rows: "DataFrame", stalled: Stalled, losses: Block, context: SummaryContext) -> str:
    text = context.language.text
    median, p90 = quantiles(rows.loc[rows["won_cycles"] == 1, "cycle_days"], (0.5, 0.9))
    speed = _velocity(_sums(rows))
    blank = text("summary.blank")
    reason = next((row for row in losses.rows if row[0] != blank), None)
    return sentence(
        context,
        (
            text("summary.conclusion.outcomes.cycle", median=f"{median:.0f}", p90=f"{p90:.0f}")
            if median is not None and p90 is not None
            else "",
            text("summary.conclusion.outcomes.velocity", amount=money(speed, context)) if speed else "",
            text(
                "summary.conclusion.outcomes.reason",
                reason=str(reason[0]),
                count=str(reason[1]),
                lost=str(count_of(rows, "lost")),
                share=share(Rate(int(str(reason[1])), count_of(rows, "lost"))),
            )
            if reason
            else "",
            text(
                "summary.conclusion.outcomes.stalled",
                count=str(stalled.count),
                amount=money(stalled.amount, context),
            )
            if stalled.count
            else "",
        ),
    )


OUTCOMES = SummaryRule(
    KEY,
    columns(
        opportunities="id name customer stage amount weighted close_date started_on owner win_reason loss_reason"
        " stage_since stage_due",
        people="id name department group",
    ),
    compute,
    decisive=columns(opportunities="stage"),
    needs=frozenset({TabKey("opportunities")}),
    also=columns(follow_ups="opportunity planned_at done_at next_step"),
)
"""What it reads of 跟进 are the next steps of deals that stand still."""
