"""The tab 修改日志: who changed what, the newest first, for one reader. Pure: journal lines in, rows of texts out.

It holds what its reader may read now, of rows and columns as they stand now; what is sealed is in nobody's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from itertools import islice
from typing import TypeAlias

from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes, RowRights
from crm_sheets.history import readable, shown
from crm_sheets.involvement import author_told
from crm_sheets.language import Language
from crm_sheets.permissions import Level
from crm_sheets.schema.base import Tab
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.schema.pointing import is_sealed, subject_of
from crm_sheets.state import EntryKind, JournalLine, RowId, Values
from crm_sheets.tables import ColumnKey, RowKey, TabKey

TOLD = (
    EntryKind.CREATE,
    EntryKind.EDIT,
    EntryKind.DELETE,
    EntryKind.RESURRECT,
    EntryKind.MERGE,
    EntryKind.REVERT,
    EntryKind.CONFLICT,
)
"""What people did. What rules computed would bury it, and follows from it."""

HEADER = ("at", "who", "tab", "row", "subject", "column", "old", "new", "kind")

LONGEST = 2_000
"""Characters of a value that the log shows; the journal has all of it."""

PAGE = 500
"""Lines whose rows are fetched together."""

LogRow: TypeAlias = tuple[datetime, str, str, str, str, str, str, str, str]
"""Local time without a zone, then the texts of HEADER in their order."""


@dataclass(frozen=True, slots=True)
class LogTerms:
    """How far back a log goes: so many days, and at most so many lines."""

    days: int = 30
    most: int = 2_000


@dataclass(frozen=True)
class ChangeLog:
    """What the tab says: nothing but this is in its sheet."""

    title: str
    header: tuple[str, ...]
    rows: tuple[LogRow, ...]

    @cached_property
    def digest(self) -> str:
        """Equal for logs that a reader cannot tell apart."""
        return blake2b(repr((self.title, self.header, self.rows)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class LogWords:
    """What a log is written in: the tabs with all their columns, the words, how values are shown, in which zone."""

    tabs: Mapping[TabKey, Tab]
    language: Language
    codec: CodecContext


def change_log(lines: Iterable[JournalLine], draft: Draft, eyes: Eyes, words: LogWords, most: int) -> ChangeLog:
    """The log of one reader.

    Args:
        lines: the newest first, as many as there are: it stops when it has enough.
        draft: the records as they are; what may be read of a row that was deleted hangs on what it last was.
        eyes: of the reader.
        words: what it is written in.
        most: lines.
    """
    sight = Sight(draft, eyes)
    told = sight.looking_up(line for line in lines if line.entry.kind in TOLD and _is_told(line, words.tabs))
    rows = islice((_row(line, sight, words) for line in readable(told, sight.may_read)), most)
    return ChangeLog(*_frame(words.language), tuple(rows))


def no_log(language: Language) -> ChangeLog:
    """What stands in the tab of somebody who may no longer see one."""
    return ChangeLog(*_frame(language), ())


def _frame(language: Language) -> tuple[str, tuple[str, ...]]:
    return language.text("tab.change_log"), tuple(language.text(f"log.{name}") for name in HEADER)


def since(now: datetime, terms: LogTerms) -> datetime:
    """The instant after which entries are told."""
    return now - timedelta(days=terms.days)


def _is_told(line: JournalLine, tabs: Mapping[TabKey, Tab]) -> bool:
    tab = tabs.get(line.entry.tab)
    return tab is not None and not tab.ours


class Sight:
    """What a reader may read of rows as they are, each row judged once."""

    def __init__(self, draft: Draft, eyes: Eyes) -> None:
        self.draft, self.eyes = draft, eyes
        self._rights: dict[RowId, RowRights | None] = {}

    def looking_up(self, lines: Iterable[JournalLine]) -> Iterator[JournalLine]:
        """The lines, their rows fetched page by page."""
        lines = iter(lines)
        while page := list(islice(lines, PAGE)):
            for tab in {line.entry.tab for line in page}:
                self.draft.prefetch(tab, {line.entry.row for line in page if line.entry.tab == tab})
            yield from page

    def may_read(self, tab: TabKey, row: RowKey, column: ColumnKey | None) -> bool:
        """See history.MayRead."""
        rights = self._of((tab, row))
        if rights is None or not rights.visible:
            return False
        if column is None:
            return True
        return (
            column in self.eyes.tabs[tab].columns
            and not is_sealed(column, self.eyes.tabs[tab])
            and rights.level(column) >= Level.READ
        )

    def values(self, row: RowId) -> Values:
        """A row as it is, or last was."""
        found = self.draft.values(row)
        return found if found is not None else self.draft.tombstone(row) or {}

    def _of(self, row: RowId) -> RowRights | None:
        if row not in self._rights:
            values = self.values(row) if row[0] in self.eyes.tabs else {}
            self._rights[row] = self.eyes.rights(row[0], values) if values else None
        return self._rights[row]


def _row(line: JournalLine, sight: Sight, words: LogWords) -> LogRow:
    entry, tab, language = line.entry, words.tabs[line.entry.tab], words.language
    seen = {
        column: value
        for column, value in sight.values((entry.tab, entry.row)).items()
        if sight.may_read(entry.tab, entry.row, column)
    }
    old, new = (_text(entry.column, text, tab, words.codec) for text in (entry.old, entry.new))
    if entry.kind is EntryKind.MERGE:
        old, new = "", entry.old
    return (
        line.at.astimezone(words.codec.zone).replace(tzinfo=None, microsecond=0),
        author_told(entry.author, language),
        tab_label(entry.tab, language),
        entry.row,
        subject_of(tab, seen),
        "" if entry.column is None else column_label(entry.tab, entry.column, language),
        old,
        new,
        language.text(f"cli.kind.{entry.kind}"),
    )


def _text(column: ColumnKey | None, text: str, tab: Tab, codec: CodecContext) -> str:
    told = shown(column, text, tab, codec)
    return told if len(told) <= LONGEST else told[: LONGEST - 1] + "…"
