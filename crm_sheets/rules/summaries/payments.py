"""汇总_回款: what has come in, what is still to come, and what is late, since when and whose it is."""

from decimal import Decimal
from typing import TYPE_CHECKING, Final

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
    ratio,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, sentence, summary_of
from crm_sheets.rules.summaries.frames import column, in_order
from crm_sheets.rules.summaries.periods import month_of, window
from crm_sheets.rules.summaries.registers import Register, customers
from crm_sheets.rules.summaries.units import PEOPLE, UNITS, units
from crm_sheets.rules.summaries.vectors import amounts, days, known_values, named, period_names, sum_of, sums_by
from crm_sheets.rules.summaries.wording import money
from crm_sheets.rules.summaries.wording import share as percent
from crm_sheets.tables import TabKey

if TYPE_CHECKING:
    from pandas import DataFrame

    from crm_sheets.rules.summaries.vectors import Flags, Texts

KEY = "payments"

AGES: Final = (("to_30", 1, 30), ("to_60", 31, 60), ("to_90", 61, 90), ("over_90", 91, 10**9))
"""Days by which a payment is late, both ends included."""

_AGED = tuple(f"late_{key}" for key, *_ in AGES)
_COUNTS = ("open", "overdue", "arrived", "judged", "on_time", "delay")
_AMOUNTS = ("open_amount", "overdue_amount", "arrived_amount", *_AGED)
_RECEIVED, _OPEN = Measure("received", Unit.MONEY), Measure("receivable", Unit.MONEY)
_OVERDUE, _OVERDUE_COUNT = Measure("payments_overdue", Unit.MONEY), Measure("overdue_payments", Unit.COUNT)
_ON_TIME = Measure("paid_on_time", Unit.RATIO, interval=True)
_SHARE = Measure("overdue_share", Unit.RATIO)
_DELAY = Measure("payment_delay", Unit.DAYS)
_OWED = (_OPEN, _OVERDUE, *(Measure(name, Unit.MONEY) for name in _AGED))
_OF_UNIT = (_RECEIVED, _OPEN, _OVERDUE, _SHARE, _ON_TIME)
_AGEING = Blueprint(
    "ageing",
    "age",
    (Measure("open_payments", Unit.COUNT), _OPEN, Measure("receivable_share", Unit.RATIO)),
    6,
    Chart(ChartKind.COLUMN, (2,)),
)
_CUSTOMERS = Blueprint("by_customer", "order_customer", _OWED, 15, Chart(ChartKind.BAR, (1, 2)))
_METHODS = Blueprint(
    "by_method", "payment_method", (Measure("payments", Unit.COUNT), _RECEIVED), 10, Chart(ChartKind.PIE, (2,))
)
_MONTHS = Blueprint(
    "months", "month", (Measure("fell_due", Unit.MONEY), _RECEIVED), 12, Chart(ChartKind.COLUMN, (1, 2)), periods=True
)


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """Payments as of today. One has arrived if its day is not ahead; nobody waits for those of cancelled orders."""
    rows = _rows(frames, context)
    heads = _headlines(rows, context)
    debtors = sums_by(rows[rows["open"] == 1], "customer", _COUNTS, _AMOUNTS)
    return summary_of(
        KEY,
        context,
        headlines=heads,
        blocks=(
            _ageing(rows, context),
            _months(rows, context),
            _by_customer(debtors, context),
            *(_by_unit(rows, unit, context) for unit in reversed(UNITS)),
            _by_method(rows, context),
        ),
        conclusion=_conclusion(heads, debtors, context),
    )


