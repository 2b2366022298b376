"""People change dates, owners and states, the daemon is down, processes die, mails go out: what was fired is what a
plain account of all that says, each reminder once."""

import os
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select, update

from crm_sheets.sync.setup import Wish
from crm_sheets.sync.store.tables import outbox
from tests.sync.desks import Crash
from tests.sync.ledgers import desk

EXAMPLES = int(os.environ.get("LEDGER_EXAMPLES", "8"))
KINDS = ("before_due", "due", "overdue")
ROWS = (0, 1)
PEOPLE = ("王芳", "李强", "没有此人")
STEPS = (1, 3, 7)
Key = tuple[str, int, str, datetime]
"""Kind, row, person, instant."""


class LedgerMachine(RuleBasedStateMachine):
    """Two follow-ups, and an account of what should have become of their reminders."""

    @initialize()
    def begin(self) -> None:
        self.book = desk()
        self.now = self.book.at("2026-11-02 08:00")  # a Monday; no holidays in this month
        self.plans = [self.book.at("2026-11-03 10:00"), self.book.at("2026-11-05 15:00")]
        self.owners, self.done = ["王芳", "王芳"], [False, False]
        self.book.team()
        for plan in self.plans:
            self.book.plan(self._text(plan), "1小时")
        self.book.round.run(Wish(self.now))
        self.rows = {str(self.book.cell("follow_ups", row, "id")): row for row in ROWS}
        self.account: dict[Key, str] = {}
        self.watermark, self.settled = self.now, True

    # -- what people do ------------------------------------------------------------------------------------------------

    @rule(row=st.sampled_from(ROWS), hours=st.integers(-30, 60))
    def move(self, row: int, hours: int) -> None:
        self.plans[row] = self.now + timedelta(hours=hours)
        self.book.type("follow_ups", row, "planned_at", self._text(self.plans[row]))
        self.settled = False

    @rule(row=st.sampled_from(ROWS), owner=st.sampled_from(PEOPLE))
    def hand_over(self, row: int, owner: str) -> None:
        self.owners[row] = owner
        self.book.type("follow_ups", row, "owner", owner)
        self.settled = False

    @rule(row=st.sampled_from(ROWS))
    def finish_or_open_again(self, row: int) -> None:
        self.done[row] = not self.done[row]
        self.book.type("follow_ups", row, "done_at", "2026-11-02 08:00" if self.done[row] else None)
        self.settled = False

    # -- what time does ------------------------------------------------------------------------------------------------

    @rule(minutes=st.integers(0, 180))
    def a_cycle(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.book.round.run(Wish(self.now))
        self._enter()
        self.watermark, self.settled = self.now, True

    @rule(hours=st.integers(1, 200))
    def an_outage(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.settled = False

    @rule(minutes=st.integers(5, 180), step=st.sampled_from(["committed", "written"]))
    def a_crash(self, minutes: int, step: str) -> None:
        self.now += timedelta(minutes=minutes)
        self.book.crash_at = step
        try:
            self.book.round.run(Wish(self.now))
        except Crash:
            self._enter()  # it was remembered; only the watermark was not moved
            self.settled = False
            return
        finally:
            self.book.crash_at = None
        self._enter()
        self.watermark, self.settled = self.now, True

    @rule()
    def the_mail_goes_out(self) -> None:
        with self.book.state.transaction() as connection:
            connection.execute(
                update(outbox).where(outbox.c.state == "pending", outbox.c.kind.in_(KINDS)).values(state="sent")
            )
        for key, state in self.account.items():
            self.account[key] = "sent" if state == "pending" else state

    # -- what should come of it ----------------------------------------------------------------------------------------

    def _asked(self) -> set[Key]:
        """Every reminder that the sheet asks for, of all times."""
        asked: set[Key] = set()
        for row in ROWS:
            if self.done[row] or self.owners[row] == "没有此人":
                continue
            plan, owner = self.plans[row], self.owners[row]
            due = self._due(plan)
            asked |= {("before_due", row, owner, due - timedelta(hours=1)), ("due", row, owner, due)}
            asked |= {("overdue", row, owner, self._workday(plan, step)) for step in STEPS}
        return asked

    def _due(self, plan: datetime) -> datetime:
        """A plan for midnight is one for the day, which begins at nine."""
        wall = plan.astimezone(self.book.zone)
        return plan + timedelta(hours=9) if (wall.hour, wall.minute) == (0, 0) else plan

    def _workday(self, plan: datetime, step: int) -> datetime:
        day = plan.astimezone(self.book.zone).date()
        while step:
            day += timedelta(days=1)
            step -= day.weekday() < 5
        return datetime(day.year, day.month, day.day, 9, tzinfo=self.book.zone).astimezone(UTC)

    def _enter(self) -> None:
        """What one cycle enters into the account."""
        asked = self._asked()
        withdrawn = {key for key, state in self.account.items() if state in {"pending", "digest"} and key not in asked}
        passed_on = {(kind, row, at) for kind, row, _, at in withdrawn}
        for key in asked:
            kind, row, _, at = key
            due = at <= self.now and (self.watermark < at or (kind, row, at) in passed_on)
            if (self.account.get(key) == "withdrawn" and at <= self.now) or (key not in self.account and due):
                self.account[key] = "digest" if self.now - at > timedelta(days=1) else "pending"
        self.account.update(dict.fromkeys(withdrawn, "withdrawn"))

    @invariant()
    def the_outbox_is_the_account(self) -> None:
        if not hasattr(self, "account") or not self.settled:
            return
        with self.book.state.engine.connect() as connection:
            found = connection.execute(select(outbox).where(outbox.c.kind.in_(KINDS))).all()
        instants = [datetime.fromisoformat(each.key.rpartition("|")[2]) for each in found]
        known = {
            (each.kind, self.rows[each.row], each.person, at): each.state
            for each, at in zip(found, instants, strict=True)
        }
        assert known == self.account
        assert all(at <= self.now for at in instants)

    def _text(self, instant: datetime) -> str:
        return f"{instant.astimezone(self.book.zone):%Y-%m-%d %H:%M}"


LedgerMachine.TestCase.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLedger = LedgerMachine.TestCase
