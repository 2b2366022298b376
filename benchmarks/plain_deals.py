"""The figures of deals in plain pandas; see benchmarks.plain_summaries."""

from collections.abc import Callable
from typing import TypeAlias

import pandas as pd

from benchmarks.plain_frames import UNITS, Book, Found, keyed, month

Standing: TypeAlias = Callable[[pd.Timestamp], pd.DataFrame]
"""The lines of the pipeline as they stood on a day."""

REASONS = {"won": "win_reason", "lost": "loss_reason"}
STAGES = ("contact", "needs", "proposal", "negotiation", "signing")
_Z = 1.2815515655446004
"""The quantile of the normal distribution between whose two sides 80 % lie."""


def funnel(book: Book) -> Found:
    """汇总_销售漏斗."""
    deals, day = book.deals, book.day
    late = deals[deals["open"] & (deals["close_date"] < day)]
    timed, won = deals["days"].dropna(), deals.loc[deals["won"], "days"].dropna()
    found = {
        "open": deals["open"].sum(), "open_amount": deals["open_amount"].sum(), "lost": deals["lost"].sum(),
        "open_weighted": deals["open_weighted"].sum(), "overdue_open": len(late), "deals": len(deals),
        "overdue_amount": late["amount"].sum(), "won": deals["won"].sum(), "won_amount": deals["won_amount"].sum(),
        "win_rate": deals["won"].sum() / (deals["won"] | deals["lost"]).sum(),
        "won_cycle_days": won.mean(), "closed_cycle_days": timed.mean(),
    }  # fmt: skip
    stages = deals.groupby("stage").agg(deals=("stage", "size"), amount=("amount", "sum"), weighted=("weighted", "sum"))
    order = [book.value("opportunity_stage", code) for code in (*STAGES, "won")]
    stages["reached"] = stages["deals"].reindex(order)[::-1].cumsum()
    stages["conversion"] = stages["reached"].reindex(order) / stages["reached"].reindex(order).shift()
    ahead = deals[deals["open"] & (deals["close_date"] >= day)]
    months = ahead.assign(spread=_spread(ahead["amount"], ahead["weighted"])).groupby("month")
    sums = months[["open", "open_amount", "open_weighted", "spread"]].sum()
    brought = deals[deals["won"]].groupby("month")["won_amount"].sum()
    sums["won_amount"] = brought.reindex(sums.index).fillna(0)
    sums["forecast"] = sums["won_amount"] + sums["open_weighted"]
    sums["forecast_low"], sums["forecast_high"] = _range(sums)
    now = sums[sums.index == f"{day:%Y-%m}"]
    found |= {key: now[key].sum() for key in ("forecast_low", "forecast", "forecast_high")}
    found = {f"funnel.{key}": value for key, value in found.items()}
    found |= keyed("funnel.stages", stages) | keyed("funnel.forecast", sums.drop(columns="spread"))
    return found | _funnel_units(deals, day)


def _funnel_units(deals: pd.DataFrame, day: pd.Timestamp) -> Found:
    found: Found = {}
    for unit in UNITS:
        sums = deals.groupby(unit)[["open", "open_amount", "open_weighted", "won", "won_amount", "lost"]].sum()
        sums["win_rate"] = sums["won"] / (sums["won"] + sums["lost"])
        found |= keyed(f"funnel.by_{unit}", sums)
    first = day.replace(day=1)
    soon = deals[(deals["close_date"] >= first) & (deals["close_date"] < first + pd.DateOffset(months=12))]
    soon = soon[soon["won"] | (soon["open"] & (soon["close_date"] >= day))]
    soon = soon.assign(spread=_spread(soon["open_amount"], soon["open_weighted"]))
    for unit in UNITS:
        sums = soon.groupby(unit)[["open", "open_amount", "open_weighted", "won_amount", "spread"]].sum()
        sums["forecast"] = sums["won_amount"] + sums["open_weighted"]
        sums["low"], sums["high"] = _range(sums)
        words = {"open": "", "open_amount": "_amount", "open_weighted": "_weighted", "won_amount": "_won"}
        words |= {name: f"_{name}" for name in ("forecast", "low", "high")}
        named = sums.drop(columns="spread").rename(columns={key: f"coming{word}" for key, word in words.items()})
        found |= keyed(f"funnel.forecast_by_{unit}", named)
    return found


def _spread(worth: "pd.Series[float]", weighted: "pd.Series[float]") -> "pd.Series[float]":
    return weighted * (worth - weighted).clip(lower=0)


