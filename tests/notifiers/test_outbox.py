"""Sending: what becomes of each message, whoever fails, and that nothing is sent twice or forgotten."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sheets.errors import CrmSheetsError, OutcomeUnknown, ServiceError, ServiceUnavailable, Undeliverable
from crm_sheets.sync.delivery import Content, Delivery, Post, Recipient, deliver, settle_interrupted
from crm_sheets.sync.notifiers.base import Message, Receipt
from crm_sheets.sync.notifiers.memory import MemoryNotifier
from crm_sheets.sync.outbox import (
    INTERRUPTED,
    NO_ADDRESS,
    OnUnknown,
    OutboxEntry,
    State,
    after_failure,
    revived,
)
from tests.notifiers.memory_outbox import NOW, MemoryOutbox, OutboxContract, entry


class TestMemoryOutbox(OutboxContract):
    @pytest.fixture
    def store(self) -> MemoryOutbox:
        return MemoryOutbox(self.ENTRIES)


def rendered(found: OutboxEntry, now: datetime) -> Content:
    return Content(f"{found.kind} {found.key}", "text", "<p>text</p>")


def address_of(person: str) -> Recipient | None:
    return None if person == "无名" else Recipient(person, f"{'li' if person == '李雷' else 'wang'}@example.com")


def post(
    notifier: MemoryNotifier | None = None,
    on_unknown: OnUnknown = OnUnknown.HOLD,
    render: Callable[[OutboxEntry, datetime], Content] = rendered,
) -> Post:
    return Post(notifier or MemoryNotifier(), render, address_of, lambda: 0.0, on_unknown)


def refusing(error: ServiceError) -> MemoryNotifier:
    return MemoryNotifier({"wang@example.com": error})


def states(store: MemoryOutbox) -> dict[str, str]:
    return {key: found.state.value for key, found in sorted(store.by_key.items())}


def test_what_is_due_is_sent_once() -> None:
    store, notifier = MemoryOutbox([entry("a"), entry("b"), entry("c", NOW + timedelta(seconds=1))]), MemoryNotifier()
    assert deliver(store, post(notifier), NOW) == Delivery(sent=("a", "b"))
    assert deliver(store, post(notifier), NOW) == Delivery()
    assert [(mail.key, mail.to_address, mail.subject, mail.at) for mail in notifier.sent] == [
        ("a", "wang@example.com", "due a", NOW),
        ("b", "wang@example.com", "due b", NOW),
    ]
    assert store.by_key["a"].identity == "memory:a"


@pytest.mark.parametrize(
    ("attempts", "error", "on_unknown", "state", "counted", "minutes"),
    [
        (0, ServiceError("451"), "hold", "retry", 1, 1),
        (1, ServiceError("451"), "hold", "retry", 2, 5),
        (2, ServiceError("451"), "hold", "retry", 3, 25),
        (3, ServiceError("451"), "hold", "retry", 4, 120),
        (4, ServiceError("451"), "hold", "dead", 5, None),
        (0, Undeliverable("550"), "hold", "dead", 1, None),
        (0, ServiceUnavailable("down"), "hold", "retry", 0, 1),
        (4, ServiceUnavailable("down"), "hold", "retry", 4, 1),
        (0, OutcomeUnknown("lost"), "hold", "uncertain", 1, None),
        (0, OutcomeUnknown("lost"), "resend", "retry", 1, 1),
        (4, OutcomeUnknown("lost"), "resend", "dead", 5, None),
        (0, CrmSheetsError("template"), "hold", "retry", 1, 1),
    ],
)
def test_what_becomes_of_a_failure(
    attempts: int, error: CrmSheetsError, on_unknown: str, state: str, counted: int, minutes: int | None
) -> None:
    settled = after_failure(replace(entry("a"), attempts=attempts), error, NOW, 0.0, OnUnknown(on_unknown))
    next_try = None if minutes is None else NOW + timedelta(minutes=minutes)
    assert (settled.state, settled.attempts, settled.next_try) == (state, counted, next_try)
    assert settled.error == str(error)


def test_jitter_only_lengthens_a_pause() -> None:
    pauses = []
    for jitter in (0.0, 0.5, 1.0):
        settled = after_failure(entry("a"), ServiceError("451"), NOW, jitter, OnUnknown.HOLD)
        assert settled.next_try is not None
        pauses.append((settled.next_try - NOW).total_seconds())
    assert pauses == [60.0, 66.0, 72.0]


def test_five_refusals_over_their_ladder_make_a_dead_letter() -> None:
    store, now, tries = MemoryOutbox([entry("a")]), NOW, []
    while store.by_key["a"].state is not State.DEAD:
        if deliver(store, post(refusing(ServiceError("451 later"))), now) != Delivery():
            tries.append((now - NOW) // timedelta(minutes=1))
        now += timedelta(minutes=1)
    assert tries == [0, 1, 6, 31, 151]
    assert store.by_key["a"].error == "451 later"


def test_a_refused_message_does_not_hold_up_the_others() -> None:
    store = MemoryOutbox([entry("a"), entry("b", person="李雷"), entry("c", person="无名")])
    assert deliver(store, post(refusing(Undeliverable("550"))), NOW) == Delivery(sent=("b",), dead=("a", "c"))
    assert store.by_key["c"].error == NO_ADDRESS


def test_a_channel_that_is_down_ends_the_round_and_costs_the_others_nothing() -> None:
    store = MemoryOutbox([entry("a"), entry("b", person="李雷")])
    delivery = deliver(store, post(refusing(ServiceUnavailable("mail server x:25: refused"))), NOW)
    assert delivery == Delivery(retried=("a",), stopped="mail server x:25: refused")
    assert store.by_key["b"] == entry("b", person="李雷")


def test_a_weekend_without_the_mail_server_kills_nothing() -> None:
    store = MemoryOutbox([entry("a")])
    for hour in range(60):
        deliver(store, post(refusing(ServiceUnavailable("down"))), NOW + timedelta(hours=hour))
    assert deliver(store, post(), NOW + timedelta(hours=60)) == Delivery(sent=("a",))


def test_a_message_that_cannot_be_made_is_tried_again_and_the_others_go() -> None:
    def render(found: OutboxEntry, now: datetime) -> Content:
        if found.key == "a":
            raise CrmSheetsError("due.html.j2: 'x' is undefined")
        return rendered(found, now)

    store = MemoryOutbox([entry("a"), entry("b")])
    assert deliver(store, post(render=render), NOW) == Delivery(sent=("b",), retried=("a",))


def test_stopping_ends_the_round_between_two_messages() -> None:
    store, notifier = MemoryOutbox([entry("a"), entry("b")]), MemoryNotifier()
    stopping = replace(post(notifier), stopping=lambda: bool(notifier.sent))
    assert deliver(store, stopping, NOW) == Delivery(sent=("a",), stopped="stopping")
    assert states(store) == {"a": "sent", "b": "pending"}


def test_what_another_sender_has_claimed_is_left_to_it() -> None:
    store, notifier = MemoryOutbox([entry("a"), entry("b")]), MemoryNotifier()

    def render(found: OutboxEntry, now: datetime) -> Content:
        store.claim("b")  # the other one is quicker
        return rendered(found, now)

    assert deliver(store, post(notifier, render=render), NOW) == Delivery(sent=("a",))
    assert states(store) == {"a": "sent", "b": "sending"}


@pytest.mark.parametrize(("on_unknown", "state"), [(OnUnknown.HOLD, "uncertain"), (OnUnknown.RESEND, "retry")])
def test_what_a_crash_left_is_held_or_sent_again_as_the_team_chose(on_unknown: OnUnknown, state: str) -> None:
    store = MemoryOutbox([entry("a"), entry("b")])
    store.claim("a")
    assert settle_interrupted(store, NOW, on_unknown) == ("a",)
    assert states(store) == {"a": state, "b": "pending"}
    assert store.by_key["a"].error == INTERRUPTED


def test_an_administrator_may_send_a_dead_letter_again() -> None:
    store = MemoryOutbox([replace(entry("a"), state=State.DEAD, attempts=5)])
    store.settle("a", revived(NOW))
    assert deliver(store, post(), NOW) == Delivery(sent=("a",))


class Killed(BaseException):
    """Stands for kill -9."""


class KillingNotifier(MemoryNotifier):
    """Dies before or after handing a message over."""

    def __init__(self, plan: list[str]) -> None:
        super().__init__()
        self.plan = plan

    def send(self, message: Message) -> Receipt:
        todo = self.plan.pop() if self.plan else "send"
        if todo == "die before":
            raise Killed
        receipt = super().send(message)
        if todo == "die after":
            raise Killed
        return receipt


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["send", "die before", "die after"]), max_size=12), st.sampled_from(OnUnknown))
def test_whatever_the_kills_each_message_is_accounted_for(plan: list[str], on_unknown: OnUnknown) -> None:
    """Held: never twice, and what may be missing is named. Resent: never missing."""
    keys = [f"k{number}" for number in range(8)]
    store, notifier = MemoryOutbox(entry(key) for key in keys), KillingNotifier(plan)
    while store.entries((State.PENDING, State.RETRY, State.SENDING)):
        settle_interrupted(store, NOW, on_unknown)
        try:
            deliver(store, post(notifier, on_unknown), NOW)
        except Killed:
            continue
    sent = [message.key for message in notifier.sent]
    uncertain = {found.key for found in store.entries((State.UNCERTAIN,))}
    if on_unknown is OnUnknown.HOLD:
        assert len(sent) == len(set(sent))
        assert set(keys) - uncertain <= set(sent)
    else:
        assert set(sent) == set(keys)
        assert not uncertain
