"""An outbox in memory, and the contract that every OutboxStore keeps: subclass OutboxContract and give it a store."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crm_sheets.sync.outbox import OutboxEntry, OutboxStore, Settlement, State, due

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def entry(key: str, at: datetime = NOW, person: str = "王芳", kind: str = "due") -> OutboxEntry:
    return OutboxEntry(key, kind, person, at, at, NOW, {"customer": "华为"}, "follow_ups", "F-1")


class MemoryOutbox:
    """Keeps entries in a dictionary."""

    def __init__(self, entries: Iterable[OutboxEntry] = ()) -> None:
        self.by_key = {entry.key: entry for entry in entries}

    def due(self, now: datetime, limit: int) -> tuple[OutboxEntry, ...]:
        return due(self.by_key.values(), now)[:limit]

    def claim(self, key: str) -> bool:
        found = self.by_key[key]
        if found.state not in (State.PENDING, State.RETRY):
            return False
        self.by_key[key] = replace(found, state=State.SENDING)
        return True

    def settle(self, key: str, settlement: Settlement) -> None:
        found = self.by_key[key]
        self.by_key[key] = replace(
            found,
            state=settlement.state,
            attempts=settlement.attempts,
            error=settlement.error,
            identity=found.identity if settlement.identity is None else settlement.identity,
            address=found.address if settlement.address is None else settlement.address,
            next_try=settlement.next_try or found.next_try,
            sent_at=settlement.sent_at or found.sent_at,
        )

    def turn(self, settlements: Mapping[str, Settlement], keys: Iterable[str]) -> frozenset[str]:
        for key, settlement in settlements.items():
            self.settle(key, settlement)
        return frozenset(key for key in keys if self.claim(key))

    def entries(self, states: Iterable[State]) -> tuple[OutboxEntry, ...]:
        wanted = frozenset(states)
        found = (entry for entry in self.by_key.values() if entry.state in wanted)
        return tuple(sorted(found, key=lambda entry: (entry.not_before, entry.key)))


class OutboxContract:
    """What sending relies on; `store` is a fixture that holds ENTRIES."""

    ENTRIES = (entry("b"), entry("a"), entry("later", NOW + MINUTE), entry("early", NOW - MINUTE))

    def test_due_are_those_whose_time_has_come_in_their_order(self, store: OutboxStore) -> None:
        assert [found.key for found in store.due(NOW, 10)] == ["early", "a", "b"]
        assert [found.key for found in store.due(NOW, 2)] == ["early", "a"]
        assert [found.key for found in store.due(NOW + MINUTE, 10)] == ["early", "a", "b", "later"]

    def test_an_entry_comes_back_as_it_was(self, store: OutboxStore) -> None:
        assert store.due(NOW, 10)[1] == entry("a")

    def test_a_claim_is_had_once(self, store: OutboxStore) -> None:
        assert [store.claim("a"), store.claim("a")] == [True, False]
        assert [found.key for found in store.due(NOW, 10)] == ["early", "b"]
        assert [found.key for found in store.entries((State.SENDING,))] == ["a"]

    def test_a_settlement_is_kept(self, store: OutboxStore) -> None:
        store.claim("a")
        store.settle("a", Settlement(State.RETRY, 1, "busy", next_try=NOW + 5 * MINUTE))
        (found,) = store.entries((State.RETRY,))
        assert found == replace(entry("a"), state=State.RETRY, attempts=1, error="busy", next_try=NOW + 5 * MINUTE)
        assert store.claim("a")
        sent = Settlement(State.SENT, 1, sent_at=NOW + 6 * MINUTE, identity="<x@y>", address="wang@example.com")
        assert store.turn({"a": sent}, ["b", "early"]) == {"b", "early"}
        assert store.turn({"a": sent}, ["b"]) == frozenset()
        (found,) = store.entries((State.SENT,))
        assert (found.error, found.sent_at, found.identity) == ("", NOW + 6 * MINUTE, "<x@y>")
        assert found.address == "wang@example.com"
        assert found.next_try == NOW + 5 * MINUTE

    @pytest.mark.parametrize("state", [State.SENT, State.DEAD, State.UNCERTAIN])
    def test_what_is_settled_for_good_is_never_due(self, store: OutboxStore, state: State) -> None:
        store.claim("a")
        store.settle("a", Settlement(state, 1))
        assert not store.claim("a")
        assert [found.key for found in store.due(NOW, 10)] == ["early", "b"]
