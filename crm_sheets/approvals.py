"""The life of a request: who decides, in which order, until when. Pure.

    propose → PENDING → decide → the next level, or APPROVED, REJECTED
                      → withdraw → WITHDRAWN
                      → tick → somebody else is asked, or EXPIRED, or STALE when the cell is no longer what it was

Three things never happen: time alone approves nothing; nobody decides what they proposed, nor through a deputy; a
request that is closed stays closed. What approving grants is carried out by whoever calls, in the same transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from crm_sheets.approval_flows import DEPARTMENT_HEAD, MANAGER, ROLE, Flow, Quorum, Step
from crm_sheets.tables import ColumnKey, RowKey, TabKey

ADMIN = "admin"
"""Code of the role that is asked when nobody else can be."""

HEAD_ROLE = "department_manager"
"""Code of the role that heads a department."""

Nobody: frozenset[str] = frozenset()


class Staff(Protocol):
    """Who works in the team. People are known by the keys of their rows in 组织."""

    def find(self, text: str) -> str | None:
        """The person that a name or 工号 means; None for nobody and for several."""

    def active(self, person: str) -> bool:
        """Whether a person works here now."""

    def manager(self, person: str) -> str | None:
        """Whom a person reports to, active or not."""

    def heads(self, person: str) -> frozenset[str]:
        """The active heads of a person's department."""

    def bearing(self, role: str) -> frozenset[str]:
        """The active people with a role, by its code or what the team calls it."""


