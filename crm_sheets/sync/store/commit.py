"""Writes one cycle's Commit in one transaction, and confirms it after the file was written."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from crm_sheets.outline import Outline
from crm_sheets.schema.base import Tab
from crm_sheets.schema.storage import encode_values
from crm_sheets.state import Commit, Finding, Reading, Source, TabCommit
from crm_sheets.sync.outbox import State
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.base_memory import Moved
from crm_sheets.sync.store.base_writing import inherited, put_base
from crm_sheets.sync.store.outbox_writing import put_outbox, settle_all
from crm_sheets.sync.store.outlines import base_moved, put_outline
from crm_sheets.sync.store.pipeline_queries import put_pipeline
from crm_sheets.sync.store.queries import chunks, insert_all
from crm_sheets.sync.store.sql import SqlState, put_notes
from crm_sheets.tables import Fingerprint, ReplicaKey, RowKey, TabKey

_NONE: Mapping[TabKey, tuple[Outline, int]] = {}


def commit(state: SqlState, plan: Commit) -> dict[TabKey, list[Moved]]:
    """The first durable step: merge result, journal, outbox, reserved generation and what it will hold. Returns what
    moved in the base of each tab."""
    moved: dict[TabKey, list[Moved]] = {}
    with state.transaction() as connection:
        if state.keeper is not None:
            state.keeper.keep(connection, plan)
        for key, tab_commit in plan.tabs.items():
            moved[key] = _put_tab(connection, state.tabs[key], plan, tab_commit)
            if moved[key]:
                base_moved(connection, plan.replica, key, moved[key])
        _put_journal(connection, plan)
        settle_all(connection, plan.withdrawn, State.WITHDRAWN)
        put_outbox(connection, plan.outbox, plan.now)
        insert_all(connection, tables.origins, ({"origin": origin} for origin in plan.origins))
        _put_imported(connection, plan)
        put_notes(connection, plan.notes)
        _put_marks(connection, plan)
        if plan.pipeline is not None:
            put_pipeline(connection, plan.pipeline)
        _confirm_generation(connection, plan.replica, plan.read, plan.now)  # whoever reads it knows that it was written
        if plan.reserved is not None:
            connection.execute(
                insert(tables.generations).values(
                    replica=plan.replica,
                    generation=plan.reserved,
                    parent=plan.read,
                    reserved=plan.now.isoformat(),
                    run=plan.run,
                )
            )
    if state.bases is not None:
        for key, changes in moved.items():
            state.bases.moved((plan.replica, key), changes)
    return moved


def confirm(
    state: SqlState,
    plan: Commit,
    at: datetime,
    reading: Reading,
    outlines: Mapping[TabKey, tuple[Outline, int]] = _NONE,
) -> None:
    """The last durable step: the file holds what was reserved. `outlines` are those of the sheets that were read, each
    with how often the base of its tab had changed."""
    with state.transaction() as connection:
        if plan.reserved is not None:
            _confirm_generation(connection, plan.replica, plan.reserved, at)
        for tab, tab_commit in plan.tabs.items():
            # Rows of a tab that is held were not written: they wait until it is released.
            carried_out = tab_commit.pending & tab_commit.expected.keys()
            _delete_keys(connection, tables.pending, tab, carried_out, plan.replica)
        put_reading(connection, plan.replica, reading)
        for tab, (outline, version) in outlines.items():
            put_outline(connection, plan.replica, tab, outline, version)


def lies_as(state: SqlState, replica: ReplicaKey, known: Reading, found: Fingerprint) -> None:
    """The file that was read lies there otherwise, with the same content: a share was restored, say. Remembered, so
    that it need not be opened again to find that out."""
    with state.transaction() as connection:
        put_reading(connection, replica, replace(known, fingerprint=found))


def _confirm_generation(connection: Connection, replica: ReplicaKey, generation: int, at: datetime) -> None:
    t = tables.generations
    connection.execute(
        update(t)
        .where(t.c.replica == replica, t.c.generation == generation, t.c.confirmed.is_(None))
        .values(confirmed=at.isoformat())
    )


def put_reading(connection: Connection, replica: ReplicaKey, reading: Reading) -> None:
    """Remembers what the file looked like, so that what did not change is not read again."""
    t = tables.readings
    connection.execute(t.delete().where(t.c.replica == replica))
    connection.execute(
        insert(t).values(
            replica=replica,
            fingerprint=json.dumps(asdict(reading.fingerprint)),
            parts=json.dumps(dict(reading.parts)),
            sheets=json.dumps(dict(reading.sheets)),
        )
    )


def _put_tab(connection: Connection, tab: Tab, plan: Commit, change: TabCommit) -> list[Moved]:
    _put_records(connection, tab, change)
    _replace_rows(
        connection,
        tables.entries,
        tab.key,
        change.entries,
        (
            {"tab": tab.key, "key": key, "name": entry.name, "value": entry.value, "role": entry.role.value}
            for key, entries in change.entries.items()
            for entry in sorted(entries, key=lambda entry: (entry.name, entry.value, entry.role))
        ),
    )
    _put_findings(connection, tab.key, plan.replica, change)
    _replace_rows(
        connection,
        tables.wakes,
        tab.key,
        change.wakes,
        ({"tab": tab.key, "key": key, "at": at.isoformat()} for key, at in change.wakes.items() if at is not None),
    )
    if change.paired:
        _put_pairs(connection, tab.key, change)
    _put_blocks(connection, change)
    return _put_replica(connection, tab, plan, change)


def _put_marks(connection: Connection, plan: Commit) -> None:
    """Rows that other replicas will have to compare with their records."""
    t = tables.pending
    for replica, tabs in plan.marks.items():
        for tab, keys in tabs.items():
            _delete_keys(connection, t, tab, keys, replica)
            insert_all(connection, t, ({"replica": replica, "tab": tab, "key": key} for key in sorted(keys)))


def _put_records(connection: Connection, tab: Tab, change: TabCommit) -> None:
    t, records = tables.records, change.records
    living = {key: values for key, values in records.items() if values is not None}
    for chunk in chunks(key for key, values in records.items() if values is None):
        connection.execute(update(t).where(t.c.tab == tab.key, t.c.key.in_(chunk)).values(deleted=1))
    for key, values in change.last.items():
        data = encode_values(tab, values)
        connection.execute(update(t).where(t.c.tab == tab.key, t.c.key == key).values(data=data))
    _replace_rows(
        connection,
        t,
        tab.key,
        living,
        (
            {"tab": tab.key, "key": key, "data": encode_values(tab, values), "deleted": 0}
            for key, values in living.items()
        ),
    )


def _put_findings(connection: Connection, tab: TabKey, replica: ReplicaKey, change: TabCommit) -> None:
    t = tables.findings
    for chunk in chunks(change.findings):
        connection.execute(delete(t).where(t.c.tab == tab, t.c.key.in_(chunk), t.c.source != Source.TAB.value))
    rows = [(key, finding) for key, findings in change.findings.items() for finding in findings]
    if change.loose is not None:
        about = (t.c.tab == tab, t.c.source == Source.TAB.value, t.c.replica == replica)
        connection.execute(delete(t).where(*about))
        rows += [(issue.row or RowKey(""), Finding(issue, Source.TAB, replica)) for issue in change.loose]
    insert_all(
        connection,
        t,
        (
            {
                "tab": tab,
                "key": key,
                "code": finding.issue.code,
                "column": finding.issue.column,
                "severity": finding.issue.severity.value,
                "source": finding.source.value,
                "parameters": json.dumps(dict(finding.issue.parameters), ensure_ascii=False),
                "replica": finding.replica,
            }
            for key, finding in rows
        ),
    )


def _put_replica(connection: Connection, tab: Tab, plan: Commit, change: TabCommit) -> list[Moved]:
    """The base, the keys given out, the writes to come; what moved in the base."""
    replica = plan.replica
    moved = put_base(connection, tab, replica, plan.read, change.observed)
    if plan.reserved is not None:
        expected = {**inherited(connection, tab, replica, plan.read, plan.reserved), **change.expected}
        moved += put_base(connection, tab, replica, plan.reserved, expected)
    _delete_keys(connection, tables.issued, tab.key, change.arrived, replica)
    insert_all(
        connection,
        tables.issued,
        (
            {"replica": replica, "tab": tab.key, "key": row.key, "witness": row.witness, "at": row.at.isoformat()}
            for row in change.issued
        ),
    )
    _delete_keys(connection, tables.pending, tab.key, change.settled | change.pending, replica)
    insert_all(
        connection,
        tables.pending,
        ({"replica": replica, "tab": tab.key, "key": key} for key in sorted(change.pending)),
    )
    if change.held is not None:
        t = tables.held
        connection.execute(delete(t).where(t.c.replica == replica, t.c.tab == tab.key))
        insert_all(
            connection,
            t,
            (
                {"replica": replica, "tab": tab.key, "content": content, "code": code}
                for content, code in change.held.items()
            ),
        )
    return moved


def _put_pairs(connection: Connection, tab: TabKey, change: TabCommit) -> None:
    t = tables.pairs
    for chunk in chunks(change.paired):
        for column in (t.c.one, t.c.other):
            connection.execute(delete(t).where(t.c.tab == tab, column.in_(chunk)))
    insert_all(
        connection,
        t,
        (
            {
                "tab": tab,
                "one": pair.one,
                "other": pair.other,
                "score": pair.score,
                "keys": json.dumps(pair.keys),
                "certain": int(pair.certain),
            }
            for pair in change.pairs
        ),
    )


def _put_blocks(connection: Connection, change: TabCommit) -> None:
    t = tables.blocks
    if change.reindexed:
        connection.execute(delete(t))
    gone = [{"old_block": block, "old_key": key} for block, key in sorted(change.delisted)]
    if gone and not change.reindexed:
        here = (t.c.block == bindparam("old_block")) & (t.c.key == bindparam("old_key"))
        connection.execute(delete(t).where(here), gone)
    insert_all(connection, t, ({"block": block, "key": key} for block, key in sorted(change.enlisted)))


def _put_imported(connection: Connection, plan: Commit) -> None:
    """Which rows imports have made; those that were undone may be made again."""
    t = tables.imported
    for tab, key in plan.forgotten:
        connection.execute(delete(t).where(t.c.tab == tab, t.c.key == key))
    rows = ({"origin": origin, "tab": tab, "key": key} for origin, (tab, key) in plan.taken.items())
    insert_all(connection, t, rows)


def _put_journal(connection: Connection, plan: Commit) -> None:
    t = tables.journal
    generation = plan.reserved if plan.reserved is not None else plan.read
    known: set[str] = set()
    for chunk in chunks({entry.dedupe for entry in plan.journal if entry.dedupe}):
        known.update(connection.scalars(select(t.c.dedupe).where(t.c.dedupe.in_(chunk))))
    rows = []
    for entry in plan.journal:
        if entry.dedupe in known:
            continue
        if entry.dedupe:
            known.add(entry.dedupe)
        rows.append(
            {
                "run": plan.run,
                "at": plan.now.isoformat(),
                "replica": plan.replica,
                "generation": generation,
                "kind": entry.kind.value,
                "tab": entry.tab,
                "key": entry.row,
                "column": entry.column,
                "old": entry.old,
                "new": entry.new,
                "author": entry.author,
                "dedupe": entry.dedupe or None,
            }
        )
    insert_all(connection, t, rows)


def _replace_rows(
    connection: Connection,
    table: Table,
    tab: TabKey,
    keys: Iterable[RowKey],
    rows: Iterable[Mapping[str, object]],
) -> None:
    """Puts `rows` in the place of whatever the table has under the keys."""
    if connection.scalar(select(table.c.key).where(table.c.tab == tab).limit(1)) is not None:
        for chunk in chunks(keys):
            connection.execute(delete(table).where(table.c.tab == tab, table.c.key.in_(chunk)))
    insert_all(connection, table, rows)


def _delete_keys(
    connection: Connection, table: Table, tab: TabKey, keys: Iterable[RowKey], replica: ReplicaKey
) -> None:
    for chunk in chunks(keys):
        connection.execute(delete(table).where(table.c.replica == replica, table.c.tab == tab, table.c.key.in_(chunk)))
