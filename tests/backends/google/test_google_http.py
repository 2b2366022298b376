"""The client: what is tried again, what is not, and when it gives up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from requests import Session

from crm_sheets.errors import CrmSheetsError, OutcomeUnknown, ServiceError
from crm_sheets.sync.backends.google.budget import Budget, Call
from crm_sheets.sync.backends.google.errors import Refused, Why
from crm_sheets.sync.backends.google.http import SheetsClient, Terms
from tests.backends.google.scripted import Said, Script, refusal, scripted
from tests.backends.google.watches import Watch

RATE = refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded", "RATE_LIMIT_EXCEEDED")
FINE = Said(200, '{"done": true}')


@dataclass
class Desk:
    script: Script
    client: SheetsClient
    watch: Watch

    def read(self) -> object:
        return self.client.request("get", f"{self.script.url}/v4/spreadsheets/x").json()

    def write(self, *, repeatable: bool) -> object:
        return self.client.batch("x", {"requests": []}, "replies", repeatable=repeatable)


@contextmanager
def desk(*said: Said, reads: int = 60, writes: int = 60) -> Iterator[Desk]:
    watch = Watch()
    with scripted(*said) as script, Session() as session:
        session.trust_env = False
        terms = Terms(watch.now, watch.sleep, lambda: 1.0, base=script.url, timeout=(2.0, 2.0))
        budget = Budget(watch.now, watch.sleep, reads=reads, writes=writes)
        yield Desk(script, SheetsClient(session, terms, budget), watch)


@pytest.mark.parametrize("trouble", [RATE, refusal(500), refusal(503), Said(502, "<html>", "text/html"), Said(0),
                                     Said(200, "<html>log in", "text/html"), Said(200, '{"cut'),
                                     refusal(403, "PERMISSION_DENIED", "slow down", "rateLimitExceeded")])  # fmt: skip
def test_a_read_is_tried_again(trouble: Said) -> None:
    with desk(trouble, trouble, FINE) as at:
        assert at.read() == {"done": True}
        assert len(at.script.asked) == 3
        assert at.watch.slept == [1, 2]


@pytest.mark.parametrize(("trouble", "why"), [
    (refusal(403, "PERMISSION_DENIED", "The caller does not have permission"), Why.DENIED),
    (refusal(403, "PERMISSION_DENIED", "off", "SERVICE_DISABLED"), Why.DISABLED),
    (Said(403, '{"error": {"code": 403, "errors": [{"reason": "storageQuotaExceeded"}]}}'), Why.STORAGE),
    (refusal(404, "NOT_FOUND", "Requested entity was not found."), Why.MISSING),
    (refusal(401, "UNAUTHENTICATED"), Why.LOGIN),
    (refusal(400, "INVALID_ARGUMENT", "Unable to parse range: x"), Why.INVALID),
    (refusal(400, "INVALID_ARGUMENT", "You are trying to edit a protected cell or object. Please …"), Why.PROTECTED),
    (refusal(400, "FAILED_PRECONDITION", "This operation is not supported for this document"), Why.NOT_A_SPREADSHEET),
])  # fmt: skip
def test_what_stays_refused_is_asked_once(trouble: Said, why: Why) -> None:
    with desk(trouble) as at:
        with pytest.raises(Refused) as refused:
            at.read()
        assert refused.value.why is why
        assert (len(at.script.asked), at.watch.slept) == (1, [])


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_write_that_may_have_been_done_is_repeated_only_under_an_operation(repeatable: bool) -> None:
    with desk(Said(0), FINE) as at:
        if repeatable:
            assert at.write(repeatable=True) == {"done": True}
        else:
            with pytest.raises(OutcomeUnknown):
                at.write(repeatable=False)
        assert len(at.script.asked) == (2 if repeatable else 1)


def test_a_write_that_was_refused_for_its_rate_is_repeated_in_any_case() -> None:
    with desk(RATE, FINE) as at:
        assert at.write(repeatable=False) == {"done": True}


def test_a_refusal_after_a_lost_answer_says_that_it_may_have_been_done() -> None:
    with desk(Said(0), refusal(400, "INVALID_ARGUMENT", "No grid with id: 5")) as at:
        with pytest.raises(Refused) as refused:
            at.write(repeatable=True)
        assert refused.value.unsure
    with desk(RATE, refusal(400)) as at:
        with pytest.raises(Refused) as refused:
            at.write(repeatable=True)
        assert not refused.value.unsure, "what is refused for its rate was not done"


def test_retry_after_is_heeded() -> None:
    late = Said(429, RATE.body, headers={"Retry-After": "17"})
    with desk(late, FINE) as at:
        at.read()
        assert at.watch.slept == [17]


@pytest.mark.parametrize(("trouble", "ask", "kind"), [
    (RATE, lambda at: at.read(), ServiceError),
    (RATE, lambda at: at.write(repeatable=True), ServiceError),
    (refusal(503), lambda at: at.write(repeatable=True), OutcomeUnknown),
    (Said(429, RATE.body, headers={"Retry-After": "86400"}), lambda at: at.read(), ServiceError),
])  # fmt: skip
def test_permanent_trouble_ends_within_its_time(
    trouble: Said, ask: Callable[[Desk], object], kind: type[CrmSheetsError]
) -> None:
    with desk(trouble) as at:
        with pytest.raises(ServiceError) as given_up:
            ask(at)
        assert type(given_up.value) is kind
        assert given_up.value.exit_code == 4
        assert at.watch.time - 1000 <= at.client.terms.patience
        assert len(at.script.asked) < 20


def test_after_one_call_was_given_up_the_others_take_no_patience_until_one_goes_through() -> None:
    with desk(RATE) as at:
        with pytest.raises(ServiceError, match="Quota exceeded"):
            at.read()
        asked, time = len(at.script.asked), at.watch.time
        for number in range(1, 20):
            with pytest.raises(ServiceError):
                at.write(repeatable=True)
            assert (len(at.script.asked), at.watch.time) == (asked + number, time)
        at.script.said = [FINE]
        assert at.read() == {"done": True}
        at.script.said = [*[RATE] * (len(at.script.asked) + 1), FINE]
        assert at.read() == {"done": True}


def test_a_budget_lets_no_more_than_its_calls_through_in_any_minute() -> None:
    watch = Watch()
    budget = Budget(watch.now, watch.sleep, reads=60, writes=60)
    passed: list[tuple[float, Call]] = []
    for number in range(400):
        call = Call.READ if number % 3 else Call.WRITE
        budget.spend(call)
        passed.append((watch.time, call))
        watch.time += 0.05
    for kind in Call:
        times = [time for time, call in passed if call is kind]
        assert all(later - first > 60 for first, later in zip(times, times[60:], strict=False))
    assert watch.time < 1000 + 61 * 5, "and no fewer than it may"


def test_waiting_for_the_budget_tries_no_patience() -> None:
    with desk(FINE, FINE, RATE, FINE, reads=2) as at:
        for _ in range(3):
            at.read()
        assert at.watch.slept == [61.0, 1.0, 61.0] or at.watch.slept == [61.0, 1.0]
        assert len(at.script.asked) == 4
