"""The figures of customers and of what they bought in plain pandas; see benchmarks.plain_summaries."""

import numpy as np
import pandas as pd

from benchmarks.plain_frames import UNITS, Book, Found, keyed, month, shared

QUIET = 30
"""Days without contact after which a customer is neglected."""

FIFTHS = (5, 4, 3, 2, 1)


def follow_ups(book: Book) -> Found:
    """汇总_跟进."""
    rows, day, today = book.frames["follow_ups"].copy(), book.day, book.today
    done, planned = rows["done_at"].dt.normalize(), rows["planned_at"].dt.normalize()
    monday = day - pd.Timedelta(days=today.weekday())
    finished = done.notna() | (rows["state"] == book.value("follow_up_state", "done"))
    rows["done_this_week"] = (done >= monday) & (done < monday + pd.Timedelta(days=7))
    rows["done_this_month"] = (done.dt.year == today.year) & (done.dt.month == today.month)
    rows["on_time"] = rows["done_this_month"] & (planned.isna() | (done <= planned))
    rows["overdue"] = (rows["state"] == book.value("follow_up_state", "overdue")) & ~finished
    rows["pending"] = (rows["state"] == book.value("follow_up_state", "pending")) & ~finished
    for span in (7, 30):
        rows[f"done_{span}_days"] = (done > day - pd.Timedelta(days=span)) & (done <= day)
    rows = book.owned(rows)
    found: Found = {}
    for unit in UNITS:
        now = rows.groupby(unit)[["done_this_week", "done_this_month", "pending", "overdue", "on_time"]].sum()
        now["on_time_rate"] = now["on_time"] / now["done_this_month"]
        lately = rows.groupby(unit)[["done_7_days", "done_30_days"]].sum()
        lately["contacted_30_days"] = rows[rows["done_30_days"]].groupby(unit)["customer"].nunique()
        blocks = ("people", "activity") if unit == "person" else (f"by_{unit}", f"by_{unit}")
        found |= keyed(f"follow_ups.{blocks[0]}", now.drop(columns="on_time"))
        found |= keyed(f"follow_ups.{blocks[1]}", lately)
    methods = rows["method"].value_counts().to_frame("follow_ups")
    methods["share"] = methods["follow_ups"] / len(rows)
    found |= keyed("follow_ups.methods", methods)
    customers = book.frames["customers"]
    last = customers["last_contact"].fillna(customers["created_at"]).dt.normalize()
    lost = customers["status"] == book.value("customer_status", "lost")
    kept = book.owned(customers).assign(quiet=last < day - pd.Timedelta(days=QUIET))[~lost]
    for block, unit in (
        ("neglected", "person"),
        *((f"neglected_by_{unit}", unit) for unit in UNITS if unit != "person"),
    ):
        quiet = kept.groupby(unit)["quiet"].agg(neglected="sum", kept_customers="count", neglected_rate="mean")
        found |= keyed(f"follow_ups.{block}", quiet[quiet["neglected"] > 0])
    sums = {key: float(rows[key].sum()) for key in ("done_this_week", "done_this_month", "pending", "overdue")}
    return found | {f"follow_ups.{key}": value for key, value in sums.items()} | {
        "follow_ups.on_time_rate": float(rows["on_time"].sum()) / float(rows["done_this_month"].sum()),
        "follow_ups.neglected": float(kept["quiet"].sum()),
    }  # fmt: skip


def customers(book: Book) -> Found:
    """汇总_客户."""
    rows, found = book.owned(book.frames["customers"]), Found()
    for block, by in (("by_status", "status"), ("by_level", "level"), ("by_industry", "industry"),
                      ("by_source", "source"), ("regions", "region"), ("by_lifecycle", "lifecycle")):  # fmt: skip
        counts = rows[by].value_counts().to_frame("customers")
        counts["share"] = counts["customers"] / len(rows)
        found |= keyed(f"customers.{block}", counts)
    made, now = month(rows["created_at"]), f"{book.day:%Y-%m}"
    found |= keyed("customers.new", made.value_counts().to_frame("new_customers"))
    flags = rows.assign(
        customers=1,
        new_this_month=made == now,
        won_customers=rows["status"] == book.value("customer_status", "won"),
        lost_customers=rows["status"] == book.value("customer_status", "lost"),
        loyal_customers=rows["lifecycle"] == book.value("lifecycle", "loyal"),
    )
    counted = ["customers", "new_this_month", "won_customers", "lost_customers", "loyal_customers"]
    for unit in UNITS:
        sums = flags.groupby(unit)[counted].sum()
        sums["share"] = sums["customers"] / len(rows)
        found |= keyed(f"customers.by_{unit}", sums)
    return found | {f"customers.{key}": float(flags[key].sum()) for key in counted}