def _range(sums: pd.DataFrame) -> "tuple[pd.Series[float], pd.Series[float]]":
    """The 80 % interval of what months bring, whole units."""
    half = _Z * sums["spread"] ** 0.5
    low, high = (sums["open_weighted"] - half).clip(lower=0), sums["open_weighted"] + half
    return (sums["won_amount"] + low).round(), (sums["won_amount"] + high.clip(upper=sums["open_amount"])).round()


def conversion(book: Book) -> Found:
    """汇总_阶段转化."""
    moves, deals = book.frames["stage_history"], book.deals
    order = [book.value("opportunity_stage", code) for code in STAGES]
    ranks = {name: rank for rank, name in enumerate(order)} | {book.value("opportunity_stage", "won"): len(order)}
    moves = moves[moves["field"] == book.words.text("column.opportunities.stage")]
    moves = moves.assign(rank=moves["to_value"].map(ranks).fillna(-1).astype(int))
    first = moves.groupby(["object", "rank"], as_index=False)["at"].min()
    first["at"] = first["at"].dt.normalize()
    first = first.merge(deals[["id", "won", "lost", "open", *UNITS]], left_on="object", right_on="id")
    first["best"] = first.groupby("object")["rank"].transform("max").where(~first["won"], len(order))
    first["gone"] = first["best"] > first["rank"]
    won_on = first[first["rank"] == len(order)].set_index("object")["at"]
    starts = first.sort_values(["at", "rank"]).drop_duplicates("object")
    starts = starts.assign(days=(starts["object"].map(won_on) - starts["at"]).dt.days.where(starts["won"]))
    found = {
        "conversion.started": float(len(starts)), "conversion.started_won_rate": starts["won"].mean(),
        "conversion.entered_lost": starts["lost"].sum(), "conversion.entered_open": starts["open"].sum(),
        "conversion.days_to_win": starts["days"].median(),
    }  # fmt: skip
    for block, group in (("starts", month(starts["at"])), *((f"by_{unit}", starts[unit]) for unit in UNITS)):
        by = starts.groupby(group)
        sums = by[["won", "lost", "open"]].sum()
        sums["started"], sums["started_won_rate"] = by.size(), by["won"].mean()
        sums["days_to_win"] = by["days"].median()
        words = {"lost": "entered_lost", "open": "entered_open"}
        found |= keyed(f"conversion.{block}", sums.drop(columns="won").rename(columns=words))
    steps = first[first["rank"].between(0, len(order) - 1)]
    stage = steps["rank"].map(dict(enumerate(order)))
    for block, group in (("stages", stage), ("cohorts", stage + " " + month(steps["at"]))):
        of = steps.groupby(group)
        table = pd.DataFrame({"entered": of.size(), "advanced_rate": of["gone"].mean(),
                              "entered_won_rate": of["won"].mean(), "entered_lost": of["lost"].sum(),
                              "entered_open": of["open"].sum()})  # fmt: skip
        found |= keyed(f"conversion.{block}", table)
    return found


def outcomes(book: Book) -> Found:
    """汇总_成交分析."""
    deals, day = book.deals, book.day
    found: Found = {}
    for flag, reason in REASONS.items():
        decided = deals[deals[flag]]
        sums = decided.groupby(decided[reason].fillna(book.words.text("summary.blank")))[[flag, f"{flag}_amount"]].sum()
        sums["reason_share"] = sums[flag] / len(decided)
        found |= keyed(f"outcomes.{reason}s", sums)
    timed = deals[deals["days"].notna()]
    for name, part in (("won", timed[timed["won"]]), ("lost", timed[timed["lost"]]), ("closed", timed)):
        told = book.words.text(f"summary.outcome.{name}")
        found |= {f"outcomes.cycles.{key}[{told}]": value for key, value in _cycle(part["days"]).items()}
    won = timed[timed["won"]]
    months = won.groupby("month")["days"]
    cycles = {"cycles": months.size(), "cycle_median": months.median(), "cycle_mean": months.mean()}
    found |= keyed("outcomes.cycle_months", pd.DataFrame({**cycles, "cycle_p90": months.quantile(0.9)}))
    people = deals.groupby("person")[["open", "won", "lost", "won_amount"]].sum()
    people["cycle_mean"] = won.groupby("person")["days"].mean()
    people["average_deal"] = people["won_amount"] / people["won"]
    people["win_rate"] = people["won"] / (people["won"] + people["lost"])
    people["velocity"] = people["open"] * people["average_deal"] * people["win_rate"] / people["cycle_mean"]
    found |= keyed("outcomes.velocity", people.drop(columns=["won", "lost", "won_amount"]))
    until = deals["stage_due"].fillna(deals["stage_since"].dt.normalize() + pd.Timedelta(days=30))
    stalled = deals[deals["open"] & ((until < day) | (deals["close_date"] < day))]
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


