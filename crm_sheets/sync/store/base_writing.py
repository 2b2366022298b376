"""Writes the base: what a replica's file holds, row by row, from which generation on and up to which."""

import json
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from crm_sheets.schema.base import Tab
from crm_sheets.schema.storage import encode_values
from crm_sheets.state import BaseRow
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.base_memory import Moved
from crm_sheets.sync.store.queries import chunks, insert_all
from crm_sheets.sync.store.replica_queries import base_in, base_version
from crm_sheets.tables import ReplicaKey, RowKey, TabKey


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
    where = (
        t.c.replica == bindparam("r"),
        t.c.tab == bindparam("t"),
        t.c.key == bindparam("k"),
        t.c.since == bindparam("s"),
    )
    closed: list[dict[str, object]] = []
    dropped: list[dict[str, object]] = []
    added: list[dict[str, object]] = []
    spans = _spans(connection, tab.key, replica, rows)
    for key, row in rows.items():
        until = None
        for since, end in spans.get(key, ()):
            if since > generation:
                until = since if until is None else min(until, since)
            elif end is None or end > generation:
                place = {"r": replica, "t": tab.key, "k": key, "s": since}
                until = end
                (dropped if since == generation else closed).append(place)
                break
        if row is not None:
            added.append(
                {
                    "replica": replica,
                    "tab": tab.key,
                    "key": key,
                    "since": generation,
                    "until": until,
                    "witness": row.witness,
                    "digest": row.digest,
                    "content": row.content,
                    "data": encode_values(tab, row.values),
                    "flaws": json.dumps(row.flaws, ensure_ascii=False) if row.flaws else "{}",
                }
            )
    if dropped:
        connection.execute(delete(t).where(*where), dropped)
    if closed:
        connection.execute(update(t).where(*where).values(until=generation), closed)
    insert_all(connection, t, added)
    return [_counted(connection, tab.key, replica, frozenset(rows))]


def _counted(connection: Connection, tab: TabKey, replica: ReplicaKey, keys: frozenset[RowKey]) -> Moved:
    """Counts a change of a base."""
    t = tables.base_versions
    before = base_version(connection, replica, tab)
    if before:
        here = (t.c.replica == replica) & (t.c.tab == tab)
        connection.execute(update(t).where(here).values(version=before + 1))
    else:
        connection.execute(insert(t).values(replica=replica, tab=tab, version=1))
    return Moved(before, before + 1, keys)


def _spans(
    connection: Connection, tab: TabKey, replica: ReplicaKey, keys: Iterable[RowKey]
) -> dict[RowKey, list[tuple[int, int | None]]]:
    """(since, until) of all that the base has of some rows, the newest first."""
    t = tables.base
    spans: dict[RowKey, list[tuple[int, int | None]]] = {}
    for chunk in chunks(keys):
        query = (
            select(t.c.key, t.c.since, t.c.until)
            .where(t.c.replica == replica, t.c.tab == tab, t.c.key.in_(chunk))
            .order_by(t.c.since.desc())
        )
        for key, since, until in connection.execute(query):
            spans.setdefault(key, []).append((since, until))
    return spans