def sales(book: Book, won_on: str = "close_date") -> pd.DataFrame:
    """Orders that stand, and won deals that no such order names: customer, day, amount, profit, covered (amount of
    which the profit is known)."""
    orders = book.frames["orders"]
    orders = orders[orders["state"] != book.value("order_state", "cancelled")]
    deals = book.deals[book.deals["won"] & ~book.deals["id"].isin(orders["opportunity"])]
    day = deals["close_date"] if won_on == "close_date" else deals[won_on].dt.normalize().fillna(deals["close_date"])
    ordered = pd.DataFrame({"customer": orders["customer"], "day": orders["ordered_on"], "amount": orders["total"],
                            "profit": orders["profit"]})  # fmt: skip
    won = pd.DataFrame({"customer": deals["customer"], "day": day, "amount": deals["amount"], "profit": np.nan})
    found = pd.concat([ordered, won], ignore_index=True)
    return found.assign(covered=found["amount"].where(found["profit"].notna(), 0))


def _money(sums: pd.DataFrame, whole: float) -> pd.DataFrame:
    """Sums of amount, profit and covered as they are told."""
    return pd.DataFrame({
        "revenue": sums["amount"], "revenue_share": sums["amount"] / whole,
        "known_profit": sums["profit"].where(sums["covered"] > 0),
        "profit_known_of": shared(sums["covered"], sums["amount"]),
    })  # fmt: skip


