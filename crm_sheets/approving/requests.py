"""Requests made of edits that need an approval."""

from collections.abc import Sequence
from dataclasses import replace

from crm_sheets.approval_flows import ProposedChange
from crm_sheets.approvals import Proposal, Status, Turn, propose
from crm_sheets.approving.footing import APPROVALS, VIEW
from crm_sheets.approving.register import TRAIL, Register
from crm_sheets.commands import Act, Command
from crm_sheets.journal import PROGRAM
from crm_sheets.tables import ColumnKey, RowKey, TabKey

OWNER = ColumnKey("owner")


class Requests:
    """The making of requests.

    Attributes:
        origins: of those that were made.
    """

    def __init__(self, register: Register) -> None:
        self.register, self.footing = register, register.footing
        self.draft, self.desk, self.request = self.footing.draft, self.footing.desk, self.footing.request
        self.origins: list[str] = []

    def make(self, changes: Sequence[ProposedChange]) -> None:
        """Makes a request of each edit, once."""
        known = self.footing.state.made_from([change.origin for change in changes])
        for change in changes:
            if change.origin not in known and self.draft.values((change.tab, change.row)) is not None:
                self.origins.append(change.origin)
                self._make_one(change)

    def _make_one(self, change: ProposedChange) -> None:
        proposal = self._proposal(change)
        for other in [each for each in self.register.open.values() if _target(each) == _target(proposal)]:
            if other.new == proposal.new and other.old == proposal.old:
                return  # it is asked for already
            if (other.proposer or other.anchor) == (proposal.proposer or proposal.anchor):
                self.register.advance(Turn(_withdrawn(other)))  # whoever types another value means that one
        footing = self.footing
        turn = propose(proposal, footing.staff, footing.now)
        values = footing.words.storable(footing.tab, footing.words.of(turn.proposal, footing.author))
        values[TRAIL] = self.register.asked(turn) or footing.line("approval.trail.nobody")
        create = Command(Act.CREATE, APPROVALS, proposal.key, values, PROGRAM)
        self.register.dirty |= self.desk.carry_out(create)
        self.register.keep(turn)

    def _proposal(self, change: ProposedChange) -> Proposal:
        footing = self.footing
        view = self.request.replica.key.startswith(VIEW)
        owner = self._owner(change)
        author = footing.author
        return Proposal(
            key=self.desk.free_key(footing.tab),
            tab=change.tab,
            row=change.row,
            column=change.column,
            old=change.old if change.column is not None else footing.digest((change.tab, change.row)),
            new=change.new,
            flow=change.flow,
            proposer=author if view else "",
            anchor=author or owner,
            # Who saved the shared workbook is only a hint, and the owner of a row has the most to gain by it.
            barred=frozenset({author} if view else {author, owner}) - {""},
            at=footing.now.replace(microsecond=0),
        )

    def _owner(self, change: ProposedChange) -> str:
        values = self.draft.values((change.tab, change.row)) or {}
        owner = values.get(OWNER)
        return (self.footing.staff.find(owner) or "") if isinstance(owner, str) else ""


def _target(proposal: Proposal) -> tuple[TabKey, RowKey, ColumnKey | None]:
    return proposal.tab, proposal.row, proposal.column


def _withdrawn(proposal: Proposal) -> Proposal:
    return replace(proposal, status=Status.WITHDRAWN)
