"""A book whose people are reminded: what the tests of the ledger share."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm_sheets.public_holidays import public_days
from crm_sheets.rules.peace import PeaceTerms
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.round import NoViews, Round
from crm_sheets.sync.setup import Setup, Wish
from crm_sheets.sync.store.tables import outbox
from tests.sync.desks import Desk

COLUMNS: Mapping[str, str] = {
    "customers": "id key_ name type industry contact phone owner last_contact next_contact check",
    "follow_ups": "id key_ customer method content planned_at owner remind remind_action done_at result next_step "
    "reaction state snoozed_until heard_of check",
    "people": "key_ id name department role manager email active work_hours quiet_hours time_zone remind_by "
    "remind_off check",
}
OPEN = PeaceTerms()
DAYTIME = PeaceTerms(enabled=True)


class LedgerDesk(Desk):
    """A desk with a clock of its own, in any zone."""

    zone = ZoneInfo("Asia/Shanghai")

    def living(self, zone: str = "Asia/Shanghai", peace: PeaceTerms = OPEN) -> "LedgerDesk":
        """The same desk, of a team that lives elsewhere and wants to be left in peace."""
        self.zone = ZoneInfo(zone)
        calendar = WorkCalendar(self.zone, public=partial(public_days, "CN"))
        setup: Setup = replace(
            self.setup, zone=self.zone, codec=CodecContext(self.zone), calendar=calendar, peace=peace
        )
        self.setup, self.cycle = setup, Cycle(self.state, self.backend, setup)
        return self

    @property
    def round(self) -> Round:
        """A round over the one workbook."""
        return Round(self.state, self.cycle, NoViews())

    def at(self, text: str) -> datetime:
        """An instant as the clock on the team's wall shows it; of an hour that comes twice, the first."""
        return datetime.fromisoformat(text).replace(tzinfo=self.zone).astimezone(UTC)

    def look(self, text: str) -> None:
        """A cycle at an hour."""
        self.round.run(Wish(self.at(text)))

    def watch(self, start: str, end: str, every: timedelta = timedelta(minutes=30)) -> None:
        """Cycles from one hour to another, as the daemon has them."""
        now, last = self.at(start), self.at(end)
        while now <= last:
            self.round.run(Wish(now))
            now += every

    def team(self, **zhang: str) -> None:
        """王芳, her manager 张伟, and a customer of hers."""
        self.add("people", id="E1", name="王芳", department="销售部", role="销售专员", manager="张伟",
                 email="w@example.com", **zhang)  # fmt: skip
        self.add("people", id="E2", name="张伟", department="销售部", role="部门经理", email="z@example.com")
        self.add("people", id="E3", name="李强", department="销售部", role="销售专员", email="l@example.com")
        self.add("customers", name="华为", type="企业客户", industry="制造业", contact="任先生", phone="13800138000",
                 owner="王芳")  # fmt: skip

    def plan(self, planned_at: str, remind: str = "", owner: str = "王芳") -> None:
        """A follow-up."""
        self.add("follow_ups", customer="华为", method="电话", content="介绍", planned_at=planned_at, remind=remind,
                 owner=owner)  # fmt: skip

    def told(self, *kinds: str) -> list[tuple[str, str, str, str]]:
        """Everything in the outbox: kind, person, when it was to go by the team's clock, state; in order of time."""
        with self.state.engine.connect() as connection:
            rows = connection.execute(select(outbox)).all()
        found = [
            (
                row.kind,
                row.person,
                f"{datetime.fromisoformat(row.not_before).astimezone(self.zone):%m-%d %H:%M}",
                row.state,
            )
            for row in rows
            if not kinds or row.kind in kinds
        ]
        return sorted(found, key=lambda line: (line[2], line[0], line[1]))

    def first_tries(self) -> list[str]:
        """When the messages go at the earliest."""
        with self.state.engine.connect() as connection:
            found = [datetime.fromisoformat(each) for each in connection.scalars(select(outbox.c.next_try))]
        return [f"{each.astimezone(self.zone):%m-%d %H:%M}" for each in sorted(found)]

    def keys(self) -> list[str]:
        """Keys of everything in the outbox."""
        with self.state.engine.connect() as connection:
            return sorted(connection.scalars(select(outbox.c.key)))


def desk(zone: str = "Asia/Shanghai", peace: PeaceTerms = OPEN) -> LedgerDesk:
    """An empty book."""
    return LedgerDesk(columns=dict(COLUMNS)).living(zone, peace)
