"""What a reader is told of the journal: lines about what they may read, cut down to it. Pure."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from crm_sheets.schema.base import Tab
from crm_sheets.schema.codecs import CodecContext, display
from crm_sheets.schema.storage import decode_values
from crm_sheets.state import EntryKind, JournalEntry, JournalLine
from crm_sheets.tables import ColumnKey, RowKey, TabKey

MOST_TELLING = 4
"""Columns of a row that was made or deleted that a line tells."""

MayRead: TypeAlias = Callable[[TabKey, RowKey, ColumnKey | None], bool]
"""Whether a reader may read a cell; with None for the column, whether the row exists for them."""


def shown(column: ColumnKey | None, text: str, tab: Tab, codec: CodecContext) -> str:
    """What a journalled value says, as people read it; of a whole row its first filled columns.

    Args:
        column: None for a whole row.
        text: `old` or `new` of an entry.
        tab: of the records, with all columns.
        codec: how values are shown.
    """
    if not text.startswith("{"):
        return text
    if column is not None:
        return _shown_cell(column, text, tab, codec)
    values = decode_values(tab, text)
    telling = [key for key, each in tab.columns.items() if not each.system and values.get(key) is not None]
    return " · ".join(display(values[key], tab.columns[key], codec) for key in telling[:MOST_TELLING])


def _shown_cell(column: ColumnKey, text: str, tab: Tab, codec: CodecContext) -> str:
    raw = json.loads(text).get(column)
    if raw is None or column not in tab.columns:  # blank, or a field that the config has no longer
        return "" if raw is None else str(raw)
    try:
        value = decode_values(tab, text).get(column)
    except (ValueError, ArithmeticError, TypeError, KeyError):
        return str(raw)  # what was typed and could not be read is kept as the text that it was
    return display(value, tab.columns[column], codec)


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
