"""汇总_营销活动: whom campaigns reached, who bought after them, what they cost and what came of it."""

from typing import TYPE_CHECKING

from crm_sheets.rules.campaigns import CONVERSION_DAYS, conversion_days
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
    ratio,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, sentence, summary_of
from crm_sheets.rules.summaries.frames import column, in_dictionary_order
from crm_sheets.rules.summaries.periods import month_of, window
from crm_sheets.rules.summaries.registers import Register
from crm_sheets.rules.summaries.trade import CUSTOMERS, DEALS, ORDERS, trade
from crm_sheets.rules.summaries.vectors import (
    days,
    grouped_sums,
    hundredths,
    known_values,
    named,
    period_names,
    sum_of,
    sums_by,
)
from crm_sheets.rules.summaries.wording import money
from crm_sheets.rules.summaries.wording import share as percent
from crm_sheets.tables import TabKey

if TYPE_CHECKING:
    from pandas import DataFrame

    from crm_sheets.rules.summaries.vectors import Days

KEY = "campaigns"
MEMBERS = "campaign_members"

_COUNTS = (
    "campaigns",
    "members",
    "reached",
    "attended",
    "converted",
    "has_cost",
    "judged",
    "begun",
    "present",
    "came",
    "turned",
)
_AMOUNTS = ("cost", "revenue", "judged_cost", "judged_revenue")
_CAMPAIGNS, _INVITED = Measure("campaigns", Unit.COUNT), Measure("members", Unit.COUNT)
_REACHED, _ATTENDED = Measure("members_reached", Unit.COUNT), Measure("members_attended", Unit.COUNT)
_CONVERTED = Measure("members_converted", Unit.COUNT)
_ATTENDANCE = Measure("attendance_rate", Unit.RATIO, interval=True)
_CONVERSION = Measure("member_conversion", Unit.RATIO, interval=True)
_COST = Measure("campaign_cost", Unit.MONEY)
_REVENUE, _ROI = Measure("attributed_revenue", Unit.MONEY, adds_up=False), Measure("campaign_roi", Unit.RATIO)
_WHO = (_INVITED, _REACHED, _ATTENDED, _ATTENDANCE, _CONVERTED, _CONVERSION)
_MONEY = (_COST, _REVENUE, _ROI)
_EACH = Blueprint("by_campaign", "campaign", (*_WHO, *_MONEY), 20, Chart(ChartKind.BAR, (1, 3, 5)))
_RETURNS = Blueprint("returns", "campaign", _MONEY, 20, Chart(ChartKind.BAR, (1, 2)))
_TYPES = Blueprint("by_type", "campaign_type", (_CAMPAIGNS, *_WHO, *_MONEY), 6, Chart(ChartKind.COLUMN, (2, 6)))
_STATES = Blueprint("by_state", "member_state", (_INVITED, Measure("share", Unit.RATIO)), 8, Chart(ChartKind.PIE))
_MONTHS = Blueprint(
    "months", "month", (_CAMPAIGNS, _INVITED, _CONVERTED, *_MONEY), 12, Chart(ChartKind.COLUMN, (2, 3)), periods=True
)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """Campaigns as of today; a member that stands on a list twice counts once."""
    members = _members(frames, context)
    sales = _attributed(frames, members, context)
    rows = _rows(frames, members, sales, context)
    once = sales.drop_duplicates("sale")
    heads = _headlines(rows, sum_of(once["amount"]), context)
    return summary_of(
        KEY,
        context,
        headlines=heads,
        blocks=(
            _by_campaign(rows, _EACH, context),
            _by_campaign(rows, _RETURNS, context),
            _by_type(rows, context),
            _by_state(members, context),
            _by_month(rows, context),
        ),
        conclusion=_conclusion(heads, rows, context),
    )


def _members(frames: Frames, context: SummaryContext) -> "DataFrame":
    """A row for each customer on the list of a campaign, with how far it came."""
    import numpy as np
    import pandas as pd

    campaigns = Register(frames, KEY, ("id", "name"))
    states = known_values(column(frames, MEMBERS, "state"), "member_state", context)
    codes = named(column(frames, MEMBERS, "state"), lambda text: context.dictionaries.code("member_state", text), "")
    who = np.array(column(frames, MEMBERS, "customer_id"), dtype=object)
    alone = np.array([f"row {n}" for n in range(len(who))], dtype=object)
    rows = pd.DataFrame(
        {
            "campaign": campaigns.places(column(frames, MEMBERS, "campaign")),
            "customer": np.where(pd.isna(who), alone, who),
            "state": states,
            "reached": np.array(column(frames, MEMBERS, "state"), dtype=object).astype(bool),
            "attended": codes == "attended",
            "bought_on": days(column(frames, MEMBERS, "converted_on"), context).astype("datetime64[s]"),
        }
    )
    rows = rows[(rows["campaign"] >= 0) & (rows["campaign"] < campaigns.count)]
    found = rows.groupby(["campaign", "customer"], sort=False).agg(
        state=("state", "first"),
        reached=("reached", "max"),
        attended=("attended", "max"),
        bought_on=("bought_on", "min"),
    )
    return found.reset_index()


