"""The figures of campaigns, orders and payments in plain pandas; see benchmarks.plain_summaries."""

import numpy as np
import pandas as pd

from benchmarks.plain_customers import sales
from benchmarks.plain_frames import UNITS, Book, Found, keyed, month, shared

AFTER = 30
"""Days after the end of a campaign in which a sale still counts for it, where its type says nothing else."""

AGES = {"to_30": (1, 30), "to_60": (31, 60), "to_90": (61, 90), "over_90": (91, 10**9)}


def campaigns(book: Book) -> Found:
    """汇总_营销活动."""
    rows, members = book.frames["campaigns"], book.frames["campaign_members"]
    blank = book.words.text("summary.blank")
    members = members.assign(state=members["state"].fillna(blank), reached=members["state"].notna(),
                             attended=members["state"] == book.value("member_state", "attended"))  # fmt: skip
    members = members.groupby(["campaign", "customer_id"], as_index=False).agg(
        state=("state", "first"),
        reached=("reached", "max"),
        attended=("attended", "max"),
        first=("converted_on", "min"),
    )
    members["converted"] = members["first"].notna()
    sold = sales(book, "stage_since")
    sold = sold[sold["day"] <= book.day].assign(sale=range(int((sold["day"] <= book.day).sum())))
    names = book.frames["customers"].set_index("id")["name"]
    converted = members[members["converted"]].assign(customer=lambda each: each["customer_id"].map(names))
    converted = converted.merge(rows[["id", "ends_on"]], left_on="campaign", right_on="id")
    both = converted.merge(sold[["sale", "customer", "day", "amount"]], on="customer")
    both = both[(both["day"] >= both["first"]) & (both["day"] <= both["ends_on"] + pd.Timedelta(days=AFTER))]
    table = rows.set_index("id")[["name", "type", "budget", "starts_on"]]
    table = table.join(members.groupby("campaign").agg(members=("state", "size"), members_reached=("reached", "sum"),
                                                       members_attended=("attended", "sum"),
                                                       members_converted=("converted", "sum")))  # fmt: skip
    table["revenue"] = both.groupby("campaign")["amount"].sum()
    table = table.fillna({"revenue": 0, "members": 0, "members_reached": 0, "members_attended": 0,
                          "members_converted": 0})  # fmt: skip
    judged = table["budget"].notna() & (table["starts_on"] <= book.day)
    table = table.assign(campaigns=1, spent=table["budget"].where(judged, 0), paid=table["revenue"].where(judged, 0),
                         month=month(table["starts_on"]))  # fmt: skip
    found: Found = {}
    for block, by in (("by_campaign", "name"), ("returns", "name"), ("by_type", "type"), ("months", "month")):
        told = _campaigns(table, by)
        money = ["campaign_cost", "attributed_revenue", "campaign_roi"]
        shown = {"returns": money, "months": ["campaigns", "members", "members_converted", *money]}.get(block)
        told = told.drop(columns="campaigns") if block == "by_campaign" else told[shown] if shown else told
        found |= keyed(f"campaigns.{block}", told)
    states = members["state"].value_counts().to_frame("members")
    found |= keyed("campaigns.by_state", states.assign(share=states["members"] / len(members)))
    all_of_it = _campaigns(table, "campaigns").iloc[0].drop(["members_reached", "members_attended"])
    found |= {f"campaigns.{key}": value for key, value in all_of_it.items() if key != "attributed_revenue"}
    return found | {"campaigns.attributed_once": both.drop_duplicates("sale")["amount"].sum()}


def _campaigns(table: pd.DataFrame, of: str) -> pd.DataFrame:
    by = table.groupby(of)
    counted = ["campaigns", "members", "members_reached", "members_attended", "members_converted"]
    sums = by[[*counted, "revenue", "spent", "paid"]].sum()
    return sums[counted].assign(
        attendance_rate=shared(sums["members_attended"], sums["members"]),
        member_conversion=shared(sums["members_converted"], sums["members"]),
        campaign_cost=by["budget"].sum(min_count=1),
        attributed_revenue=sums["revenue"],
        campaign_roi=shared(sums["paid"] - sums["spent"], sums["spent"]),
    )


def orders(book: Book) -> Found:
    """汇总_订单."""
    rows = book.owned(book.frames["orders"])
    rows = rows[rows["state"] != book.value("order_state", "cancelled")]
    rows = rows.assign(
        orders=1, month=month(rows["ordered_on"]), covered=rows["total"].where(rows["profit"].notna(), 0)
    )
    found: Found = {}
    for block, by, shown in (("by_state", "state", 3), ("by_payment", "payment_state", 4), ("by_owner", "person", 7),
                             ("by_customer", "customer", 7), ("by_group", "group", 7),
                             ("by_department", "department", 7), ("months", "month", 7)):  # fmt: skip
        found |= keyed(f"orders.{block}", _orders(rows, by).iloc[:, :shown])
    whole = _orders(rows, "orders").iloc[0]
    return found | {f"orders.{key}": float(value) for key, value in whole.items()}


