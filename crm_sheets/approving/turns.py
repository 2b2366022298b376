"""The step of a cycle in which requests are made, decided and carried out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from hashlib import blake2b

from crm_sheets.approval_flows import ProposedChange
from crm_sheets.approvals import Decision, Proposal, Status, Turn, Verb, decide, propose, tick
from crm_sheets.approving.mails import Mail, Mails
from crm_sheets.approving.memory import packed, unpacked
from crm_sheets.approving.rows import Words
from crm_sheets.approving.staff import TeamStaff
from crm_sheets.cells import text_key
from crm_sheets.changes import Issue, Severity, Value
from crm_sheets.commands import Act, Command, Desk
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes
from crm_sheets.journal import PROGRAM, cell_text
from crm_sheets.permissions import Level
from crm_sheets.request import Request
from crm_sheets.rules.base import cells
from crm_sheets.schema.approvals import ApprovalRecord
from crm_sheets.schema.base import Tab
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.labels import words
from crm_sheets.schema.storage import decode_values, encode_values
from crm_sheets.state import Finding, OutboxItem, RowId, Source, State, Values
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey, TabKey

APPROVALS, PEOPLE = ApprovalRecord.tab, TabKey("people")
DECISION, COMMENT, TRAIL = (ColumnKey(name) for name in ("decision", "comment", "trail"))
DECIDED_BY, OWNER = ColumnKey("decided_by"), ColumnKey("owner")
NOTE = "approvals"
"""Note: the requests that are open."""

VIEW = "view:"
"""Beginning of the key of a replica that is one person's; the key of their row in 组织 follows."""


