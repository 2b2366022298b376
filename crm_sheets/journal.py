"""Collects what a cycle will write into the journal. Every version of every cell is in it, and every value put away."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from crm_sheets.changes import Value
from crm_sheets.merge import CellClash
from crm_sheets.schema.base import Tab
from crm_sheets.schema.storage import encode_values
from crm_sheets.state import EntryKind, JournalEntry
from crm_sheets.tables import ColumnKey, RowKey

PROGRAM = "crm-sheets"
"""Author of what rules computed."""

Values = Mapping[ColumnKey, Value]


@dataclass(slots=True)
class Journal:
    """The entries of one cycle, in order; `author` is who the edits of the replica are put down to."""

    author: str
    entries: list[JournalEntry] = field(default_factory=list)

    def row(self, kind: EntryKind, tab: Tab, key: RowKey, old: Values, new: Values, author: str = "") -> None:
        """A row was made, deleted or brought back."""
        who = author or self.author
        self.entries.append(JournalEntry(kind, tab.key, key, None, _row(tab, old), _row(tab, new), who))

    def cell(self, tab: Tab, key: RowKey, column: ColumnKey, old: Value, new: Value, author: str = "") -> None:
        """A cell got another value; PROGRAM as the author says that a rule computed it."""
        kind = EntryKind.COMPUTED if author == PROGRAM else EntryKind.EDIT
        old_text, new_text = cell_text(tab, column, old), cell_text(tab, column, new)
        self.entries.append(JournalEntry(kind, tab.key, key, column, old_text, new_text, author or self.author))

    def merge(self, tab: Tab, keep: RowKey, other: RowKey, text: str, author: str) -> None:
        """A customer was merged into another; `text` is all that taking it back needs."""
        self.entries.append(JournalEntry(EntryKind.MERGE, tab.key, other, None, keep, text, author))

    def clash(self, kind: EntryKind, tab: Tab, key: RowKey, clash: CellClash, generation: int, place: str = "") -> str:
        """A typed value was put away. Seen again after a crash, it is the same entry, and has the same digest.

        `place` says where it stood, for a row that may get another key after a crash.
        """
        stays = cell_text(tab, clash.column, clash.stays)
        typed = (
            json.dumps({clash.column: str(clash.typed)}, ensure_ascii=False)
            if clash.raw
            else cell_text(tab, clash.column, clash.typed)
        )
        same = f"{kind}|{tab.key}|{place or key}|{clash.column}|{generation}|{typed}"
        dedupe = blake2b(same.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        self.entries.append(JournalEntry(kind, tab.key, key, clash.column, stays, typed, self.author, dedupe))
        return dedupe

    def hold(
        self, tab: Tab, key: RowKey, typed: Values, unread: Mapping[ColumnKey, str], seen: tuple[str, str]
    ) -> None:
        """A row was neither accepted nor touched; what was typed in it is kept here as well.

        Args:
            tab: that it is in.
            key: what it is called: it has none of its own.
            typed: the cells that could be read.
            unread: texts of those that could not.
            seen: code of the finding and digest of the row; the same row is journalled once for each code.
        """
        code, digest = seen
        dedupe = blake2b(f"hold|{tab.key}|{code}|{digest}".encode(), digest_size=16).hexdigest()
        text = _row(tab, typed)
        if unread:
            text = json.dumps(json.loads(text) | dict(unread), ensure_ascii=False)
        self.entries.append(JournalEntry(EntryKind.HOLD, tab.key, key, None, code, text, self.author, dedupe))


def cell_text(tab: Tab, column: ColumnKey, value: Value) -> str:
    """One cell's value as the journal keeps it."""
    return _row(tab, {column: value})


def _row(tab: Tab, values: Values) -> str:
    return encode_values(tab, values) if values else "{}"
