"""Restore as a plan of commands: records as they were at an instant, whoever changed them since. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from crm_sheets.commands import Act, Command
from crm_sheets.journal import cell_text
from crm_sheets.schema.base import Tab
from crm_sheets.schema.storage import decode_values, encode_values
from crm_sheets.state import EntryKind, JournalEntry, JournalLine, RowId, State, Values
from crm_sheets.tables import ColumnKey, TabKey
from crm_sheets.undoing import command, is_taken, rows_now


class Past(Protocol):
    """What a cell or a row was at an instant, and who changed it last since."""

    @property
    def line(self) -> JournalLine:
        """The first entry after the instant; its `old` is what was."""

    @property
    def by(self) -> str:
        """Who made the last entry about the same cell."""

    @property
    def at(self) -> datetime:
        """When that was."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A cell or row that becomes what it was.

    Attributes:
        entry: `old` is what it is, `new` what it was and becomes; a row that goes or comes back has no column.
        by, at: who changed it last, and when: the work that is put aside.
    """

    entry: JournalEntry
    by: str
    at: datetime


@dataclass(slots=True)
class Restoring:
    """The commands, and what they do, cell by cell."""

    commands: list[Command] = field(default_factory=list)
    cells: list[Restored] = field(default_factory=list)


def restore(
    pasts: Iterable[Past],
    state: State,
    tabs: Mapping[TabKey, Tab],
    author: str,
    only: ColumnKey | None = None,
) -> Restoring:
    """Makes every row that `pasts` tell of what it was.

    Args:
        pasts: the first entry about each cell, and about each row as a whole, since the instant.
        state: the records as they are.
        tabs: of the team; rows of others stay.
        author: whom the journal will name.
        only: of a single row, only this column.
    """
    rows: dict[RowId, list[Past]] = {}
    for past in pasts:
        if is_taken(past.line.entry, tabs):
            rows.setdefault((past.line.entry.tab, past.line.entry.row), []).append(past)
    now = rows_now(state, rows)
    out = Restoring()
    for row in sorted(rows):
        tab = tabs[row[0]]
        made = command(tab, row[1], now[row], _then(tab, now[row], rows[row]), author)
        if made is not None and only is not None:
            made = _only(made, only)
        if made is not None:
            out.commands.append(made)
            out.cells += _told(tab, made, now[row], rows[row])
    return out


def _then(tab: Tab, now: Values | None, pasts: Sequence[Past]) -> Values | None:
    """The row as it was: from the first entry about the whole of it, if there is one, and the cells before that."""
    whole = next((past.line for past in pasts if past.line.entry.column is None), None)
    then = now
    if whole is not None:
        then = decode_values(tab, whole.entry.old) if whole.entry.kind is EntryKind.DELETE else None
    cells = [past.line for past in pasts if past.line.entry.column is not None]
    earlier = [line for line in cells if whole is None or line.number < whole.number]
    if then is None or not earlier:
        return then
    then = dict(then)
    for line in earlier:
        column = line.entry.column or ColumnKey("")
        then[column] = decode_values(tab, line.entry.old).get(column) if line.entry.old else None
    return then


def _only(made: Command, column: ColumnKey) -> Command | None:
    """The part of a command that is about one column of a row that was there and is there."""
    if made.act is not Act.SET or column not in made.values:
        return None
    return Command(Act.SET, made.tab, made.key, {column: made.values[column]}, made.author)


def _told(tab: Tab, made: Command, now: Values | None, pasts: Sequence[Past]) -> list[Restored]:
    latest = max(pasts, key=lambda past: past.at)
    key = made.key or pasts[0].line.entry.row
    match made.act:
        case Act.DELETE:
            entry = JournalEntry(EntryKind.DELETE, tab.key, key, None, encode_values(tab, now or {}), "", made.author)
            return [Restored(entry, latest.by, latest.at)]
        case Act.CREATE:
            then = encode_values(tab, made.values)
            entry = JournalEntry(EntryKind.RESURRECT, tab.key, key, None, "", then, made.author)
            return [Restored(entry, latest.by, latest.at)]
    told = []
    by_column = {past.line.entry.column: past for past in pasts}
    for column, value in made.values.items():
        past = by_column.get(column, latest)
        old, new = cell_text(tab, column, (now or {}).get(column)), cell_text(tab, column, value)
        entry = JournalEntry(EntryKind.EDIT, tab.key, key, column, old, new, made.author)
        told.append(Restored(entry, past.by, past.at))
    return told