def _orders(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    sums = rows.groupby(by)[["total", "paid", "profit", "covered"]].sum()
    count = rows.groupby(by).size()
    return pd.DataFrame({
        "orders": count, "order_amount": sums["total"], "order_paid": sums["paid"],
        "order_open": sums["total"] - sums["paid"], "order_profit": sums["profit"].where(sums["covered"] > 0),
        "average_order": sums["total"] / count, "order_profit_of": shared(sums["covered"], sums["total"]),
    })  # fmt: skip


def payments(book: Book) -> Found:
    """汇总_回款."""
    rows, day = _payments(book), book.day
    late_keys = [f"late_{key}" for key in AGES]
    waiting, came = rows[rows["open"]], rows[rows["arrived"]]
    whole = waiting["amount"].sum()
    late = [waiting["late"].between(*ends) for ends in AGES.values()]
    age = pd.Series(np.select([waiting["due_on"].isna(), *late], ["undated", *AGES], "not_due"), index=waiting.index)
    ages = waiting["amount"].groupby(age.map(lambda key: book.words.text(f"payments.age.{key}"))).agg(["size", "sum"])
    ageing = {"open_payments": ages["size"], "receivable": ages["sum"], "receivable_share": ages["sum"] / whole}
    found = keyed("payments.ageing", pd.DataFrame(ageing))
    months = pd.DataFrame({
        "fell_due": rows[rows["arrived"] | rows["open"]].groupby(month(rows["due_on"]))["amount"].sum(),
        "received": came.groupby(month(came["paid_on"]))["amount"].sum(),
    })  # fmt: skip
    months = months.fillna(0)
    months.loc[months.index > f"{book.day:%Y-%m}", "received"] = None
    found |= keyed("payments.months", months)
    words = {"open_amount": "receivable", "overdue_amount": "payments_overdue", "arrived_amount": "received"}
    owed = waiting.groupby("customer")[["open_amount", "overdue_amount", *late_keys]].sum()
    found |= keyed("payments.by_customer", owed.rename(columns=words))
    for unit in UNITS:
        sums = rows.groupby(unit)[["arrived_amount", "open_amount", "overdue_amount", "on_time", "judged"]].sum()
        told = sums[["arrived_amount", "open_amount", "overdue_amount"]].rename(columns=words)
        told["overdue_share"] = shared(sums["overdue_amount"], sums["open_amount"])
        found |= keyed(f"payments.by_{unit}", told.assign(paid_on_time=shared(sums["on_time"], sums["judged"])))
    methods = came.groupby("method")["amount"].agg(["size", "sum"])
    methods.columns = pd.Index(["payments", "received"])
    found |= keyed("payments.by_method", methods)
    now, overdue = came[month(came["paid_on"]) == f"{day:%Y-%m}"], rows["overdue_amount"].sum()
    return found | {
        "payments.received_this_month": now["amount"].sum(), "payments.receivable": whole,
        "payments.payments_overdue": overdue, "payments.overdue_payments": float((rows["late"] > 0).sum()),
        "payments.overdue_share": overdue / whole, "payments.received": came["amount"].sum(),
        "payments.paid_on_time": rows["on_time"].sum() / rows["judged"].sum(),
        "payments.payment_delay": rows["delay"].sum() / rows["judged"].sum(),
    }  # fmt: skip


def _payments(book: Book) -> pd.DataFrame:
    rows, day = book.owned(book.frames["payments"]), book.day
    orders, contracts = (book.frames[name].set_index("id")["state"] for name in ("orders", "contracts"))
    ordered, agreed = rows["order"].map(orders), rows["contract"].map(contracts)
    off = (ordered == book.value("order_state", "cancelled")) | (
        ordered.isna() & (agreed == book.value("contract_state", "terminated"))
    )
    arrived = rows["paid_on"].notna() & (rows["paid_on"] <= day)
    is_open = ~arrived & ~off
    late = (day - rows["due_on"]).dt.days.where(is_open).fillna(0)
    behind = (rows["paid_on"] - rows["due_on"]).dt.days.where(arrived)
    return rows.assign(
        arrived=arrived, open=is_open, late=late, judged=behind.notna(), on_time=behind <= 0,
        delay=behind.clip(lower=0), open_amount=rows["amount"].where(is_open, 0),
        overdue_amount=rows["amount"].where(late > 0, 0), arrived_amount=rows["amount"].where(arrived, 0),
        **{f"late_{key}": rows["amount"].where(late.between(*ages), 0) for key, ages in AGES.items()},
    )  # fmt: skip
