"""Makes a spreadsheet a workbook of ours, and keeps it one: looks at what is there, and sends what is lacking."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from crm_sheets.schema.layout import FoundTabs, Layout, find_tabs
from crm_sheets.sync.backends.google.backend import GoogleBackend
from crm_sheets.sync.backends.google.errors import Refused, in_our_terms
from crm_sheets.sync.backends.google.look import SERVICE
from crm_sheets.sync.backends.google.native.own_tabs import used_columns
from crm_sheets.sync.backends.google.native.setting_up import Known, Wanted, set_up, without_sheet
from crm_sheets.sync.backends.google.native.shapes import Request
from crm_sheets.sync.backends.google.native.stripping import without_columns, without_journal, without_tabs
from crm_sheets.sync.backends.google.native.there import FIELDS, LOOKS_FIELDS, BookThere, looks_ranges
from crm_sheets.sync.backends.xlsx.lists import SHEET
from crm_sheets.tables import ColumnKey, Snapshot, TabKey


@dataclass(frozen=True, slots=True)
class Furnished:
    """What was found, and what was done about it.

    Attributes:
        requests: that were sent; 0 when nothing was lacking.
    """

    snapshot: Snapshot
    found: FoundTabs
    book: BookThere
    requests: int


@dataclass(frozen=True, slots=True)
class Furnishing:
    """Of the spreadsheet of one back end, which is told that it looks otherwise then."""

    backend: GoogleBackend

    def furnish(self, wanted: Wanted, *, adopting: bool = False) -> Furnished:
        """Adds what the spreadsheet lacks. What people type meanwhile is not touched.

        Raises:
            WorkbookUnreadable, WriteRefused, ServiceError: see errors.in_our_terms.
        """
        snapshot = self.backend.read({})
        found = find_tabs(snapshot.sheets, wanted.tabs, words_of=wanted.words, adopting=adopting)
        book = self.look(found.layouts.values(), snapshot)
        known = Known(book, found.layouts, used_columns(snapshot.sheets.values()), snapshot.sheets.get(SHEET))
        spare = _empty_tab(book, snapshot) if not found.layouts else None
        missing = [
            key for key, issues in found.issues.items() if {issue.code for issue in issues} == {"tab-missing"}
        ]  # a tab whose header is broken is for people to mend
        only = [key for key in missing if wanted.only is None or key in wanted.only]
        wanted = replace(wanted, only=only)
        requests = set_up(known if spare is None else without_sheet(known, spare), wanted)
        if requests and spare is not None:
            requests.append({"deleteSheet": {"sheetId": book.sheets[spare].id}})
        self.send(requests)
        return Furnished(snapshot, found, book, len(requests))

    def strip(self, wanted: Wanted, columns: Mapping[TabKey, Sequence[ColumnKey]], titles: Iterable[str]) -> None:
        """Takes columns and tabs out, and what the service tab remembers of them.

        Args:
            wanted: of which the tabs that lose columns are, with all their columns.
        """
        snapshot = self.backend.read({})
        layouts = find_tabs(snapshot.sheets, wanted.tabs, words_of=wanted.words).layouts
        book = self.look((), snapshot)
        requests = without_columns(book, layouts, columns)
        requests += without_tabs(book, titles, wanted.words.text("google.empty_tab"))
        if SERVICE in book.sheets and SERVICE not in set(titles):
            requests += without_journal(book.sheets[SERVICE])
        self.send(requests)

    def clear(self, titles: Iterable[str], empty: str) -> None:
        """Takes tabs out, the service tab with them: the spreadsheet then is nobody's workbook any more."""
        self.send(without_tabs(self.look((), None), [*titles, SHEET, SERVICE], empty))

    def look(self, layouts: Iterable[Layout], snapshot: Snapshot | None) -> BookThere:
        """What stands in the spreadsheet beside its values; of the tabs of these layouts also the looks of cells."""
        spreadsheet = self.backend.spreadsheet
        answer = spreadsheet.get(FIELDS)
        book = BookThere.of(answer)
        wide = {title: sheet.columns for title, sheet in book.sheets.items()}
        ranges = looks_ranges(
            (each.sheet, each.header_row, wide[each.sheet], book.sheets[each.sheet].rows)
            for each in layouts
            if each.sheet in wide
        )
        if not ranges:
            return book
        return BookThere.of(answer, spreadsheet.get(LOOKS_FIELDS, ranges))

    def send(self, requests: Sequence[Request]) -> None:
        """All of them or none, in one call; none costs nothing."""
        if not requests:
            return
        spreadsheet = self.backend.spreadsheet
        try:
            spreadsheet.batch({"requests": list(requests)}, "spreadsheetId", repeatable=False)
        except Refused as refused:
            raise in_our_terms(refused, spreadsheet.name, spreadsheet.account.email, writing=True) from refused
        finally:
            self.backend.forget()


def _empty_tab(book: BookThere, snapshot: Snapshot) -> str | None:
    """The tab that a new spreadsheet is made with, where nobody used it."""
    shown = [sheet for sheet in book.sheets.values() if not sheet.hidden]
    if len(shown) != 1:
        return None
    (only,) = shown
    sheet = snapshot.sheets.get(only.title)
    unused = not only.charts and not only.protected and not only.tables and only.grid
    return only.title if unused and sheet is not None and not sheet.rows else None
