"""Books at random in which everything hangs together: nearly every cell is filled, nearly every reference names one
row, and nearly everything happens in one month. What hardly ever meets in a book of tests.rules.books meets here."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from decimal import Decimal
from random import Random

from crm_sheets.changes import Value
from crm_sheets.schema import TABS
from crm_sheets.schema.base import Column, Kind, Row, Tab
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.rules.books import pool
from tests.rules.tables import ALL_TABS, NOW, TextBook

ROWS = 2
DAYS = tuple(NOW.date() + timedelta(days) for days in (-15, -9, -4, -1, 0, 3))
MOMENTS = tuple((NOW + timedelta(hours=hours)).astimezone(UTC) for hours in (-300, -90, -26, -2, 30))
NUMBERS: Sequence[Value] = (Decimal(2), Decimal(30), Decimal("400.5"))
PEOPLE = ("001", "002")
AUDIENCES = ("level in (A, B)", "region is not blank", "annual_revenue > 10", "(")
SCOPES = ("公司", "销售部", "001", "一组", "无此部门", "002")
MOVING = (
    "stage",
    "status",
    "level",
    "owner",
    "close_date",
    "state",
    "probability",
    "amount",
    "listed_at",
    "merge_into",
)
"""Columns that may have been others at the end of the last cycle."""


def dense_book(seed: int) -> TextBook:
    """A book of two rows in each tab."""
    random = Random(seed)
    judged = [tab for tab in TABS if tab.key != "lookups"]  # of which no rule says more than that a question is missing
    return TextBook([_row(tab, number, random) for tab in judged for number in range(1, ROWS + 1)])


def _row(tab: Tab, number: int, random: Random) -> Row:
    filled = random.choice((0.7, 0.95))
    columns = tab.columns.items()
    values = {key: _value(tab, column, number, random) for key, column in columns if random.random() < filled}
    values |= {ColumnKey(key): value for key, value in _fixed(tab.key, number).items()}
    record = tab.record.model_validate(values)
    key = RowKey(f"{tab.id_prefix}-{number}")
    unreadable = frozenset(random.sample(list(tab.columns), 2)) if random.random() < 0.05 else frozenset()
    if random.random() < 0.2:
        return Row(key, record, unreadable)
    moved = [column for name in MOVING if (column := ColumnKey(name)) in tab.columns and random.random() < 0.3]
    past = {column: random.choice((None, _value(tab, tab.columns[column], number, random))) for column in moved}
    return Row(key, record, unreadable, tab.record.model_validate(values | past))


def _fixed(tab: TabKey, number: int) -> dict[str, Value]:
    """What is always there, so that rows are found by it."""
    if tab == "people":
        return {
            "id": PEOPLE[number - 1],
            "name": f"人{number}",
            "department": "销售部",
            "group": "一组",
            "active": True,
        }
    if tab == "performance":
        return {"month": "2026-11", "person": PEOPLE[number - 1]}
    if tab == "stage_history":
        return {"object": f"C-{number}", "customer": f"C-{number}"}
    names = {ColumnKey("name"), ColumnKey("external")} & ALL_TABS[tab].columns.keys()
    return {str(key): f"{tab}{number}" for key in names}


def _value(tab: Tab, column: Column, number: int, random: Random) -> Value:
    if column.kind in (Kind.REFERENCE, Kind.PERSON) and column.refers_to:
        prefix = ALL_TABS[column.refers_to].id_prefix
        known = PEOPLE if column.kind is Kind.PERSON else tuple(f"{prefix}-{n}" for n in range(1, ROWS + 1))
        return random.choice((*known, *known, *known, "无名"))
    special = _SPECIAL.get(f"{tab.key}.{column.key}")
    if special is not None:
        return random.choice(special)
    match column.kind:
        case Kind.DATE:
            return random.choice(DAYS)
        case Kind.DATETIME:
            return random.choice(MOMENTS)
        case Kind.MONEY | Kind.NUMBER:
            return random.choice(NUMBERS)
        case _:
            return random.choice(pool(tab.key, column))


_SPECIAL: dict[str, Sequence[Value]] = {
    "campaigns.audience": AUDIENCES,
    "targets.scope": SCOPES,
    "targets.period": ("2026-11", "2026Q4", "2026"),
    "campaign_members.customer_id": ("C-1", "C-2"),
    "stage_history.number": (1, 2),
    "contracts.number": ("HT-1", "HT-2"),
    "customers.won_days": (("2026-11-13",), ("2026-11-21", "2026-11-22")),
    "follow_ups.result": ("谈好了", "取消：改期", "再等等"),
}
