"""What the state store is asked about the journal: everything that ever happened, the newest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, func, not_, or_, select

from crm_sheets.state import EntryKind, JournalEntry, JournalLine, RowId
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.queries import Queries, instant
from crm_sheets.tables import ColumnKey, RowKey, TabKey

PAGE = 500
"""Lines that are fetched at a time, where nobody knows how many of them are wanted."""

MADE = (EntryKind.CREATE, EntryKind.EDIT, EntryKind.COMPUTED, EntryKind.DELETE, EntryKind.RESURRECT)
"""Entries that say what a record was and became; the others tell of values that were put away."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which entries of the journal are asked for; what is None is not asked about.

    Attributes:
        column: of `row`; entries about the whole row are among the answers, for they may have changed it.
        since: entries after that instant; until: entries up to it.
        authors: whom the journal may call the person that is asked for.
        kinds: empty for all of them.
        limit: how many at most.
    """

    row: RowId | None = None
    column: ColumnKey | None = None
    run: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    authors: tuple[str, ...] = ()
    kinds: tuple[EntryKind, ...] = ()
    limit: int | None = None


class Past(NamedTuple):
    """What a cell or a row was at an instant, and what became of it since.

    Attributes:
        line: the first entry after that instant: its `old` is what was.
        last: number of the last entry about the same cell.
        by, at: who made it and when.
    """

    line: JournalLine
    last: int
    by: str
    at: datetime


class JournalQueries(Queries):
    """Questions about the journal."""

    def journal(
        self, row: RowId | None = None, run: int | None = None, since: datetime | None = None, limit: int | None = None
    ) -> tuple[JournalLine, ...]:
        """Entries of the journal, the newest first: of a row, of a run, after an instant, or all."""
        return self.told(Question(row=row, run=run, since=since, limit=limit))

    def told(self, question: Question) -> tuple[JournalLine, ...]:
        """The entries that answer a question, the newest first."""
        with self.engine.connect() as connection:
            return tuple(_line(each) for each in connection.execute(_query(question)))

    def telling(self, question: Question) -> Iterator[JournalLine]:
        """The same, fetched page by page, for whoever does not know how many of them are wanted."""
        t, before = tables.journal, None
        while True:
            query = _query(replace(question, limit=PAGE))
            if before is not None:
                query = query.where(t.c.id < before)
            with self.engine.connect() as connection:
                page = [_line(each) for each in connection.execute(query)]
            yield from page
            if len(page) < PAGE:
                return
            before = page[-1].number

    def changed_since(
        self, at: datetime, row: RowId | None = None, tabs: Iterable[TabKey] | None = None
    ) -> tuple[Past, ...]:
        """What every cell and row that changed after an instant was before, the newest entries first: one query.

        Entries about columns that only follow from others are left out.

        Args:
            at: the instant, aware.
            row: only this one.
            tabs: only those.
        """
        t = tables.journal
        typed = sorted({column.key for tab in self.tabs.values() for column in tab.staff_columns()})
        followed = and_(t.c.kind == EntryKind.COMPUTED.value, t.c.column.not_in(typed))
        asked = [not_(followed), t.c.at > at.astimezone(UTC).isoformat(), t.c.kind.in_([kind.value for kind in MADE])]
        if row is not None:
            asked += [t.c.tab == row[0], t.c.key == row[1]]
        if tabs is not None:
            asked.append(t.c.tab.in_(sorted(tabs)))
        cells = (
            select(func.min(t.c.id).label("first"), func.max(t.c.id).label("last"))
            .where(and_(*asked))
            .group_by(t.c.tab, t.c.key, t.c.column)
            .subquery()
        )
        last = t.alias("last_entry")
        query = (
            select(t, last.c.id.label("last_id"), last.c.author.label("last_author"), last.c.at.label("last_at"))
            .join(cells, t.c.id == cells.c.first)
            .join(last, last.c.id == cells.c.last)
            .order_by(t.c.id.desc())
        )
        with self.engine.connect() as connection:
            found = connection.execute(query).all()
        return tuple(Past(_line(each), each[-3], each[-2], instant(each[-1])) for each in found)

    def last_author(self, tab: TabKey, key: RowKey, column: ColumnKey) -> str:
        """See State."""
        lines = self.told(Question(row=(tab, key), column=column, kinds=MADE, limit=1))
        return lines[0].entry.author if lines else ""

    def put_away(self, dedupe: str) -> JournalEntry | None:
        """See State."""
        with self.engine.connect() as connection:
            found = connection.execute(select(tables.journal).where(tables.journal.c.dedupe == dedupe)).first()
        return None if found is None else _line(found).entry

    def last_entry(self) -> int:
        """The number of the newest entry; 0 before the first."""
        with self.engine.connect() as connection:
            return connection.scalar(select(func.max(tables.journal.c.id))) or 0

    def next_run(self) -> int:
        """The number of the cycle to come."""
        with self.engine.connect() as connection:
            return (connection.scalar(select(func.max(tables.journal.c.run))) or 0) + 1


def _query(question: Question) -> Select:  # type: ignore[type-arg]  # of the columns of the journal
    t = tables.journal
    query = select(t).order_by(t.c.id.desc())
    if question.row is not None:
        query = query.where(t.c.tab == question.row[0], t.c.key == question.row[1])
    if question.column is not None:
        query = query.where(or_(t.c.column == question.column, t.c.column.is_(None)))
    if question.run is not None:
        query = query.where(t.c.run == question.run)
    if question.since is not None:
        query = query.where(t.c.at > question.since.astimezone(UTC).isoformat())
    if question.until is not None:
        query = query.where(t.c.at <= question.until.astimezone(UTC).isoformat())
    if question.authors:
        query = query.where(or_(*(_is_author(name) for name in question.authors)))
    if question.kinds:
        query = query.where(t.c.kind.in_([kind.value for kind in question.kinds]))
    return query if question.limit is None else query.limit(question.limit)


def _is_author(name: str):  # type: ignore[no-untyped-def]  # a SQLAlchemy expression; its type has no public name
    """王芳 herself, what she did through the shared workbook or a command, and what was done in her name:
    `shared (王芳)`, `王芳 (…)`."""
    author = tables.journal.c.author
    inside, before = author.endswith(f"({name})", autoescape=True), author.startswith(f"{name} (", autoescape=True)
    return or_(author == name, inside, before)


def _line(row) -> JournalLine:  # type: ignore[no-untyped-def]  # a row of the journal table
    number, run, at, _, _, kind, tab, key, column, old, new, author, dedupe = row[:13]  # names would double the time
    return JournalLine(
        number, run, instant(at), JournalEntry(_KINDS[kind], tab, key, column, old, new, author, dedupe or "")
    )


_KINDS = {each.value: each for each in EntryKind}
