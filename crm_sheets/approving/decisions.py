"""Decisions about requests: heard in the tab and elsewhere, judged, carried out."""

from crm_sheets.approvals import Decision, Proposal, Status, Verb, decide
from crm_sheets.approving.footing import APPROVALS
from crm_sheets.approving.register import Register
from crm_sheets.cells import text_key
from crm_sheets.changes import Issue, Severity, Value
from crm_sheets.commands import Act, Command
from crm_sheets.journal import PROGRAM
from crm_sheets.rules.base import cells
from crm_sheets.schema.labels import words
from crm_sheets.schema.storage import decode_values
from crm_sheets.state import Finding, RowId, Source, Values
from crm_sheets.tables import ColumnKey, RowKey

DECISION, COMMENT = ColumnKey("decision"), ColumnKey("comment")
DECIDED_BY = ColumnKey("decided_by")


class Decisions:
    """The decisions of one cycle."""

    def __init__(self, register: Register) -> None:
        self.register, self.footing = register, register.footing
        self.draft, self.desk, self.request = self.footing.draft, self.footing.desk, self.footing.request

    def put_back_late(self) -> None:
        """What somebody answers to a request that is closed changes nothing, and goes back."""
        for row in [row for row in self.draft.changed() if row[0] == APPROVALS and row[1] not in self.register.open]:
            was, now = self.draft.stored(row), self.draft.values(row)
            if was is None or now is None or was.get(DECISION) == now.get(DECISION):
                continue
            self._refuse(row[1], "approval-closed", str(now.get(DECISION) or ""), was.get(DECISION))

    def hear(self) -> None:
        """Decisions in the tab, then those that were given elsewhere."""
        self.draft.prefetch(APPROVALS, self.register.open)
        for key in list(self.register.open):
            values = self.draft.values((APPROVALS, key)) or {}
            typed = values.get(DECISION)
            verb = self._verb(typed) if isinstance(typed, str) else None
            if verb is not None:
                self._decide(key, self.footing.author, verb, str(values.get(COMMENT) or ""), str(typed))
        for decision in self.request.decisions:
            if decision.key in self.register.open:
                self._said(decision)

    def _said(self, decision: Decision) -> None:
        person = self.footing.staff.find(decision.person) or ""
        told = next(iter(words(f"value.approval_decision.{decision.verb}", (self.request.language.locale,))))
        comment = {COMMENT: decision.comment} if decision.comment else {}
        command = Command(Act.SET, APPROVALS, decision.key, {DECISION: told, **comment}, decision.author)
        self.register.dirty |= self.desk.carry_out(command)
        self._decide(decision.key, person, decision.verb, decision.comment, told)

    def _verb(self, typed: str) -> Verb | None:
        code = self.footing.dictionaries.code("approval_decision", typed)
        return next((verb for verb in Verb if verb == code), None) or next(
            (verb for verb in Verb if text_key(typed) in map(text_key, words(f"value.approval_decision.{verb}"))), None
        )

    def _decide(self, key: RowKey, person: str, verb: Verb, comment: str, typed: str) -> None:
        proposal, footing = self.register.open[key], self.footing
        turn = decide(proposal, person, verb, footing.staff, footing.now, unchanged=footing.unchanged(proposal))
        if turn.refused:
            self._refuse(key, turn.refused, typed, None, proposal)
            return
        name = footing.staff.called(person)
        line = footing.line("approval.trail.said", person=name, verb=typed)
        if said_more := " ".join(comment.split()):
            line = footing.line("approval.trail.said_more", person=name, verb=typed, comment=said_more)
        deciders = (self.draft.values((APPROVALS, key)) or {}).get(DECIDED_BY)
        names = footing.words.with_name(deciders, person) if verb is not Verb.WITHDRAW else deciders
        said: Values = cells(decided_by=names, decided_at=footing.now.replace(microsecond=0))
        if turn.proposal.status is Status.PENDING:  # the cells are for whoever is next
            said |= {DECISION: None, COMMENT: None}
        self.register.advance(turn, said, line)
        self.draft.stick((APPROVALS, key), tuple(self._without_notices((APPROVALS, key))))
        if turn.granted:
            self._carry_out(turn.proposal, name)

    def _refuse(self, key: RowKey, code: str, typed: str, stays: Value, proposal: Proposal | None = None) -> None:
        """A decision that does not count goes back; the cell says why, and the journal has it."""
        row = (APPROVALS, key)
        self.register.dirty |= self.desk.carry_out(Command(Act.SET, APPROVALS, key, {DECISION: stays}, PROGRAM))
        who = self.footing.words.people(proposal.waiting) if proposal is not None else ""
        told = {"typed": typed[:60], "approvers": who or "—"}
        replica = self.request.replica.key
        notice = Finding(Issue(code, APPROVALS, key, DECISION, Severity.INFO, told), Source.NOTICE, replica)
        self.draft.stick(row, (*self._without_notices(row), notice))

    def _without_notices(self, row: RowId) -> list[Finding]:
        """What stands about a request, but for what was said of earlier decisions in this workbook."""
        stands, replica = self.draft.sticky.get(row, ()), self.request.replica.key
        return [each for each in stands if each.source is not Source.NOTICE or each.replica != replica]

    def _carry_out(self, proposal: Proposal, approver: str) -> None:
        """Makes the change that was granted; the state of the request says so in the same transaction."""
        told = (self.draft.values((APPROVALS, proposal.key)) or {}).get(ColumnKey("proposer"))
        author = self.request.language.text("approval.by", proposer=told or "", approver=approver)
        if proposal.column is None:
            command = Command(Act.DELETE, proposal.tab, proposal.row, {}, author)
        else:
            value = decode_values(self.request.tabs[proposal.tab], proposal.new).get(proposal.column)
            stamp = {proposal.flow.stamp: proposal.bound} if proposal.flow.stamp is not None else {}
            command = Command(Act.SET, proposal.tab, proposal.row, {proposal.column: value, **stamp}, author)
        self.register.dirty |= self.desk.carry_out(command)
