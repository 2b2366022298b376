"""The figures of feedback, services and data quality in plain pandas; see benchmarks.plain_summaries."""

import re

import pandas as pd

from benchmarks.plain_frames import UNITS, Book, Found, keyed, month, shared
from crm_sheets.rules.summaries.quality import MATTER
from crm_sheets.rules.workdays import OFFICE_HOURS
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.tables import ColumnKey, TabKey


def feedback(book: Book) -> Found:
    """汇总_反馈."""
    rows, blank = book.owned(book.frames["feedback"]), book.words.text("summary.blank")
    waiting = rows["state"] != book.value("feedback_state", "done")
    told = pd.to_datetime(rows["date"])
    days = (rows["resolved_at"].dt.normalize() - told).dt.days
    points, score = rows["satisfaction"], rows["recommendation"]
    rows = rows.assign(
        feedbacks=1, unresolved=waiting, feedback_overdue=waiting & (rows["due"] < book.day), days=days, points=points,
        content=(points >= 4).where(points.notna()).astype(float), month=month(told),
        nps=100 * ((score >= 9).astype(float) - (score <= 6)).where(score.notna()),
    )  # fmt: skip
    found: Found = {}
    for block, by in (("by_type", "type"), ("by_source", "source"), ("by_state", "state"),
                      *((f"by_{unit}", unit) for unit in UNITS), ("months", "month")):  # fmt: skip
        table = _feedback(rows, rows[by].fillna(blank))
        shown = {"by_state": ["feedbacks"], "months": ["feedbacks", "satisfaction", "csat", "nps", "nps_answers"]}
        found |= keyed(f"feedback.{block}", table[shown.get(block, list(table.columns))])
    ratings = points.value_counts()
    for rating, count in zip(ratings.index.astype(int).tolist(), ratings.tolist(), strict=True):
        name = book.words.text("feedback.points", points=rating)
        found |= {f"feedback.ratings.ratings[{name}]": count, f"feedback.ratings.share[{name}]": count / ratings.sum()}
    whole = _feedback(rows, rows["feedbacks"]).iloc[0]
    return found | {f"feedback.{key}": float(value) for key, value in whole.items()} | {
        "feedback.resolution_rate": 1 - waiting.mean(), "feedback.handling_median": days.median(),
        "feedback.handling_p90": days.quantile(0.9),
    }  # fmt: skip


def _feedback(rows: pd.DataFrame, by: "pd.Series[str]") -> pd.DataFrame:
    of = rows.groupby(by)
    means = of[["days", "points", "content", "nps"]].mean()
    means.columns = pd.Index(["handling_days", "satisfaction", "csat", "nps"])
    counts = of[["feedbacks", "unresolved", "feedback_overdue"]].sum()
    return counts.join(means).assign(nps_answers=of["nps"].count())


def services(book: Book) -> Found:
    """汇总_服务."""
    rows = _services(book)
    found: Found = {}
    plain = ["services", "services_open", "services_late", "solving_days", "sla_rate"]
    level = ["services", "sla_judged", "sla_rate", "response_rate", "response_minutes", "solution_rate",
             "solution_minutes"]  # fmt: skip
    for block, by, shown in (
        ("by_type", "type", plain), ("by_priority", "priority", plain), ("by_state", "state", ["services"]),
        ("by_owner", "person", plain), ("sla_by_type", "type", level), ("sla_by_priority", "priority", level),
        ("sla_by_both", "both", level), *((f"sla_by_{unit}", unit, level) for unit in UNITS),
    ):  # fmt: skip
        found |= keyed(f"services.{block}", _served(rows, by)[shown])
    done = rows[rows["done"]].groupby(month(rows["solved_at"]))
    months = pd.DataFrame({"services": rows.groupby(month(rows["opened_at"])).size(), "services_solved": done.size(),
                           "sla_rate": done["met"].mean()})  # fmt: skip
    found |= keyed("services.months", months.fillna({"services": 0, "services_solved": 0}))
    whole = _served(rows, "services").iloc[0].drop("sla_judged")
    solved = {"services.services_solved": float(rows["done"].sum())}
    return found | {f"services.{key}": float(value) for key, value in whole.items()} | solved


def _services(book: Book) -> pd.DataFrame:
    rows = book.owned(book.frames["services"])
    done = rows["state"] == book.value("service_state", "solved")
    solved, opened = rows["solved_at"].where(done), rows["opened_at"]
    answered = rows["first_response_at"].fillna(solved)
    sla = rows["sla_state"].map({book.value("sla_state", "met"): 1.0, book.value("sla_state", "missed"): 0.0})
    worked, late = _Worked(book), book.value("sla_state", "late")
    spent = worked.minutes(opened, solved) - rows["waited"].fillna(0)
    return rows.assign(
        services=1, services_open=~done, done=done, services_late=rows["sla_state"] == late,
        solving_days=(solved - opened).dt.total_seconds() / 86_400, met=sla, solved_at=solved,
        response=_kept(answered, rows["response_due"]), solution=_kept(solved, rows["solve_due"]),
        response_minutes=worked.minutes(opened, answered), solution_minutes=spent.clip(lower=0),
        both=rows["type"] + " · " + rows["priority"],
    )  # fmt: skip


