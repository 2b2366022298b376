"""Duplicates followed change by change through the state store are those that a search of the whole book finds."""

import os
import random
from datetime import UTC, datetime

import pytest

from crm_sheets import suspects
from crm_sheets.draft import Draft
from crm_sheets.rules.duplicates import keys, links_and_keys
from crm_sheets.rules.duplicates.keys import Shared
from crm_sheets.schema.book import tab
from crm_sheets.state import Commit, TabCommit
from crm_sheets.suspects import CUSTOMERS, FIELDS, Suspects, find_suspects
from crm_sheets.sync.store.commit import commit
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey

BOOKS = int(os.environ.get("CRM_SHEETS_BOOKS", "60"))
"""How many books the long run plays; a longer one: CRM_SHEETS_BOOKS=1000."""
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
TABS = {CUSTOMERS: tab(CUSTOMERS)}
WORDS: dict[str, tuple[str, ...]] = {
    "name": (
        "济宁米岸电子有限公司",
        "米岸电子",
        "米岸食品厂",
        "济宁迷岸电子公司",
        "泰安米岸电子有限公司",
        "Atlas Ltd",
        "张伟",
    ),
    "contact": ("", "李雷", "李经理", "韩梅梅"),
    "phone": ("", "13812345678", "13812345679", "0537-8888666", "13812345678/0537-8888666"),
    "email": ("", "info@mian.cn", "lilei@163.com", "lielei@163.com"),
    "address": ("", "济宁市市中区和平路7号", "济宁市市中区和平路7号3室", "泰安市岱岳区长江路12号"),
    "credit_code": ("", "91370800MA3C12345X", "91370800MB9F67890Y"),
    "id_number": ("",),
}
NAME, PHONE = ColumnKey("name"), ColumnKey("phone")
Changes = dict[RowKey, dict[ColumnKey, str] | None]


def customer(chance: random.Random) -> dict[ColumnKey, str]:
    cells = {column: chance.choice(WORDS[column]) for column in FIELDS}
    return {column: text for column, text in cells.items() if text}


def cycle(state: SqlState, changes: Changes) -> Suspects:
    draft = Draft(state, TABS)
    draft.prefetch(CUSTOMERS, changes)
    for key, values in changes.items():
        draft.put((CUSTOMERS, key), None if values is None else dict(values))
    found = find_suspects(draft, state, ())
    kept = TabCommit(
        records={key: draft.values((CUSTOMERS, key)) for _, key in draft.changed()},
        pairs=tuple(found.links),
        paired=frozenset(found.compared),
        delisted=frozenset(found.gone),
        enlisted=frozenset(found.come),
        reindexed=found.reindexed,
    )
    commit(state, Commit(1, NOW, ReplicaKey("shared"), 0, None, {CUSTOMERS: kept}))
    return found


def whole_book(state: SqlState) -> tuple[object, object]:
    records = state.all_records(CUSTOMERS)
    cells = [(key, *(values.values.get(column) for column in FIELDS)) for key, values in records.items()]
    links, index = links_and_keys([tuple(None if cell is None else str(cell) for cell in row) for row in cells])
    return tuple(links), {(block, key) for key, blocks in index.items() for block in blocks}


def kept(state: SqlState) -> tuple[object, object]:
    with state.engine.connect() as connection:
        entries = connection.exec_driver_sql("SELECT block, key FROM blocks").all()
    return state.all_pairs(CUSTOMERS), {(block, key) for block, key in entries}


def play(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book of 30 customers, some cycles of edits, deletions and new customers, in whatever order they stand."""
    chance = random.Random(seed)
    limit = chance.choice((2, 5, 64))
    monkeypatch.setattr(keys, "LIMIT", limit)
    monkeypatch.setattr(keys, "LIMITS", {Shared.BRAND: min(3, limit), Shared.BEGINNING: 2})
    monkeypatch.setattr(suspects, "WHOLE_BOOK", 1.5)
    state = SqlState("sqlite://", list(TABS.values()))
    cycle(state, {RowKey(f"C-{number:02}"): customer(chance) for number in range(30)})
    for _ in range(chance.randint(1, 4)):
        rows = [RowKey(f"C-{chance.randrange(36):02}") for _ in range(chance.randint(1, 6))]
        chance.shuffle(rows)
        cycle(state, {key: None if chance.random() < 0.2 else customer(chance) for key in rows})
        assert kept(state) == whole_book(state)
    state.close()


@pytest.mark.parametrize("seed", range(12))
def test_followed_changes_give_what_a_search_of_the_whole_book_gives(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(seed, monkeypatch)


@pytest.mark.slow
def test_many_books(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(100, 100 + BOOKS):
        play(seed, monkeypatch)


def test_one_change_is_compared_with_its_own_blocks_only() -> None:
    state = SqlState("sqlite://", list(TABS.values()))
    book: Changes = {
        RowKey(f"C-{number:03}"): {
            ColumnKey("name"): f"米{chr(0x5000 + number)}岸",
            ColumnKey("phone"): f"138{number:08}",
        }
        for number in range(60)
    }
    assert cycle(state, book).reindexed
    found = cycle(state, {RowKey("C-007"): {NAME: "百味食品", PHONE: "13800000009"}})
    assert (found.compared, found.reindexed) == ({"C-007"}, False)
    assert len(found.gone) > len(found.come & found.gone) == 0
    state.close()
