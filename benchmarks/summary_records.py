"""The people, customers, deals and follow-ups of benchmarks.summary_book."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from crm_sheets.changes import Value
from crm_sheets.language import Language
from crm_sheets.snapshots import PipelineLine
from crm_sheets.tables import RowKey

TODAY = date(2026, 3, 4)
STAGES = ("contact", "needs", "proposal", "negotiation", "signing", "won", "lost")
STATUSES = ("potential", "interested", "negotiating", "won", "lost", "dormant")
DAYS = 900
KEPT = 200
"""Days up to today of which the pipeline was kept."""

Values = dict[str, Value]


class Maker:
    """What all makers of records draw from."""

    def __init__(self, dice: random.Random, words: Language, sizes: Mapping[str, int]) -> None:
        self.dice, self.words, self.sizes = dice, words, sizes
        self.names = [f"员工{number:03}" for number in range(sizes["people"])]

    def values(self, dictionary: str) -> list[str]:
        """The drop-down of a dictionary."""
        begin = f"value.{dictionary}."
        return [text for key, text in self.words.messages.items() if key.startswith(begin)]

    def customer(self) -> str:
        """The name of one of the customers."""
        return f"客户{self.dice.randrange(self.sizes['customers'])}有限公司"

    def amount(self) -> Decimal:
        """Up to a million."""
        return Decimal(self.dice.randrange(100, 100_000_000)) / 100

    def day(self, most: int, least: int) -> date:
        """So many days ago."""
        return TODAY - timedelta(days=self.dice.randrange(least, most))

    def instant(self, most: int, least: int) -> datetime:
        """So many days ago."""
        at = time(self.dice.randrange(24), self.dice.randrange(60))
        return datetime.combine(self.day(most, least), at, UTC)


class RecordMaker(Maker):
    """One record after the other; `moves`, `lines` and `days` are what was kept of the deals that were made."""

    def __init__(self, dice: random.Random, words: Language, sizes: Mapping[str, int]) -> None:
        super().__init__(dice, words, sizes)
        self.makes: Mapping[str, Callable[[int], Values]] = {
            "people": self._person,
            "customers": self._customer,
            "opportunities": self._deal,
            "follow_ups": self._follow_up,
        }
        self.moves: list[Values] = []
        self.lines: list[PipelineLine] = []
        self.days = [TODAY - timedelta(days=ago) for ago in range(KEPT - 1, -1, -1)]
        self._methods, self._sources = self.values("follow_up_method"), self.values("opportunity_source")
        self._industries, self._regions = self.values("industry"), [f"城市{number}" for number in range(40)]
        self._wins, self._losses = self.values("win_reason"), self.values("loss_reason")
        self._customer_sources, self._levels = self.values("customer_source"), self.values("customer_level")
        self._lifecycles = self.values("lifecycle")
        self._stages = {code: words.text(f"value.opportunity_stage.{code}") for code in STAGES}
        self._field = words.text("column.opportunities.stage")

    def _person(self, number: int) -> Values:
        return {
            "id": f"E{number:03}", "name": self.names[number], "department": f"销售{number % 10 % 4}部",
            "group": f"{number % 10}组", "manager": self.names[number // 5], "active": True,
        }  # fmt: skip

    def _customer(self, number: int) -> Values:
        dice = self.dice
        return {
            "id": f"C-{number:06}", "name": f"客户{number}有限公司", "contact": "某人", "phone": f"138{number:08}",
            "email": f"{number}@example.com" if dice.random() < 0.6 else None,
            "status": self.words.text(f"value.customer_status.{dice.choice(STATUSES)}"),
            "level": dice.choice(self._levels), "industry": dice.choice(self._industries),
            "source": dice.choice(self._customer_sources), "region": dice.choice(self._regions),
            "owner": dice.choice(self.names), "created_at": self.instant(DAYS, 0),
            "last_contact": self.instant(200, 0) if dice.random() < 0.8 else None,
            "lifecycle": dice.choice(self._lifecycles),
            "duplicates": "C-000001" if dice.random() < 0.02 else None,
        }  # fmt: skip

    def _deal(self, number: int) -> Values:
        dice = self.dice
        stage, amount, chance = dice.choice(STAGES), self.amount(), Decimal(dice.randrange(0, 101)) / 100
        started, owner = TODAY - timedelta(days=dice.randrange(30, DAYS)), dice.choice(self.names)
        closes = started + timedelta(days=dice.randrange(10, 400)) if dice.random() < 0.97 else None
        since = self._moved(number, stage, started)
        is_open = stage not in {"won", "lost"}
        self._kept(number, amount, chance, closes, owner, None if is_open else since)
        return {
            "id": f"O-{number:06}", "name": f"机会{number}", "customer": self.customer(),
            "source": dice.choice(self._sources), "stage": self._stages[stage],
            "amount": amount, "probability": chance, "close_date": closes,
            "owner": owner, "started_on": started if dice.random() < 0.95 else None,
            "win_reason": dice.choice(self._wins) if stage == "won" else None,
            "loss_reason": dice.choice(self._losses) if stage == "lost" else None,
            "stage_since": datetime.combine(since, time(9), UTC),
            "stage_due": since + timedelta(days=45) if is_open and dice.random() < 0.5 else None,
            "weighted": (amount * chance).quantize(Decimal("0.01")) if is_open else None,
        }  # fmt: skip

    def _moved(self, number: int, stage: str, day: date) -> date:
        """Writes down how a deal came to its stage; the day on which it came there."""
        place = STAGES.index(stage)
        path = STAGES[: place + 1] if place < 5 else (*STAGES[: self.dice.randrange(1, 6)], stage)
        before = None
        for code in path:
            self.moves.append(
                {
                    "object": f"O-{number:06}", "name": f"机会{number}", "field": self._field, "from_value": before,
                    "to_value": self._stages[code], "at": datetime.combine(day, time(9), UTC),
                }
            )  # fmt: skip
            before = self._stages[code]
            day = min(day + timedelta(days=self.dice.randrange(1, 30)), TODAY)
        return day

    def _kept(self, number: int, amount: Decimal, chance: Decimal, closes: date | None, owner: str,
              decided: date | None) -> None:  # fmt: skip
        """The lines of a deal in the pipeline of each day: its close date was put off once or twice."""
        if decided is not None and decided <= self.days[0]:
            return
        cut = self.dice.choice(self.days)
        cuts = [self.days[0], *([cut] if self.days[0] < cut < (decided or TODAY) else []), decided]
        worth, delay = int(amount * 100), timedelta(days=self.dice.choice((0, 0, 20, 60)))
        for since, until in pairwise(cuts):
            day = closes - delay if closes and until != decided else closes
            line = PipelineLine(
                RowKey(f"O-{number:06}"), since or TODAY, until, "", worth, int(worth * chance), day, owner
            )
            self.lines.append(line)

    def _follow_up(self, number: int) -> Values:
        dice = self.dice
        planned = self.instant(DAYS, -30)
        done = planned + timedelta(hours=dice.randrange(-40, 90)) if dice.random() < 0.8 else None
        late = done is None and planned < datetime.combine(TODAY, time(), UTC)
        state = "done" if done else "overdue" if late else "pending"
        return {
            "id": f"F-{number:06}", "customer": self.customer(), "method": dice.choice(self._methods),
            "opportunity": f"机会{dice.randrange(self.sizes['opportunities'])}" if dice.random() < 0.5 else None,
            "subject": f"跟进第{number}次", "content": "问价、送样、约时间", "planned_at": planned,
            "owner": dice.choice(self.names), "done_at": done, "result": "已沟通" if done else None,
            "next_step": "下周报价" if dice.random() < 0.3 else None,
            "state": self.words.text(f"value.follow_up_state.{state}"),
        }  # fmt: skip
