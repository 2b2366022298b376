"""What a rule is given and what it looks like."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Protocol, TypeAlias, TypeVar

from crm_sheets.changes import NOTHING, Issue, NewRow, Outcome, Reminder, Severity, Value
from crm_sheets.language import Language
from crm_sheets.rules.files import FileFacts
from crm_sheets.rules.peace import PeaceTerms
from crm_sheets.rules.quintiles import Borders
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema.base import Record, Row, Tab
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.labels import column_label
from crm_sheets.tables import ColumnKey, RowKey, TabKey


class Book(Protocol):
    """The record set as a rule may ask it. Looking something up must go through an entry that the row has or
    shares, otherwise the rule is not asked again when the answer changes."""

    def row(self, tab: TabKey, key: RowKey) -> Row | None:
        """The row under a key; None when there is none (or it was deleted)."""

    def named(self, tab: TabKey, text: str) -> tuple[Row, ...]:
        """Rows of `tab` that `text` names, by id or exact name (compared as text_key), ordered by key.

        One row is the rule; none is a broken reference, several an ambiguous one.
        """

    def every(self, tab: TabKey) -> Sequence[Row]:
        """All rows of `tab`, ordered by key, those apart that are not records yet.

        For what is made once, or on a given day: no rule is asked again because one of these rows changed.
        """

    def referring(self, row: Row, tab: TabKey) -> tuple[Row, ...]:
        """Rows of `tab` that name `row` in a reference column, by its id or its name, ordered by key."""

    def meaning(self, row: Row, tab: TabKey) -> tuple[Row, ...]:
        """As `referring`, but for rows whose text might as well mean another row: what is bought and paid counts for
        one customer, one order, one contract, or for none until somebody says which."""

    def equal(self, row: Row, column: ColumnKey) -> tuple[Row, ...]:
        """Other rows of the same tab with the same value in a unique column, ordered by key."""

    def counted(self, tab: TabKey, index: str, value: str) -> tuple[Row, ...]:
        """Rows of `tab` that count under an entry (Role.COUNTS) of `index`, ordered by key."""


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a rule may know beside its row.

    Attributes:
        now: the instant of the cycle, aware, UTC.
        today: the day that `now` falls on in the team's zone.
        tabs: of the team's book, with the fields that it added; a tab that it leaves out has no rows.
        author: whom the journal puts the edits of this cycle down to.
        calendar: which days and hours the team works.
        rfm: the fifths of today's customers, where levels are given by them.
        files: which files are there.
        peace: when people may be written to.
    """

    now: datetime
    today: date
    zone: tzinfo
    book: Book
    dictionaries: Dictionaries
    language: Language
    tabs: Mapping[TabKey, Tab]
    author: str = ""
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    rfm: Borders | None = None
    files: FileFacts = FileFacts()
    peace: PeaceTerms = PeaceTerms()


Rule: TypeAlias = Callable[[Row, Context], Outcome]
"""One signature for all rules: a row in, an Outcome out. It raises nothing for bad data."""


@dataclass(frozen=True, slots=True)
class TabRules:
    """The rules of a tab, in an explicit order that must not matter."""

    tab: TabKey
    rules: tuple[Rule, ...]


AnyRecord = TypeVar("AnyRecord", bound=Record)


def record_of(row: Row, kind: type[AnyRecord]) -> AnyRecord:
    """The record of a row of the tab that a rule is made for.

    Raises:
        TypeError: the rule stands in the list of another tab: a mistake in the program, not in the data.
    """
    if not isinstance(row.record, kind):
        raise TypeError(f"{kind.__name__} was expected, {row.tab} {row.key} is a {type(row.record).__name__}")
    return row.record


def found(
    code: str, row: Row, column: str | None = None, severity: Severity = Severity.ERROR, **parameters: str
) -> Issue:
    """A finding about a row, or about one of its cells; `parameters` are what its message names."""
    return Issue(code, row.tab, row.key, ColumnKey(column) if column else None, severity, parameters)


def cells(**values: Value) -> dict[ColumnKey, Value]:
    """Values by column, for Outcome.values, Outcome.defaults and NewRow.values."""
    return {ColumnKey(column): value for column, value in values.items()}


def is_blank(value: Value) -> bool:
    """Whether a cell with this value looks empty."""
    return value is None or value in ("", ())


def label(row: Row, column: str, context: Context) -> str:
    """The header of a column, as messages name it."""
    return column_label(row.tab, ColumnKey(column), context.language)


def merged(outcomes: Iterable[Outcome]) -> Outcome:
    """All outcomes of a row as one; the earliest wake-up counts."""
    issues: list[Issue] = []
    values: dict[ColumnKey, Value] = {}
    defaults: dict[ColumnKey, Value] = {}
    new_rows: list[NewRow] = []
    reminders: list[Reminder] = []
    wakes: list[datetime] = []
    for outcome in outcomes:
        if outcome is NOTHING:
            continue
        issues += outcome.issues
        if outcome.values:
            values.update(outcome.values)
        if outcome.defaults:
            defaults.update(outcome.defaults)
        new_rows += outcome.new_rows
        reminders += outcome.reminders
        if outcome.wake_at is not None:
            wakes.append(outcome.wake_at)
    return Outcome(tuple(issues), values, tuple(new_rows), tuple(reminders), min(wakes, default=None), defaults)
