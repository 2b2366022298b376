"""What a reader is told of the journal: lines about what they may read, cut down to it. Pure."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from crm_sheets.state import EntryKind, JournalEntry, JournalLine
from crm_sheets.tables import ColumnKey, RowKey, TabKey

MayRead: TypeAlias = Callable[[TabKey, RowKey, ColumnKey | None], bool]
"""Whether a reader may read a cell; with None for the column, whether the row exists for them."""


def readable(lines: Iterable[JournalLine], may_read: MayRead) -> Iterator[JournalLine]:
    """The lines that a reader may be told, in their order.

    An entry about a whole row keeps the columns that they may read; what is kept of a merge goes as a whole, for it
    holds everything of two customers.
    """
    for line in lines:
        entry = line.entry
        if not may_read(entry.tab, entry.row, None):
            continue
        if entry.column is not None:
            if may_read(entry.tab, entry.row, entry.column):
                yield line
            continue
        yield replace(line, entry=_cut(entry, may_read))


def about_cell(lines: Iterable[JournalLine], column: ColumnKey) -> Iterator[JournalLine]:
    """The lines about one cell of a row: entries about the whole row tell the value that it had there, if any."""
    for line in lines:
        entry = line.entry
        if entry.column is None:
            if entry.kind is EntryKind.MERGE:
                continue
            old, new = (_only(text, lambda each: each == column) for text in (entry.old, entry.new))
            if not (_holds(old) or _holds(new)):
                continue
            entry = replace(entry, column=column, old=old, new=new)
        yield replace(line, entry=entry)


def _cut(entry: JournalEntry, may_read: MayRead) -> JournalEntry:
    if entry.kind is EntryKind.MERGE:
        into = RowKey(entry.old)
        return replace(entry, old=into if may_read(entry.tab, into, None) else "", new="")
    old, new = (_only(text, lambda column: may_read(entry.tab, entry.row, column)) for text in (entry.old, entry.new))
    return replace(entry, old=old, new=new)


def _only(text: str, wanted: Callable[[ColumnKey], bool]) -> str:
    """Encoded values, those that are wanted; what is no such text (the code of a finding) as it is."""
    if not text.startswith("{"):
        return text
    kept = {column: value for column, value in json.loads(text).items() if wanted(ColumnKey(column))}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _holds(text: str) -> bool:
    return text.startswith("{") and text != "{}"
