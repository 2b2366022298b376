"""What whoever merges two customers may do by that: no more than by typing the values. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from crm_sheets.approval_flows import Flow, Gate, ProposedChange
from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes
from crm_sheets.journal import Journal, cell_text
from crm_sheets.merge import CellClash
from crm_sheets.merging import CUSTOMERS, Merge, MergeWish
from crm_sheets.permissions import Level
from crm_sheets.replica import Replica
from crm_sheets.schema.base import Tab
from crm_sheets.state import EntryKind
from crm_sheets.tables import ColumnKey


@dataclass(frozen=True, slots=True)
class Permits:
    """The rights of whoever edits a replica, and the approvals that a team asks for.

    Attributes:
        eyes: of the replica; what a command merges is judged by the approvals alone.
        gate: which edits are requests.
    """

    draft: Draft
    eyes: Eyes
    gate: Gate

    def seen(self, wishes: Iterable[MergeWish]) -> list[MergeWish]:
        """The wishes for a customer that the person sees: an 编号 that was guessed means nobody."""
        return [
            wish
            for wish in wishes
            if self.eyes.rights(CUSTOMERS, self.draft.values((CUSTOMERS, wish.keep)) or {}).visible
        ]

    def permit(self, wish: MergeWish, column: ColumnKey, old: Value, new: Value) -> Flow | bool:
        """See merging.Permit."""
        values = self.draft.values((CUSTOMERS, wish.keep)) or {}
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


def proposals(merges: Iterable[Merge], replica: Replica, tab: Tab, journal: Journal) -> list[ProposedChange]:
    """The values that merged customers may take over only once somebody agrees, as requests; each is journalled."""
    found = []
    for merge in merges:
        for asked in merge.asked:
            clash = CellClash(asked.column, asked.wanted, asked.stays)
            seen = journal.clash(EntryKind.PROPOSE, tab, merge.keep, clash, replica.generation)
            old, new = (cell_text(tab, asked.column, value) for value in (asked.stays, asked.wanted))
            origin = f"approval|{replica.key}|{seen}|{merge.other}"
            found.append(ProposedChange(CUSTOMERS, merge.keep, asked.column, old, new, asked.flow, origin))
    return found
