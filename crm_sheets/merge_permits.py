"""What whoever merges two customers may do by that: no more than by typing the values. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from crm_sheets.approval_flows import Flow, Gate, ProposedChange
from crm_sheets.changes import Issue, Severity, Value
from crm_sheets.commands import Act, Command, Desk
from crm_sheets.eyes import Eyes
from crm_sheets.journal import PROGRAM, cell_text
from crm_sheets.merge import CellClash
from crm_sheets.merging import (
    CUSTOMERS,
    MERGE_INTO,
    Asked,
    Edited,
    Merge,
    MergeRules,
    MergeWish,
    merge_customers,
    wanted_merges,
)
from crm_sheets.permissions import Level
from crm_sheets.replica import Replica
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.state import EntryKind, Finding, RowId, Source, Values
from crm_sheets.tables import ColumnKey, RowKey

NOBODY = RowKey("")


@dataclass(slots=True)
class Permits:
    """The rights of whoever edits a replica, and the approvals that a team asks for.

    Attributes:
        eyes: of the replica; what a command merges is judged by the approvals alone.
        gate: which edits are requests.
        granted: customers whose merge was approved in this cycle.
        asked: what waits for an approval: values, and merges of customers that may not be deleted without one.
        dirty: rows in which a wish was put back.
    """

    desk: Desk
    eyes: Eyes
    gate: Gate
    replica: Replica
    granted: frozenset[RowKey] = frozenset()
    asked: list[ProposedChange] = field(default_factory=list)
    dirty: set[RowId] = field(default_factory=set)

    def merge(
        self, wishes: list[MergeWish], rules: MergeRules, edited: Edited, codec: CodecContext
    ) -> tuple[list[Merge], set[RowId]]:
        """Carries out what is permitted, and the wishes that come to mean somebody by it; the rows to look at then."""
        merges: list[Merge] = []
        while wishes := self._permitted(wishes):
            done, looked_at = merge_customers(self.desk, wishes, rules, edited, codec, self._permit)
            merges += done
            self.dirty |= looked_at
            self.asked += (self._asked_of(merge, value) for merge in done for value in merge.asked)
            wishes = wanted_merges(self.desk.draft, looked_at, self.desk.journal.author) if done else []
        return merges, self.dirty

    def _permitted(self, wishes: Iterable[MergeWish]) -> list[MergeWish]:
        """The wishes that are carried out at once. A merge takes a row out: where its deletion must be approved, the
        merge is; where the person may not delete it, they may not merge it away."""
        return [wish for wish in wishes if wish.other in self.granted or (self._sees(wish) and self._may_go(wish))]

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