def _rows(frames: Frames, context: SummaryContext) -> "DataFrame":
    import numpy as np
    import pandas as pd

    today = np.datetime64(context.today)
    due, paid = (days(column(frames, KEY, name), context) for name in ("due_on", "paid_on"))
    worth = amounts(frames, KEY, "amount")
    arrived = ~np.isnat(paid) & (paid <= today)
    is_open = ~arrived & ~_is_off(frames, context)
    late = np.where(is_open & ~np.isnat(due), (today - due).astype(np.int64), 0)
    judged = arrived & ~np.isnat(due)
    behind = np.where(judged, (paid - due).astype(np.int64), 0)
    return pd.DataFrame(
        {
            **units(frames, KEY, "owner", context),
            "customer": _customers(frames, context),
            "method": known_values(column(frames, KEY, "method"), "payment_method", context),
            "due_month": period_names(due, month_of),
            "paid_month": period_names(paid, month_of),
            "undated": is_open & np.isnat(due),
            "late": late,
            "amount": worth,
            "open": is_open.astype(np.int64),
            "overdue": (late > 0).astype(np.int64),
            "arrived": arrived.astype(np.int64),
            "judged": judged.astype(np.int64),
            "on_time": (judged & (behind <= 0)).astype(np.int64),
            "delay": np.maximum(behind, 0),
            "expected_amount": np.where(arrived | is_open, worth, 0),
            "open_amount": np.where(is_open, worth, 0),
            "overdue_amount": np.where(late > 0, worth, 0),
            "arrived_amount": np.where(arrived, worth, 0),
            **{f"late_{key}": np.where((late >= low) & (late <= high), worth, 0) for key, low, high in AGES},
        }
    )


def _is_off(frames: Frames, context: SummaryContext) -> "Flags":
    """What rules.payment_dates says: the order was cancelled; without an order, the contract was terminated."""
    import numpy as np

    ordered, cancelled = _ended(frames, "orders", "order", ("id", "external"), "order_state", "cancelled", context)
    _, terminated = _ended(frames, "contracts", "contract", ("id", "number"), "contract_state", "terminated", context)
    found: Flags = np.where(ordered, cancelled, terminated)
    return found


def _ended(
    frames: Frames, tab: str, name: str, called: tuple[str, str], dictionary: str, code: str, context: SummaryContext
) -> "tuple[Flags, Flags]":
    """Which payments name a row of a tab, and which of these rows have a state."""
    import numpy as np

    states = named(column(frames, tab, "state"), lambda text: context.dictionaries.code(dictionary, text), "")
    places = Register(frames, tab, called).places(column(frames, KEY, name))
    there = (places >= 0) & (places < len(states))
    ended: Flags = np.append(states == code, [False])[np.where(there, places, len(states))]
    return there, ended


def _customers(frames: Frames, context: SummaryContext) -> "Texts":
    import numpy as np

    known = customers(frames)
    places = known.places(column(frames, KEY, "customer"))
    found: Texts = np.array([*known.names(), context.language.text("summary.blank")], dtype=object)[places]
    return found


def _total(rows: "DataFrame", name: str) -> int:
    return int(rows[name].sum())


def _headlines(rows: "DataFrame", context: SummaryContext) -> tuple[Figure, ...]:
    month = month_of(context.today)
    now = rows[(rows["arrived"] == 1) & (rows["paid_month"] == month)]
    open_, overdue = (sum_of(rows[name]) for name in ("open_amount", "overdue_amount"))
    return (
        headline(KEY, Measure("received_this_month", Unit.MONEY), sum_of(now["amount"]), context, month),
        headline(KEY, _OPEN, open_, context),
        headline(KEY, _OVERDUE, overdue, context),
        headline(KEY, _OVERDUE_COUNT, _total(rows, "overdue"), context),
        headline(KEY, _SHARE, ratio(overdue, open_), context),
        headline(KEY, _ON_TIME, Rate(_total(rows, "on_time"), _total(rows, "judged")), context),
        headline(KEY, _DELAY, mean(_total(rows, "delay"), _total(rows, "judged")), context),
        headline(KEY, _RECEIVED, sum_of(rows["arrived_amount"]), context),
    )


def _ageing(rows: "DataFrame", context: SummaryContext) -> Block:
    waiting = rows[rows["open"] == 1]
    late, dated = waiting["late"], ~waiting["undated"].astype(bool)
    parts = [("not_due", dated & (late <= 0)), *((key, (late >= low) & (late <= high)) for key, low, high in AGES)]
    whole = sum_of(waiting["amount"])
    groups: list[Group] = []
    for key, chosen in [*parts, ("undated", ~dated)]:
        worth = sum_of(waiting.loc[chosen, "amount"])
        name = context.language.text(f"payments.age.{key}")
        groups.append((name, (int(chosen.sum()), worth, ratio(worth, whole))))
    return build(KEY, _AGEING, groups, context)


