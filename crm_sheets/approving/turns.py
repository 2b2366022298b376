"""The step of a cycle in which requests are made, decided and carried out."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from crm_sheets.approval_flows import ProposedChange
from crm_sheets.approvals import Proposal, Status, tick
from crm_sheets.approving.decisions import Decisions
from crm_sheets.approving.footing import APPROVALS, Footing
from crm_sheets.approving.memory import packed, unpacked
from crm_sheets.approving.register import Register
from crm_sheets.approving.requests import Requests
from crm_sheets.changes import Issue, Severity
from crm_sheets.commands import Desk
from crm_sheets.request import Request
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.state import Finding, OutboxItem, RowId, Source, State
from crm_sheets.tables import ColumnKey, RowKey

NOTE = "approvals"
"""Note: the requests that are open."""


class Approving:
    """The requests of one cycle."""

    def __init__(self, desk: Desk, state: State, request: Request) -> None:
        self.request, self.draft = request, desk.draft
        self.footing = Footing(desk, state, request)
        self.register = Register(self.footing)
        self._requests, self._decisions = Requests(self.register), Decisions(self.register)
        self._before: str | None = None

    def run(self, changes: Iterable[ProposedChange], dirty: Iterable[RowId], dictionaries: Dictionaries) -> set[RowId]:
        """Makes requests of `changes`, hears decisions, lets time pass; the rows to look at then.

        Args:
            changes: edits of this cycle that need an approval.
            dirty: rows that people changed in it.
            dictionaries: as they stand after people's edits were taken in.
        """
        changes, register = list(changes), self.register
        self.footing.dictionaries = dictionaries
        if APPROVALS not in self.request.tabs:
            return set()
        self._before = self.footing.state.note(NOTE)
        register.open = unpacked(self._before)
        self._decisions.put_back_late()
        if register.open or changes:
            self._requests.make(changes)
            self._decisions.hear()
            self._let_time_pass()
            self._explain({*dirty, *register.dirty})
        return register.dirty

    def ask(self, changes: Iterable[ProposedChange]) -> set[RowId]:
        """Makes requests of what came up after `run`; the rows to look at then."""
        if APPROVALS not in self.request.tabs or not (changes := list(changes)):
            return set()
        self._requests.make(changes)
        self._explain({(change.tab, change.row) for change in changes} | self.register.dirty)
        return self.register.dirty

    def granted(self, column: ColumnKey) -> frozenset[RowKey]:
        """The rows in which an edit of a column was approved just now."""
        closed = (each for each in self.register.closed if each.status is Status.APPROVED)
        return frozenset(each.row for each in closed if each.column == column)

    def bind(self) -> None:
        """Fixes what new requests that bind a computed column are about, when the rules have computed it: what was
        typed together with the request is in it."""
        for key, proposal in self.register.open.items():
            if proposal.flow.binds is not None and not proposal.bound:
                self.register.open[key] = replace(proposal, bound=self.footing.bound(proposal))

    @property
    def origins(self) -> list[str]:
        """Of requests that were made."""
        return self._requests.origins

    @property
    def notes(self) -> Mapping[str, str]:
        """What is to be remembered, where it is not what was."""
        now = packed(self.register.open.values())
        return {NOTE: now} if now != (self._before or packed(())) else {}

    @property
    def outbox(self) -> tuple[OutboxItem, ...]:
        """What people are to be told."""
        return self.footing.outbox

    def wakes(self, looked_at: Iterable[RowId]) -> dict[RowId, datetime | None]:
        """When to look again at those requests that were looked at in this cycle."""
        seen = set(looked_at)
        return {
            (APPROVALS, key): proposal.next_instant
            for key, proposal in self.register.open.items()
            if (APPROVALS, key) in seen
        }

    def _let_time_pass(self) -> None:
        for proposal in list(self.register.open.values()):
            if proposal.tab not in self.request.tabs:
                continue  # the team does not use the tab now; it may again
            turn = tick(proposal, self.footing.staff, self.footing.now, unchanged=self.footing.unchanged(proposal))
            if turn.proposal != proposal:
                self.register.advance(turn)

    def _explain(self, dirty: set[RowId]) -> None:
        """Says in each row concerned that a change of it waits, and in a request that nobody can decide it."""
        waiting: dict[RowId, list[Finding]] = {}
        for proposal in self.register.open.values():
            waiting.setdefault((proposal.tab, proposal.row), []).append(_waits(proposal))
            said = [] if proposal.waiting else [_nobody(proposal)]
            waiting.setdefault((APPROVALS, proposal.key), []).extend(said)
        over = {row for each in self.register.closed for row in ((each.tab, each.row), (APPROVALS, each.key))}
        for row in sorted((waiting.keys() & dirty) | over | {row for row in waiting if row[0] == APPROVALS}):
            if row[0] not in self.request.tabs or self.draft.values(row) is None:
                continue
            stands = self.draft.sticky.get(row, ())
            kept = [each for each in stands if each.source is not Source.REQUEST]
            wanted = (*kept, *waiting.get(row, ()))
            if wanted != stands:
                self.draft.stick(row, wanted)
                self.register.dirty.add(row)


def open_requests(state: State) -> dict[RowKey, Proposal]:
    """The requests that are open, by key, as of the last cycle."""
    return unpacked(state.note(NOTE))


def _waits(proposal: Proposal) -> Finding:
    """Says nothing of the values: who may read the row need not be one who may read them."""
    code = "cell-proposed" if proposal.column is not None else "row-proposed"
    told = {"request": str(proposal.key)}
    return Finding(Issue(code, proposal.tab, proposal.row, proposal.column, Severity.INFO, told), Source.REQUEST)


def _nobody(proposal: Proposal) -> Finding:
    issue = Issue("approval-nobody", APPROVALS, proposal.key, ColumnKey("approvers"), Severity.WARNING)
    return Finding(issue, Source.REQUEST)
