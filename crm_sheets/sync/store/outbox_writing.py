"""Messages added to the outbox, and taken out of it again, inside the transaction of what caused it."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update

from crm_sheets.changes import Route
from crm_sheets.rules.reminder_families import is_of_a_rule
from crm_sheets.state import OutboxItem, RowId
from crm_sheets.sync.outbox import State
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.queries import chunks, insert_all

BEGINS: Mapping[Route, State] = {Route.MAIL: State.PENDING, Route.DIGEST: State.DIGEST, Route.NONE: State.MUTED}
"""In which state a message begins."""

WAITING = (State.PENDING, State.RETRY, State.DIGEST)
"""States of messages that can still be taken back."""


def put_outbox(connection: Connection, items: Iterable[OutboxItem], now: datetime) -> None:
    """Adds messages; one whose key is already there is left as it is, but for one that was taken back and is to go out
    after all."""
    t = tables.outbox
    rows = {item.key: item for item in items}
    for chunk in chunks(rows):
        known = connection.execute(select(t.c.key, t.c.state).where(t.c.key.in_(chunk))).all()
        for key, state in known:
            item = rows.pop(key)
            if item.again and state == State.WITHDRAWN:
                connection.execute(update(t).where(t.c.key == key).values(**_columns(item, now)))
    insert_all(connection, t, (_columns(item, now) for item in rows.values()))


def settle_all(connection: Connection, keys: Collection[str], state: State) -> None:
    """Puts messages that were not sent into another state."""
    t = tables.outbox
    for chunk in chunks(keys):
        waiting = t.c.key.in_(chunk) & t.c.state.in_([each.value for each in WAITING])
        connection.execute(update(t).where(waiting).values(state=state.value))


def demote(connection: Connection, before: datetime) -> int:
    """Leaves reminders that were due before an instant, and could not be sent, to the next digest; how many."""
    t = tables.outbox
    ready = [State.PENDING.value, State.RETRY.value]
    query = select(t.c.key, t.c.kind).where(t.c.state.in_(ready), t.c.not_before < before.isoformat())
    keys = [key for key, kind in connection.execute(query) if _is_a_reminder(key, kind)]
    settle_all(connection, keys, State.DIGEST)
    return len(keys)


def unsent_in(connection: Connection, rows: Collection[RowId]) -> dict[str, bool]:
    """See state.State.unsent."""
    t, wanted = tables.outbox, set(rows)
    found: dict[str, bool] = {}
    states = [state.value for state in (*WAITING, State.WITHDRAWN)]
    for chunk in chunks({key for _, key in wanted}):
        query = select(t.c.key, t.c.kind, t.c.tab, t.c.row, t.c.state).where(t.c.state.in_(states), t.c.row.in_(chunk))
        for key, kind, tab, row, state in connection.execute(query):
            if _is_a_reminder(key, kind) and (tab, row) in wanted:
                found[key] = state == State.WITHDRAWN
    return found


def _is_a_reminder(key: str, kind: str) -> bool:
    """Whether a message is a reminder to a person, and no copy of one for a group."""
    return is_of_a_rule(kind) and key.startswith(f"{kind}|")


def _columns(item: OutboxItem, now: datetime) -> dict[str, object]:
    return {
        "key": item.key,
        "kind": item.kind,
        "person": item.person,
        "tab": item.tab or "",
        "row": item.row or "",
        "parameters": json.dumps(dict(item.parameters), ensure_ascii=False),
        "state": BEGINS[item.route].value,
        "not_before": item.not_before.isoformat(),
        "next_try": (item.first_try or item.not_before).isoformat(),
        "created_at": now.isoformat(),
        "attempts": 0,
        "error": "",
        "identity": "",
    }
