"""汇总_客户: who the customers are, and how many are new."""

from crm_sheets.rules.summaries.base import (
    Block,
    Chart,
    ChartKind,
    Frames,
    Measure,
    Summary,
    SummaryContext,
    SummaryRule,
    Unit,
    columns,
    ratio,
)
from crm_sheets.rules.summaries.blocks import Blueprint, build, headline
from crm_sheets.rules.summaries.frames import choices, column, in_dictionary_order, table, texts, totals
from crm_sheets.rules.summaries.periods import month_of, window

KEY = "customers"

_SHARES = (Measure("customers", Unit.COUNT), Measure("share", Unit.RATIO))
_DRAWN = {"status": ChartKind.COLUMN, "level": ChartKind.PIE, "industry": ChartKind.BAR, "source": ChartKind.PIE}
_DICTIONARIES = {
    "status": "customer_status",
    "level": "customer_level",
    "industry": "industry",
    "source": "customer_source",
}
_CAPACITY = {"status": 10, "level": 6, "industry": 15, "source": 10}
_REGIONS = Blueprint("regions", "region", _SHARES, 15, Chart(ChartKind.BAR))
_NEW = Blueprint("new", "month", (Measure("new_customers", Unit.COUNT),), 12, Chart(ChartKind.LINE), periods=True)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """The customers as of today."""
    count = len(column(frames, "customers", "name"))
    return Summary(
        key=KEY,
        title=context.language.text("tab.summary_customers"),
        as_of=context.today,
        headlines=(
            headline(KEY, Measure("customers", Unit.COUNT), count, context),
            *(
                headline(KEY, Measure(f"{code}_customers", Unit.COUNT), _with_status(frames, code, context), context)
                for code in ("won", "lost")
            ),
            headline(
                KEY, Measure("new_this_month", Unit.COUNT), _new(frames, context), context, month_of(context.today)
            ),
        ),
        blocks=(
            *(_by_choice(frames, name, context) for name in _DICTIONARIES),
            _regions(frames, context),
            _months(frames, context),
        ),
    )


def _with_status(frames: Frames, code: str, context: SummaryContext) -> int:
    statuses = texts(frames, "customers", "status", context)
    return sum(context.dictionaries.code("customer_status", status) == code for status in statuses)


def _by_choice(frames: Frames, name: str, context: SummaryContext) -> Block:
    dictionary = _DICTIONARIES[name]
    values = choices(frames, "customers", name, dictionary, context)
    sums = totals(table({"group": values, "count": [1] * len(values)}), "group", ("count",))
    plan = Blueprint(f"by_{name}", name, _SHARES, _CAPACITY[name], Chart(_DRAWN[name]))
    names = in_dictionary_order(sums, dictionary, context)
    if name == "industry":
        names = sorted(names, key=lambda group: (-(sums[group]["count"] or 0), group))
    return build(KEY, plan, [(n, (sums[n]["count"], ratio(sums[n]["count"], len(values)))) for n in names], context)


def _regions(frames: Frames, context: SummaryContext) -> Block:
    values = texts(frames, "customers", "region", context)
    sums = totals(table({"group": values, "count": [1] * len(values)}), "group", ("count",))
    names = sorted(sums, key=lambda group: (-(sums[group]["count"] or 0), group))
    return build(KEY, _REGIONS, [(n, (sums[n]["count"], ratio(sums[n]["count"], len(values)))) for n in names], context)


def _months_of(frames: Frames, context: SummaryContext) -> list[str]:
    days = [context.day(value) for value in column(frames, "customers", "created_at")]
    return [month_of(day) for day in days if day is not None]


def _new(frames: Frames, context: SummaryContext) -> int:
    return _months_of(frames, context).count(month_of(context.today))


def _months(frames: Frames, context: SummaryContext) -> Block:
    months = _months_of(frames, context)
    sums = totals(table({"month": months, "count": [1] * len(months)}), "month", ("count",))
    shown = window(sums, month_of(context.today), _NEW.capacity)
    unseen = [(month, (sums[month]["count"],)) for month in sorted(sums) if month not in shown]
    groups = [(month, (sums[month]["count"] if month in sums else 0,)) for month in shown]
    return build(KEY, _NEW, groups, context, unseen)


CUSTOMERS = SummaryRule(KEY, columns(customers="name status level industry source region created_at"), compute)
