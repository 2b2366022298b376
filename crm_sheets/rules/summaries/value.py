"""汇总_客户价值: what customers and products bring; how recently, how often and for how much each customer bought."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from crm_sheets.rules.quintiles import FIFTHS, borders_between, fifth_of
from crm_sheets.rules.summaries.base import (
    Block,
    Chart,
    ChartKind,
    Figure,
    Frames,
    Measure,
    Number,
    Summary,
    SummaryContext,
    SummaryRule,
    Unit,
    columns,
    mean,
    ratio,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, hidden_block, sentence, summary_of
from crm_sheets.rules.summaries.frames import LIFECYCLE, column, in_order, texts
from crm_sheets.rules.summaries.registers import NOBODY, Register
from crm_sheets.rules.summaries.trade import CUSTOMERS, DEALS, ORDERS, Trade, stands, trade
from crm_sheets.rules.summaries.units import PEOPLE, UNITS, units
from crm_sheets.rules.summaries.vectors import (
    amount,
    amounts,
    covered_amounts,
    grouped_sums,
    hides,
    hundredths,
    known_amount,
    known_values,
    quantities,
    sum_of,
    sums_by,
)
from crm_sheets.rules.summaries.wording import money, share

if TYPE_CHECKING:
    from pandas import DataFrame

    from crm_sheets.rules.summaries.vectors import Counts, Texts

KEY = "value"

HIGH = 4
"""A fifth from which on a customer counts as high."""

_SALES, _REVENUE = Measure("sales", Unit.COUNT), Measure("revenue", Unit.MONEY)
_PROFIT, _KNOWN = Measure("known_profit", Unit.MONEY), Measure("profit_known_of", Unit.RATIO)
_SHARE, _EACH = Measure("revenue_share", Unit.RATIO), Measure("revenue_each", Unit.MONEY, adds_up=False)
_CUSTOMERS, _BUYERS = Measure("customers", Unit.COUNT), Measure("buyers", Unit.COUNT)
_MONEY = (_REVENUE, _SHARE, _PROFIT, _KNOWN)
_OF_GROUP = (_CUSTOMERS, _BUYERS, *_MONEY, _EACH)
_COUNTS, _AMOUNTS = ("customers", "buyers", "sales"), ("amount", "profit", "covered")
_OF_CUSTOMERS = Blueprint("by_customer", "order_customer", (_SALES, *_MONEY), 20, Chart(ChartKind.BAR, (2,)))
_PRODUCTS = Blueprint(
    "by_product",
    "product",
    (Measure("lines", Unit.COUNT), Measure("quantity", Unit.POINTS, adds_up=False), *_MONEY),
    20,
    Chart(ChartKind.BAR, (3,)),
)
_RFM = Blueprint(
    "rfm",
    "fifth",
    tuple(
        measure
        for name in ("recency", "frequency", "monetary")
        for measure in (Measure(f"{name}_buyers", Unit.COUNT), Measure(f"{name}_revenue", Unit.MONEY))
    ),
    FIFTHS,
    Chart(ChartKind.COLUMN, (1, 3, 5)),
)
_TYPES = Blueprint(
    "rfm_types",
    "rfm_type",
    (_BUYERS, Measure("buyer_share", Unit.RATIO), _REVENUE, _SHARE, _EACH),
    8,
    Chart(ChartKind.BAR, (1,)),
)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """What was sold as of today, by whom it was sold to and what it was."""
    sold = trade(frames, context)
    everybody = _everybody(frames, sold, context)
    whole = _whole(sold.rows)
    scored = _scored(sold, context)
    heads = _headlines(everybody, whole, context)
    return summary_of(
        KEY,
        context,
        headlines=heads,
        blocks=(
            _by_customer(everybody, whole, context),
            _by_product(frames, whole, context),
            *_rfm(scored, context),
            *_groups(frames, everybody, whole, context),
        ),
        conclusion=_conclusion(
            heads, everybody, int(sold.rows["amount"].isna().sum()), context, hidden=hides(frames, "orders", "profit")
        ),
    )


def _everybody(frames: Frames, sold: Trade, context: SummaryContext) -> "DataFrame":
    """A row for each customer, those that are in no row of 客户 and those who bought nothing as well; what was
    sold to nobody is a row that counts no customer."""
    import numpy as np
    import pandas as pd

    blank = context.language.text("summary.blank")
    rows = sold.rows.assign(sales=1)
    names = [*sold.buyers.names(), blank]
    sums = grouped_sums(rows, "customer", ["sales", "amount", "profit", "covered"]).sort_index()
    nobody = len(names) - 1
    sums.index = pd.Index(np.where(sums.index == NOBODY, nobody, sums.index), dtype=np.int64)
    found = sums.reindex(range(len(names)), fill_value=0)
    own: Mapping[str, Sequence[str] | Texts] = {
        "lifecycle": texts(frames, "customers", "lifecycle", context),
        "level": known_values(column(frames, "customers", "level"), "customer_level", context),
        **units(frames, "customers", "owner", context),
    }
    others = len(names) - sold.buyers.count
    for name, values in own.items():
        found[name] = pd.Series([*values, *([blank] * others)], dtype=object)
    found["name"] = pd.Series(names, dtype=object)
    found["customers"] = (found.index != nobody).astype(np.int64)
    found["buyers"] = np.where(found["sales"] > 0, found["customers"], 0)
    return found if NOBODY in rows["customer"].to_numpy() else found.iloc[:nobody]


def _whole(rows: "DataFrame") -> Number:
    return sum_of(rows["amount"])


def _money(row: dict[str, Number], whole: Number) -> tuple[Number, ...]:
    """The numbers of _MONEY: profit is told of the revenue of which the cost is known, and says of how much that is."""
    revenue, covered = row["amount"], row["covered"]
    profit = row["profit"] if covered else None
    return revenue, ratio(revenue, whole), profit, ratio(covered, revenue)


def _headlines(everybody: "DataFrame", whole: Number, context: SummaryContext) -> tuple[Figure, ...]:
    buyers = int(everybody["buyers"].sum())
    covered, profit = (sum_of(everybody[name]) for name in ("covered", "profit"))
    return (
        headline(KEY, _BUYERS, buyers, context),
        headline(KEY, _REVENUE, whole, context),
        headline(KEY, _PROFIT, profit if covered else None, context),
        headline(KEY, _KNOWN, ratio(covered, whole), context),
        headline(KEY, _EACH, mean(whole, buyers), context),
        headline(KEY, Measure("top_share", Unit.RATIO), ratio(_top(everybody), whole), context),
    )


def _top(everybody: "DataFrame") -> Number:
    """What the fifth of the buyers that spent most comes to; of seven buyers that is two."""
    spent = everybody.loc[everybody["buyers"] == 1, "amount"].sort_values(ascending=False)
    return sum_of(spent.head(-(-len(spent) // FIFTHS)))


def _by_customer(everybody: "DataFrame", whole: Number, context: SummaryContext) -> Block:
    buyers = everybody[everybody["sales"] > 0].sort_values(["amount", "name"], ascending=[False, True])
    # Two customers may have one name: each has a row of its own.
    groups: list[Group] = []
    for name, sales, *hundreds in buyers[["name", "sales", *_AMOUNTS]].itertuples(index=False, name=None):
        sums: dict[str, Number] = dict(zip(_AMOUNTS, map(known_amount, hundreds), strict=True))
        groups.append((str(name), (int(sales), *_money(sums, whole))))
    shown = groups[: _OF_CUSTOMERS.capacity]  # without a row for all others, which would dwarf them in the chart
    return build(KEY, _OF_CUSTOMERS, shown, context, groups[len(shown) :])


def _by_product(frames: Frames, whole: Number, context: SummaryContext) -> Block:
    """Lines of orders that stand; of what was sold without an order nobody knows the products."""
    import numpy as np
    import pandas as pd

    orders = Register(frames, "orders", ("id", "external")).places(column(frames, "order_lines", "order"))
    counted = np.append(stands(frames, context), [False])
    rows = pd.DataFrame(
        {
            "product": texts(frames, "order_lines", "product", context),
            "lines": 1,
            "quantity": quantities(frames, "order_lines", "quantity"),
            "amount": amounts(frames, "order_lines", "amount"),
            "profit": hundredths(column(frames, "order_lines", "profit")),
            "covered": covered_amounts(frames, "order_lines", "amount"),
        }
    )[counted[np.where((orders >= 0) & (orders < len(counted) - 1), orders, len(counted) - 1)]]
    sums = sums_by(rows, "product", ("lines",), ("quantity", *_AMOUNTS))
    names = in_order(sums, "", context, "amount")
    groups: list[Group] = [
        (name, (sums[name]["lines"], _quantity(sums[name]["quantity"]), *_money(sums[name], whole))) for name in names
    ]
    return build(KEY, _PRODUCTS, groups, context)


def _quantity(hundredths_of_hundredths: Number) -> Number:
    """As it is written: three boxes are 3."""
    return None if hundredths_of_hundredths is None else Decimal(hundredths_of_hundredths).scaleb(-2).normalize() + 0


# -- recency, frequency, monetary -------------------------------------------------------------------------------------


def _scored(sold: Trade, context: SummaryContext) -> "DataFrame":
    """A row for each buyer with its fifths: 5 for the best fifth to 1 for the last. Of sales of which the day is not
    known, or the reader may not see the amount, nobody can be scored."""
    import numpy as np

    rows = sold.dated(context)
    rows = rows[rows["amount"].notna()]
    found = rows.groupby("customer").agg(amount=("amount", "sum"), frequency=("amount", "size"), last=("day", "max"))
    found["recency"] = found["last"].to_numpy().astype("datetime64[D]").astype(np.int64)
    for name, source in (("recency", "recency"), ("frequency", "frequency"), ("monetary", "amount")):
        found[name] = _fifths(found[source].to_numpy())
    return found


def _fifths(values: "Counts") -> "Counts":
    """The fifth of each value, by the borders by which customers get their level (rules.quintiles)."""
    import numpy as np

    if not len(values):
        return values
    borders = borders_between([Decimal(int(value)) for value in values])
    known, codes = np.unique(values, return_inverse=True)
    found: Counts = np.array([fifth_of(Decimal(int(value)), borders) for value in known], dtype=np.int64)[codes]
    return found


def _rfm(scored: "DataFrame", context: SummaryContext) -> Iterator[Block]:
    groups: list[Group] = []
    for fifth in range(FIFTHS, 0, -1):
        numbers: list[Number] = []
        for name in ("recency", "frequency", "monetary"):
            chosen = scored.loc[scored[name] == fifth, "amount"]
            numbers += [len(chosen), amount(int(chosen.sum()))]
        groups.append((context.language.text(f"value.fifth.{fifth}"), tuple(numbers)))
    yield build(KEY, _RFM, groups if len(scored) else [], context)
    yield _types(scored, context)


def _types(scored: "DataFrame", context: SummaryContext) -> Block:
    """Eight kinds of buyers, by which of the three are high."""
    high = (scored[["recency", "frequency", "monetary"]] >= HIGH).to_numpy()
    kinds = high[:, 0] * 4 + high[:, 1] * 2 + high[:, 2]
    whole = amount(int(scored["amount"].sum()))
    groups: list[Group] = []
    for kind in (7, 3, 5, 1, 6, 2, 4, 0) if len(scored) else ():
        chosen = scored.loc[kinds == kind, "amount"]
        worth, count = amount(int(chosen.sum())), len(chosen)
        shares = count, ratio(count, len(scored)), worth, ratio(worth, whole), mean(worth, count)
        groups.append((context.language.text(f"value.type.{kind:03b}"), shares))
    return build(KEY, _TYPES, groups, context)


# -- groups of customers ----------------------------------------------------------------------------------------------


def _groups(frames: Frames, everybody: "DataFrame", whole: Number, context: SummaryContext) -> Iterator[Block]:
    for name, dictionary, capacity, kind in (
        (LIFECYCLE, LIFECYCLE, 6, ChartKind.COLUMN),
        ("level", "customer_level", 6, ChartKind.COLUMN),
        *((unit, "", 15, ChartKind.BAR) for unit in UNITS),
    ):
        sums = sums_by(everybody, name, _COUNTS, _AMOUNTS)
        groups: list[Group] = []
        for each in in_order(sums, dictionary, context, "amount"):
            row = sums[each]
            numbers = (row["customers"], row["buyers"], *_money(row, whole), mean(row["amount"], row["buyers"]))
            groups.append((each, numbers))
        built = build(KEY, Blueprint(f"by_{name}", name, _OF_GROUP, capacity, Chart(kind, (3,))), groups, context)
        yield hidden_block(built, context) if name == LIFECYCLE and hides(frames, "customers", LIFECYCLE) else built


def _conclusion(
    heads: tuple[Figure, ...], everybody: "DataFrame", unseen: int, context: SummaryContext, *, hidden: bool
) -> str:
    """`unseen`: of how many sales the reader may not see the amount; `hidden`: they may not see what some order cost,
    so nobody may say to them that it was not filled in."""
    text = context.language.text
    buyers, revenue, profit, known, _, top = heads
    if not buyers.value:
        return ""
    named = everybody[everybody["customers"] == 1]
    best = named.sort_values(["amount", "name"], ascending=[False, True]).iloc[0]
    return sentence(
        context,
        (
            text("value.conclusion.revenue", buyers=f"{buyers.value:,}", amount=money(revenue.value, context)),
            text("value.conclusion.unseen", sales=f"{unseen:,}") if unseen and revenue.value is not None else "",
            text("value.conclusion.top", share=share(top.value)) if top.value is not None else "",
            text("value.conclusion.best", name=str(best["name"]), amount=money(known_amount(best["amount"]), context))
            if best["amount"] > 0
            else "",
            text("value.conclusion.profit", amount=money(profit.value, context), share=share(known.value))
            if profit.value is not None
            else text(f"value.conclusion.{'profit_hidden' if hidden else 'no_profit'}")
            if revenue.value is not None
            else "",
        ),
    )


VALUE = SummaryRule(
    KEY,
    columns(
        customers=f"{CUSTOMERS} lifecycle level owner",
        orders=f"id external {ORDERS}",
        opportunities=DEALS,
        people=PEOPLE,
    ),
    compute,
    decisive=columns(orders="state", opportunities="stage"),
    also=columns(orders="profit", order_lines="order product quantity amount profit"),
)
