"""The tabs that only we write, in a spreadsheet: google.own_tabs.OwnTabs by the builders of this package."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from crm_sheets.cells import CellValue
from crm_sheets.language import Language
from crm_sheets.schema.base import Tab
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.sync.backends.base import Extension, ReplicaWrite
from crm_sheets.sync.backends.google.native.change_logs import log_requests
from crm_sheets.sync.backends.google.native.lists import list_requests, new_lists
from crm_sheets.sync.backends.google.native.setting_up import Known, Wanted, set_up
from crm_sheets.sync.backends.google.native.shapes import Request
from crm_sheets.sync.backends.google.native.summaries import summary_id, summary_requests
from crm_sheets.sync.backends.google.native.there import FIELDS, LOOKS_FIELDS, BookThere, SheetThere, looks_ranges
from crm_sheets.sync.backends.google.own_tabs import Ask
from crm_sheets.sync.backends.google.structure import GridSheet, Structure
from crm_sheets.sync.backends.xlsx.lists import SHEET
from crm_sheets.sync.logs import Event, log
from crm_sheets.tables import ColumnKey, Sheet, SheetRow, TabKey

DictionaryRows = Callable[[Dictionaries], Sequence[Mapping[ColumnKey, CellValue]]]


@dataclass(frozen=True, slots=True)
class NativeTabs:
    """See OwnTabs.

    Attributes:
        tabs: of the workbook.
        own: titles of the summaries and of the change log, whether they are there or not.
        dictionary_rows: what a new tab of dictionaries begins with.
    """

    tabs: tuple[Tab, ...]
    words: Language
    own: frozenset[str]
    dictionary_rows: DictionaryRows

    def titles(self) -> frozenset[str]:
        """See OwnTabs. The lists are read: each stays in its column."""
        return self.own

    def written(
        self, write: ReplicaWrite, structure: Structure, rows: Callable[[str], Sequence[SheetRow]]
    ) -> list[Request]:
        """See OwnTabs."""
        taken = {sheet.id for sheet in structure.sheets.values()}
        requests: list[Request] = []
        if write.lists is not None:
            there = structure.sheets.get(SHEET)
            if there is None:
                requests += new_lists(write.lists, taken)[1]
            else:
                requests += list_requests(_there(there), Sheet(SHEET, tuple(rows(SHEET))), write.lists)
        charts = frozenset(chart for sheet in structure.sheets.values() for chart in sheet.charts)
        for summary in write.summaries:
            place = self._at(structure, summary.title)
            if place is not None and place.id != summary_id(summary):  # somebody's own, of that name
                log(Event("a tab of the team has the name of a summary", tab=summary.title), logging.WARNING)
                continue
            requests += summary_requests(summary, self.words, place, taken, charts)
        if write.log is not None:
            requests += log_requests(write.log, self._at(structure, write.log.title), taken)
        return requests

    def extended(self, extension: Extension, structure: Structure, ask: Ask) -> list[Request]:
        """See OwnTabs."""
        answer = ask(FIELDS, ())
        sheets = BookThere.of(answer).sheets
        layouts = extension.layouts.values()
        places = ((each.sheet, each.header_row, sheets[each.sheet]) for each in layouts if each.sheet in sheets)
        ranges = looks_ranges((title, row, sheet.columns, sheet.rows) for title, row, sheet in places)
        book = BookThere.of(answer, ask(LOOKS_FIELDS, ranges) if ranges else None)
        snapshot = extension.snapshot
        known = Known(book, extension.layouts, used_columns(snapshot.sheets.values()), snapshot.sheets.get(SHEET))
        rows = {TabKey("dictionaries"): self.dictionary_rows(extension.dictionaries)}
        wanted = Wanted(
            self.tabs,
            self.words,
            extension.dictionaries,
            columns=extension.columns,
            rows=rows,
            only=extension.tabs,
            guarding=None,
        )
        return set_up(known, wanted)

    def _at(self, structure: Structure, title: str) -> SheetThere | None:
        found = structure.sheets.get(title)
        return None if found is None else _there(found)


def used_columns(sheets: Iterable[Sheet]) -> dict[str, int]:
    """The last column of each sheet in which anything stands."""
    return {sheet.name: max((len(row.cells) for row in sheet.rows), default=0) for sheet in sheets}


def _there(sheet: GridSheet) -> SheetThere:
    return SheetThere(sheet.id, sheet.title, hidden=sheet.hidden, rows=sheet.rows, columns=sheet.columns)
