"""Under which entries rows are added up: deals, payments, customers and follow-ups by month and person, those results
by month and scope, targets by the targets that they are part of.

A row that is added up counts under an entry, the one that adds it up gathers it (schema.base.Role). An edit thus
concerns one month of one person, and that month the targets round it; nothing looks at all deals of a year.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from crm_sheets.cells import text_key
from crm_sheets.schema.base import Entry, Record, Role
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.labels import words
from crm_sheets.schema.people import PersonRecord
from crm_sheets.schema.performance import Performance
from crm_sheets.schema.periods import month_of, period_of
from crm_sheets.schema.targets import Target
from crm_sheets.tables import ColumnKey, TabKey

FACTS, RESULTS, ORGANISATION, SHORTER, PEERS = "facts", "results", "organisation", "shorter", "peers"
"""Names of the indexes: rows of a month and owner; results of a month and scope; people of a department or group;
targets within a longer one; targets of one period and measure."""

ROOM = "room"
"""Name of the index of customers by their owner: who claims another one waits for one of these to go."""

_ZONES = (timedelta(hours=-12), timedelta(hours=14))
"""What an instant may be shifted by on the team's wall: entries know no zone, so both months are kept."""


class Counted(NamedTuple):
    """Columns of a tab whose rows are added up: when it happened, and whose it is."""

    day: ColumnKey
    owner: ColumnKey


COUNTED: Mapping[TabKey, Counted] = {
    TabKey("opportunities"): Counted(ColumnKey("close_date"), ColumnKey("owner")),
    TabKey("payments"): Counted(ColumnKey("paid_on"), ColumnKey("owner")),
    TabKey("customers"): Counted(ColumnKey("created_at"), ColumnKey("owner")),
    TabKey("follow_ups"): Counted(ColumnKey("done_at"), ColumnKey("owner")),
}

_MORE: Mapping[TabKey, tuple[ColumnKey, ...]] = {
    PersonRecord.tab: (ColumnKey("department"), ColumnKey("group")),
    Performance.tab: tuple(map(ColumnKey, ("month", "person", "name", "number", "department", "group"))),
    Target.tab: tuple(map(ColumnKey, ("period", "scope", "measure"))),
    Customer.tab: (ColumnKey("claim"),),
}


def tally_columns(tab: TabKey) -> tuple[ColumnKey, ...]:
    """The columns of a tab that tally_entries() looks at."""
    return (*COUNTED.get(tab, ()), *_MORE.get(tab, ()))


def tally_entries(record: Record) -> Iterator[Entry]:
    """The entries under which a row is added up, or adds others up."""
    if record.tab in COUNTED:
        yield from _of_fact(record, COUNTED[record.tab])
    if isinstance(record, Customer):
        yield from _of_customer(record)
    elif isinstance(record, Performance):
        yield from _of_performance(record)
    elif isinstance(record, PersonRecord):
        names = {"", *unit_keys(record.department, record.group)}
        yield from (Entry(ORGANISATION, name, Role.COUNTS) for name in names)
    elif isinstance(record, Target):
        yield from _of_target(record)


def slot(month: str, owner: str | None) -> str:
    """Value of an entry: what somebody did in a month, or what counts for a scope in it."""
    return f"{month}|{text_key(owner or '')}"


def unit_keys(department: str | None, group: str | None) -> set[str]:
    """What a person's department and group may be called, as text_key: 销售部, 一组, 销售部/一组."""
    names = {department, group, f"{department}/{group}" if department and group else None}
    return {text_key(name) for name in names if name}


@lru_cache(maxsize=4_096)
def scope_key(scope: str | None) -> str | None:
    """What a scope is looked up by, as text_key: without `部门:` and the like, "" for the company; None for a blank."""
    key = text_key(scope_name(scope)) if scope else ""
    if not key:
        return None
    return "" if key in {text_key(word) for word in words("rules.company")} else key


def scope_name(scope: str) -> str:
    """A scope without the word that tells what it is: 部门:华东 names 华东."""
    _, colon, name = scope.replace("：", ":").partition(":")
    return name.strip() if colon and scope_kind(scope) else scope.strip()


def scope_kind(scope: str) -> str:
    """`department`, `group` or `person` where a scope begins with that word; "" where it does not."""
    kind, colon, _ = scope.replace("：", ":").partition(":")
    if not colon:
        return ""
    known = ("department", "group", "person")
    return next((each for each in known if text_key(kind) in map(text_key, words(f"rules.scope.{each}"))), "")


def _of_fact(record: Record, counted: Counted) -> Iterator[Entry]:
    owner = getattr(record, counted.owner)
    for month in _months(getattr(record, counted.day)):
        yield Entry(FACTS, slot(month, owner), Role.COUNTS)


def _months(day: date | None) -> set[str]:
    if day is None:
        return set()
    if not isinstance(day, datetime):
        return {month for month in (month_of(day),) if month}
    if not 2 < day.year < 9998:
        return set()
    return {month for shift in _ZONES if (month := month_of(day + shift))}


def _of_customer(record: Customer) -> Iterator[Entry]:
    if record.owner:
        yield Entry(ROOM, text_key(record.owner), Role.COUNTS)
    if record.claim:
        yield Entry(ROOM, text_key(record.claim), Role.GATHERS)


def _of_performance(record: Performance) -> Iterator[Entry]:
    if record.month is None:
        return
    yield Entry(FACTS, slot(record.month, record.person), Role.GATHERS)
    names = {text_key(name) for name in (record.person, record.name, record.number) if name}
    for name in {"", *names, *unit_keys(record.department, record.group)}:
        yield Entry(RESULTS, slot(record.month, name), Role.COUNTS)


def _of_target(record: Target) -> Iterator[Entry]:
    period, scope = period_of(record.period or ""), scope_key(record.scope)
    if scope is None:
        return
    yield Entry(ORGANISATION, scope, Role.GATHERS)
    yield Entry(PersonRecord.tab, scope, Role.REFERS)
    if period is None:
        return
    for month in period.months:
        yield Entry(RESULTS, slot(month, scope), Role.GATHERS)
    measure = text_key(record.measure or "")
    yield Entry(SHORTER, text_key(f"{period.text}|{scope}|{measure}"), Role.GATHERS)
    for each in (period, *period.around):
        yield Entry(SHORTER, text_key(f"{each.text}|{scope}|{measure}"), Role.COUNTS)
    for role in (Role.COUNTS, Role.GATHERS):
        yield Entry(PEERS, text_key(f"{period.text}|{measure}"), role)