def _kept(at: "pd.Series[pd.Timestamp]", due: "pd.Series[pd.Timestamp]") -> "pd.Series[float]":
    return (at <= due).where(at.notna() & due.notna()).astype(float)


def _served(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    of = rows.groupby(by)
    means = of[["solving_days", "met", "response", "response_minutes", "solution", "solution_minutes"]].mean()
    means.columns = pd.Index(["solving_days", "sla_rate", "response_rate", "response_minutes", "solution_rate",
                              "solution_minutes"])  # fmt: skip
    for name in ("response_minutes", "solution_minutes"):
        means[name] = means[name].round(2).round()
    counts = rows.groupby(rows[by])[["services_open", "services_late"]].sum()
    return counts.join(means).assign(services=of.size(), sla_judged=of["met"].count())


class _Worked:
    """Working minutes, by the working time until each day."""

    def __init__(self, book: Book) -> None:
        own = book.frames["calendar"].set_index("date")["kind"] == book.value("day_kind", "work")
        times = book.frames["services"][["opened_at", "first_response_at", "solved_at"]]
        span = pd.date_range(times.min().min().normalize(), times.max().max())
        self._days = own.reindex(span).astype(object).fillna(pd.Series(span.weekday < 5, index=span)).astype(bool)
        self._hours = [(opens.total_seconds(), closes.total_seconds()) for opens, closes in OFFICE_HOURS]
        length = sum(closes - opens for opens, closes in self._hours)
        self._before = (self._days.cumsum() - self._days.astype(int)) * length

    def _until(self, times: "pd.Series[pd.Timestamp]") -> "pd.Series[float]":
        day = times.dt.normalize()
        second = (times - day).dt.total_seconds()
        today = sum((second.clip(opens, closes) - opens for opens, closes in self._hours), 0 * second)
        return day.map(self._before) + today.where(day.map(self._days).astype(bool), 0)

    def minutes(self, start: "pd.Series[pd.Timestamp]", end: "pd.Series[pd.Timestamp]") -> "pd.Series[float]":
        """Whole minutes between; unknown where one of them is."""
        return ((self._until(end) - self._until(start)) // 60).where(end.notna() & start.notna())


def quality(book: Book) -> Found:
    """汇总_数据质量."""
    findings, words = book.frames["findings"], book.words
    found, parts = Found(), []
    for tab, names in MATTER.items():
        rows, label = book.frames[tab], tab_label(TabKey(tab), words)
        wanted = names.split()
        filled = rows[wanted].notna()
        cells = pd.DataFrame({"cells_wanted": len(rows), "cells_filled": filled.sum(), "completeness": filled.mean()})
        labels = {name: f"{label} · {column_label(TabKey(tab), ColumnKey(name), words)}" for name in wanted}
        found |= keyed("quality.by_column", cells.rename(index=labels))
        of = findings[findings["tab"] == tab].pivot_table(index="key", columns="severity", aggfunc="size", fill_value=0)
        wrong = of.reindex(index=rows["key"], columns=["error", "warning"]).fillna(0).reset_index(drop=True)
        rows = book.owned(rows if "owner" in rows else rows.assign(owner=None))
        doubles = rows["duplicates"].notna().astype(float) if "duplicates" in rows else float("nan")
        parts.append(rows[list(UNITS)].assign(tab=label, rows=1, wanted=len(wanted), filled=filled.sum(axis=1),
                                              errors=wrong["error"], warnings=wrong["warning"],
                                              clean=wrong["error"] == 0, doubles=doubles))  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    for by in ("tab", *UNITS):
        found |= keyed(f"quality.by_{by}", _judged(rows, by))
    findings = findings[findings["tab"].isin(MATTER) & findings["severity"].isin(["error", "warning"])]
    codes = findings["code"].map(lambda code: re.sub(r"\{[^{}]*\}", "…", words.text(f"issue.{code}")))
    counts = codes.value_counts().to_frame("findings")
    found |= keyed("quality.by_code", counts.assign(share=counts["findings"] / len(findings)))
    whole = _judged(rows, "rows").iloc[0]
    return found | {f"quality.{key}": float(value) for key, value in whole.items()}


def _judged(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    of = rows.groupby(rows[by])[["rows", "wanted", "filled", "errors", "warnings", "clean", "doubles"]].sum(min_count=1)
    return pd.DataFrame({
        "quality_rows": of["rows"], "completeness": shared(of["filled"], of["wanted"]), "row_errors": of["errors"],
        "row_warnings": of["warnings"], "rows_clean": of["clean"] / of["rows"], "suspected_doubles": of["doubles"],
    })  # fmt: skip
