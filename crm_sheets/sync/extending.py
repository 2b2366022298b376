"""Adding to the shared workbook what it lacks of the team's book, and remembering what was taken in."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from crm_sheets.errors import WorkbookBusy, WorkbookChanged, WriteRefused
from crm_sheets.plan import Plan
from crm_sheets.schema.base import Kind
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.sync.backends.base import Backend, Extension
from crm_sheets.sync.notes import FIELDS_NOTE, Notes
from crm_sheets.sync.setup import Setup
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.structure import Fields, Lacking, lacking, not_added, noted, own_fields, without
from crm_sheets.sync.view import View
from crm_sheets.tables import ColumnKey, Snapshot, TabKey


@dataclass
class Extending:
    """What one replica has of the columns and tabs that the config names."""

    state: SqlState
    backend: Backend
    setup: Setup

    @cached_property
    def own(self) -> Fields:
        """The team's own fields."""
        return own_fields(self.setup.replica.tabs)

    def extend(self, view: View, fields: Fields) -> bool:
        """Adds what the workbook lacks of the team's book; True when it did, and the workbook is to be read again.

        A workbook that nobody may write now, or that is not known to be ours yet, gets it later.
        """
        snapshot = view.snapshot
        if snapshot.stamp is None or snapshot.holder is not None or view.refused:
            return False
        wanted = self.wanted(view)
        if not wanted:
            return False
        # What is in those columns from now on was typed by nobody: it must not be taken for the values' having gone.
        Notes(self.state, self.setup.replica.key).set(FIELDS_NOTE, noted(without(fields, wanted.columns)))
        default = self.setup.dictionaries or default_dictionaries(self.setup.language)
        if any(not block.read for sheet in snapshot.sheets.values() for block in sheet.blocks):
            snapshot = self._whole(snapshot)
        try:
            self.backend.extend(Extension(snapshot, view.layouts, wanted.columns, wanted.tabs, default))
        except WorkbookBusy:
            return False
        except WriteRefused as error:
            view.refuse(not_added(wanted, str(error)))
            return False
        self.setup.checkpoint("extended")
        return True

    def wanted(self, view: View) -> Lacking:
        """What the workbook lacks of the team's book, and may get."""
        return lacking(self.setup.tabs, view.layouts, view.loose, lambda tab: self.state.count(tab) > 0)

    def _whole(self, snapshot: Snapshot) -> Snapshot:
        """The workbook with all of its rows."""
        whole = self.backend.read({})
        if whole.fingerprint.digest != snapshot.fingerprint.digest:
            raise WorkbookChanged(f"{snapshot.name} was saved while it was being read")
        return whole

    def taken_in(self, view: View, plan: Plan, fields: Fields) -> Fields:
        """The team's fields that stand in the workbook and were taken in, or cannot be added to it."""
        halted = {issue.tab for issue in plan.halted}
        found: dict[TabKey, Mapping[ColumnKey, Kind]] = {}
        for tab, own in self.own.items():
            layout = view.layouts.get(tab)
            settled = {column: kind for column, kind in fields.get(tab, {}).items() if own.get(column) is kind}
            if layout is not None and tab not in halted and not view.refused:
                there = layout.columns.keys() | view.never.get(tab, frozenset())
                settled = {column: kind for column, kind in own.items() if column in there}
            found[tab] = settled
        return found
