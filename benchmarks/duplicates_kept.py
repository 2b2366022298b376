"""What 100 changed customers cost in a book whose index of duplicates is kept: `python -m benchmarks.duplicates_kept`.

A state store is filled with the made-up book, its records, index and links as a first cycle leaves them. Then, round by
round, 90 customers are edited, 5 deleted and 5 come in: the search, and the transaction that remembers it, are timed
together. At the end the kept links are compared with those of a search of the whole book.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.customers import Customer, customers
from benchmarks.targets import Target, write_targets
from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.rules.duplicates import links_and_keys
from crm_sheets.schema.book import tab
from crm_sheets.schema.storage import encode_values
from crm_sheets.state import Commit, TabCommit
from crm_sheets.suspects import CUSTOMERS, FIELDS, find_suspects
from crm_sheets.sync.store.commit import commit
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey

AIM = 0.5
"""Seconds for 100 changed customers of 1,000,000."""
TAB = tab(CUSTOMERS)


def main() -> None:
    """Fills a store, changes customers in it, and prints what a round costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--check", action="store_true", help="compare with a search of the whole book at the end")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        state = SqlState(f"sqlite:///{Path(folder, 'state.db')}", [TAB])
        _fill(state, asked.rows, asked.seed)
        size = Path(folder, "state.db").stat().st_size / 2**20
        wall, cpu = [], []
        for number in range(asked.rounds):
            fresh = customers(300, 1000 + number, family=2)
            begun, begun_cpu = time.perf_counter(), time.process_time()
            compared = _round(state, random.Random(number), asked.rows, fresh)
            wall.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - begun_cpu)
            print(f"round {number}: {wall[-1]:.3f} s, CPU {cpu[-1]:.3f} s, {compared} customers compared", flush=True)
        if asked.check:
            print("the same as a search of the whole book:", _same(state))
        state.close()
    name = f"100 changed of {asked.rows}"
    write_targets(
        asked.json,
        [
            Target(f"{name}: CPU, median", median(cpu), "s", AIM),
            Target(f"{name}: wall, median", median(wall), "s"),
            Target(f"{name}: CPU, most", max(cpu), "s"),
            Target(f"{name}: store", size, "MB"),
        ],
    )
    print(f"median {median(wall):.3f} s, CPU {median(cpu):.3f} s; most {max(wall):.3f} s; the store has {size:.0f} MB")


def _values(row: Customer) -> dict[ColumnKey, Value]:
    found = {column: getattr(row, column, "") for column in FIELDS}
    return {ColumnKey("id"): row.row_id, **{column: text for column, text in found.items() if text}}


def _fill(state: SqlState, rows: int, seed: int) -> None:
    """The store as a first cycle leaves it, by plain statements: through plans it would take an hour."""
    book = customers(rows, seed, family=2)
    links, keys = links_and_keys(
        (row.row_id, row.name, row.contact, row.phone, row.email, row.address, row.credit_code) for row in book
    )
    connection = state.engine.raw_connection()
    cursor = connection.cursor()
    cursor.executemany(
        "INSERT INTO records (tab, key, data, deleted) VALUES ('customers', ?, ?, 0)",
        [(row.row_id, encode_values(TAB, _values(row))) for row in book],
    )
    del book
    entries = sorted((block, key) for key, blocks in keys.items() for block in blocks)
    cursor.executemany("INSERT INTO blocks (block, key) VALUES (?, ?)", entries)
    cursor.executemany(
        "INSERT INTO pairs (tab, one, other, score, keys, certain) VALUES ('customers', ?, ?, ?, ?, ?)",
        [(link.one, link.other, link.score, json.dumps(link.keys), int(link.certain)) for link in links],
    )
    connection.commit()
    connection.close()


def _round(state: SqlState, chance: random.Random, rows: int, fresh: Sequence[Customer]) -> int:
    """One cycle's worth of changes, found and remembered; how many customers were compared."""
    draft = Draft(state, {CUSTOMERS: TAB})
    keys = [RowKey(str(key)) for key in chance.sample(range(1, rows + 1), 95)]
    draft.prefetch(CUSTOMERS, keys)
    for key, values in list(_changes(draft, keys, chance, iter(fresh))):
        draft.put((CUSTOMERS, key), None if values is None else dict(values))
    found = find_suspects(draft, state, ())
    changed = [key for _, key in draft.changed()]
    kept = TabCommit(
        records={key: draft.values((CUSTOMERS, key)) for key in changed},
        pairs=tuple(found.links),
        paired=frozenset(found.compared),
        delisted=frozenset(found.gone),
        enlisted=frozenset(found.come),
        reindexed=found.reindexed,
    )
    now = datetime(2026, 11, 22, tzinfo=UTC)
    commit(state, Commit(1, now, ReplicaKey("shared"), 0, None, {CUSTOMERS: kept}))
    return len(found.compared)


def _changes(
    draft: Draft, keys: Sequence[RowKey], chance: random.Random, fresh: Iterator[Customer]
) -> Iterator[tuple[RowKey, Mapping[ColumnKey, Value] | None]]:
    for place, key in enumerate(keys):
        values = draft.values((CUSTOMERS, key))
        if values is None:
            continue  # deleted in an earlier round
        other = _values(next(fresh))
        column = chance.choice([column for column in FIELDS if column in other])
        yield key, None if place < 5 else {**values, column: other[column]}
    for _ in range(5):
        yield (key := RowKey(f"N{chance.randrange(10**9)}")), _values(next(fresh)) | {ColumnKey("id"): key}


def _same(state: SqlState) -> bool:
    cells = (
        (str(key), *(None if (text := record.values.get(column)) is None else str(text) for column in FIELDS))
        for key, record in state.all_records(CUSTOMERS).items()
    )
    links, _ = links_and_keys(cells)
    return links == list(state.all_pairs(CUSTOMERS))


if __name__ == "__main__":
    main()
