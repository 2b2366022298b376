"""A state store with as many deals and follow-ups as wanted, for benchmarks.summaries: made-up records, no workbook."""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.summary_records import RecordMaker
from benchmarks.summary_trade import TradeMaker
from crm_sheets.changes import Value
from crm_sheets.language import Language
from crm_sheets.schema.base import Tab
from crm_sheets.schema.book import TABS
from crm_sheets.schema.storage import encode_values
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.pipeline_queries import plant_pipeline
from crm_sheets.sync.store.queries import insert_all
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import TabKey

FAULTY = {"customers": 20, "opportunities": 40, "follow_ups": 60, "orders": 30}
"""One row of so many has a finding."""


def sizes_of(deals: int, follow_ups: int) -> dict[str, int]:
    """Rows of each tab of a book with so many deals and follow-ups."""
    return {
        "people": 60, "customers": deals // 5, "opportunities": deals, "follow_ups": follow_ups,
        "orders": deals * 3 // 10, "order_lines": deals * 6 // 10, "contracts": deals // 25,
        "payments": deals * 4 // 10, "services": deals * 15 // 100, "feedback": deals // 10,
        "campaigns": 40, "campaign_members": deals * 6 // 100, "targets": 180, "reviews": 40, "calendar": 30,
    }  # fmt: skip


def make_store(path: Path, sizes: Mapping[str, int], words: Language, seed: int = 1) -> None:
    """A store with records, stage history, findings and the pipeline of each day, as cycles leave them.

    Args:
        path: of the SQLite file, which is not there yet.
        sizes: rows of each tab (sizes_of).
        words: in which drop-downs are filled in.
        seed: the same store for the same seed.
    """
    state = SqlState(f"sqlite:///{path}", TABS)
    known = {tab.key: tab for tab in TABS}
    dice = random.Random(seed)
    makers = (RecordMaker(dice, words, sizes), TradeMaker(dice, words, sizes))
    with state.transaction() as connection:
        for maker in makers:
            for name, make in maker.makes.items():
                tab = known[TabKey(name)]
                rows = ((_key(name, number), make(number)) for number in range(sizes[name]))
                insert_all(connection, tables.records, (_row(tab, key, values) for key, values in rows))
        moves, sales = known[TabKey("stage_history")], makers[0]
        history = enumerate(sales.moves)
        insert_all(connection, tables.records, (_row(moves, f"M-{number:07}", values) for number, values in history))
        insert_all(connection, tables.findings, _findings(sizes, dice))
        plant_pipeline(connection, sales.lines, sales.days)
    state.close()


def _key(tab: str, number: int) -> str:
    return f"{tab[0].upper()}-{number:06}"


def _row(tab: Tab, key: str, values: Mapping[str, Value]) -> dict[str, object]:
    told = {column: value for column in tab.columns if (value := values.get(str(column))) is not None}
    return {"tab": tab.key, "key": key, "data": encode_values(tab, told), "deleted": 0}


def _findings(sizes: Mapping[str, int], dice: random.Random) -> Iterator[dict[str, object]]:
    for tab, often in FAULTY.items():
        for number in range(sizes[tab]):
            if dice.randrange(often) == 0:
                severity, code = dice.choice((("error", "required"), ("warning", "reference-not-found")))
                yield {
                    "tab": tab, "key": _key(tab, number), "code": code, "column": "owner", "severity": severity,
                    "source": "rule", "parameters": "{}", "replica": "shared",
                }  # fmt: skip
