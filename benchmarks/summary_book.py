"""A state store with as many deals and follow-ups as wanted, for benchmarks.summaries: made-up records, no workbook."""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from crm_sheets.changes import Value
from crm_sheets.language import Language
from crm_sheets.schema.base import Tab
from crm_sheets.schema.book import TABS
from crm_sheets.schema.storage import encode_values
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.queries import insert_all
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ColumnKey, TabKey

TODAY = date(2026, 3, 4)
STAGES = ("contact", "needs", "proposal", "negotiation", "signing", "won", "lost")
STATUSES = ("potential", "interested", "negotiating", "won", "lost", "dormant")
DAYS = 900

Rows = Iterator[tuple[str, dict[str, Value]]]


def make_store(path: Path, sizes: Mapping[str, int], words: Language, seed: int = 1) -> None:
    """A store with records of customers, opportunities, follow_ups and people, as cycles leave them.

    Args:
        path: of the SQLite file, which is not there yet.
        sizes: rows of customers, opportunities, follow_ups and people.
        words: in which drop-downs are filled in.
        seed: the same store for the same seed.
    """
    state = SqlState(f"sqlite:///{path}", TABS)
    known = {tab.key: tab for tab in TABS}
    maker = _Maker(random.Random(seed), words, sizes)
    with state.transaction() as connection:
        for name in ("people", "customers", "opportunities", "follow_ups"):
            tab = known[TabKey(name)]
            insert_all(connection, tables.records, (_row(tab, key, values) for key, values in maker.rows(name)))
    state.close()


def _row(tab: Tab, key: str, values: Mapping[str, Value]) -> dict[str, object]:
    told = {ColumnKey(name): value for name, value in values.items() if value is not None}
    return {"tab": tab.key, "key": key, "data": encode_values(tab, told), "deleted": 0}


class _Maker:
    def __init__(self, dice: random.Random, words: Language, sizes: Mapping[str, int]) -> None:
        self._dice, self._words, self._sizes = dice, words, sizes
        self._names = [f"员工{number:03}" for number in range(sizes["people"])]
        self._methods = self._values("follow_up_method")
        self._sources = self._values("opportunity_source")
        self._industries, self._regions = self._values("industry"), [f"城市{number}" for number in range(40)]
        self._wins, self._losses = self._values("win_reason"), self._values("loss_reason")
        self._customer_sources, self._levels = self._values("customer_source"), self._values("customer_level")

    def rows(self, tab: str) -> Rows:
        made = {
            "people": self._person,
            "customers": self._customer,
            "opportunities": self._deal,
            "follow_ups": self._follow_up,
        }[tab]
        for number in range(self._sizes[tab]):
            yield f"{tab[0].upper()}-{number:06}", made(number)

    def _values(self, dictionary: str) -> list[str]:
        begin = f"value.{dictionary}."
        return [text for key, text in self._words.messages.items() if key.startswith(begin)]

    def _person(self, number: int) -> dict[str, Value]:
        return {
            "id": f"E{number:03}", "name": self._names[number], "department": f"销售{number % 4}部",
            "group": f"{number % 10}组", "manager": self._names[number // 5], "active": True,
        }  # fmt: skip

    def _customer(self, number: int) -> dict[str, Value]:
        dice = self._dice
        return {
            "id": f"C-{number:06}", "name": f"客户{number}有限公司", "contact": "某人", "phone": f"138{number:08}",
            "status": self._words.text(f"value.customer_status.{dice.choice(STATUSES)}"),
            "level": dice.choice(self._levels), "industry": dice.choice(self._industries),
            "source": dice.choice(self._customer_sources), "region": dice.choice(self._regions),
            "owner": dice.choice(self._names), "created_at": self._instant(DAYS, 0),
            "last_contact": self._instant(200, 0) if dice.random() < 0.8 else None,
        }  # fmt: skip

    def _deal(self, number: int) -> dict[str, Value]:
        dice = self._dice
        stage = dice.choice(STAGES)
        amount = Decimal(dice.randrange(100, 100_000_000)) / 100
        chance = Decimal(dice.randrange(0, 101)) / 100
        started = TODAY - timedelta(days=dice.randrange(30, DAYS))
        return {
            "id": f"O-{number:06}", "name": f"机会{number}", "customer": f"客户{self._any('customers')}有限公司",
            "source": dice.choice(self._sources), "stage": self._words.text(f"value.opportunity_stage.{stage}"),
            "amount": amount, "probability": chance,
            "close_date": started + timedelta(days=dice.randrange(10, 400)) if dice.random() < 0.97 else None,
            "owner": dice.choice(self._names), "started_on": started if dice.random() < 0.95 else None,
            "win_reason": dice.choice(self._wins) if stage == "won" else None,
            "loss_reason": dice.choice(self._losses) if stage == "lost" else None,
            "stage_since": datetime.combine(started + timedelta(days=dice.randrange(30)), time(9), UTC),
            "weighted": None if stage in {"won", "lost"} else (amount * chance).quantize(Decimal("0.01")),
        }  # fmt: skip

    def _follow_up(self, number: int) -> dict[str, Value]:
        dice = self._dice
        planned = self._instant(DAYS, -30)
        done = planned + timedelta(hours=dice.randrange(-40, 90)) if dice.random() < 0.8 else None
        late = done is None and planned < datetime.combine(TODAY, time(), UTC)
        state = "done" if done else "overdue" if late else "pending"
        return {
            "id": f"F-{number:06}", "customer": f"客户{self._any('customers')}有限公司",
            "method": dice.choice(self._methods), "subject": f"跟进第{number}次", "content": "问价、送样、约时间",
            "planned_at": planned, "owner": dice.choice(self._names), "done_at": done,
            "result": "已沟通" if done else None, "state": self._words.text(f"value.follow_up_state.{state}"),
        }  # fmt: skip

    def _any(self, tab: str) -> int:
        return self._dice.randrange(self._sizes[tab])

    def _instant(self, most: int, least: int) -> datetime:
        day = TODAY - timedelta(days=self._dice.randrange(least, most))
        return datetime.combine(day, time(self._dice.randrange(24), self._dice.randrange(60)), UTC)
