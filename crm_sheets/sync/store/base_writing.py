"""Writes the base: what a replica's file holds, row by row, from which generation on and up to which."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from crm_sheets.schema.base import Tab
from crm_sheets.schema.storage import encode_values
from crm_sheets.state import BaseRow
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.base_memory import Moved
from crm_sheets.sync.store.queries import chunks, insert_all
from crm_sheets.sync.store.replica_queries import base_in, base_version
from crm_sheets.tables import ReplicaKey, RowKey, TabKey

_Span: TypeAlias = tuple[int, int | None, str]
"""From which generation a row of the base holds, and up to which, None for up to now; its hidden key."""


def inherited(
    connection: Connection, tab: Tab, replica: ReplicaKey, read: int, reserved: int
) -> dict[RowKey, BaseRow | None]:
    """What the new generation takes from the one that was read, where another came between.

    Generations between are writes that never reached the file, or that an old file has overwritten: the new file
    descends from the one that was read, not from them.
    """
    if reserved == read + 1:
        return {}
    t = tables.base
    touched = connection.scalars(
        select(t.c.key).where(t.c.replica == replica, t.c.tab == tab.key, or_(t.c.since > read, t.c.until > read))
    )
    keys = sorted(set(touched))
    found: dict[RowKey, BaseRow | None] = dict.fromkeys(keys)
    for chunk in chunks(keys):
        for row in base_in(connection, tab, replica, read, chunk):
            found[row.key] = row
    return found


def put_base(
    connection: Connection,
    tab: Tab,
    replica: ReplicaKey,
    generation: int,
    rows: Mapping[RowKey, BaseRow | None],
) -> list[Moved]:
    """Makes rows of the base hold from `generation` on, up to where a later generation says otherwise. Nothing else
    writes the base: what is kept of it elsewhere goes by the changes that are counted here."""
    if not rows:
        return []
    t = tables.base
    place = (t.c.replica == bindparam("r")) & (t.c.tab == bindparam("t"))
    where = place & (t.c.key == bindparam("k")) & (t.c.since == bindparam("s"))
    change, grown = _Change(), 0
    spans = _spans(connection, tab.key, replica, rows)
    for key, row in rows.items():
        here = {"r": replica, "t": tab.key, "k": key}
        until = change.make_room(here, spans.get(key, ()), generation)
        grown += (row is not None and until is None) - any(
            end is None and since <= generation for since, end, _ in spans.get(key, ())
        )
        if row is not None:
            change.added.append(
                {"replica": replica, "tab": tab.key, "since": generation, "until": until, **_stored(tab, row)}
            )
    if change.dropped:
        connection.execute(delete(t).where(where), change.dropped)
    if change.closed:
        connection.execute(update(t).where(where).values(until=generation), change.closed)
    insert_all(connection, t, change.added)
    witnesses = {row.witness for row in rows.values() if row is not None}
    witnesses |= {witness for found in spans.values() for _, _, witness in found}
    before = _counted(connection, tab.key, replica)
    return [Moved(before, before + 1, frozenset(rows), frozenset(witnesses), grown)]


@dataclass
class _Change:
    """Spans of rows that end earlier, that go, and that come."""

    closed: list[dict[str, object]] = field(default_factory=list)
    dropped: list[dict[str, object]] = field(default_factory=list)
    added: list[dict[str, object]] = field(default_factory=list)

    def make_room(self, row: Mapping[str, str], spans: Sequence[_Span], generation: int) -> int | None:
        """Ends the span of a row in which a generation lies; up to where what comes in its place holds."""
        until: int | None = None
        for since, end, _ in spans:
            if since > generation:
                until = since if until is None else min(until, since)
            elif end is None or end > generation:
                (self.dropped if since == generation else self.closed).append({**row, "s": since})
                return end
        return until


def _stored(tab: Tab, row: BaseRow) -> dict[str, object]:
    """A row of the base as the table keeps it."""
    return {
        "key": row.key,
        "witness": row.witness,
        "digest": row.digest,
        "content": row.content,
        "data": encode_values(tab, row.values),
        "flaws": json.dumps(row.flaws, ensure_ascii=False) if row.flaws else "{}",
    }


def _counted(connection: Connection, tab: TabKey, replica: ReplicaKey) -> int:
    """Counts a change of a base; how many there were before."""
    t = tables.base_versions
    before = base_version(connection, replica, tab)
    if before:
        here = (t.c.replica == replica) & (t.c.tab == tab)
        connection.execute(update(t).where(here).values(version=before + 1))
    else:
        connection.execute(insert(t).values(replica=replica, tab=tab, version=1))
    return before


def _spans(
    connection: Connection, tab: TabKey, replica: ReplicaKey, keys: Iterable[RowKey]
) -> dict[RowKey, list[_Span]]:
    """All that the base has of some rows, the newest first."""
    t = tables.base
    spans: dict[RowKey, list[_Span]] = {}
    for chunk in chunks(keys):
        query = (
            select(t.c.key, t.c.since, t.c.until, t.c.witness)
            .where(t.c.replica == replica, t.c.tab == tab, t.c.key.in_(chunk))
            .order_by(t.c.since.desc())
        )
        for key, *span in connection.execute(query):
            spans.setdefault(key, []).append((span[0], span[1], span[2]))
    return spans
