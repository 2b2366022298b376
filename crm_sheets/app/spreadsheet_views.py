"""The workbooks of people that are spreadsheets of Google: furnished, stripped of what may no longer be seen, cleared.

A spreadsheet is its owner's: it is never made nor deleted. What may no longer be seen is taken out of it column by
column and row by row, so that what the person added stays; its earlier versions are Google's (docs/google.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from crm_sheets.app.backends import Backends
from crm_sheets.app.furnished import Furniture
from crm_sheets.app.furnishing import Furnisher
from crm_sheets.app.gallery import Gallery
from crm_sheets.app.guarding import view_guarding
from crm_sheets.app.view_files import difference
from crm_sheets.app.view_keeping import STRUCTURE_NOTE
from crm_sheets.config_google import address_of
from crm_sheets.draft import Draft
from crm_sheets.errors import CrmSheetsError
from crm_sheets.plan import Plan
from crm_sheets.readership import STEERING
from crm_sheets.schema.labels import tab_label
from crm_sheets.sync.backends.base import Backend
from crm_sheets.sync.backends.google.furnishing import Furnishing
from crm_sheets.sync.backends.google.native.setting_up import Wanted
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.notes import SUMMARIES_NOTE
from crm_sheets.sync.round import Handled, OpenView
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import ColumnKey, ReplicaKey, TabKey
from crm_sheets.views import Reader

PLACE_NOTE: Final = "view-spreadsheet"
"""Which spreadsheet is the workbook of a person."""


@dataclass
class SpreadsheetViews:
    """Opens the spreadsheets of people. Implements sync.round.Views."""

    gallery: Gallery
    furnisher: Furnisher
    backends: Backends
    cycles: dict[ReplicaKey, Cycle] = field(default_factory=dict, repr=False)
    _furnished: set[ReplicaKey] = field(default_factory=set, repr=False)

    def look(self, now: datetime) -> None:
        """See Views: the gallery knows who has a view."""

    def renew(self, view: ReplicaKey) -> None:
        """See Views: the gallery notes it."""

    def open(self, wish: Wish, done: Iterable[Plan]) -> Sequence[OpenView]:
        """See Views."""
        gallery = self.gallery
        if any(STEERING & plan.changed.keys() for plan in done):
            self._furnished.clear()
        if not wish.dry_run:
            self._clear_those_of_nobody()
        readers = gallery.readership.readers.values()
        found = (self._opened(reader, place, wish) for reader in readers if (place := gallery.spreadsheet(reader)))
        return tuple(view for view in found if view is not None)

    # -- one view ------------------------------------------------------------------------------------------------------

    def _opened(self, reader: Reader, place: str, wish: Wish) -> OpenView | None:
        known = self._note(STRUCTURE_NOTE, reader.replica)
        if wish.dry_run and known is None:
            return None
        cycle = self._cycle(reader, place)
        view = OpenView(reader.replica, address_of(place), reader.person.id, cycle)
        if wish.dry_run:
            return view
        try:
            handled = self._seen_to(reader, place, cycle, wish.now)
        except CrmSheetsError as error:
            return replace(view, trouble=error)
        return replace(view, handled=handled)

    def _seen_to(self, reader: Reader, place: str, cycle: Cycle, now: datetime) -> Handled | None:
        """Makes a spreadsheet have what may be seen and nothing else; what had to be done, None for nothing."""
        key = reader.replica
        furniture = self.furnisher.furniture(key, cycle.backend)
        noted = self._note(STRUCTURE_NOTE, key)
        if noted == reader.structure:
            if key not in self._furnished or furniture.outgrown():
                furniture.see_to_it(self._wanted(reader, {}))
                self._furnished.add(key)
            return None
        handled: Handled = Handled.MADE if noted is None else Handled.EXTENDED
        differs = difference(noted, reader)
        if noted is not None and differs.loses:
            with suppress(CrmSheetsError):
                cycle.run(Wish(now))  # what was typed so far
            self._strip(reader, noted, furniture)
            handled = Handled.RENEWED
        self._put(PLACE_NOTE, key, place)
        furniture.forget()
        columns = {} if handled is Handled.MADE or not noted else differs.columns
        furniture.see_to_it(self._wanted(reader, columns))
        self._put(STRUCTURE_NOTE, key, reader.structure)
        return handled

    def _strip(self, reader: Reader, noted: str, furniture: Furniture) -> None:
        """Takes out what may no longer be seen: single columns and tabs where it is known which, all that is ours where
        it is not."""
        words = self.furnisher.setup.language
        whole = self.furnisher.setup.tabs
        if not noted:
            titles = [tab_label(tab, words) for tab in whole] + self._figures()
            furniture.furnishing.clear(titles, words.text("google.empty_tab"))
            return
        lost = lost_columns(noted, reader)
        tabs = [tab for tab in lost if tab not in reader.tabs]
        columns = {tab: keys for tab, keys in lost.items() if tab in reader.tabs}
        titles = [tab_label(tab, words) for tab in tabs]
        titles += [] if reader.summaries else self._figures()
        wanted = replace(self._wanted(reader, {}), tabs=tuple(whole[tab] for tab in columns))
        furniture.furnishing.strip(wanted, columns, titles)

    def _figures(self) -> list[str]:
        words, rules = self.furnisher.setup.language, self.furnisher.setup.summaries
        return [words.text(f"tab.summary_{rule.key}") for rule in rules] + [words.text("tab.change_log")]

    def _wanted(self, reader: Reader, columns: Mapping[TabKey, tuple[ColumnKey, ...]]) -> Wanted:
        words, key = self.furnisher.setup.language, reader.replica
        account = self.backends.account.email
        written = self._note(SUMMARIES_NOTE, key) is not None
        dictionaries = self.gallery.readership.dictionaries(Draft(self.gallery.state, self.furnisher.setup.tabs))
        return Wanted(
            tuple(reader.tabs.values()),
            words,
            dictionaries,
            columns=columns,
            guarding=view_guarding(self.furnisher.settings, reader, account),
            ours=tuple(self._figures()) if written else (),
        )

    def _cycle(self, reader: Reader, place: str) -> Cycle:
        """The cycle over a spreadsheet, with what it remembers of it as long as it has the same columns."""
        setup = self.gallery.setup_of(reader)
        known = self.cycles.get(reader.replica)
        name = address_of(place)
        if known is not None and known.setup.replica.tabs == reader.tabs and known.backend.name == name:
            known.setup = setup
            return known
        backend: Backend = self.backends.google(place, tuple(reader.tabs.values()), reader.replica)
        self.cycles[reader.replica] = Cycle(self.gallery.state, backend, setup)
        return self.cycles[reader.replica]

    # -- those who have left -------------------------------------------------------------------------------------------

    def _clear_those_of_nobody(self) -> None:
        """Spreadsheets of people who have left or may see nothing any more, or have another one now."""
        readers, state = self.gallery.readership.readers, self.gallery.state
        start = f"{PLACE_NOTE}@"
        for name, place in state.notes(start).items():
            key = ReplicaKey(name.removeprefix(start))
            if not place or (key in readers and self.gallery.spreadsheet(readers[key]) == place):
                continue
            words = self.furnisher.setup.language
            titles = [tab_label(tab, words) for tab in self.furnisher.setup.tabs] + self._figures()
            try:
                Furnishing(self.backends.google(place, (), key)).clear(titles, words.text("google.empty_tab"))
            except CrmSheetsError:
                continue  # not now; when it is no longer shared with us, nobody can
            self.cycles.pop(key, None)
            state.forget(key, *(f"{note}@{key}" for note in (STRUCTURE_NOTE, PLACE_NOTE)))

    def _note(self, name: str, key: ReplicaKey) -> str | None:
        return self.gallery.state.note(f"{name}@{key}")

    def _put(self, name: str, key: ReplicaKey, text: str) -> None:
        self.gallery.state.set_note(f"{name}@{key}", text)


def lost_columns(noted: str, reader: Reader) -> dict[TabKey, list[ColumnKey]]:
    """Columns that a workbook was noted to have and may have no longer; of a tab that goes, all of them."""
    import json

    from crm_sheets.views import SUMMARIES

    had: dict[str, list[str]] = json.loads(noted)
    had.pop(SUMMARIES, None)
    found = {}
    for tab, columns in had.items():
        kept = reader.tabs[TabKey(tab)].columns if TabKey(tab) in reader.tabs else {}
        gone = [ColumnKey(column) for column in columns if ColumnKey(column) not in kept]
        if gone or TabKey(tab) not in reader.tabs:
            found[TabKey(tab)] = gone
    return found
