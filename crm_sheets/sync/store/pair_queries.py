"""What is known of duplicates: pairs, the blocks in which they are looked for, what people have dismissed."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache

from sqlalchemy import TextClause, func, insert, select, text

from crm_sheets.rules.duplicates.subjects import Pair
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.queries import CHUNK, Queries, chunks
from crm_sheets.tables import RowKey, TabKey


class PairQueries(Queries):
    """Questions about duplicates."""

    def pairs_of(self, tab: TabKey, keys: Iterable[RowKey]) -> tuple[Pair, ...]:
        """See State."""
        t = tables.pairs
        found: dict[tuple[str, str], Pair] = {}
        with self.engine.connect() as connection:
            for chunk in chunks(keys):
                for column in (
                    t.c.one,
                    t.c.other,
                ):  # two queries, each by its index; with OR the whole tab is looked through
                    for row in connection.execute(select(t).where(t.c.tab == tab, column.in_(chunk))):
                        found[row.one, row.other] = _pair(row)
        return tuple(found[key] for key in sorted(found))

    def all_pairs(self, tab: TabKey) -> tuple[Pair, ...]:
        """Every link between suspected duplicates, ordered by key."""
        t = tables.pairs
        query = select(t).where(t.c.tab == tab).order_by(t.c.one, t.c.other)
        with self.engine.connect() as connection:
            return tuple(_pair(row) for row in connection.execute(query))

    def block_sizes(self, blocks: Collection[int], most: int) -> dict[int, int]:
        """See State."""
        found: dict[int, int] = {}
        with self.engine.connect() as connection:
            for chunk in chunks(blocks):
                padded = chunk + [chunk[-1]] * (CHUNK - len(chunk))
                wanted = {f"block_{number}": block for number, block in enumerate(padded)}
                for block, count in connection.execute(_sizes(), {**wanted, "most": most}):
                    if count:
                        found[block] = count
        return found

    def block_members(self, blocks: Collection[int]) -> dict[int, list[RowKey]]:
        """See State."""
        t = tables.blocks
        found: dict[int, list[RowKey]] = {}
        with self.engine.connect() as connection:
            for chunk in chunks(blocks):
                for block, key in connection.execute(select(t.c.block, t.c.key).where(t.c.block.in_(chunk))):
                    found.setdefault(block, []).append(key)
        return found

    def dismissed(self, tab: TabKey, keys: Iterable[RowKey]) -> frozenset[tuple[RowKey, RowKey]]:
        """See State."""
        t = tables.dismissed
        found: set[tuple[RowKey, RowKey]] = set()
        with self.engine.connect() as connection:
            for chunk in chunks(keys):
                for column in (t.c.one, t.c.other):
                    query = select(t.c.one, t.c.other).where(t.c.tab == tab, column.in_(chunk))
                    found.update((row.one, row.other) for row in connection.execute(query))
        return frozenset(found)

    def count_dismissed(self, tab: TabKey) -> int:
        """How many pairs a person said to be two customers."""
        t = tables.dismissed
        with self.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(t).where(t.c.tab == tab)) or 0

    def dismiss(self, tab: TabKey, one: RowKey, other: RowKey, at: datetime, author: str) -> None:
        """Remembers that two rows are two different customers."""
        t = tables.dismissed
        one, other = sorted((one, other))
        with self.engine.begin() as connection:
            connection.execute(t.delete().where(t.c.tab == tab, t.c.one == one, t.c.other == other))
            connection.execute(insert(t).values(tab=tab, one=one, other=other, at=at.isoformat(), author=author))


def _pair(row) -> Pair:  # type: ignore[no-untyped-def]  # a row of the pairs table
    return Pair(row.one, row.other, row.score, tuple(json.loads(row.keys)), bool(row.certain))


@cache
def _sizes() -> TextClause:
    """How many rows CHUNK keys have, each counted no further than `most`.

    Written out, and always of one length: put together anew from its keys it would take longer than its answer.
    """
    rows = ", ".join(f"(CAST(:block_{number} AS BIGINT))" for number in range(CHUNK))
    counted = "SELECT count(*) FROM (SELECT 1 FROM blocks WHERE blocks.block = wanted.block LIMIT :most) AS found"
    return text(f"WITH wanted (block) AS (VALUES {rows}) SELECT wanted.block, ({counted}) FROM wanted")  # noqa: S608
