"""The outbox in the state store: implements outbox.OutboxStore."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, or_, select, true, update

from crm_sheets.sync.outbox import OutboxEntry, Settlement, State
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.queries import chunks, instant
from crm_sheets.sync.store.sql import SqlState

READY = (State.PENDING.value, State.RETRY.value)

# Made once: with ten thousand messages due, building a statement takes longer than carrying it out.
_CLAIM = (
    update(tables.outbox)
    .where(tables.outbox.c.key == bindparam("of"), tables.outbox.c.state.in_(READY))
    .values(state=State.SENDING.value)
)
_CLAIM_ALL = (
    update(tables.outbox)
    .where(tables.outbox.c.key.in_(bindparam("keys", expanding=True)), tables.outbox.c.state.in_(READY))
    .values(state=State.SENDING.value)
    .returning(tables.outbox.c.key)
)
_SENT_VALUES = {"state", "attempts", "error", "sent_at", "identity", "address"}
_SENT = (
    update(tables.outbox)
    .where(tables.outbox.c.key == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in sorted(_SENT_VALUES)})
)


ROBOT = "robot:"
"""What the person of a message to a group begins with; no name in 组织 has a colon after this word."""
CUSTOMER = "customer:"
"""What the person of a mail to a customer begins with; the key of the member of the campaign follows."""
MAIL, CUSTOMER_MAIL = "mail", "customer mail"
"""The channels of mails to the team, and of those to its customers."""


class SqlOutbox:
    """See outbox.OutboxStore. Entries are added by the commit of a cycle.

    Args:
        state: where it is.
        channel: MAIL, CUSTOMER_MAIL, or the person of the messages to one group (ROBOT and its name); None for all.
    """

    def __init__(self, state: SqlState, channel: str | None = None) -> None:
        self._state = state
        person = tables.outbox.c.person
        ours = ~(person.startswith(ROBOT) | person.startswith(CUSTOMER))
        mine = {None: true(), MAIL: ours, CUSTOMER_MAIL: person.startswith(CUSTOMER)}
        self._mine = mine.get(channel, person == channel)

    def due(self, now: datetime, limit: int) -> tuple[OutboxEntry, ...]:
        """See OutboxStore."""
        t = tables.outbox
        query = select(t).where(t.c.state.in_(READY), t.c.next_try <= now.isoformat(), self._mine)
        return self._read(query.order_by(t.c.next_try, t.c.key).limit(limit))

    def claim(self, key: str) -> bool:
        """See OutboxStore."""
        with self._state.transaction() as connection:
            return _claimed(connection, key)

    def settle(self, key: str, settlement: Settlement) -> None:
        """See OutboxStore."""
        with self._state.transaction() as connection:
            _settle(connection, key, settlement)

    def turn(self, settlements: Mapping[str, Settlement], keys: Iterable[str]) -> frozenset[str]:
        """See OutboxStore."""
        with self._state.transaction() as connection:
            _settle_all(connection, settlements)
            wanted = list(keys)
            return frozenset(connection.scalars(_CLAIM_ALL, {"keys": wanted})) if wanted else frozenset()

    def entries(self, states: Iterable[State]) -> tuple[OutboxEntry, ...]:
        """See OutboxStore."""
        t = tables.outbox
        wanted = [state.value for state in states]
        return self._read(select(t).where(t.c.state.in_(wanted), self._mine).order_by(t.c.not_before, t.c.key))

    def fallen_due(self, after: datetime, until: datetime) -> tuple[OutboxEntry, ...]:
        """Messages whose time came in (after, until], or that were added then for one before."""
        t = tables.outbox
        begin, end = after.isoformat(), until.isoformat()
        fresh = or_(t.c.not_before > begin, t.c.created_at > begin)
        return self._read(select(t).where(fresh, t.c.not_before <= end, self._mine).order_by(t.c.not_before, t.c.key))

    def sent_since(self, begin: datetime) -> list[datetime]:
        """When the messages that went out since an instant did."""
        t = tables.outbox
        query = select(t.c.sent_at).where(t.c.sent_at >= begin.isoformat(), self._mine)
        with self._state.engine.connect() as connection:
            return [instant(row[0]) for row in connection.execute(query)]

    def about(self, tab: str, rows: Iterable[str]) -> tuple[OutboxEntry, ...]:
        """The messages about some rows of a tab, in whatever state."""
        t = tables.outbox
        found: list[OutboxEntry] = []
        for chunk in chunks(rows):
            found += self._read(select(t).where(t.c.tab == tab, t.c.row.in_(chunk), self._mine))
        return tuple(found)

    def with_keys(self, keys: Iterable[str]) -> dict[str, OutboxEntry]:
        """The messages of these keys, in whatever state."""
        t = tables.outbox
        found = (self._read(select(t).where(t.c.key.in_(chunk))) for chunk in chunks(keys))
        return {entry.key: entry for entries in found for entry in entries}

    def ended_since(self, begin: datetime) -> tuple[OutboxEntry, ...]:
        """The messages that went out, or were given up, since an instant, by (not_before, key)."""
        t, begun = tables.outbox, begin.isoformat()
        ended = t.c.state.in_((State.SENT.value, State.DEAD.value))
        at = or_(t.c.sent_at >= begun, t.c.sent_at.is_(None) & (t.c.next_try >= begun))
        return self._read(select(t).where(ended, at, self._mine).order_by(t.c.not_before, t.c.key))

    def by_identity(self, identities: Iterable[str]) -> tuple[OutboxEntry, ...]:
        """The messages that a channel knows under these identities, by (not_before, key)."""
        t = tables.outbox
        wanted = [identity for identity in identities if identity]
        return self._read(select(t).where(t.c.identity.in_(wanted)).order_by(t.c.not_before, t.c.key))

    def by_token(self, token: str) -> OutboxEntry | None:
        """The message whose Message-ID is a token, as it is or without brackets and domain."""
        t, bare = tables.outbox, token.strip("<>").partition("@")[0]
        if not bare.isalnum():
            return None
        found = self._read(select(t).where(t.c.identity.startswith(f"<{bare}@"), self._mine))
        return found[0] if found else None

    def with_error(self, state: State, error: str) -> tuple[OutboxEntry, ...]:
        """The messages in a state for one reason, by (not_before, key)."""
        t = tables.outbox
        query = select(t).where(t.c.state == state.value, t.c.error == error)
        return self._read(query.order_by(t.c.not_before, t.c.key))

    def first_sent(self) -> datetime | None:
        """When the first message was sent."""
        with self._state.engine.connect() as connection:
            first = connection.scalar(select(func.min(tables.outbox.c.sent_at)))
        return instant(first) if first else None

    def counts(self) -> dict[str, int]:
        """How many entries are in each state that has any."""
        t = tables.outbox
        with self._state.engine.connect() as connection:
            query = select(t.c.state, func.count()).where(self._mine).group_by(t.c.state).order_by(t.c.state)
            rows = connection.execute(query)
            return {row[0]: row[1] for row in rows}

    def _read(self, query: Select[Any]) -> tuple[OutboxEntry, ...]:
        with self._state.engine.connect() as connection:
            return tuple(_entry(row) for row in connection.execute(query))


def _claimed(connection: Connection, key: str) -> bool:
    return connection.execute(_CLAIM, {"of": key}).rowcount == 1


def _settle_all(connection: Connection, settlements: Mapping[str, Settlement]) -> None:
    sent: list[dict[str, object]] = []
    for key, settlement in settlements.items():
        values = _values(settlement)
        if values.keys() == _SENT_VALUES:
            sent.append({"of": key, **{f"new_{name}": value for name, value in values.items()}})
        else:
            _settle(connection, key, settlement)
    if sent:
        connection.execute(_SENT, sent)


def _settle(connection: Connection, key: str, settlement: Settlement) -> None:
    connection.execute(update(tables.outbox).where(tables.outbox.c.key == key).values(**_values(settlement)))


def _values(settlement: Settlement) -> dict[str, object]:
    told = ((each.name, getattr(settlement, each.name)) for each in fields(settlement))
    values: dict[str, object] = {name: value for name, value in told if value is not None}
    values["state"] = settlement.state.value
    for name in ("next_try", "sent_at"):
        at = getattr(settlement, name)
        if at is not None:
            values[name] = at.isoformat()
    return values


def _entry(row: Row[Any]) -> OutboxEntry:
    return OutboxEntry(
        key=row.key,
        kind=row.kind,
        person=row.person,
        not_before=instant(row.not_before),
        next_try=instant(row.next_try),
        created_at=instant(row.created_at),
        parameters=json.loads(row.parameters),
        tab=row.tab,
        row=row.row,
        state=State(row.state),
        attempts=row.attempts,
        error=row.error,
        sent_at=instant(row.sent_at) if row.sent_at else None,
        identity=row.identity,
        address=row.address,
    )
