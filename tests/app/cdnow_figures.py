"""The figures of the CDNOW sample worked out a second time, purchase by purchase, without pandas."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from statistics import median

Purchase = tuple[str, date, int, Decimal]
"""Customer, day, CDs, dollars."""

Told = dict[str, Decimal | int | None]
BLANK = "(blank)"
ZERO = Decimal(0)


def quotient(part: Decimal | int, whole: Decimal | int, places: str = "0.0001") -> Decimal | None:
    """None when there is nothing to divide by."""
    return (Decimal(part) / Decimal(whole)).quantize(Decimal(places), ROUND_HALF_UP) if whole else None


# -- who bought again -------------------------------------------------------------------------------------------------


def retention(purchases: Sequence[Purchase]) -> Told:
    """Every figure of the tab; all periods of the sample are over."""
    days: dict[str, list[date]] = defaultdict(list)
    for customer, day, *_ in purchases:
        days[customer].append(day)
    again = sum(len(bought) > 1 for bought in days.values())
    gaps = [(after - before).days for bought in days.values() for before, after in pairwise(sorted(set(bought)))]
    told: Told = {
        "buyers": len(days),
        "repeat_buyers": again,
        "repeat_rate": quotient(again, len(days)),
        "days_between": Decimal(median(gaps)).quantize(Decimal("0.01")),
        "churn_rate": None,  # of a quarter before which nobody bought
    }
    for unit in ("person", "group", "department"):
        told[f"by_{unit}.buyers[{BLANK}]"] = len(days)
        told[f"by_{unit}.repeat_buyers[{BLANK}]"] = again
        told[f"by_{unit}.repeat_rate[{BLANK}]"] = quotient(again, len(days))
    told |= cohorts(
        days, "month", 11, lambda day: 12 * day.year + day.month - 1, lambda n: f"{n // 12}-{n % 12 + 1:02}"
    )
    told |= cohorts(
        days, "quarter", 7, lambda day: 4 * day.year + (day.month - 1) // 3, lambda n: f"{n // 4}Q{n % 4 + 1}"
    )
    return {f"retention.{key}": value for key, value in told.items()}


def cohorts(
    days: Mapping[str, Iterable[date]], unit: str, ahead: int, number: Callable[[date], int], name: Callable[[int], str]
) -> Told:
    """What is told by months, or by quarters."""
    active = [{number(day) for day in bought} for bought in days.values()]
    told: Told = {}
    firsts = [min(periods) for periods in active]
    for first in range(min(firsts), max(firsts) + 1):
        cohort = [periods for periods in active if min(periods) == first]
        told[f"{unit}s.cohort[{name(first)}]"] = len(cohort)
        for n in range(1, ahead + 1):
            again = sum(first + n in periods for periods in cohort)
            told[f"{unit}s.retained.{n}[{name(first)}]"] = quotient(again, len(cohort))
    for n in range(1, ahead + 1):
        again = sum(min(periods) + n in periods for periods in active)
        label = f"[{unit.capitalize()} {n}]"
        told |= {f"{unit}_curve.judged_buyers{label}": len(active), f"{unit}_curve.bought_again{label}": again}
        told[f"{unit}_curve.retention{label}"] = quotient(again, len(active))
    for period in range(min(firsts), max(max(periods) for periods in active) + 1):
        now, before = ([each for each in active if n in each] for n in (period, period - 1))
        kept = sum(period - 1 in each for each in now)
        new = sum(min(each) == period for each in now)
        numbers = (
            len(now),
            new,
            kept,
            len(now) - new - kept,
            len(before) - kept,
            quotient(len(before) - kept, len(before)),
        )
        keys = ("active_buyers", "new_buyers", "kept_buyers", "returned_buyers", "lost_buyers", "churn_rate")
        told |= {f"{unit}_churn.{key}[{name(period)}]": value for key, value in zip(keys, numbers, strict=True)}
    return told


# -- what they brought ------------------------------------------------------------------------------------------------


def value(purchases: Sequence[Purchase], labels: Mapping[str, Mapping[str, str]]) -> Told:
    """Every figure of the tab. No costs are known.

    Args:
        purchases: all of the sample.
        labels: by customer, its `lifecycle` and its `level` as the workbook has them.
    """
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for customer, _, _, dollars in purchases:
        spent[customer] += dollars
    whole = sum(spent.values(), ZERO)
    best = sorted(spent.values(), reverse=True)[: -(-len(spent) // 5)]
    told: Told = {
        "buyers": len(spent),
        "revenue": whole,
        "known_profit": None,
        "profit_known_of": Decimal("0.0000"),
        "revenue_each": quotient(whole, len(spent), "0.01"),
        "top_share": quotient(sum(best), whole),
    }
    often = Counter(customer for customer, *_ in purchases)
    for customer, amount in spent.items():
        told[f"by_customer.sales[{customer}]"] = often[customer]
        told |= money("by_customer", customer, amount, whole)
    told["by_product.lines[CD]"] = len(purchases)
    told["by_product.quantity[CD]"] = sum(units for *_, units, _ in purchases)
    told |= money("by_product", "CD", whole, whole)
    for group in ("lifecycle", "level", "person", "group", "department"):
        members: dict[str, list[str]] = defaultdict(list)
        for customer in spent:
            members[labels[customer].get(group, BLANK)].append(customer)
        for name, customers in members.items():
            amount = sum((spent[customer] for customer in customers), ZERO)
            told |= {f"by_{group}.customers[{name}]": len(customers), f"by_{group}.buyers[{name}]": len(customers)}
            told[f"by_{group}.revenue_each[{name}]"] = quotient(amount, len(customers), "0.01")
            told |= money(f"by_{group}", name, amount, whole)
    told |= fifths(purchases, spent, often)
    return {f"value.{key}": number for key, number in told.items()}


def money(block: str, name: str, amount: Decimal, whole: Decimal) -> Told:
    """What is told of an amount without costs."""
    return {
        f"{block}.revenue[{name}]": amount,
        f"{block}.revenue_share[{name}]": quotient(amount, whole),
        f"{block}.known_profit[{name}]": None,
        f"{block}.profit_known_of[{name}]": quotient(0, amount),
    }


def fifths(purchases: Sequence[Purchase], spent: Mapping[str, Decimal], often: Mapping[str, int]) -> Told:
    """Recency, frequency and money by nearest rank, and the eight kinds of customers that they make."""
    last: dict[str, date] = {}
    for customer, day, *_ in purchases:
        last[customer] = max(day, last.get(customer, day))
    measured: dict[str, Mapping[str, Decimal]] = {
        "recency": {customer: Decimal(day.toordinal()) for customer, day in last.items()},
        "frequency": {customer: Decimal(count) for customer, count in often.items()},
        "monetary": spent,
    }
    told: Told = {}
    high: dict[str, set[str]] = {}
    for name, numbers in measured.items():
        ordered = sorted(numbers.values())
        borders = [ordered[-(-len(ordered) * part // 5) - 1] for part in (1, 2, 3, 4)]
        score = {customer: 1 + sum(number > border for border in borders) for customer, number in numbers.items()}
        high[name] = {customer for customer in score if score[customer] >= 4}
        for fifth, label in ((5, "5 (highest)"), (4, "4"), (3, "3"), (2, "2"), (1, "1 (lowest)")):
            chosen = [customer for customer in score if score[customer] == fifth]
            told[f"rfm.{name}_buyers[{label}]"] = len(chosen)
            told[f"rfm.{name}_revenue[{label}]"] = sum((spent[customer] for customer in chosen), ZERO)
    kinds = {
        "Champions (R+ F+ M+)": (True, True, True),
        "Valuable, quiet (R− F+ M+)": (False, True, True),
        "Valuable, seldom (R+ F− M+)": (True, False, True),
        "Valuable, to win back (R− F− M+)": (False, False, True),
        "Frequent, small (R+ F+ M−)": (True, True, False),
        "Small, quiet (R− F+ M−)": (False, True, False),
        "Recent (R+ F− M−)": (True, False, False),
        "Others (R− F− M−)": (False, False, False),
    }
    whole = sum(spent.values(), ZERO)
    for kind, wanted in kinds.items():
        chosen = [c for c in spent if tuple(c in high[n] for n in ("recency", "frequency", "monetary")) == wanted]
        amount = sum((spent[customer] for customer in chosen), ZERO)
        told |= {f"rfm_types.buyers[{kind}]": len(chosen), f"rfm_types.revenue[{kind}]": amount}
        told[f"rfm_types.buyer_share[{kind}]"] = quotient(len(chosen), len(spent))
        told[f"rfm_types.revenue_share[{kind}]"] = quotient(amount, whole)
        told[f"rfm_types.revenue_each[{kind}]"] = quotient(amount, len(chosen), "0.01")
    return told


# -- orders and customers ---------------------------------------------------------------------------------------------


def orders(purchases: Sequence[Purchase], states: Mapping[bool, str]) -> Told:
    """Every figure of the tab: nothing is paid, and no costs are known.

    Args:
        purchases: all of the sample.
        states: the payment state of orders that cost nothing, and of the others.
    """
    told = dict(ordered("", [dollars for *_, dollars in purchases]))
    groups: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for customer, day, _, dollars in purchases:
        groups["months", f"{day:%Y-%m}"].append(dollars)
        groups["by_customer", customer].append(dollars)
        groups["by_state", "Shipped"].append(dollars)
        groups["by_payment", states[dollars == 0]].append(dollars)
        for unit in ("owner", "group", "department"):
            groups[f"by_{unit}", BLANK].append(dollars)
    shown = {"by_state": 3, "by_payment": 4}
    for (block, name), amounts in groups.items():
        told |= dict([(f"{block}.{k}[{name}]", v) for k, v in ordered("", amounts).items()][: shown.get(block, 7)])
    return {f"orders.{key}": number for key, number in told.items()}


def ordered(prefix: str, amounts: Sequence[Decimal]) -> Told:
    """What is told of some orders, in the order of the columns."""
    total = sum(amounts, ZERO)
    return {
        f"{prefix}orders": len(amounts),
        f"{prefix}order_amount": total,
        f"{prefix}order_paid": ZERO,
        f"{prefix}order_open": total,
        f"{prefix}order_profit": None,
        f"{prefix}average_order": quotient(total, len(amounts), "0.01"),
        f"{prefix}order_profit_of": quotient(0, total),
    }


def customers(rows: Sequence[Mapping[str, str]], month: str) -> Told:
    """Every figure of the tab, from the rows of the workbook, all made in one month.

    Args:
        rows: `status`, `level`, `industry`, `source`, `region` and `lifecycle` of each customer.
        month: in which they were imported.
    """
    count, states = len(rows), Counter(row["status"] for row in rows)
    told: Told = {
        "customers": count,
        "won_customers": states["Won"],
        "lost_customers": states["Lost"],
        "new_this_month": count,
        "loyal_customers": sum(row["lifecycle"] == "Loyal" for row in rows),
        f"new.new_customers[{month}]": count,
    }
    for block, column in (
        *((f"by_{name}", name) for name in ("status", "level", "industry", "source", "lifecycle")),
        ("regions", "region"),
    ):
        for name, number in Counter(row[column] for row in rows).items():
            told |= {f"{block}.customers[{name}]": number, f"{block}.share[{name}]": quotient(number, count)}
    for unit in ("person", "group", "department"):
        same = {
            key: told[key]
            for key in ("customers", "new_this_month", "won_customers", "loyal_customers", "lost_customers")
        }
        told |= {f"by_{unit}.{key}[{BLANK}]": number for key, number in same.items()}
        told[f"by_{unit}.share[{BLANK}]"] = Decimal(1)
    return {f"customers.{key}": number for key, number in told.items()}
