"""The figures of benchmarks.summaries as an analyst would have them: plain pandas over data frames, floats and all.

Each function takes data frames and gives values under the keys that our figures have, so that all can be compared.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from crm_sheets.language import Language

Found = dict[str, float]
REASONS = ("win_reason", "loss_reason")
FRAMES = {
    "opportunities": (
        ["stage", "amount", "weighted", "close_date", "started_on", "owner", *REASONS, "stage_since"],
        ("close_date", "started_on"),
        ("stage_since",),
    ),
    "follow_ups": (
        ["owner", "method", "state", "customer", "planned_at", "done_at"], (), ("planned_at", "done_at"),
    ),
    "customers": (
        ["name", "status", "level", "industry", "source", "region", "owner", "created_at", "last_contact"], (),
        ("created_at", "last_contact"),
    ),
    "people": (["id", "name", "department", "group", "manager"], (), ()),
}  # fmt: skip
"""Of each tab: its columns, those of days, and those of instants."""


def read(path: Path, zone: str) -> dict[str, pd.DataFrame]:
    """The tabs of a store."""
    found = {}
    with sqlite3.connect(path) as connection:
        for tab, (columns, days, instants) in FRAMES.items():
            texts = pd.read_sql_query(
                "select data from records where tab = ? and deleted = 0", connection, params=[tab]
            )
            frame = pd.DataFrame.from_records([json.loads(text) for text in texts["data"]]).reindex(columns=columns)
            for name in ("amount", "weighted"):
                if name in frame:
                    frame[name] = pd.to_numeric(frame[name])
            for name in days:
                frame[name] = pd.to_datetime(frame[name])
            for name in instants:
                local = pd.to_datetime(frame[name], utc=True, format="ISO8601").dt.tz_convert(zone)
                frame[name] = local.dt.tz_localize(None).dt.normalize()
            found[tab] = frame
    return found


def prepared(frames: Mapping[str, pd.DataFrame], words: Language) -> pd.DataFrame:
    """The deals with what all figures of deals need."""
    deals = frames["opportunities"].copy()
    deals["won"] = deals["stage"] == words.text("value.opportunity_stage.won")
    deals["lost"] = deals["stage"] == words.text("value.opportunity_stage.lost")
    deals["open"] = ~(deals["won"] | deals["lost"])
    for name, flag, of in (("won_amount", "won", "amount"), ("lost_amount", "lost", "amount"),
                           ("open_amount", "open", "amount"), ("open_weighted", "open", "weighted")):  # fmt: skip
        deals[name] = deals[of].where(deals[flag], 0)
    deals["days"] = (deals["close_date"] - deals["started_on"]).dt.days.where(~deals["open"])
    people = frames["people"].set_index("name")
    managers = people["manager"]
    deals["person"] = deals["owner"]
    deals["group"], deals["department"] = deals["owner"].map(people["group"]), deals["owner"].map(people["department"])
    deals["manager"] = deals["owner"].map(managers)
    return deals


def funnel(frames: Mapping[str, pd.DataFrame], deals: pd.DataFrame, words: Language, today: date) -> Found:
    """汇总_销售漏斗."""
    day = pd.Timestamp(today)
    late = deals[deals["open"] & (deals["close_date"] < day)]
    timed, won = deals["days"].dropna(), deals.loc[deals["won"], "days"].dropna()
    found = {
        "open": deals["open"].sum(), "open_amount": deals["open_amount"].sum(), "lost": deals["lost"].sum(),
        "open_weighted": deals["open_weighted"].sum(), "overdue_open": len(late), "deals": len(deals),
        "overdue_amount": late["amount"].sum(), "won": deals["won"].sum(), "won_amount": deals["won_amount"].sum(),
        "win_rate": deals["won"].sum() / (deals["won"] | deals["lost"]).sum(),
        "won_cycle_days": won.mean(), "closed_cycle_days": timed.mean(),
    }  # fmt: skip
    found = {f"funnel.{key}": value for key, value in found.items()}
    stages = deals.groupby("stage").agg(deals=("stage", "size"), amount=("amount", "sum"), weighted=("weighted", "sum"))
    order = [words.text(f"value.opportunity_stage.{code}") for code in
             ("contact", "needs", "proposal", "negotiation", "signing", "won")]  # fmt: skip
    stages["reached"] = stages["deals"].reindex(order)[::-1].cumsum()
    stages["conversion"] = stages["reached"].reindex(order) / stages["reached"].reindex(order).shift()
    found |= _keyed("funnel.stages", stages)
    ahead = deals[deals["open"] & (deals["close_date"] >= day)]
    ahead = ahead.assign(spread=ahead["weighted"] * (ahead["amount"] - ahead["weighted"]).clip(lower=0))
    by_month = ahead.groupby(ahead["close_date"].dt.strftime("%Y-%m"))
    months = by_month[["open", "open_amount", "open_weighted", "spread"]].sum()
    brought = deals[deals["won"]].groupby(deals["close_date"].dt.strftime("%Y-%m"))["won_amount"].sum()
    months["won_amount"] = brought.reindex(months.index).fillna(0)
    half = 1.2815515655446004 * months["spread"] ** 0.5
    low, high = (months["open_weighted"] - half).clip(lower=0), months["open_weighted"] + half
    months["forecast"] = months["won_amount"] + months["open_weighted"]
    months["forecast_low"] = (months["won_amount"] + low).round()
    months["forecast_high"] = (months["won_amount"] + high.clip(upper=months["open_amount"])).round()
    return found | _keyed("funnel.forecast", months.drop(columns="spread"))


def team(frames: Mapping[str, pd.DataFrame], deals: pd.DataFrame, words: Language, today: date) -> Found:
    """汇总_团队业绩."""
    found: Found = {}
    for block, by in (("people", "person"), ("groups", "group"), ("departments", "department"),
                      ("managers", "manager")):  # fmt: skip
        sums = deals.groupby(by)[["won", "won_amount", "open", "open_amount", "lost"]].sum()
        sums["win_rate"] = sums["won"] / (sums["won"] + sums["lost"])
        sums["average_deal"] = sums["won_amount"] / sums["won"]
        found |= _keyed(f"team.{block}", sums.drop(columns="lost"))
    decided = deals[~deals["open"] & deals["close_date"].notna()]
    quarters = decided["close_date"].dt.year.astype(str) + "Q" + decided["close_date"].dt.quarter.astype(str)
    for block, period in (("quarters", quarters), ("months", decided["close_date"].dt.strftime("%Y-%m"))):
        sums = decided.groupby(period)[["won", "won_amount", "lost"]].sum()
        sums["win_rate"] = sums["won"] / (sums["won"] + sums["lost"])
        sums["average_deal"] = sums["won_amount"] / sums["won"]
        found |= _keyed(f"team.{block}", sums.drop(columns="lost"))
    in_quarter = (deals["close_date"].dt.year == today.year) & (
        deals["close_date"].dt.quarter == (today.month + 2) // 3
    )
    in_month = (deals["close_date"].dt.year == today.year) & (deals["close_date"].dt.month == today.month)
    quarter = deals[in_quarter]
    return found | {
        "team.won_this_month": deals.loc[in_month, "won_amount"].sum(),
        "team.won_this_quarter": quarter["won_amount"].sum(),
        "team.won_this_year": deals.loc[deals["close_date"].dt.year == today.year, "won_amount"].sum(),
        "team.open_amount": deals["open_amount"].sum(),
        "team.win_rate_this_quarter": quarter["won"].sum() / (quarter["won"] | quarter["lost"]).sum(),
    }


def outcomes(frames: Mapping[str, pd.DataFrame], deals: pd.DataFrame, words: Language, today: date) -> Found:
    """汇总_赢输与停滞."""
    day = pd.Timestamp(today)
    found: Found = {}
    for flag in ("won", "lost"):
        reason = "win_reason" if flag == "won" else "loss_reason"
        decided = deals[deals[flag]]
        sums = decided.groupby(decided[reason].fillna(words.text("summary.blank")))[[flag, f"{flag}_amount"]].sum()
        sums["reason_share"] = sums[flag] / len(decided)
        found |= _keyed(f"outcomes.{reason}s", sums)
    timed = deals[deals["days"].notna()]
    for name, part in (("won", timed[timed["won"]]), ("lost", timed[timed["lost"]]), ("closed", timed)):
        told = words.text(f"summary.outcome.{name}")
        found |= {f"outcomes.cycles.{key}[{told}]": value for key, value in _cycle(part["days"]).items()}
    won = timed[timed["won"]]
    months = won.groupby(won["close_date"].dt.strftime("%Y-%m"))["days"]
    cycles = {"cycles": months.size(), "cycle_median": months.median(), "cycle_mean": months.mean()}
    found |= _keyed("outcomes.cycle_months", pd.DataFrame({**cycles, "cycle_p90": months.quantile(0.9)}))
    people = deals.groupby("person")[["open", "won", "lost", "won_amount"]].sum()
    people["cycle_mean"] = won.groupby("person")["days"].mean()
    people["average_deal"] = people["won_amount"] / people["won"]
    people["win_rate"] = people["won"] / (people["won"] + people["lost"])
    people["velocity"] = people["open"] * people["average_deal"] * people["win_rate"] / people["cycle_mean"]
    found |= _keyed("outcomes.velocity", people.drop(columns=["won", "lost", "won_amount"]))
    over = deals["stage_since"] + pd.Timedelta(days=30) < day
    stalled = deals[deals["open"] & (over | (deals["close_date"] < day))]
    rate = deals["won"].sum() / (deals["won"] | deals["lost"]).sum()
    speed = deals["open"].sum() * deals.loc[deals["won"], "amount"].mean() * rate / won["days"].mean()
    return found | {
        "outcomes.cycle_median": won["days"].median(), "outcomes.cycle_p90": won["days"].quantile(0.9),
        "outcomes.velocity": speed, "outcomes.stalled": len(stalled),
        "outcomes.stalled_amount": stalled["amount"].sum(),
    }  # fmt: skip


def _cycle(days: "pd.Series[float]") -> Found:
    return {
        "cycles": len(days), "cycle_median": days.median(), "cycle_mean": days.mean(),
        "cycle_p90": float(days.quantile(0.9)),
    }  # fmt: skip


def follow_ups(frames: Mapping[str, pd.DataFrame], deals: pd.DataFrame, words: Language, today: date) -> Found:
    """汇总_跟进."""
    rows, day = frames["follow_ups"].copy(), pd.Timestamp(today)
    done, planned = rows["done_at"], rows["planned_at"]
    monday = day - pd.Timedelta(days=today.weekday())
    finished = done.notna() | (rows["state"] == words.text("value.follow_up_state.done"))
    rows["done_this_week"] = (done >= monday) & (done < monday + pd.Timedelta(days=7))
    rows["done_this_month"] = (done.dt.year == today.year) & (done.dt.month == today.month)
    rows["on_time"] = rows["done_this_month"] & (planned.isna() | (done <= planned))
    rows["overdue"] = (rows["state"] == words.text("value.follow_up_state.overdue")) & ~finished
    rows["pending"] = (rows["state"] == words.text("value.follow_up_state.pending")) & ~finished
    for span in (7, 30):
        rows[f"done_{span}_days"] = (done > day - pd.Timedelta(days=span)) & (done <= day)
    people = rows.groupby("owner")[["done_this_week", "done_this_month", "pending", "overdue", "on_time"]].sum()
    people["on_time_rate"] = people["on_time"] / people["done_this_month"]
    found = _keyed("follow_ups.people", people.drop(columns="on_time"))
    found |= _keyed("follow_ups.activity", rows.groupby("owner")[["done_7_days", "done_30_days"]].sum())
    contacted = rows[rows["done_30_days"]].groupby("owner")["customer"].nunique()
    found |= {f"follow_ups.activity.contacted_30_days[{name}]": float(count) for name, count in contacted.items()}
    methods = rows["method"].value_counts().to_frame("follow_ups")
    methods["share"] = methods["follow_ups"] / len(rows)
    found |= _keyed("follow_ups.methods", methods)
    customers = frames["customers"]
    last = customers["last_contact"].fillna(customers["created_at"])
    lost = customers["status"] == words.text("value.customer_status.lost")
    quiet = customers.loc[(last < pd.Timestamp(today - timedelta(days=30))) & ~lost, "owner"].value_counts()
    found |= {f"follow_ups.neglected.neglected[{name}]": float(count) for name, count in quiet.items()}
    rate = float(rows["on_time"].sum()) / float(rows["done_this_month"].sum())
    sums = {key: float(rows[key].sum()) for key in ("done_this_week", "done_this_month", "pending", "overdue")}
    return found | {f"follow_ups.{key}": value for key, value in sums.items()} | {
        "follow_ups.on_time_rate": rate,
        "follow_ups.neglected": float(quiet.sum()),
    }  # fmt: skip


def customers(frames: Mapping[str, pd.DataFrame], deals: pd.DataFrame, words: Language, today: date) -> Found:
    """汇总_客户."""
    rows, found = frames["customers"], Found()
    for block, by in (("by_status", "status"), ("by_level", "level"), ("by_industry", "industry"),
                      ("by_source", "source"), ("regions", "region")):  # fmt: skip
        counts = rows[by].value_counts().to_frame("customers")
        counts["share"] = counts["customers"] / len(rows)
        found |= _keyed(f"customers.{block}", counts)
    months = rows["created_at"].dt.strftime("%Y-%m").value_counts()
    found |= {f"customers.new.new_customers[{month}]": float(count) for month, count in months.items()}
    people = frames["people"].set_index("name")
    flags = rows.assign(
        customers=1,
        new_this_month=rows["created_at"].dt.strftime("%Y-%m") == f"{today:%Y-%m}",
        won_customers=rows["status"] == words.text("value.customer_status.won"),
        lost_customers=rows["status"] == words.text("value.customer_status.lost"),
    )
    for block, whose in (("person", rows["owner"]), ("group", rows["owner"].map(people["group"])),
                         ("department", rows["owner"].map(people["department"]))):  # fmt: skip
        sums = flags.groupby(whose)[["customers", "new_this_month", "won_customers", "lost_customers"]].sum()
        sums["share"] = sums["customers"] / len(rows)
        found |= _keyed(f"customers.by_{block}", sums)
    statuses = rows["status"].value_counts()
    return found | {
        "customers.customers": float(len(rows)),
        "customers.won_customers": float(statuses[words.text("value.customer_status.won")]),
        "customers.lost_customers": float(statuses[words.text("value.customer_status.lost")]),
        "customers.new_this_month": float(months.get(f"{today:%Y-%m}", 0)),
    }


def _keyed(begin: str, table: pd.DataFrame) -> Found:
    told = table.astype(float).to_dict("index")
    return {
        f"{begin}.{key}[{name}]": value for name, row in told.items() for key, value in row.items() if value == value
    }


PLAIN: dict[str, Callable[[Mapping[str, pd.DataFrame], pd.DataFrame, Language, date], Found]] = {
    "funnel": funnel, "outcomes": outcomes, "team": team, "follow_ups": follow_ups, "customers": customers,
}  # fmt: skip
"""By the summary."""
