"""Books as text tables, and outcomes as short lines: what the tests of rules are written in.

A table is the key of its tab, a line of column keys that begins with `key`, then one line for each row:

    customers
    key | name | owner
    C-1 | 华为 | 张伟

Cells are read by the kind of their column: dates as 2026-11-22, datetimes as 2026-11-22 09:00 in the team's zone,
tags and links separated by `;`, true and false. A blank cell is None. A cell `?` is unreadable.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from crm_sheets.cells import text_key
from crm_sheets.changes import Outcome, Value
from crm_sheets.language import language
from crm_sheets.rules.base import Context, Rule
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema import TABS
from crm_sheets.schema.base import Kind, Role, Row, Tab, values_of
from crm_sheets.schema.dictionaries import Dictionaries, default_dictionaries
from crm_sheets.schema.entries import bears, entries_of, telling
from crm_sheets.tables import ColumnKey, RowKey, TabKey

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(ZONE)
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=ZONE)
"""A Sunday morning; today is 2026-11-22."""

ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "opportunity_stage.needs": {"probability": "30%"},
    "opportunity_stage.negotiation": {"probability": "0.7"},
    "feedback_type.question": {},
    "feedback_type.praise": {"days": "soon"},
}
"""Where the dictionaries of the tests differ from the shipped ones: other ways to write a number, and wrong ones."""


def dictionaries(retired: Iterable[str] = (), emptied: Iterable[str] = ()) -> Dictionaries:
    """The shipped Chinese values of every drop-down, but for some that are out of use or not kept at all."""
    out_of_use, left_out = set(retired), set(emptied)
    return Dictionaries(
        {
            key: tuple(
                replace(
                    entry,
                    active=entry.value not in out_of_use,
                    attributes=ATTRIBUTES.get(f"{key}.{entry.code}", entry.attributes),
                )
                for entry in entries
            )
            for key, entries in default_dictionaries(language("zh-CN")).entries.items()
            if key not in left_out
        }
    )


SHIPPED = dictionaries()
ALL_TABS = {each.key: each for each in TABS}


@dataclass(slots=True)
class TextBook:
    """Rows in memory, asked as rules ask."""

    rows: list[Row] = field(default_factory=list)
    _named: dict[tuple[TabKey, str], list[Row]] = field(init=False)
    _referring: dict[tuple[TabKey, TabKey, str], list[Row]] = field(init=False)
    _others: dict[tuple[TabKey, str, str, Role], list[Row]] = field(init=False)

    def __post_init__(self) -> None:
        self._named, self._referring, self._others = defaultdict(list), defaultdict(list), defaultdict(list)
        for row in sorted(self.rows, key=lambda row: row.key):
            for name in names_of(row):
                self._named[row.tab, name].append(row)
            for entry in entries_of(row):
                if entry.role is Role.REFERS:
                    self._referring[TabKey(entry.name), row.tab, entry.value].append(row)
                self._others[row.tab, entry.name, entry.value, entry.role].append(row)

    def row(self, tab: TabKey, key: RowKey) -> Row | None:
        return next((row for row in self.rows if (row.tab, row.key) == (tab, key)), None)

    def named(self, tab: TabKey, text: str) -> tuple[Row, ...]:
        found = self._named[tab, text_key(text)]
        return tuple([row for row in found if bears(row, text)] or found)

    def referring(self, row: Row, tab: TabKey) -> tuple[Row, ...]:
        rows = {other.key: other for name in names_of(row) for other in self._referring[row.tab, tab, name]}
        return tuple(rows[key] for key in sorted(rows))

    def meaning(self, row: Row, tab: TabKey) -> tuple[Row, ...]:
        alone = [name for name in names_of(row) if [each.key for each in self.named(row.tab, name)] == [row.key]]
        rows = {other.key: other for name in alone for other in self._referring[row.tab, tab, name]}
        return tuple(rows[key] for key in sorted(rows))

    def every(self, tab: TabKey) -> tuple[Row, ...]:
        return tuple(sorted(self.of(tab), key=lambda row: row.key))

    def equal(self, row: Row, column: ColumnKey) -> tuple[Row, ...]:
        told = telling(row, column)
        others = [other for other in self.of(row.tab) if other.key != row.key] if told is not None else []
        return tuple(other for other in others if telling(other, column) == told)

    def counted(self, tab: TabKey, index: str, value: str) -> tuple[Row, ...]:
        return tuple(self._others[tab, index, text_key(value), Role.COUNTS])

    def of(self, tab: str) -> list[Row]:
        return [row for row in self.rows if row.tab == tab]


def names_of(row: Row) -> set[str]:
    """What a row may be called: its key, its name, and a person's 工号."""
    return {entry.value for entry in entries_of(row) if entry.role is Role.DEFINES and entry.name == row.tab}


