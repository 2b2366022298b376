"""Quotas, faults and hooks by themselves: which calls they count, and what comes instead of the answer."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_sheets.google_emulator.calls import Answer, Call
from crm_sheets.google_emulator.faults import Fault, FaultKind, Faults, fault_answer
from crm_sheets.google_emulator.hooks import Hook, Hooks, Moment
from crm_sheets.google_emulator.patterns import CallPattern, is_write
from crm_sheets.google_emulator.quotas import Limits, Quotas


def call(method_id: str, user: str = "robot@example.com", http: str = "GET", *kinds: str, path: str = "") -> Call:
    body = json.dumps({"requests": [{kind: {}} for kind in kinds]}).encode() if kinds else b""
    return Call(1, http, path, {}, {}, body, user, method_id)


READ = call("sheets.spreadsheets.values.batchGet", path="/v4/spreadsheets/book/values:batchGet")
WRITE = call("sheets.spreadsheets.batchUpdate", "robot@example.com", "POST", "updateCells", "appendCells")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def said(answer: Answer | None) -> Any:
    assert answer is not None
    return json.loads(answer.body)["error"]


@pytest.mark.parametrize(
    ("pattern", "reads", "writes"),
    [
        (CallPattern(), True, True),
        (CallPattern("batchUpdate"), False, True),
        (CallPattern("spreadsheets.batchUpdate"), False, True),
        (CallPattern("values.batchUpdate"), False, False),
        (CallPattern("Update"), False, False),
        (CallPattern("sheets.spreadsheets.values.batchGet"), True, False),
        (CallPattern(kind="appendCells"), False, True),
        (CallPattern(kind="deleteSheet"), False, False),
        (CallPattern(user="robot@example.com"), True, True),
        (CallPattern(user="lead@example.com"), False, False),
        (CallPattern(spreadsheet="book"), True, False),
    ],
)
def test_which_calls_a_pattern_means(pattern: CallPattern, reads: bool, writes: bool) -> None:
    assert (pattern.matches(READ), pattern.matches(WRITE)) == (reads, writes)


def test_a_user_has_sixty_reads_and_sixty_writes_a_minute() -> None:
    clock = Clock()
    quotas = Quotas(clock, Limits())
    assert [quotas.take(READ) for _ in range(60)] == [None] * 60
    assert [quotas.take(WRITE) for _ in range(60)] == [None] * 60
    refusal = quotas.take(READ)
    assert refusal is not None
    assert (refusal.status, dict(refusal.headers)) == (429, {"Content-Type": "application/json; charset=UTF-8"})
    assert said(refusal)["status"] == "RESOURCE_EXHAUSTED"
    assert said(refusal)["message"].startswith(
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service"
    )
    assert quotas.take(call(READ.method_id, "somebody@example.com")) is None
    clock.wait(30)
    assert quotas.take(READ) is None, "the next minute of the clock"
    assert quotas.most(writes=False, user="robot@example.com") == 61
    assert quotas.most(writes=False) == 62


def test_a_sliding_minute_is_stricter_than_that_of_the_clock() -> None:
    clock = Clock()
    quotas = Quotas(clock, Limits(per_user=2, sliding=True))
    assert [quotas.take(READ), quotas.take(READ)] == [None, None]
    clock.wait(59)
    assert quotas.take(READ) is not None
    clock.wait(1)
    assert quotas.take(READ) is None


def test_all_users_of_a_project_share_its_quota() -> None:
    quotas = Quotas(Clock(), Limits(per_user=60, per_project=3))
    for name in "abc":
        assert quotas.take(call(READ.method_id, name)) is None
    message = said(quotas.take(call(READ.method_id, "d")))["message"]
    assert "'Read requests per minute'" in message


def test_a_fault_lets_calls_pass_then_hits_then_is_over() -> None:
    faults = Faults()
    faults.add(Fault(FaultKind.UNAVAILABLE, CallPattern("batchUpdate"), after=1, times=2))
    hits = [faults.hit(call) for call in (WRITE, READ, WRITE, READ, WRITE, WRITE)]
    assert [fault.kind if fault else None for fault in hits] == [None, None, "503", None, "503", None]


def test_a_fault_may_last_until_it_is_cleared() -> None:
    faults = Faults()
    faults.add(Fault(FaultKind.TOO_MANY_REQUESTS, times=None))
    assert all(faults.hit(READ) for _ in range(5))
    faults.clear()
    assert faults.hit(READ) is None


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        (FaultKind.TOO_MANY_REQUESTS, 429, "RESOURCE_EXHAUSTED"),
        (FaultKind.SERVER_ERROR, 500, "INTERNAL"),
        (FaultKind.UNAVAILABLE, 503, "UNAVAILABLE"),
        (FaultKind.PERMISSION_DENIED, 403, "PERMISSION_DENIED"),
        (FaultKind.RATE_LIMIT, 403, "rateLimitExceeded"),
        (FaultKind.USER_RATE_LIMIT, 403, "userRateLimitExceeded"),
        (FaultKind.STORAGE_QUOTA, 403, "storageQuotaExceeded"),
    ],
)
def test_refusals_say_what_google_says(kind: FaultKind, status: int, told: str) -> None:
    answer = fault_answer(Fault(kind), READ)
    error = said(answer)
    assert answer is not None
    assert (answer.status, error["code"]) == (status, status)
    assert told == (error.get("status") or error["errors"][0]["reason"])
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize("kind", [FaultKind.TOO_MANY_REQUESTS, FaultKind.UNAVAILABLE])
def test_retry_after_is_sent_when_it_is_asked_for(kind: FaultKind) -> None:
    answer = fault_answer(Fault(kind, seconds=7), READ)
    assert answer is not None
    assert answer.headers["Retry-After"] == "7"


@pytest.mark.parametrize(("kind", "status"), [(FaultKind.HTML, 200), (FaultKind.BAD_GATEWAY, 502)])
def test_a_page_is_not_json(kind: FaultKind, status: int) -> None:
    answer = fault_answer(Fault(kind), READ)
    assert answer is not None
    assert (answer.status, answer.headers["Content-Type"].split(";")[0], answer.body[:9]) == (
        status,
        "text/html",
        b"<!DOCTYPE",
    )


@pytest.mark.parametrize(
    ("method_id", "http", "writes"),
    [
        ("sheets.spreadsheets.values.get", "GET", False),
        ("sheets.spreadsheets.values.update", "PUT", True),
        ("sheets.spreadsheets.values.batchGetByDataFilter", "POST", False),
        ("sheets.spreadsheets.getByDataFilter", "POST", False),
        ("sheets.spreadsheets.developerMetadata.search", "POST", False),
        ("sheets.spreadsheets.values.batchClearByDataFilter", "POST", True),
    ],
)
def test_what_counts_as_a_write(method_id: str, http: str, writes: bool) -> None:
    assert is_write(call(method_id, http=http)) is writes


def test_hooks_run_at_the_nth_call_of_their_kind_only() -> None:
    hooks, done = Hooks(), list[str]()
    hooks.before(lambda: done.append("before 2nd write"), CallPattern("batchUpdate"), nth=2)
    hooks.after(lambda: done.append("after 1st append"), CallPattern(kind="appendCells"))
    hooks.add(Hook(Moment.BEFORE, lambda: done.append("each read"), CallPattern("batchGet"), nth=None))
    for call in (READ, WRITE, WRITE, READ, WRITE):
        hooks.run(Moment.BEFORE, call)
        hooks.run(Moment.AFTER, call)
    assert done == ["each read", "after 1st append", "before 2nd write", "each read"]