def _until(frames: Frames, context: SummaryContext) -> "Days":
    """The last day on which a sale counts for each campaign: by its type, as rules.campaigns has it."""
    import numpy as np

    ends = days(column(frames, KEY, "ends_on"), context)
    known = context.dictionaries
    after = named(column(frames, KEY, "type"), lambda text: str(conversion_days(text, known)), str(CONVERSION_DAYS))
    found: Days = ends + after.astype(np.int64).astype("timedelta64[D]")
    return found


def _attributed(frames: Frames, members: "DataFrame", context: SummaryContext) -> "DataFrame":
    """What converted members bought from the day of their first sale until the last day that counts.

    One row for each sale and campaign that it counts for: sale, campaign, amount.
    """
    import numpy as np

    sold = trade(frames, context, won_on="stage_since")
    sales = sold.dated(context).reset_index(names="sale")
    converted = members[members["bought_on"].notna()].copy()
    converted["customer"] = sold.buyers.places(list(converted["customer"]))
    converted["until"] = _until(frames, context).astype("datetime64[s]")[converted["campaign"].to_numpy(dtype=np.int64)]
    found = converted.merge(sales[["sale", "customer", "day", "amount"]], on="customer")
    found = found[(found["day"] >= found["bought_on"]) & (found["day"] <= found["until"])]
    return found[["sale", "campaign", "amount"]]


def _rows(frames: Frames, members: "DataFrame", sales: "DataFrame", context: SummaryContext) -> "DataFrame":
    """A row for each campaign."""
    import numpy as np
    import pandas as pd

    campaigns = Register(frames, KEY, ("id", "name"))
    budget = np.array(column(frames, KEY, "budget"), dtype=object)
    flags = members.assign(members=1, converted=members["bought_on"].notna())
    counts = flags.groupby("campaign")[["members", "reached", "attended", "converted"]].sum()
    counts = counts.reindex(range(campaigns.count), fill_value=0).astype(np.int64)
    revenue = (
        grouped_sums(sales, "campaign", ["amount"])["amount"].reindex(range(campaigns.count), fill_value=0).to_numpy()
    )
    costs, has_cost = hundredths(list(budget)), pd.notna(budget)
    begins = days(column(frames, KEY, "starts_on"), context)
    awaited = begins > np.datetime64(context.today)
    judged = has_cost & ~np.isnat(begins) & ~awaited
    return counts.assign(
        name=campaigns.names()[: campaigns.count],
        campaign_type=known_values(column(frames, KEY, "type"), "campaign_type", context),
        month=period_names(begins, month_of),
        campaigns=1,
        cost=costs,
        revenue=revenue,
        begun=(~awaited).astype(np.int64),
        present=np.where(awaited, 0, counts["members"]),
        came=np.where(awaited, 0, counts["attended"]),
        turned=np.where(awaited, 0, counts["converted"]),
        has_cost=has_cost.astype(np.int64),
        judged=judged.astype(np.int64),
        judged_cost=np.where(judged, costs, 0),
        judged_revenue=np.where(judged, revenue, 0),
    )


def _rates(row: dict[str, Number]) -> tuple[Number | Rate, ...]:
    """The numbers of _WHO. Who will come to what has not begun is not known yet: its members are in no rate."""
    present, came, turned = (int(row[name] or 0) for name in ("present", "came", "turned"))
    rates = Rate(came, present), Rate(turned, present)
    return (
        row["members"],
        row["reached"],
        _once_begun(row, "attended"),
        rates[0],
        _once_begun(row, "converted"),
        rates[1],
    )


def _once_begun(row: dict[str, Number], name: str) -> Number:
    """A number that is unknown, and not 0, as long as nothing has begun."""
    return None if row["campaigns"] and not row["begun"] and not row[name] else row[name]


def _money(row: dict[str, Number]) -> tuple[Number, ...]:
    """The numbers of _MONEY; what has no budget, or has not begun, has no return."""
    cost = row["cost"] if row["has_cost"] else None
    return cost, _once_begun(row, "revenue"), _return(row["judged_revenue"], row["judged_cost"])