@dataclass
class Approving:
    """The requests of one cycle.

    Attributes:
        dictionaries: as they stand after people's edits were taken in.
        open: requests that are open, by key; after run(), as the cycle leaves them.
        origins: of requests that were made.
    """

    desk: Desk
    state: State
    request: Request
    dictionaries: Dictionaries = field(default_factory=lambda: Dictionaries({}))
    open: dict[RowKey, Proposal] = field(default_factory=dict)
    origins: list[str] = field(default_factory=list)
    _before: str | None = None
    _closed: list[Proposal] = field(default_factory=list)
    _dirty: set[RowId] = field(default_factory=set)

    def run(self, changes: Iterable[ProposedChange], dirty: Iterable[RowId]) -> set[RowId]:
        """Makes requests of `changes`, hears decisions, lets time pass; the rows to look at then.

        Args:
            changes: edits of this cycle that need an approval.
            dirty: rows that people changed in it.
        """
        changes = list(changes)
        if APPROVALS not in self.request.tabs:
            return set()
        self._before = self.state.note(NOTE)
        self.open = unpacked(self._before)
        self._put_back_late_answers()
        if self.open or changes:
            self._make(changes)
            self._hear()
            self._let_time_pass()
            self._explain({*dirty, *self._dirty})
        return self._dirty

    @property
    def notes(self) -> Mapping[str, str]:
        """What is to be remembered, where it is not what was."""
        now = packed(self.open.values())
        return {NOTE: now} if now != (self._before or packed(())) else {}

    @property
    def outbox(self) -> tuple[OutboxItem, ...]:
        """What people are to be told."""
        return self._mails.items(self._now) if "_mails" in self.__dict__ else ()

    def wakes(self, looked_at: Iterable[RowId]) -> dict[RowId, datetime | None]:
        """When to look again at those requests that were looked at in this cycle."""
        seen = set(looked_at)
        return {
            (APPROVALS, key): proposal.next_instant for key, proposal in self.open.items() if (APPROVALS, key) in seen
        }

    # -- what it works with --------------------------------------------------------------------------------------------

    @property
    def _draft(self) -> Draft:
        return self.desk.draft

    @property
    def _now(self) -> datetime:
        return self.request.means.now

    @property
    def _tab(self) -> Tab:
        return self.request.tabs[APPROVALS]

    @cached_property
    def _staff(self) -> TeamStaff:
        rows = (self._draft.row(PEOPLE, key) for key in self._draft.keys(PEOPLE)) if PEOPLE in self.request.tabs else ()
        return TeamStaff((row for row in rows if row is not None), self.dictionaries)

    @cached_property
    def _words(self) -> Words:
        request = self.request
        return Words(self._draft, self._staff, request.language, request.zone, request.means.codec)

    @cached_property
    def _mails(self) -> Mails:
        return Mails(self._words, self._may_read)

    def _may_read(self, person: str, proposal: Proposal) -> bool:
        """Whether a person's own workbook shows what would be changed; where they have none, the shared one does."""
        key, row = ReplicaKey(f"{VIEW}{person}"), (proposal.tab, proposal.row)
        eyes = self._eyes if key == self.request.replica.key else self._others.get(key)
        record = self._draft.values(row) or self._draft.tombstone(row)
        if eyes is None or record is None:
            return eyes is None
        if proposal.tab not in eyes.tabs:
            return False
        rights = eyes.rights(proposal.tab, record)
        return rights.visible and (proposal.column is None or rights.level(proposal.column) >= Level.READ)

    @cached_property
    def _eyes(self) -> Eyes:
        return self.request.eyes(self._draft)

    @cached_property
    def _others(self) -> Mapping[ReplicaKey, Eyes]:
        return self.request.others(self._draft)

    @cached_property
    def _author(self) -> str:
        """Who edits the replica of this cycle, "" where nobody knows."""
        replica = self.request.replica
        if replica.key.startswith(VIEW):
            return replica.key.removeprefix(VIEW)
        _, _, saved_by = replica.author.partition(" (")
        return self._staff.find(saved_by.removesuffix(")")) or ""

    # -- requests are made ---------------------------------------------------------------------------------------------

    def _make(self, changes: list[ProposedChange]) -> None:
        known = self.state.made_from([change.origin for change in changes])
        for change in changes:
            if change.origin not in known and self._draft.values((change.tab, change.row)) is not None:
                self.origins.append(change.origin)
                self._make_one(change)

    def _make_one(self, change: ProposedChange) -> None:
        proposal = self._proposal(change)
        for other in [each for each in self.open.values() if _target(each) == _target(proposal)]:
            if other.new == proposal.new and other.old == proposal.old:
                return  # it is asked for already
            if (other.proposer or other.anchor) == (proposal.proposer or proposal.anchor):
                self._advance(Turn(_withdrawn(other)))  # whoever types another value means that one
        turn = propose(proposal, self._staff, self._now)
        values = self._words.storable(self._tab, self._words.of(turn.proposal, self._author))
        line = self._asked(turn) or self._line("approval.trail.nobody")
        values[TRAIL] = line
        create = Command(Act.CREATE, APPROVALS, proposal.key, values, PROGRAM)
        self._dirty |= self.desk.carry_out(create)
        self._keep(turn)

    def _proposal(self, change: ProposedChange) -> Proposal:
        view = self.request.replica.key.startswith(VIEW)
        owner = self._owner(change)
        anchor = self._author or owner
        return Proposal(
            key=self.desk.free_key(self._tab),
            tab=change.tab,
            row=change.row,
            column=change.column,
            old=change.old if change.column is not None else self._digest((change.tab, change.row)),
            new=change.new,
            flow=change.flow,
            proposer=self._author if view else "",
            anchor=anchor,
            # Who saved the shared workbook is only a hint, and the owner of a row has the most to gain by it.
            barred=frozenset({self._author} if view else {self._author, owner}) - {""},
            at=self._now.replace(microsecond=0),
        )

    def _owner(self, change: ProposedChange) -> str:
        values = self._draft.values((change.tab, change.row)) or {}
        owner = values.get(OWNER)
        return (self._staff.find(owner) or "") if isinstance(owner, str) else ""

    # -- decisions -----------------------------------------------------------------------------------------------------

    def _put_back_late_answers(self) -> None:
        """What somebody answers to a request that is closed changes nothing, and goes back."""
        for row in [row for row in self._draft.changed() if row[0] == APPROVALS and row[1] not in self.open]:
            was, now = self._draft.stored(row), self._draft.values(row)
            if was is None or now is None or was.get(DECISION) == now.get(DECISION):
                continue
            self._refuse(row[1], "approval-closed", str(now.get(DECISION) or ""), was.get(DECISION))

    def _hear(self) -> None:
        """Decisions in the tab, then those that were given elsewhere."""
        self._draft.prefetch(APPROVALS, self.open)
        for key in list(self.open):
            values = self._draft.values((APPROVALS, key)) or {}
            typed = values.get(DECISION)
            verb = self._verb(typed) if isinstance(typed, str) else None
            if verb is not None:
                self._decide(key, self._author, verb, str(values.get(COMMENT) or ""), str(typed))
        for decision in self.request.decisions:
            if decision.key in self.open:
                self._said(decision)

    def _said(self, decision: Decision) -> None:
        person = self._staff.find(decision.person) or ""
        told = next(iter(words(f"value.approval_decision.{decision.verb}", (self.request.language.locale,))))
        comment = {COMMENT: decision.comment} if decision.comment else {}
        command = Command(Act.SET, APPROVALS, decision.key, {DECISION: told, **comment}, decision.author)
        self._dirty |= self.desk.carry_out(command)
        self._decide(decision.key, person, decision.verb, decision.comment, told)

    def _verb(self, typed: str) -> Verb | None:
        code = self.dictionaries.code("approval_decision", typed)
        return next((verb for verb in Verb if verb == code), None) or next(
            (verb for verb in Verb if text_key(typed) in map(text_key, words(f"value.approval_decision.{verb}"))), None
        )

    def _decide(self, key: RowKey, person: str, verb: Verb, comment: str, typed: str) -> None:
        proposal = self.open[key]
        turn = decide(proposal, person, verb, self._staff, self._now, unchanged=self._unchanged(proposal))
        if turn.refused:
            self._refuse(key, turn.refused, typed, None, proposal)
            return
        name = self._staff.called(person)
        line = self._line("approval.trail.said", person=name, verb=typed)
        if comment:
            line = self._line("approval.trail.said_more", person=name, verb=typed, comment=" ".join(comment.split()))
        deciders = (self._draft.values((APPROVALS, key)) or {}).get(DECIDED_BY)
        names = self._words.with_name(deciders, person) if verb is not Verb.WITHDRAW else deciders
        said: Values = cells(decided_by=names, decided_at=self._now.replace(microsecond=0))
        if turn.proposal.status is Status.PENDING:  # the cells are for whoever is next
            said |= {DECISION: None, COMMENT: None}
        self._advance(turn, said, line)
        self._draft.stick((APPROVALS, key), tuple(self._without_notices((APPROVALS, key))))
        if turn.granted:
            self._carry_out(turn.proposal, name)

    def _refuse(self, key: RowKey, code: str, typed: str, stays: Value, proposal: Proposal | None = None) -> None:
        """A decision that does not count goes back; the cell says why, and the journal has it."""
        row = (APPROVALS, key)
        self._dirty |= self.desk.carry_out(Command(Act.SET, APPROVALS, key, {DECISION: stays}, PROGRAM))
        who = self._words.people(proposal.waiting) if proposal is not None else ""
        told = {"typed": typed[:60], "approvers": who or "—"}
        replica = self.request.replica.key
        notice = Finding(Issue(code, APPROVALS, key, DECISION, Severity.INFO, told), Source.NOTICE, replica)
        self._draft.stick(row, (*self._without_notices(row), notice))

    def _without_notices(self, row: RowId) -> list[Finding]:
        """What stands about a request, but for what was said of earlier decisions in this workbook."""
        stands, replica = self._draft.sticky.get(row, ()), self.request.replica.key
        return [each for each in stands if each.source is not Source.NOTICE or each.replica != replica]

    def _carry_out(self, proposal: Proposal, approver: str) -> None:
        """Makes the change that was granted; the state of the request says so in the same transaction."""
        told = (self._draft.values((APPROVALS, proposal.key)) or {}).get(ColumnKey("proposer"))
        author = self.request.language.text("approval.by", proposer=told or "", approver=approver)
        if proposal.column is None:
            command = Command(Act.DELETE, proposal.tab, proposal.row, {}, author)
        else:
            value = decode_values(self.request.tabs[proposal.tab], proposal.new).get(proposal.column)
            command = Command(Act.SET, proposal.tab, proposal.row, {proposal.column: value}, author)
        self._dirty |= self.desk.carry_out(command)

    # -- time ----------------------------------------------------------------------------------------------------------

    def _let_time_pass(self) -> None:
        for proposal in list(self.open.values()):
            if proposal.tab not in self.request.tabs:
                continue  # the team does not use the tab now; it may again
            turn = tick(proposal, self._staff, self._now, unchanged=self._unchanged(proposal))
            if turn.proposal != proposal:
                self._advance(turn)

    def _unchanged(self, proposal: Proposal) -> bool:
        """Whether what would be changed is what it was when the request was made."""
        row = (proposal.tab, proposal.row)
        values = self._draft.values(row) if proposal.tab in self.request.tabs else None
        if values is None:
            return False
        if proposal.column is None:
            return self._digest(row) == proposal.old
        tab = self.request.tabs[proposal.tab]
        return cell_text(tab, proposal.column, values.get(proposal.column)) == proposal.old

    def _digest(self, row: RowId) -> str:
        """Of what people typed in a row."""
        tab, values = self.request.tabs[row[0]], self._draft.values(row) or {}
        typed = {column.key: value for column in tab.staff_columns() if (value := values.get(column.key)) is not None}
        return blake2b(encode_values(tab, typed).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    # -- what comes of it ----------------------------------------------------------------------------------------------

    def _advance(self, turn: Turn, said: Mapping[ColumnKey, Value] | None = None, line: str = "") -> None:
        """Writes into the row of a request what became of it, and keeps it."""
        row = (APPROVALS, turn.proposal.key)
        lines = [line, self._asked(turn)]
        if turn.proposal.status is not Status.PENDING:
            lines.append(self._line("approval.trail.state", state=self._state(turn.proposal)))
        trail = (self._draft.values(row) or {}).get(TRAIL)
        for each in filter(None, lines):
            trail = self._words.longer(trail, each)
        values = {**self._words.standing(turn.proposal), **(said or {}), TRAIL: trail}
        kept = self._words.storable(self._tab, values)
        if self._draft.values(row) is not None:
            self._dirty |= self.desk.carry_out(Command(Act.SET, APPROVALS, row[1], kept, PROGRAM))
        self._keep(turn)

    def _keep(self, turn: Turn) -> None:
        proposal, key = turn.proposal, turn.proposal.key
        before = self.open.get(key)
        row = self._draft.values((APPROVALS, key)) or {}
        for person in sorted(turn.asked):
            self._mails.tell(Mail.ASKED, person, proposal, row)
        for person in sorted(turn.reminded):
            self._mails.tell(Mail.DUE, person, proposal, row)
        if proposal.status is Status.PENDING:
            self.open[key] = proposal
            return
        self.open.pop(key, None)
        self._closed.append(proposal)
        self._mails.tell(Mail.CLOSED, proposal.proposer or proposal.anchor, proposal, row)
        if proposal.status in {Status.STALE, Status.EXPIRED, Status.WITHDRAWN} and before is not None:
            for person in sorted(before.waiting):
                self._mails.tell(Mail.CLOSED, person, proposal, row)

    def _asked(self, turn: Turn) -> str:
        return self._line("approval.trail.asked", people=self._words.people(turn.asked)) if turn.asked else ""

    def _state(self, proposal: Proposal) -> str:
        return self.request.language.text(f"approval.state.{proposal.status}")

    def _line(self, key: str, **parameters: str) -> str:
        return self.request.language.text(key, at=self._words.moment(self._now), **parameters)

    def _explain(self, dirty: set[RowId]) -> None:
        """Says in each row concerned that a change of it waits, and in a request that nobody can decide it."""
        waiting: dict[RowId, list[Finding]] = {}
        for proposal in self.open.values():
            waiting.setdefault((proposal.tab, proposal.row), []).append(_waits(proposal))
            said = [] if proposal.waiting else [_nobody(proposal)]
            waiting.setdefault((APPROVALS, proposal.key), []).extend(said)
        over = {row for each in self._closed for row in ((each.tab, each.row), (APPROVALS, each.key))}
        for row in sorted((waiting.keys() & dirty) | over | {row for row in waiting if row[0] == APPROVALS}):
            if row[0] not in self.request.tabs or self._draft.values(row) is None:
                continue
            stands = self._draft.sticky.get(row, ())
            kept = [each for each in stands if each.source is not Source.REQUEST]
            wanted = (*kept, *waiting.get(row, ()))
            if wanted != stands:
                self._draft.stick(row, wanted)
                self._dirty.add(row)


def open_requests(state: State) -> dict[RowKey, Proposal]:
    """The requests that are open, by key, as of the last cycle."""
    return unpacked(state.note(NOTE))


def _target(proposal: Proposal) -> tuple[TabKey, RowKey, ColumnKey | None]:
    return proposal.tab, proposal.row, proposal.column


def _withdrawn(proposal: Proposal) -> Proposal:
    return replace(proposal, status=Status.WITHDRAWN)


def _waits(proposal: Proposal) -> Finding:
    """Says nothing of the values: who may read the row need not be one who may read them."""
    code = "cell-proposed" if proposal.column is not None else "row-proposed"
    told = {"request": str(proposal.key)}
    return Finding(Issue(code, proposal.tab, proposal.row, proposal.column, Severity.INFO, told), Source.REQUEST)


def _nobody(proposal: Proposal) -> Finding:
    issue = Issue("approval-nobody", APPROVALS, proposal.key, ColumnKey("approvers"), Severity.WARNING)
    return Finding(issue, Source.REQUEST)