def book(text: str, tabs: Mapping[TabKey, Tab] = ALL_TABS) -> TextBook:
    """The book that a text of tables tells."""
    rows: list[Row] = []
    for block in text.strip().split("\n\n"):
        title, header, *lines = (line.strip() for line in block.strip().splitlines())
        columns = [ColumnKey(name.strip()) for name in header.split("|")]
        assert columns[0] == "key", f"begin the columns of {title} with key"
        for line in lines:
            rows.append(_row(tabs[TabKey(title)], columns, [cell.strip() for cell in line.split("|")]))
    return TextBook(rows)


def _row(described: Tab, columns: list[ColumnKey], texts: list[str]) -> Row:
    assert len(columns) == len(texts), texts
    cells = dict(zip(columns[1:], texts[1:], strict=True))
    unreadable = frozenset(column for column, text in cells.items() if text == "?")
    values = {
        column: parsed(described.columns[column].kind, text)
        for column, text in cells.items()
        if text and column not in unreadable
    }
    return Row(RowKey(texts[0]), described.record.model_validate(values), unreadable)


def parsed(kind: Kind, text: str) -> Value:
    """The canonical value of a cell of a text table."""
    match kind:
        case Kind.DATE:
            return date.fromisoformat(text)
        case Kind.DATETIME:
            return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)
        case Kind.MONEY | Kind.PERCENT | Kind.NUMBER | Kind.RATIO:
            return Decimal(text)
        case Kind.INTEGER:
            return int(text)
        case Kind.BOOLEAN:
            return text == "true"
        case Kind.TAGS | Kind.LINKS:
            return tuple(part.strip() for part in text.split(";"))
        case _:
            return text


def context(
    of: TextBook,
    now: datetime = NOW,
    known: Dictionaries = SHIPPED,
    calendar: WorkCalendar = CALENDAR,
    tabs: Mapping[TabKey, Tab] = ALL_TABS,
) -> Context:
    """The context of a cycle at `now`; people work from Monday to Friday, 09:00 to 12:00 and 13:30 to 18:00."""
    today = now.astimezone(ZONE).date()
    return Context(now.astimezone(UTC), today, ZONE, of, known, language("zh-CN"), tabs, calendar=calendar)


def clock(text: str) -> datetime:
    """An instant as the team's clocks show it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def before(row: Row, **values: Value) -> Row:
    """The row, with a record of the last cycle that differed in `values`."""
    return replace(row, previous=type(row.record).model_validate(dict(values_of(row.record)) | values))


def outcome(rule: Rule, of: TextBook, key: str, now: datetime = NOW, known: Dictionaries = SHIPPED) -> Outcome:
    """What a rule says about one row of a book."""
    row = next(row for row in of.rows if row.key == key)
    return rule(row, context(of, now, known))


def said(
    rule: Rule,
    text: str,
    now: datetime = NOW,
    known: Dictionaries = SHIPPED,
    tabs: Mapping[TabKey, Tab] = ALL_TABS,
) -> list[str]:
    """What a rule says about every row of its tab, one line for each finding and value: the tab is the first table's.

    `C-1 phone error required`; computed values as `C-1 state = 待跟进`, defaults as `C-1 owner := 张伟`, a wake-up as
    `C-1 wakes 2026-11-22 15:00`.
    """
    of = book(text, tabs)
    around = context(of, now, known, tabs=tabs)
    return [line for row in of.of(of.rows[0].tab) for line in lines(row.key, rule(row, around))]


def lines(key: str, outcome: Outcome) -> list[str]:
    """An outcome, flat; reminders and new rows are for the tests that are about them."""
    return [
        *(f"{key} {issue.column or '-'} {issue.severity} {issue.code}" for issue in outcome.issues),
        *(f"{key} {column} = {plain(value)}" for column, value in outcome.values.items()),
        *(f"{key} {column} := {plain(value)}" for column, value in outcome.defaults.items()),
        *([f"{key} wakes {plain(outcome.wake_at)}"] if outcome.wake_at else []),
    ]


def plain(value: Value) -> str:
    """A value as text tables have it."""
    return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)
