"""Whatever people, time and those who leave do: no request is granted twice, by nobody, by its proposer, or lost."""

import os
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crm_sheets.approval_flows import Quorum, Step
from crm_sheets.approvals import Proposal, Status, Turn, Verb, decide, propose, tick
from crm_sheets.approving.memory import packed, unpacked
from tests.core.approval_teams import NOW, Team, flow, request, team

PEOPLE = ("ann", "bob", "mia", "tom", "pia", "pam", "adm")
APPROVERS = ("manager", "department_head", "role:finance", "role:admin", "pia", "tom", "zoe")
EXAMPLES = int(os.environ.get("CRM_SHEETS_EXAMPLES", "100"))


class Life(RuleBasedStateMachine):
    """One request, from its making to its end and beyond."""

    @initialize(
        by=st.sampled_from(PEOPLE),
        unknown=st.booleans(),
        levels=st.lists(st.tuples(st.sampled_from(APPROVERS), st.sampled_from(Quorum)), min_size=1, max_size=3),
        days=st.none() | st.integers(1, 3),
        ending=st.sampled_from(("lapse", "escalate", "ann", "pia", "zoe")),
    )
    def begin(self, by: str, unknown: bool, levels: list[tuple[str, Quorum]], days: int | None, ending: str) -> None:
        self.team: Team = team()
        self.now: datetime = NOW
        timeout = timedelta(days=days) if days else None
        steps = [Step(who, quorum) for who, quorum in levels]
        delegate = ending if ending not in {"lapse", "escalate"} else ""
        of = flow(
            *steps,
            timeout=timeout,
            remind=timeout / 4 if timeout else None,
            delegate=delegate,
            escalate=ending == "escalate",
        )
        self.by = by
        self.yes: list[set[str]] = [set() for _ in steps]
        self.grants = 0
        self.proposal: Proposal = propose(request(by, of, by if unknown else ""), self.team, NOW).proposal

    def follow(self, turn: Turn) -> None:
        before = self.proposal
        assert not turn.granted or before.status is Status.PENDING, "granted once only"
        assert before.status is Status.PENDING or turn.proposal == before, "what is closed stays closed"
        self.grants += turn.granted
        self.proposal = turn.proposal
        if turn.proposal.status is Status.PENDING:  # what is kept between cycles is all that there is
            assert unpacked(packed([turn.proposal]))[turn.proposal.key] == _kept(turn.proposal)

    @rule(person=st.sampled_from((*PEOPLE, "")), verb=st.sampled_from(Verb), unchanged=st.booleans())
    def decides(self, person: str, verb: Verb, unchanged: bool) -> None:
        before = self.proposal
        turn = decide(before, person, verb, self.team, self.now, unchanged=unchanged)
        if turn.refused:
            assert turn.proposal == before
        elif verb is Verb.APPROVE and turn.proposal.status is not Status.STALE:
            assert person in before.waiting
            assert person != self.by
            assert self.team.active(person)
            self.yes[before.step].add(person)
            if before.level.quorum is Quorum.ALL and turn.proposal.step > before.step:
                assert before.approvers <= self.yes[before.step]
        if turn.granted:
            assert verb is Verb.APPROVE
            assert unchanged
        self.follow(turn)

    @rule(hours=st.integers(1, 80), unchanged=st.booleans() | st.just(True))
    def waits(self, hours: int, unchanged: bool) -> None:
        self.now += timedelta(hours=hours)
        turn = tick(self.proposal, self.team, self.now, unchanged=unchanged)
        assert not turn.granted, "time alone approves nothing"
        assert turn.proposal.voted <= self.proposal.voted
        self.follow(turn)

    @rule(person=st.sampled_from(PEOPLE))
    def leaves(self, person: str) -> None:
        self.team.left = {*self.team.left, person}

    @precondition(lambda self: bool(self.team.left))
    @rule(data=st.data())
    def comes_back(self, data: st.DataObject) -> None:
        self.team.left = self.team.left - {data.draw(st.sampled_from(sorted(self.team.left)))}

    @invariant()
    def never_asked_of_the_proposer(self) -> None:
        assert self.by not in self.proposal.approvers

    @invariant()
    def granted_at_most_once_and_by_every_level(self) -> None:
        assert self.grants == (self.proposal.status is Status.APPROVED)
        if self.grants:
            assert all(self.yes), "every level said yes"

    @invariant()
    def never_lost(self) -> None:
        """Somebody decides it, or nobody who could works here, or it is closed."""
        proposal = tick(self.proposal, self.team, self.proposal.at, unchanged=True).proposal
        if proposal.status is Status.PENDING and not proposal.waiting:
            assert not self.team.bearing("admin") - proposal.barred - proposal.voted


def _kept(proposal: Proposal) -> Proposal:
    """Without what a request needs no more once it is made: which edits its flow covers."""
    bare = replace(proposal.flow, columns=frozenset(), change=None, deletes=False, roles=frozenset())
    return replace(proposal, flow=bare)


Life.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=20, deadline=None)
TestLife = Life.TestCase