def _return(revenue: Number, spent: Number) -> Number:
    return None if revenue is None or spent is None else ratio(revenue - spent, spent)


def _headlines(rows: "DataFrame", revenue: Number, context: SummaryContext) -> tuple[Figure, ...]:
    sums = {name: int(rows[name].sum()) for name in _COUNTS}
    cost, spent, paid = (sum_of(rows[name]) for name in ("cost", "judged_cost", "judged_revenue"))
    return (
        headline(KEY, _CAMPAIGNS, sums["campaigns"], context),
        headline(KEY, _INVITED, sums["members"], context),
        headline(KEY, _ATTENDANCE, Rate(sums["came"], sums["present"]), context),
        headline(KEY, _CONVERTED, sums["converted"], context),
        headline(KEY, _CONVERSION, Rate(sums["turned"], sums["present"]), context),
        headline(KEY, _COST, cost if sums["has_cost"] else None, context),
        headline(KEY, Measure("attributed_once", Unit.MONEY), revenue, context),
        headline(KEY, _ROI, _return(paid, spent), context),
    )


def _by_campaign(rows: "DataFrame", plan: Blueprint, context: SummaryContext) -> Block:
    """The latest first."""
    sums = sums_by(rows, "name", _COUNTS, _AMOUNTS)
    months = dict(zip(rows["name"], rows["month"], strict=True))
    names = sorted(sums, key=lambda name: (months[name], name), reverse=True)
    groups: list[Group] = []
    for name in names:
        money = _money(sums[name])
        groups.append((name, money if plan is _RETURNS else (*_rates(sums[name]), *money)))
    return build(KEY, plan, groups, context)


def _by_type(rows: "DataFrame", context: SummaryContext) -> Block:
    sums = sums_by(rows, "campaign_type", _COUNTS, _AMOUNTS)
    names = in_dictionary_order(sums, "campaign_type", context)
    groups: list[Group] = [
        (name, (sums[name]["campaigns"], *_rates(sums[name]), *_money(sums[name]))) for name in names
    ]
    return build(KEY, _TYPES, groups, context)


def _by_state(members: "DataFrame", context: SummaryContext) -> Block:
    sums = sums_by(members.assign(members=1), "state", ("members",), ())
    names = in_dictionary_order(sums, "member_state", context)
    groups: list[Group] = [
        (name, (sums[name]["members"], ratio(sums[name]["members"], len(members)))) for name in names
    ]
    return build(KEY, _STATES, groups, context)


def _by_month(rows: "DataFrame", context: SummaryContext) -> Block:
    sums = sums_by(rows[rows["month"] != ""], "month", _COUNTS, _AMOUNTS)

    def group(month: str) -> Group:
        row = sums.get(month) or dict.fromkeys((*_COUNTS, *_AMOUNTS), 0)
        return month, (row["campaigns"], row["members"], _once_begun(row, "converted"), *_money(row))

    shown = window(sums, month_of(context.today), _MONTHS.capacity)
    unseen = [group(month) for month in sorted(sums) if month not in shown]
    return build(KEY, _MONTHS, [group(month) for month in shown], context, unseen)


def _conclusion(heads: tuple[Figure, ...], rows: "DataFrame", context: SummaryContext) -> str:
    text = context.language.text
    campaigns, members, _, converted, conversion, cost, revenue, roi = heads
    if not campaigns.value:
        return ""
    return sentence(
        context,
        (
            text("campaigns.conclusion.count", campaigns=f"{campaigns.value:,}", members=f"{members.value or 0:,}"),
            text(
                "campaigns.conclusion.converted", converted=f"{converted.value or 0:,}", rate=percent(conversion.value)
            )
            if conversion.value is not None
            else "",
            text("campaigns.conclusion.revenue", amount=money(revenue.value, context)) if revenue.value else "",
            text("campaigns.conclusion.roi", cost=money(cost.value, context), roi=percent(roi.value))
            if cost.value and roi.value is not None
            else "",
        ),
    )


CAMPAIGNS = SummaryRule(
    KEY,
    columns(
        campaigns="id name type starts_on ends_on budget",
        campaign_members="campaign customer_id state converted_on",
    ),
    compute,
    decisive=columns(campaign_members="state converted_on", orders="state", opportunities="stage"),
    needs=frozenset({TabKey(KEY)}),
    also=columns(customers=CUSTOMERS, orders=ORDERS, opportunities=f"{DEALS} stage_since"),
)
