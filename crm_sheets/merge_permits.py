"""What whoever merges two customers may do by that: no more than by typing the values. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crm_sheets.approval_flows import Flow, Gate, ProposedChange
from crm_sheets.changes import Issue, Severity, Value
from crm_sheets.commands import Act, Command, Desk
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes
from crm_sheets.journal import PROGRAM, cell_text
from crm_sheets.merge import CellClash
from crm_sheets.merging import (
    CUSTOMERS,
    MERGE_INTO,
    Asked,
    Merge,
    MergeRules,
    MergeWish,
    merge_customers,
    wanted_merges,
)
from crm_sheets.permissions import Level
from crm_sheets.replica import Replica
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.state import EntryKind, Finding, RowId, Source, State, Values
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey

NOBODY = RowKey("")

GRANTED = "granted merges"
"""Note: merges that were approved and are not done yet, since the tab was held or a cell could not be read."""


@dataclass(slots=True)
class Granted:
    """Merges that were approved, until they are done or 合并到 says something else.

    Each waits for the replica in which it was approved: what its person may do by it is judged there. In the others
    nothing becomes of it meanwhile; it is not asked for once more either.

    Attributes:
        replica: whose cycle this is.
        texts: of each customer that goes, what 合并到 says and the replica in which it was approved.
    """

    draft: Draft
    replica: ReplicaKey
    texts: dict[RowKey, tuple[str, ReplicaKey]]

    @classmethod
    def of(cls, draft: Draft, replica: ReplicaKey, note: str | None, now: Iterable[RowKey]) -> "Granted":
        """What was remembered, and what is approved now."""
        kept = {RowKey(row): (text, ReplicaKey(where)) for row, text, where in json.loads(note or "[]")}
        return cls(draft, replica, kept | {row: (_wanted(draft, row), replica) for row in now})

    @property
    def here(self) -> set[RowId]:
        """The customers that may go in this cycle."""
        return {(CUSTOMERS, row) for row, (text, where) in self.texts.items() if where == self.replica and text}

    def waits(self, wish: MergeWish) -> bool:
        """Whether a wish is to wait for another replica."""
        text, where = self.texts.get(wish.other, ("", self.replica))
        return wish.typed and where != self.replica and text == _wanted(self.draft, wish.other)

    def allows(self, wish: MergeWish) -> bool:
        """Whether it is what was approved."""
        text, where = self.texts.get(wish.other, ("", self.replica))
        named = self.draft.named(CUSTOMERS, text) if text and where == self.replica else ()
        return [row.key for row in named] == [wish.keep]

    def note(self) -> str:
        """What is to be remembered: of what is done, or wanted no more, nothing."""
        kept = [[row, *it] for row, it in sorted(self.texts.items()) if it[0] and it[0] == _wanted(self.draft, row)]
        return json.dumps(kept, ensure_ascii=False) if kept else ""


def _wanted(draft: Draft, customer: RowKey) -> str:
    return str((draft.values((CUSTOMERS, customer)) or {}).get(MERGE_INTO) or "")


@dataclass(slots=True)
class Permits:
    """The rights of whoever edits a replica, and the approvals that a team asks for.

    Attributes:
        eyes: of the replica; what a command merges is judged by the approvals alone.
        gate: which edits are requests.
        granted: merges that were approved.
        asked: what waits for an approval: values, and merges of customers that may not be deleted without one.
        dirty: rows in which a wish was put back.
    """

    desk: Desk
    state: State
    eyes: Eyes
    gate: Gate
    replica: Replica
    granted: Granted
    asked: list[ProposedChange] = field(default_factory=list)
    dirty: set[RowId] = field(default_factory=set)

    def merge(self, wishes: list[MergeWish], rules: MergeRules, codec: CodecContext) -> tuple[list[Merge], set[RowId]]:
        """Carries out what is permitted, and the wishes that come to mean somebody by it; the rows to look at then."""
        merges: list[Merge] = []
        while wishes := self._permitted(wishes):
            done, looked_at = merge_customers(self.desk, wishes, rules, self._edited, codec, self._permit)
            merges += done
            self.dirty |= looked_at
            self.asked += (self._asked_of(merge, value) for merge in done for value in merge.asked)
            wishes = wanted_merges(self.desk.draft, looked_at, self.desk.journal.author) if done else []
        return merges, self.dirty

    def _permitted(self, wishes: Iterable[MergeWish]) -> list[MergeWish]:
        """The wishes that are carried out at once. A merge takes a row out: where its deletion must be approved, the
        merge is; where the person may not delete it, they may not merge it away."""
        now = [wish for wish in wishes if not self.granted.waits(wish)]
        return [wish for wish in now if self.granted.allows(wish) or (self._sees(wish) and self._may_go(wish))]

    def _edited(self, customer: RowKey) -> dict[ColumnKey, datetime]:
        """When people edited each column of a customer last, in this cycle or before it."""
        known = self.state.edited_at(CUSTOMERS, customer)
        made = known.get(None, datetime.min.replace(tzinfo=UTC))
        times = {column: known.get(column, made) for column in self.desk.draft.tabs[CUSTOMERS].columns}
        entries = self.desk.journal.entries
        just = [entry.column for entry in entries if (entry.tab, entry.row) == (CUSTOMERS, customer)]
        return times | {column: self.desk.now for column in just if column is not None}

    def _sees(self, wish: MergeWish) -> bool:
        """Whether the person sees the customer that stays: an 编号 that was guessed means nobody."""
        return not wish.typed or self.eyes.rights(CUSTOMERS, self._values(wish.keep)).visible

    def _may_go(self, wish: MergeWish) -> bool:
        level = self.eyes.rights(CUSTOMERS, self._values(wish.other)).delete if wish.typed else Level.EDIT
        flow = self.gate.flow(CUSTOMERS, None, (None, None), self.eyes.role, level)
        if flow is None and level >= Level.EDIT:
            return True
        row = (CUSTOMERS, wish.other)
        if flow is not None:
            self.asked.append(self._request(wish.other, CellClash(MERGE_INTO, wish.keep, None), flow))
        else:
            issue = Issue("merge-not-permitted", *row, MERGE_INTO, Severity.INFO, {"value": wish.keep})
            notice = Finding(issue, Source.NOTICE, self.replica.key)
            self.desk.draft.stick(row, (*self.desk.draft.sticky.get(row, ()), notice))
        self.dirty |= {row, *self.desk.carry_out(Command(Act.SET, *row, {MERGE_INTO: None}, PROGRAM))}
        return False

    def _asked_of(self, merge: Merge, value: Asked) -> ProposedChange:
        """A value that the customer who stays may take over only once somebody agrees."""
        return self._request(merge.keep, CellClash(value.column, value.wanted, value.stays), value.flow, merge.other)

    def _request(self, row: RowKey, clash: CellClash, flow: Flow, other: RowKey = NOBODY) -> ProposedChange:
        """An edit that somebody must approve; it is journalled."""
        tab, journal = self.desk.draft.tabs[CUSTOMERS], self.desk.journal
        seen = journal.clash(EntryKind.PROPOSE, tab, row, clash, self.replica.generation)
        old, new = (cell_text(tab, clash.column, value) for value in (clash.stays, clash.typed))
        origin = f"approval|{self.replica.key}|{seen}|{other}"
        return ProposedChange(CUSTOMERS, row, clash.column, old, new, flow, origin)

    def _values(self, customer: RowKey) -> Values:
        return self.desk.draft.values((CUSTOMERS, customer)) or {}

    def _permit(self, wish: MergeWish, column: ColumnKey, old: Value, new: Value) -> Flow | bool:
        """See merging.Permit."""
        values = self._values(wish.keep)
        level, by = Level.EDIT, tuple[str, ...]()
        if wish.typed:
            level = self.eyes.judged(CUSTOMERS, values, {**values, column: new}, {column})[column]
            by = self.eyes.approve_by(CUSTOMERS, values, column, new) if level is Level.PROPOSE else ()
        flow = self.gate.flow(CUSTOMERS, column, (old, new), self.eyes.role, level, by)
        if flow is not None:
            return flow
        # A blank takes what somebody wrote who may: nothing is lost by it, unless it says who sees the row.
        fills = old is None and column not in self.eyes.steering(CUSTOMERS)
        return level >= Level.EDIT or fills
