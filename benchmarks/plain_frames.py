"""The records of a state store as data frames, the way an analyst would read them; see benchmarks.plain_summaries."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from crm_sheets.language import Language

Found: TypeAlias = dict[str, float]
"""The values of figures by their keys."""

UNITS = ("department", "group", "person")


@dataclass(frozen=True, slots=True)
class Kind:
    """Columns of a tab: those that stay texts, those of days, of instants, and of numbers."""

    texts: str = ""
    days: str = ""
    instants: str = ""
    numbers: str = ""


TABS: Mapping[str, Kind] = {
    "opportunities": Kind("id customer source stage owner win_reason loss_reason", "close_date started_on stage_due",
                          "stage_since", "amount weighted"),
    "stage_history": Kind("object field to_value", instants="at"),
    "people": Kind("id name department group manager"),
    "follow_ups": Kind("owner method state customer content", instants="planned_at done_at"),
    "customers": Kind("id name type status level industry source region owner lifecycle contact phone email duplicates",
                      instants="created_at last_contact"),
    "targets": Kind("period scope measure", numbers="value actual attainment pace gap"),
    "orders": Kind("id customer opportunity state payment_state owner", "ordered_on", numbers="total profit paid"),
    "order_lines": Kind("order product", numbers="quantity unit_price amount profit cost"),
    "payments": Kind("customer order contract method owner", "due_on paid_on", numbers="amount"),
    "contracts": Kind("id number customer state owner", "signed_on starts_on ends_on", numbers="amount"),
    "campaigns": Kind("id name type", "starts_on ends_on", numbers="budget"),
    "campaign_members": Kind("campaign customer_id state", "converted_on"),
    "feedback": Kind("customer content date type source state owner", "due", "resolved_at",
                     "satisfaction recommendation"),
    "services": Kind("customer type priority state owner sla_state", numbers="waited",
                     instants="opened_at first_response_at solved_at response_due solve_due"),
    "calendar": Kind("kind", "date"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Book:
    """What is read once for all tabs.

    Attributes:
        frames: by tab; of instants what the clocks showed. `lines` and `days` are the pipeline, `findings` what is
            wrong with the rows.
        deals: the opportunities with what all figures of deals need.
    """

    frames: Mapping[str, pd.DataFrame]
    deals: pd.DataFrame
    words: Language
    today: date
    day: pd.Timestamp

    def value(self, dictionary: str, code: str) -> str:
        """How a value of a dictionary, or a state that rules write, is called."""
        return self.words.text(f"value.{dictionary}.{code}")

    def owned(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with person, group and department."""
        people, blank = self.frames["people"].set_index("name"), self.words.text("summary.blank")
        owner = rows["owner"]
        return rows.assign(
            person=owner.fillna(blank),
            group=owner.map(people["group"]).fillna(blank),
            department=owner.map(people["department"]).fillna(blank),
        )


def read(path: Path, zone: str, words: Language, today: date) -> Book:
    """The tabs of a store."""
    frames: dict[str, pd.DataFrame] = {}
    with sqlite3.connect(path) as connection:
        for tab, kind in TABS.items():
            frames[tab] = tab_of(connection, tab, kind, zone)
        lines = pd.read_sql_query("select deal, since, until, amount, weighted, close from pipeline", connection)
        for name in ("since", "until", "close"):
            lines[name] = pd.to_datetime(lines[name])
        frames["lines"] = lines
        days = pd.read_sql_query("select day from pipeline_days order by day", connection)
        frames["days"] = days.assign(day=pd.to_datetime(days["day"]))
        frames["findings"] = pd.read_sql_query("select tab, key, code, severity from findings", connection)
    return Book(frames, _deals(frames, words), words, today, pd.Timestamp(today))


def tab_of(connection: sqlite3.Connection, tab: str, kind: Kind, zone: str) -> pd.DataFrame:
    """The columns of a tab, in the order of the keys of its rows."""
    names = " ".join((kind.texts, kind.days, kind.instants, kind.numbers)).split()
    told = ", ".join(f"json_extract(data, '$.{name}') as \"{name}\"" for name in names)
    query = f"select key, {told} from records where tab = ? and deleted = 0 order by key"
    frame = pd.read_sql_query(query, connection, params=(tab,))
    for name in kind.numbers.split():
        frame[name] = pd.to_numeric(frame[name])
    for name in kind.days.split():
        frame[name] = pd.to_datetime(frame[name])
    for name in kind.instants.split():
        there = pd.to_datetime(frame[name], utc=True, format="ISO8601").dt.tz_convert(zone)
        frame[name] = there.dt.tz_localize(None)
    return frame


def _deals(frames: Mapping[str, pd.DataFrame], words: Language) -> pd.DataFrame:
    deals = frames["opportunities"].copy()
    deals["won"] = deals["stage"] == words.text("value.opportunity_stage.won")
    deals["lost"] = deals["stage"] == words.text("value.opportunity_stage.lost")
    deals["open"] = ~(deals["won"] | deals["lost"])
    for name, flag, of in (("won_amount", "won", "amount"), ("lost_amount", "lost", "amount"),
                           ("open_amount", "open", "amount"), ("open_weighted", "open", "weighted")):  # fmt: skip
        deals[name] = deals[of].where(deals[flag], 0)
    deals["days"] = (deals["close_date"] - deals["started_on"]).dt.days.where(~deals["open"])
    people = frames["people"].set_index("name")
    deals["person"] = deals["owner"]
    for unit in ("group", "department", "manager"):
        deals[unit] = deals["owner"].map(people[unit])
    deals["month"] = month(deals["close_date"])
    return deals


def month(days: "pd.Series[pd.Timestamp]") -> "pd.Series[str]":
    """The month of each day, 2026-03."""
    return days.dt.strftime("%Y-%m")


def keyed(begin: str, table: pd.DataFrame) -> Found:
    """A table of figures by group, under their keys; what is unknown is left out."""
    found: Found = {}
    for name, values in table.astype(float).items():
        of = values.dropna()
        found |= zip((f"{begin}.{name}[{group}]" for group in of.index), of.tolist(), strict=True)
    return found


def shared(part: "pd.Series[float]", whole: "float | pd.Series[float]") -> "pd.Series[float]":
    """Shares, unknown where there is nothing to divide by."""
    found = part / whole
    return found.where(found.abs() != float("inf"))