def _by_customer(debtors: dict[str, dict[str, Number]], context: SummaryContext) -> Block:
    names = sorted(
        debtors, key=lambda name: (-_of(debtors[name], "overdue_amount"), -_of(debtors[name], "open_amount"), name)
    )
    groups: list[Group] = [
        (name, tuple(debtors[name][each] for each in ("open_amount", "overdue_amount", *_AGED))) for name in names
    ]
    return build(KEY, _CUSTOMERS, groups, context)


def _of(sums: dict[str, Number], name: str) -> Decimal:
    return Decimal(sums[name] or 0)


def _by_unit(rows: "DataFrame", unit: str, context: SummaryContext) -> Block:
    sums = sums_by(rows, unit, _COUNTS, _AMOUNTS)
    names = sorted(
        sums, key=lambda name: (-_of(sums[name], "overdue_amount"), -_of(sums[name], "arrived_amount"), name)
    )
    groups: list[Group] = []
    for name in names:
        row = sums[name]
        on_time = Rate(int(row["on_time"] or 0), int(row["judged"] or 0))
        open_, overdue = row["open_amount"], row["overdue_amount"]
        groups.append((name, (row["arrived_amount"], open_, overdue, ratio(overdue, open_), on_time)))
    return build(KEY, Blueprint(f"by_{unit}", unit, _OF_UNIT, 15, Chart(ChartKind.BAR, (1, 3))), groups, context)


def _by_method(rows: "DataFrame", context: SummaryContext) -> Block:
    sums = sums_by(rows[rows["arrived"] == 1], "method", ("arrived",), ("arrived_amount",))
    names = in_order(sums, "", context, "arrived_amount")
    groups: list[Group] = [(name, (sums[name]["arrived"], sums[name]["arrived_amount"])) for name in names]
    return build(KEY, _METHODS, groups, context)


def _months(rows: "DataFrame", context: SummaryContext) -> Block:
    due = sums_by(rows[rows["due_month"] != ""], "due_month", (), ("expected_amount",))
    got = sums_by(rows[rows["arrived"] == 1], "paid_month", (), ("amount",))

    this_month = month_of(context.today)

    def group(month: str) -> Group:
        """What came in a month that has not begun is not known, and not 0."""
        fell, came = due.get(month, {}).get("expected_amount", Decimal(0)), got.get(month, {}).get("amount", Decimal(0))
        return month, (fell, came if came or month <= this_month else None)

    seen = due.keys() | got.keys()
    shown = window(seen, this_month, _MONTHS.capacity)
    unseen = [group(month) for month in sorted(seen) if month not in shown]
    return build(KEY, _MONTHS, [group(month) for month in shown], context, unseen)


def _conclusion(heads: tuple[Figure, ...], debtors: dict[str, dict[str, Number]], context: SummaryContext) -> str:
    text = context.language.text
    received, open_, overdue, count, part, on_time, *_ = heads
    worst = max(debtors, key=lambda name: (_of(debtors[name], "overdue_amount"), name), default="")
    if 0 in (open_.value, received.value) and not (open_.value or received.value):
        return ""
    return sentence(
        context,
        (
            text("payments.conclusion.received", amount=money(received.value, context)),
            text("payments.conclusion.open", amount=money(open_.value, context)) if open_.value else "",
            text(
                "payments.conclusion.overdue",
                amount=money(overdue.value, context),
                count=f"{count.value:,}",
                share=percent(part.value),
                customer=worst,
                most=money(debtors[worst]["overdue_amount"], context),
            )
            if overdue.value
            else ""
            if count.value
            else text("payments.conclusion.none_overdue"),
            text("payments.conclusion.on_time", rate=percent(on_time.value), cases=f"{on_time.cases:,}")
            if on_time.value is not None
            else "",
        ),
    )


PAYMENTS = SummaryRule(
    KEY,
    columns(payments="customer order contract due_on paid_on amount method owner", customers="id name merged_from"),
    compute,
    decisive=columns(payments="paid_on due_on"),
    needs=frozenset({TabKey(KEY)}),
    also=columns(people=PEOPLE, orders="id external state", contracts="id number state"),
)