class Status(StrEnum):
    """How a request stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    STALE = "stale"


class Verb(StrEnum):
    """What somebody says to a request: the codes of the dictionary `approval_decision`."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody says outside a workbook.

    Attributes:
        key: of the request.
        person: name or 工号 of who decides.
        author: whom the journal puts it down to.
    """

    key: RowKey
    person: str
    verb: Verb
    comment: str
    author: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A request.

    Attributes:
        key: of its row in the tab of approvals.
        tab, row, column: what it would change; without a column, the row would go.
        old, new: encoded values; of a deletion, `old` is a digest of the row.
        flow: as it was when the request was made: what the config says since concerns later ones.
        proposer: "" where nobody knows who proposed it (the shared workbook).
        anchor: whose manager and department count: the proposer, or else the owner of the row.
        barred: who may not decide it: whoever may have proposed it.
        step: the level that is asked, from 0 on.
        approvers: who is asked at this level; voted: those of them who said yes.
        asked: who was ever asked at this level.
        due: until when this level may take; reminded: those who are late with it were told.
        bound: what the column that its flow binds held when the request was made; "" before that is known.
    """

    key: RowKey
    tab: TabKey
    row: RowKey
    column: ColumnKey | None
    old: str
    new: str
    flow: Flow
    proposer: str
    anchor: str
    barred: frozenset[str]
    at: datetime
    status: Status = Status.PENDING
    step: int = 0
    approvers: frozenset[str] = Nobody
    voted: frozenset[str] = Nobody
    asked: frozenset[str] = Nobody
    due: datetime | None = None
    reminded: bool = False
    bound: str = ""

    @property
    def waiting(self) -> frozenset[str]:
        """Who is to decide now."""
        return self.approvers - self.voted if self.status is Status.PENDING else Nobody

    @property
    def level(self) -> Step:
        """The level that is asked."""
        return self.flow.steps[self.step]

    @property
    def next_instant(self) -> datetime | None:
        """When time alone changes something: a reminder, the end of the time."""
        if self.status is not Status.PENDING or self.due is None or not self.waiting:
            return None
        return self.due if self.reminded or self.flow.remind is None else self.due - self.flow.remind


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of a request.

    Attributes:
        asked: who is asked from now on; reminded: who is late.
        refused: code of the finding that says why a decision does not count; "" for one that does.
    """

    proposal: Proposal
    asked: frozenset[str] = Nobody
    reminded: frozenset[str] = Nobody
    refused: str = ""

    @property
    def granted(self) -> bool:
        """Whether the change is to be made now."""
        return self.proposal.status is Status.APPROVED and not self.refused


def propose(proposal: Proposal, staff: Staff, now: datetime) -> Turn:
    """Asks the first level of a request that was just made."""
    return _enter(proposal, 0, staff, now)


def decide(proposal: Proposal, person: str, verb: Verb, staff: Staff, now: datetime, *, unchanged: bool) -> Turn:
    """What a person's word does.

    Args:
        proposal: the request.
        person: who decides; "" for nobody known.
        verb: what they say.
        staff: who works here.
        now: when they say it.
        unchanged: what would be changed still is what it was when the request was made.
    """
    refused = _refusal(proposal, person, verb, staff)
    if refused:
        return Turn(proposal, refused=refused)
    if verb is not Verb.APPROVE:
        return Turn(replace(proposal, status=Status.WITHDRAWN if verb is Verb.WITHDRAW else Status.REJECTED))
    if not unchanged:
        return Turn(replace(proposal, status=Status.STALE))
    voted = replace(proposal, voted=proposal.voted | {person})
    if voted.level.quorum is Quorum.ALL and voted.waiting:
        return Turn(voted)
    if voted.step + 1 < len(voted.flow.steps):
        return _enter(voted, voted.step + 1, staff, now)
    return Turn(replace(voted, status=Status.APPROVED))


def tick(proposal: Proposal, staff: Staff, now: datetime, *, unchanged: bool) -> Turn:
    """What time, and people who left, do to a request."""
    if proposal.status is not Status.PENDING:
        return Turn(proposal, refused="approval-closed")
    if not unchanged:
        return Turn(replace(proposal, status=Status.STALE))
    turn = _without_leavers(proposal, staff, now)
    proposal, due = turn.proposal, turn.proposal.due
    if due is None or not proposal.waiting or turn.asked:
        return turn
    if now >= due:
        return _timed_out(proposal, staff, now)
    if not proposal.reminded and proposal.flow.remind is not None and now >= due - proposal.flow.remind:
        return Turn(replace(proposal, reminded=True), reminded=proposal.waiting)
    return turn


def _refusal(proposal: Proposal, person: str, verb: Verb, staff: Staff) -> str:
    if proposal.status is not Status.PENDING:
        return "approval-closed"
    if not person:
        return "approval-unknown-person"
    if verb is Verb.WITHDRAW:
        return "" if person == (proposal.proposer or proposal.anchor) else "approval-not-yours"
    if person in proposal.barred:
        return "approval-own"
    if not staff.active(person) or person not in proposal.approvers:
        return "approval-not-asked"
    return "approval-voted" if person in proposal.voted else ""


def _enter(proposal: Proposal, step: int, staff: Staff, now: datetime) -> Turn:
    """Asks a level."""
    entered = replace(proposal, step=step, approvers=Nobody, voted=Nobody, asked=Nobody)
    wanted = _approvers(entered, staff) or _administrators(entered, staff)
    return _ask(entered, wanted, wanted, now)


def _ask(proposal: Proposal, approvers: frozenset[str], new: frozenset[str], now: datetime) -> Turn:
    """Asks people who were not asked so far; the time begins anew."""
    due = now + proposal.flow.timeout if proposal.flow.timeout is not None else None
    asked = replace(proposal, approvers=approvers, asked=proposal.asked | new, due=due, reminded=False)
    return Turn(asked, asked=new)


def _approvers(proposal: Proposal, staff: Staff) -> frozenset[str]:
    """Who decides at the level of a request."""
    who = proposal.level.approver
    if who == MANAGER:
        return _some([_above(proposal.anchor, staff, proposal.barred)])
    if who in {DEPARTMENT_HEAD, HEAD_ROLE}:
        heads = staff.heads(proposal.anchor) - proposal.barred
        return heads or _some([_above(proposal.anchor, staff, proposal.barred)])
    if who.startswith(ROLE):
        return staff.bearing(who.removeprefix(ROLE)) - proposal.barred
    person = staff.find(who)
    if person is None:  # a grant may name a role as it is
        return staff.bearing(who) - proposal.barred
    return _some([_instead(person, staff, proposal.barred)])


def _administrators(proposal: Proposal, staff: Staff) -> frozenset[str]:
    """Who is asked when nobody else can be."""
    return staff.bearing(ADMIN) - proposal.barred - proposal.voted


def _without_leavers(proposal: Proposal, staff: Staff, now: datetime) -> Turn:
    """In the place of who left, the manager is asked, or an administrator: somebody who has not said yes already."""
    left = frozenset(person for person in proposal.waiting if not staff.active(person))
    if not left and proposal.waiting:
        return Turn(proposal)
    closed = proposal.barred | proposal.voted
    instead = _some(_above(person, staff, closed) for person in left)
    stay = proposal.approvers - left
    if not instead and not stay - proposal.voted:
        instead = _administrators(proposal, staff)
    if not left and not instead:
        return Turn(proposal)
    new = instead - stay
    if not new:
        return Turn(replace(proposal, approvers=stay))
    return _ask(proposal, stay | new, new, now)


def _timed_out(proposal: Proposal, staff: Staff, now: datetime) -> Turn:
    """Somebody else is asked, each only once, or the request lapses. It is never approved by that."""
    closed = proposal.barred | proposal.voted
    new = Nobody
    if proposal.flow.escalate:
        new = _some(_above(person, staff, closed | proposal.asked) for person in proposal.waiting)
    elif proposal.flow.delegate:
        person = staff.find(proposal.flow.delegate)
        new = _some([_instead(person, staff, closed)] if person is not None else []) - proposal.asked
    if not new:
        return Turn(replace(proposal, status=Status.EXPIRED))
    return _ask(proposal, proposal.voted | new, new, now)


def _instead(person: str, staff: Staff, closed: frozenset[str]) -> str | None:
    """The person, or whoever stands in for somebody who left or may not decide."""
    return person if staff.active(person) and person not in closed else _above(person, staff, closed)


def _above(person: str, staff: Staff, closed: frozenset[str]) -> str | None:
    """The nearest superior who works here and may decide; None when there is none, or the line goes round."""
    seen = {person}
    superior = staff.manager(person)
    while superior is not None and superior not in seen:
        if staff.active(superior) and superior not in closed:
            return superior
        seen.add(superior)
        superior = staff.manager(superior)
    return None


def _some(people: Iterable[str | None]) -> frozenset[str]:
    return frozenset(person for person in people if person is not None)
