"""What the spreadsheets of a team are to have: put together from the config, 组织 and the dictionaries."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crm_sheets.app.backends import Backends, spreadsheet_of
from crm_sheets.app.furnished import Furniture
from crm_sheets.app.guarding import shared_guarding
from crm_sheets.config import Settings
from crm_sheets.draft import Draft
from crm_sheets.errors import CrmSheetsError
from crm_sheets.plan import Plan
from crm_sheets.readership import STEERING, Readership
from crm_sheets.rights import Authority
from crm_sheets.schema.dictionaries import Dictionaries, default_dictionaries
from crm_sheets.state import note_of
from crm_sheets.sync.backends.base import Backend
from crm_sheets.sync.backends.google.furnishing import Furnishing
from crm_sheets.sync.backends.google.native.protection import Guarding
from crm_sheets.sync.backends.google.native.setting_up import Wanted
from crm_sheets.sync.logs import Event, log
from crm_sheets.sync.notes import SUMMARIES_NOTE
from crm_sheets.sync.round import OpenView
from crm_sheets.sync.setup import Setup, Wish
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ReplicaKey


@dataclass
class Furnisher:
    """Furnishes the spreadsheets in which the whole team works."""

    settings: Settings
    state: SqlState
    setup: Setup
    backends: Backends
    _readership: Readership | None = field(default=None, repr=False)

    def wanted(self, replica: ReplicaKey, guarding: Guarding) -> Wanted:
        """What a spreadsheet of the whole team is to have."""
        setup, words = self.setup, self.setup.language
        titles = [words.text(f"tab.summary_{rule.key}") for rule in setup.summaries]
        written = self.state.note(note_of(SUMMARIES_NOTE, replica)) is not None
        return Wanted(
            tuple(setup.tabs.values()),
            words,
            self.dictionaries(),
            guarding=guarding,
            ours=(*titles, words.text("tab.change_log")) if written else (),
        )

    def dictionaries(self) -> Dictionaries:
        """The drop-downs as of the last cycle."""
        return self._known().dictionaries(Draft(self.state, self.setup.tabs))

    def guarding(self, now: datetime) -> Guarding:
        """Who may edit what, by the records as they are."""
        return shared_guarding(self.settings, self.authority(now), self.setup.tabs, self.backends.account.email)

    def authority(self, now: datetime) -> Authority:
        """The policy in the light of 组织 as it is."""
        draft, readership = Draft(self.state, self.setup.tabs), self._known()
        readership.look(draft, now.astimezone(self.setup.zone).date())
        return readership.authority(draft)

    def furniture(self, replica: ReplicaKey, backend: Backend) -> Furniture:
        """What keeps one spreadsheet furnished."""
        return Furniture(self.state, Furnishing(spreadsheet_of(backend)), replica)

    def _known(self) -> Readership:
        if self._readership is None:
            setup = self.setup
            default = setup.dictionaries or default_dictionaries(setup.language)
            self._readership = Readership(
                self.settings.policy, setup.tabs, default, setup.language, setup.zone, setup.rules_version
            )
        return self._readership


@dataclass
class TeamSpreadsheet:
    """Keeps the team's own spreadsheet furnished, in the turn of the views. Implements sync.round.Views."""

    furnisher: Furnisher
    backend: Backend
    trouble: CrmSheetsError | None = None
    _looked: bool = False

    def look(self, now: datetime) -> None:
        """See Views."""

    def open(self, wish: Wish, done: Iterable[Plan]) -> Sequence[OpenView]:
        """See Views: it has no view, but is furnished after its cycle."""
        moved = any(STEERING & plan.changed.keys() for plan in done)
        furnisher, replica = self.furnisher, self.furnisher.setup.replica.key
        furniture = furnisher.furniture(replica, self.backend)
        if wish.dry_run or (self._looked and not moved and not furniture.outgrown()):
            return ()
        try:
            furniture.see_to_it(furnisher.wanted(replica, furnisher.guarding(wish.now)))
            self._looked, self.trouble = True, None
        except CrmSheetsError as error:  # its rows are right all the same; tried again in the next round
            if str(error) != str(self.trouble):
                log(Event("spreadsheet not furnished", message=str(error)), logging.WARNING)
            self._looked, self.trouble = False, error
        return ()

    def renew(self, view: ReplicaKey) -> None:
        """See Views."""
