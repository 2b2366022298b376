"""Keeps spreadsheets furnished: drop-downs, colours and protection follow the config and 组织, at no call when nothing
that they are made from has changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from crm_sheets import __version__
from crm_sheets.changes import Value
from crm_sheets.language import Language
from crm_sheets.schema.book import tab as tab_of
from crm_sheets.schema.codecs import CodecContext, render
from crm_sheets.schema.dictionaries import Dictionaries, rows_of
from crm_sheets.state import note_of
from crm_sheets.sync.backends.google.native.protection import Guarding
from crm_sheets.sync.backends.google.native.setting_up import Wanted
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ColumnKey, ReplicaKey, TabKey

if TYPE_CHECKING:
    from crm_sheets.cells import CellValue
    from crm_sheets.sync.backends.google.furnishing import Furnished, Furnishing

FURNISHED_NOTE: Final = "google-set-up"
"""What a spreadsheet was furnished with, as a digest."""

ROWS_NOTE: Final = "google-rows"
"""How many rows its tabs had then, as JSON."""

DICTIONARIES = TabKey("dictionaries")


@dataclass(frozen=True, slots=True)
class Furniture:
    """What keeps one spreadsheet furnished."""

    state: SqlState
    furnishing: "Furnishing"
    replica: ReplicaKey

    def see_to_it(self, wanted: Wanted, *, adopting: bool = False) -> "Furnished | None":
        """Furnishes the spreadsheet, unless it was furnished with just that before; None when nothing was to be done.

        Raises:
            WorkbookError, ServiceError: not now.
        """
        name, digest = note_of(FURNISHED_NOTE, self.replica), digest_of(wanted)
        if self.state.note(name) == digest and not self.outgrown():
            return None
        done = self.furnishing.furnish(wanted, adopting=adopting)
        self.state.set_note(name, digest)
        rows = {layout.sheet: done.book.sheets[layout.sheet].rows for layout in done.found.layouts.values()}
        self.state.set_note(note_of(ROWS_NOTE, self.replica), json.dumps(rows, ensure_ascii=False))
        return done

    def outgrown(self) -> bool:
        """Whether people made a tab larger since: rows that they add at its end have no drop-downs."""
        rows = self.state.note(note_of(ROWS_NOTE, self.replica))
        return bool(rows) and bool(self.furnishing.backend.outgrown(json.loads(rows or "{}")))

    def forget(self) -> None:
        """The spreadsheet is looked at again the next time."""
        self.state.set_note(note_of(FURNISHED_NOTE, self.replica), "")


def digest_of(wanted: Wanted) -> str:
    """Another text whenever a spreadsheet may have to look otherwise. What drop-downs offer is the cycles' to keep."""
    told = [
        __version__,
        wanted.words.locale,
        [
            (tab.key, *((key, str(column.kind), column.dictionary) for key, column in tab.columns.items()))
            for tab in wanted.tabs
        ],
        [summary.title for summary in wanted.summaries],
        _told(wanted.guarding or Guarding()),
    ]
    return blake2b(json.dumps(told, sort_keys=True).encode("utf-8"), digest_size=12).hexdigest()


def _told(guarding: Guarding) -> list[object]:
    editors = {
        tab: {column: sorted(accounts) for column, accounts in columns.items()}
        for tab, columns in guarding.editors.items()
    }
    return [guarding.account, guarding.warn, guarding.off, sorted(guarding.known), editors]


def dictionary_rows(
    dictionaries: Dictionaries,
    words: Language,
    zone: ZoneInfo,
    found: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> "list[dict[ColumnKey, CellValue]]":
    """Rows of 字典 in a new tab: what the team begins with, and values that stand in an adopted book already."""
    offered = [row for rows in rows_of(dictionaries, words).values() for row in rows]
    name, value = ColumnKey("dictionary"), ColumnKey("value")
    known = {(row.get(name), row.get(value)) for row in offered}
    labelled = [(words.text(f"dictionary.{dictionary}"), text) for dictionary, texts in found.items() for text in texts]
    more: list[Mapping[ColumnKey, Value]] = [
        {name: label, value: text, ColumnKey("active"): True} for label, text in labelled if (label, text) not in known
    ]
    columns, codec = tab_of(DICTIONARIES).columns, CodecContext(zone, language=words)
    return [{key: render(each, columns[key], codec) for key, each in row.items()} for row in (*offered, *more)]