def value(book: Book) -> Found:
    """汇总_客户价值."""
    sold, customers = sales(book), book.owned(book.frames["customers"]).set_index("name")
    whole = sold["amount"].sum()
    of = sold.groupby("customer").agg(sales=("amount", "size"), amount=("amount", "sum"), profit=("profit", "sum"),
                                      covered=("covered", "sum"))  # fmt: skip
    found = keyed("value.by_customer", _money(of, whole).assign(sales=of["sales"]))
    everybody = customers.join(of).fillna({"sales": 0, "amount": 0, "profit": 0, "covered": 0})
    everybody = everybody.assign(customers=1, buyers=everybody["sales"] > 0)
    for by in ("lifecycle", "level", *UNITS):
        sums = everybody.groupby(by)[["customers", "buyers", "amount", "profit", "covered"]].sum()
        told = _money(sums, whole).assign(customers=sums["customers"], buyers=sums["buyers"])
        found |= keyed(f"value.by_{by}", told.assign(revenue_each=shared(sums["amount"], sums["buyers"])))
    found |= _products(book, whole) | _fifths(book, sold)
    top = of["amount"].nlargest(-(-len(of) // 5)).sum()
    return found | {
        "value.buyers": float(len(of)), "value.revenue": whole, "value.known_profit": sold["profit"].sum(),
        "value.profit_known_of": sold["covered"].sum() / whole, "value.revenue_each": whole / len(of),
        "value.top_share": top / whole,
    }  # fmt: skip


def _products(book: Book, whole: float) -> Found:
    lines, orders = book.frames["order_lines"], book.frames["orders"]
    standing = orders.loc[orders["state"] != book.value("order_state", "cancelled"), "id"]
    lines = lines[lines["order"].isin(standing)]
    lines = lines.assign(lines=1, covered=lines["amount"].where(lines["profit"].notna(), 0))
    sums = lines.groupby("product")[["lines", "quantity", "amount", "profit", "covered"]].sum()
    return keyed("value.by_product", _money(sums, whole).assign(lines=sums["lines"], quantity=sums["quantity"]))


def _fifths(book: Book, sold: pd.DataFrame) -> Found:
    """Fifths by nearest rank, and the eight kinds of customers that are high or not in each of the three."""
    dated = sold[sold["day"] <= book.day]
    of = dated.groupby("customer").agg(monetary=("amount", "sum"), frequency=("amount", "size"), recency=("day", "max"))
    found: Found = {}
    names = {fifth: book.words.text(f"value.fifth.{fifth}") for fifth in FIFTHS}
    kinds = pd.Series("", index=of.index)
    for name in ("recency", "frequency", "monetary"):
        values = of[name].astype("int64") if name == "recency" else of[name]
        borders = np.quantile(values, (0.2, 0.4, 0.6, 0.8), method="inverted_cdf")
        fifth = pd.Series(1 + np.searchsorted(borders, values, side="left"), index=of.index)
        sums = of["monetary"].groupby(fifth.map(names)).agg(["size", "sum"])
        sums.columns = pd.Index([f"{name}_buyers", f"{name}_revenue"])
        found |= keyed("value.rfm", sums)
        kinds = kinds + np.where(fifth >= 4, "1", "0")
    sums = of["monetary"].groupby(kinds.map(lambda kind: book.words.text(f"value.type.{kind}"))).agg(["size", "sum"])
    told = pd.DataFrame({"buyers": sums["size"], "buyer_share": sums["size"] / len(of), "revenue": sums["sum"],
                         "revenue_share": sums["sum"] / of["monetary"].sum(),
                         "revenue_each": sums["sum"] / sums["size"]})  # fmt: skip
    return found | keyed("value.rfm_types", told)


def retention(book: Book) -> Found:
    """汇总_留存."""
    sold = sales(book)
    sold = sold[sold["day"] <= book.day]
    often, customers = sold.groupby("customer").size(), book.owned(book.frames["customers"]).set_index("name")
    buyers = customers.loc[often.index, list(UNITS)].assign(buyers=1, repeat_buyers=often > 1)
    found: Found = {}
    for unit in UNITS:
        sums = buyers.groupby(unit)[["buyers", "repeat_buyers"]].sum()
        found |= keyed(f"retention.by_{unit}", sums.assign(repeat_rate=sums["repeat_buyers"] / sums["buyers"]))
    days = sold[["customer", "day"]].drop_duplicates().sort_values(["customer", "day"])
    gaps = days.groupby("customer")["day"].diff().dt.days.dropna()
    found |= _cohorts(book, days, "month", 11) | _cohorts(book, days, "quarter", 7)
    last = pd.Period(book.day, "Q") - 1
    return found | {
        "retention.buyers": float(len(buyers)), "retention.repeat_buyers": float(buyers["repeat_buyers"].sum()),
        "retention.repeat_rate": buyers["repeat_buyers"].mean(), "retention.days_between": gaps.median(),
        "retention.churn_rate": found[f"retention.quarter_churn.churn_rate[{last}]"],
    }  # fmt: skip


def _cohorts(book: Book, days: pd.DataFrame, unit: str, ahead: int) -> Found:
    """By the period of the first purchase: who bought in which later period."""
    letter = unit[0].upper()
    pairs = pd.DataFrame({"customer": days["customer"], "period": days["day"].dt.to_period(letter)}).drop_duplicates()
    pairs["number"] = pairs["period"].astype("int64")
    pairs["first"] = pairs.groupby("customer")["number"].transform("min")
    now = pd.Period(book.day, letter).ordinal
    table = pd.crosstab(pairs["first"], pairs["number"] - pairs["first"])
    table = table.reindex(columns=range(ahead + 1), fill_value=0)
    first = table.index.to_series().astype(int)
    over = pd.DataFrame({n: first + n < now for n in range(ahead + 1)})
    names = {number: str(pd.Period(ordinal=number, freq=letter)) for number in range(pairs["number"].min(), now + 1)}
    shares = table.div(table[0], axis=0).where(over).drop(columns=0)
    sizes = table[0].rename(names)
    found: Found = {f"retention.{unit}s.cohort[{name}]": float(size) for name, size in sizes.items()}
    for n in shares.columns:
        of = shares[n].dropna().rename(names)
        found |= {f"retention.{unit}s.retained.{n}[{name}]": share for name, share in of.items()}
        size, part = table[0].where(over[n], 0).sum(), table[n].where(over[n], 0).sum()
        if size:
            place = book.words.text(f"retention.place.{unit}", number=n)
            curve = {"judged_buyers": size, "bought_again": part, "retention": part / size}
            found |= {f"retention.{unit}_curve.{key}[{place}]": float(told) for key, told in curve.items()}
    before = pairs.assign(number=pairs["number"] + 1)[["customer", "number"]]
    moves = pd.DataFrame({"active_buyers": pairs.groupby("number").size(), "new_buyers": table[0],
                          "kept_buyers": pairs.merge(before).groupby("number").size()}).fillna(0)  # fmt: skip
    moves["returned_buyers"] = moves["active_buyers"] - moves["new_buyers"] - moves["kept_buyers"]
    were = moves["active_buyers"].shift()
    ended = moves.index < now
    moves["lost_buyers"] = (were.fillna(0) - moves["kept_buyers"]).where(ended)
    moves["churn_rate"] = ((were - moves["kept_buyers"]) / were).where(ended)
    return found | keyed(f"retention.{unit}_churn", moves.rename(index=names))
