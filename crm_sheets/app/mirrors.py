"""Mirrors: further workbooks that show what the team's workbook shows, and in which people work as well."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from crm_sheets.app.backends import Backends
from crm_sheets.app.furnishing import Furnisher
from crm_sheets.config import Settings
from crm_sheets.config_google import MirrorSettings, mirror_key
from crm_sheets.draft import Draft
from crm_sheets.errors import CrmSheetsError
from crm_sheets.eyes import Eyes
from crm_sheets.permissions import SHARED_ROLE
from crm_sheets.plan import Plan
from crm_sheets.readership import STEERING
from crm_sheets.sync.backends.base import Backend
from crm_sheets.sync.backends.xlsx.backend import XlsxBackend
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.forms import NoForms
from crm_sheets.sync.round import Handled, OpenView
from crm_sheets.sync.setup import ReplicaSetup, Setup, Wish
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ReplicaKey, TabKey

DICTIONARIES = TabKey("dictionaries")
OPEN_RIGHTS = "open"
"""The rights of a mirror never move: it shows everything."""


@dataclass
class Mirrors:
    """The mirrors of a team. Implements sync.round.Views.

    Attributes:
        setup: of the team's workbook, which the cycles of the mirrors follow.
        others: what all workbooks but one show.
    """

    settings: Settings
    state: SqlState
    setup: Setup
    backends: Backends
    furnisher: Furnisher
    others: Callable[[ReplicaKey], Callable[[Draft], Mapping[ReplicaKey, Eyes]]]
    cycles: dict[ReplicaKey, Cycle] = field(default_factory=dict, repr=False)
    _furnished: set[ReplicaKey] = field(default_factory=set, repr=False)

    def look(self, now: datetime) -> None:
        """See Views."""

    def open(self, wish: Wish, done: Iterable[Plan]) -> Sequence[OpenView]:
        """See Views."""
        if any(STEERING & plan.changed.keys() for plan in done):
            self._furnished.clear()
        found = (self._opened(mirror, wish) for mirror in self.settings.mirrors)
        return tuple(view for view in found if view is not None)

    def renew(self, view: ReplicaKey) -> None:
        """See Views: nothing is hidden in a mirror, so nothing has to leave it."""

    def _opened(self, mirror: MirrorSettings, wish: Wish) -> OpenView | None:
        """A mirror made ready; None when there is none yet and none is to be made."""
        key = mirror_key(mirror.name)
        fresh = self.state.latest_generation(key) == 0
        if wish.dry_run and fresh:
            return None
        cycle = self._cycle(key, mirror)
        view = OpenView(key, str(mirror.place), "", cycle)
        try:
            made = False if wish.dry_run else self._made_ready(key, mirror, cycle.backend, fresh, wish.now)
            return replace(view, handled=Handled.MADE) if made else view
        except CrmSheetsError as error:
            return replace(view, trouble=error)

    def _made_ready(
        self, key: ReplicaKey, mirror: MirrorSettings, backend: Backend, fresh: bool, now: datetime
    ) -> bool:
        """Makes the file of a mirror, or furnishes its spreadsheet; whether it is a new one."""
        if isinstance(backend, XlsxBackend):
            if not fresh or backend.path.exists():
                return False
            backend.create(self.furnisher.dictionaries(), rows={DICTIONARIES: ()})
            return True
        furniture = self.furnisher.furniture(key, backend)
        if key in self._furnished and not furniture.outgrown():
            return False
        furniture.see_to_it(self.furnisher.wanted(key, self.furnisher.guarding(now)))
        self._furnished.add(key)
        return fresh

    def _cycle(self, key: ReplicaKey, mirror: MirrorSettings) -> Cycle:
        if key not in self.cycles:
            settings, setup = self.settings, self.setup
            kept = settings.backups.folder / "mirrors" / mirror.name
            backend = self.backends.open(tuple(setup.tabs.values()), (mirror.path, mirror.spreadsheet), kept, key)
            part = ReplicaSetup(
                key=key,
                tabs=setup.tabs,
                eyes=setup.replica.eyes,
                author=SHARED_ROLE,
                rights=OPEN_RIGHTS,
                others=self.others(key),
                log=setup.replica.log,
            )
            shelf = self.backends.shelf(backend, settings.backups.conflicts / "mirrors" / mirror.name)
            made = replace(setup, replica=part, forms=NoForms(), copies=shelf)
            self.cycles[key] = Cycle(self.state, backend, made)
        return self.cycles[key]
