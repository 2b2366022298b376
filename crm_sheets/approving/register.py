"""The requests that are open, and what the rows of requests say of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_sheets.approvals import Proposal, Status, Turn
from crm_sheets.approving.footing import APPROVALS, Footing
from crm_sheets.approving.mails import Mail
from crm_sheets.changes import Value
from crm_sheets.commands import Act, Command
from crm_sheets.journal import PROGRAM
from crm_sheets.state import RowId
from crm_sheets.tables import ColumnKey, RowKey

TRAIL = ColumnKey("trail")


@dataclass
class Register:
    """The requests of one cycle.

    Attributes:
        open: by key, as the cycle leaves them so far; `closed` those that it closed.
        dirty: rows to be looked at.
    """

    footing: Footing
    open: dict[RowKey, Proposal] = field(default_factory=dict)
    closed: list[Proposal] = field(default_factory=list)
    dirty: set[RowId] = field(default_factory=set)

    def advance(self, turn: Turn, said: Mapping[ColumnKey, Value] | None = None, line: str = "") -> None:
        """Writes into the row of a request what became of it, and keeps it."""
        row, footing = (APPROVALS, turn.proposal.key), self.footing
        lines = [line, self.asked(turn)]
        if turn.proposal.status is not Status.PENDING:
            lines.append(footing.line("approval.trail.state", state=self._state(turn.proposal)))
        trail = (footing.draft.values(row) or {}).get(TRAIL)
        for each in filter(None, lines):
            trail = footing.words.longer(trail, each)
        values = {**footing.words.standing(turn.proposal), **(said or {}), TRAIL: trail}
        kept = footing.words.storable(footing.tab, values)
        if footing.draft.values(row) is not None:
            self.dirty |= footing.desk.carry_out(Command(Act.SET, APPROVALS, row[1], kept, PROGRAM))
        self.keep(turn)

    def keep(self, turn: Turn) -> None:
        """Keeps a request as open, or closes it, and tells those whom it concerns."""
        proposal, key, mails = turn.proposal, turn.proposal.key, self.footing.mails
        before = self.open.get(key)
        row = self.footing.draft.values((APPROVALS, key)) or {}
        for person in sorted(turn.asked):
            mails.tell(Mail.ASKED, person, proposal, row)
        for person in sorted(turn.reminded):
            mails.tell(Mail.DUE, person, proposal, row)
        if proposal.status is Status.PENDING:
            self.open[key] = proposal
            return
        self.open.pop(key, None)
        self.closed.append(proposal)
        mails.tell(Mail.CLOSED, proposal.proposer or proposal.anchor, proposal, row)
        if proposal.status in {Status.STALE, Status.EXPIRED, Status.WITHDRAWN} and before is not None:
            for person in sorted(before.waiting):
                mails.tell(Mail.CLOSED, person, proposal, row)

    def asked(self, turn: Turn) -> str:
        """The line that says who is asked now; "" for nobody."""
        if not turn.asked:
            return ""
        return self.footing.line("approval.trail.asked", people=self.footing.words.people(turn.asked))

    def _state(self, proposal: Proposal) -> str:
        return self.footing.request.language.text(f"approval.state.{proposal.status}")
