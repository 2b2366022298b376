"""What people did to one tab of a replica, taken into the draft: identity, brakes, merge, permissions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from crm_sheets.changes import Issue
from crm_sheets.guards import too_many_changed, too_many_deleted
from crm_sheets.identity import Ask, Identity, identify
from crm_sheets.intake.edited_rows import EditedRows
from crm_sheets.intake.footing import Footing, Step
from crm_sheets.intake.missing_rows import MissingRows
from crm_sheets.intake.new_rows import NewRows
from crm_sheets.merge import RowMerge
from crm_sheets.outline import Standing
from crm_sheets.replica import Intake
from crm_sheets.schema.base import Kind
from crm_sheets.tables import ColumnKey, RowKey, TabRow

TELLING_KINDS = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.PHONE, Kind.EMAIL, Kind.CREDIT_CODE, Kind.ID_NUMBER})
"""A row that shares such a cell with a missing one may be that row; a shared status or date says nothing."""


def take_in(footing: Footing) -> Intake:
    """Takes the edits of a tab into the draft; with a brake pulled, nothing of it."""
    return TabIntake(footing).run()


class TabIntake(Step):
    """The steps of take_in(): which record each row is, what becomes of it, and whether a brake is pulled."""

    def __init__(self, footing: Footing) -> None:
        super().__init__(footing)
        self.edited, self.new, self.missing = EditedRows(footing), NewRows(footing), MissingRows(footing)

    def run(self) -> Intake:
        """Takes the tab in; with a brake pulled, nothing of it."""
        found = self._identify()
        by_key = self.footing.known.by_key
        edited = [
            key
            for key, row in found.matched.items()
            if self.means.everything or self.edited.lost_its_key(key, row) or row.digest != by_key[key].digest
        ]
        self.footing.parse([(key, found.matched[key]) for key in edited])
        self.footing.parse(list(found.arrived.items()))
        self.draft.prefetch(self.tab.key, [*edited, *found.arrived, *found.missing])
        base = self.edited.bases(edited)
        for key in edited:
            self.footing.unmask(key, found.matched[key], base[key].values)
        merges = {key: self.edited.merge(key, base[key]) for key in edited}
        self.out.halted = self._brake(found, merges)
        if self.out.halted is not None:
            return self.out
        self.out.places = found.placed()
        for key, merge in merges.items():
            self.edited.accept(key, found.matched[key], base[key], merge)
        for key, row in found.arrived.items():
            self.new.arrive(key, row)
        self.missing.drop(found)
        self.new.issue(found)
        self.missing.hold(found)
        return self.out

    # -- identity --------------------------------------------------------------------------------------------------

    def _identify(self) -> Identity:
        replica, tab = self.replica, self.tab.key
        ask = Ask(
            self.reading.content,
            self._resembles,
            self.means.means_new,
            self.state.held(replica.key, tab),
        )
        born = self.state.born_since(replica.key, tab, replica.generation) if replica.stale else {}
        rows: Sequence[TabRow] = self.footing.rows
        known = self.footing.known
        standing = Standing({}, self.reading.unread, partial(self.means.witness, tab), known)
        if not self.means.everything:
            standing.read, rows = known.sort_out(rows)
        self.out.standing, self.out.rows = standing, self.footing.rows
        return identify(rows, known, self.footing.issued, born, ask, stale=replica.stale, standing=standing)

    def _resembles(self, row: TabRow, missing: Sequence[RowKey]) -> tuple[RowKey, ...]:
        """Missing rows that share a telling cell with a row."""
        telling = [key for key in self.reading.staff_columns if self.tab.columns[key].kind in TELLING_KINDS]
        typed = {key: str(row.cells[self.reading.place[key]] or "").strip() for key in telling}
        bases = self.state.base_rows(self.replica.key, self.tab.key, self.replica.generation, missing)
        return tuple(
            key
            for key in missing
            if any(typed[column] and typed[column] == str(bases[key].values.get(column) or "") for column in telling)
        )

    def _brake(self, found: Identity, merges: Mapping[RowKey, RowMerge]) -> Issue | None:
        tab, rows = self.tab.key, len(self.footing.known)
        limits = self.replica.limits
        if found.scrambled and not self.means.accept_changes:
            return Issue("ids-scrambled", tab, parameters={"rows": str(found.scrambled)})
        if not self.means.accept_deletions:
            left = len(found.standing) + len(found.matched) + len(found.held) + len(found.fresh)
            halt = too_many_deleted(tab, rows, len(found.missing), left, limits)
            if halt is not None:
                return halt
        if self.means.accept_changes:
            return None
        accepted = (column for merge in merges.values() for column in _changed(merge))
        changed = Counter(column for column in accepted if column not in self.footing.fresh)
        return too_many_changed(tab, rows, changed, limits)


def _changed(merge: RowMerge) -> list[ColumnKey]:
    return [*merge.accepted, *(clash.column for clash in merge.proposed)]