def team(book: Book) -> Found:
    """汇总_团队业绩."""
    deals, today = book.deals, book.today
    found: Found = {}
    for block, by in (("people", "person"), ("groups", "group"), ("departments", "department"),
                      ("managers", "manager")):  # fmt: skip
        sums = deals.groupby(by)[["won", "won_amount", "open", "open_amount", "lost"]].sum()
        sums["win_rate"] = sums["won"] / (sums["won"] + sums["lost"])
        sums["average_deal"] = sums["won_amount"] / sums["won"]
        found |= keyed(f"team.{block}", sums.drop(columns="lost"))
    decided = deals[~deals["open"] & deals["close_date"].notna()]
    quarters = decided["close_date"].dt.year.astype(str) + "Q" + decided["close_date"].dt.quarter.astype(str)
    for block, period in (("quarters", quarters), ("months", decided["month"])):
        sums = decided.groupby(period)[["won", "won_amount", "lost"]].sum()
        sums["win_rate"] = sums["won"] / (sums["won"] + sums["lost"])
        sums["average_deal"] = sums["won_amount"] / sums["won"]
        found |= keyed(f"team.{block}", sums.drop(columns="lost"))
    of_year = deals["close_date"].dt.year == today.year
    quarter = deals[of_year & (deals["close_date"].dt.quarter == (today.month + 2) // 3)]
    return found | {
        "team.won_this_month": deals.loc[of_year & (deals["close_date"].dt.month == today.month), "won_amount"].sum(),
        "team.won_this_quarter": quarter["won_amount"].sum(),
        "team.won_this_year": deals.loc[of_year, "won_amount"].sum(),
        "team.open_amount": deals["open_amount"].sum(),
        "team.win_rate_this_quarter": quarter["won"].sum() / (quarter["won"] | quarter["lost"]).sum(),
    }


def attainment(book: Book) -> Found:
    """汇总_目标达成."""
    targets, people, today = book.frames["targets"], book.frames["people"], book.today
    running = (f"{today:%Y-%m}", f"{today.year}Q{(today.month + 2) // 3}", str(today.year))
    targets = targets[targets["period"].isin(running)]
    names = targets["scope"] + " " + targets["measure"] + " " + targets["period"]
    kinds = targets["scope"].map(
        {"公司": "company"}
        | dict.fromkeys(people["department"], "department")
        | dict.fromkeys(people["group"], "group")
    )
    numbers = targets[["value", "actual", "attainment", "pace", "gap"]].set_index(names)
    numbers.columns = pd.Index(["target", "target_actual", "attained", "target_pace", "target_gap"])
    found: Found = {}
    for kind, rows in numbers.groupby(kinds.fillna("person").to_numpy()):
        found |= keyed(f"attainment.{kind}_targets", rows)
    return found | {
        "attainment.targets": float(len(targets)),
        "attainment.targets_reached": float((targets["attainment"] >= 1).sum()),
        "attainment.targets_behind": float((targets["attainment"] < targets["pace"]).sum()),
    }


def trends(book: Book) -> Found:
    """汇总_趋势."""
    lines, days, deals = book.frames["lines"], book.frames["days"]["day"], book.deals
    lines = lines[lines["deal"].isin(deals["id"])]
    lines = lines.assign(open_amount=lines["amount"] / 100, open_weighted=lines["weighted"] / 100, open=1,
                         month=month(lines["close"]))  # fmt: skip

    def standing(day: pd.Timestamp) -> pd.DataFrame:
        return lines[(lines["since"] <= day) & (lines["until"].isna() | (lines["until"] > day))]

    weekly = days.groupby(days.dt.to_period("W")).max().tail(13)
    before = days[days <= book.day - pd.Timedelta(days=28)].tail(1)
    wanted = sorted({*weekly, *days.tail(30), *before})
    points = pd.DataFrame({day: standing(day)[["open", "open_amount", "open_weighted"]].sum() for day in wanted}).T
    found: Found = {}
    for block, chosen in (("weeks", weekly), ("days", days.tail(30))):
        table = points.loc[list(chosen)]
        table.index = pd.Index([f"{day:%Y-%m-%d}" for day in chosen])
        found |= keyed(f"trends.{block}", table)
    first = days.groupby(month(days)).min()
    first = first[(first.dt.day <= 7) & (first.index < f"{book.day:%Y-%m}")]
    slips, accuracy = _months(first, standing, deals)
    found |= keyed("trends.slippage", slips) | keyed("trends.accuracy", accuracy)
    last, judged = str(first.index[-1]), accuracy["month_result"]
    within = (judged >= accuracy["forecast_begin_low"]) & (judged <= accuracy["forecast_begin_high"])
    worth = points["open_amount"]
    return found | {
        "trends.kept_open_amount": float(worth.iloc[-1]), "trends.days_kept": float(len(days)),
        "trends.open_amount_change": float(worth.iloc[-1] - worth[before.iloc[0]]),
        "trends.slipped_rate": slips["slipped_rate"][last], "trends.forecast_hit": accuracy["forecast_hit"][last],
        "trends.forecast_within": within.mean(),
    }  # fmt: skip


def _months(first: "pd.Series[pd.Timestamp]", standing: "Standing", deals: pd.DataFrame
            ) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """What became of the deals that were to close in each month, and what came of what was to come."""
    slips, accuracy = {}, {}
    for name, day in first.items():
        due = standing(day)
        due = due[due["month"] == name]
        won = deals[deals["won"] & (deals["month"] == name)]
        middle, spread = due["open_weighted"].sum(), _spread(due["open_amount"], due["open_weighted"]).sum()
        sums = {"open_weighted": middle, "open_amount": due["open_amount"].sum(), "spread": spread,
                "won_amount": won.loc[won["close_date"] < day, "amount"].sum()}  # fmt: skip
        (low,), (high,) = _range(pd.DataFrame(sums, index=[0]))
        told, result = sums["won_amount"] + middle, won["amount"].sum()
        accuracy[name] = {"forecast_begin_low": low, "forecast_begin": told, "forecast_begin_high": high,
                          "month_result": result, "forecast_hit": result / told}  # fmt: skip
        both = due.merge(deals[["id", "won", "lost", "close_date"]], left_on="deal", right_on="id")
        in_time = month(both["close_date"]) <= str(name)
        done, lost = (both["won"] & in_time).sum(), (both["lost"] & in_time).sum()
        later = both[month(both["close_date"]) > str(name)]
        slips[name] = {"due_at_beginning": len(both), "due_amount": both["open_amount"].sum(), "due_won": done,
                       "due_lost": lost, "due_slipped": len(both) - done - lost,
                       "slipped_rate": (len(both) - done - lost) / len(both),
                       "slipped_days": (later["close_date"] - later["close"]).dt.days.mean()}  # fmt: skip
    return pd.DataFrame(slips).T, pd.DataFrame(accuracy).T


def review(book: Book) -> Found:
    """汇总_复盘."""
    deals, targets = book.deals, book.frames["targets"]
    won, now = deals[deals["won"] & deals["month"].notna()], f"{book.day:%Y-%m}"
    goals = targets[targets["measure"] == book.value("target_measure", "won_amount")]
    months = [str(each) for each in pd.period_range(min(won["month"]), now, freq="M")]

    def table(sums: "pd.Series[float]", scope: str) -> pd.DataFrame:
        found = pd.DataFrame({"goal_result": sums.reindex(months).fillna(0)})
        found["goal"] = goals[goals["scope"] == scope].set_index("period")["value"].reindex(months)
        found["goal_attained"] = found["goal_result"] / found["goal"]
        found["goal_gap"] = found["goal"] - found["goal_result"]
        found["result_change"] = found["goal_result"].diff().fillna(found["goal_result"])
        return found

    company = table(won.groupby("month")["amount"].sum(), "公司")
    last, before = months[-2], months[-3]
    found = keyed("review.months", company)
    found |= {f"review.{key}": company[key][last] for key in company if pd.notna(company[key][last])}
    for unit in ("department", "group"):
        for name, rows in won.groupby(unit):
            shown = table(rows.groupby("month")["amount"].sum(), str(name)).loc[months[-4:-1]]
            shown = shown[(shown["goal_result"] != 0) | (shown["goal"].fillna(0) != 0)]
            shown.index = pd.Index([f"{each} {name}" for each in shown.index])
            found |= keyed("review.units", shown)
    for block, by, amount in (("person", "person", "won_amount"), ("source", "source", "won_amount"),
                              ("reason", "loss_reason", "lost_amount"), ("stage", "stage", "open_amount")):  # fmt: skip
        rows = deals[deals["month"].isin((last, before)) & (deals[amount] > 0)]
        parts = rows.pivot_table(index=by, columns="month", values=amount, aggfunc="sum", fill_value=0)
        told = pd.DataFrame({"part_now": parts[last], "part_before": parts[before]})
        found |= keyed(f"review.by_{block}", told.assign(part_change=told["part_now"] - told["part_before"]))
    return found
