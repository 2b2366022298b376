"""The daemon: jobs at their intervals until somebody says stop.

`schedule` decides whose turn it is. What it does not do is done here (measured with 1.2.2): a job that raises is never
scheduled anew and keeps the jobs behind it from running, so a job here never raises; its times are naive local ones,
so a clock that is put back would silence every job, and then they are armed anew. Jobs are only ticks: what is due is
looked up in the state, never carried by the schedule.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

from crm_sheets.sync.logs import Event, failure, log
from crm_sheets.sync.systemd import ALIVE, READY, STOPPING, notify

if TYPE_CHECKING:
    from schedule import Scheduler

LONGEST_PAUSE = 300.0
"""Seconds; a job that keeps failing is tried at least this often (or at its interval, if that is longer)."""

_SHORTEST_WAIT, _LONGEST_WAIT = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done again and again.

    Attributes:
        interval: seconds from the end of one run to the begin of the next, at least 1.
    """

    name: str
    run: Callable[[], None]
    interval: float


@dataclass(frozen=True, slots=True)
class JobRun:
    """How one run of a job went; `error` is None when it went well, `failures` counts those in a row."""

    job: str
    seconds: float
    failures: int
    error: Exception | None


def pause_after(failures: int, interval: float) -> float:
    """Seconds to wait after so many failures in a row: the interval, then twice as long each time, up to a limit."""
    return min(interval * 2.0 ** min(failures - 1, 30), max(LONGEST_PAUSE, interval))


def clock_was_put_back(idle: float, shortest_interval: float) -> bool:
    """Whether the next turn (in `idle` seconds) is farther off than it can be while the clock goes forward."""
    return idle > shortest_interval + 1.0


def run(
    jobs: Sequence[Job],
    stop: threading.Event,
    report: Callable[[JobRun], None] = lambda _: None,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Runs every job now and then at its interval, one at a time, until `stop` is set; a job that runs is let finish.

    Args:
        jobs: in the order in which they run when several are due.
        stop: see stop_on_signals.
        report: told of every run; what it raises is logged.
        monotonic: seconds of a clock that is never put back.
    """
    turns = [_Turn(job, stop, report, monotonic) for job in jobs]
    scheduler = armed(turns)
    log(Event("started"))
    for turn in turns:
        turn.take()
    notify(READY)
    while not stop.is_set():
        scheduler.run_pending()
        notify(ALIVE)  # from the loop itself: it proves that the loop goes round, not only that the process exists
        idle = scheduler.idle_seconds or 0.0
        if clock_was_put_back(idle, min(job.interval for job in jobs)):
            log(Event("clock put back"), logging.WARNING)
            scheduler, idle = armed(turns), 0.0
        stop.wait(min(max(idle, _SHORTEST_WAIT), _LONGEST_WAIT))
    notify(STOPPING)
    log(Event("stopped"))


def armed(turns: Sequence[_Turn]) -> Scheduler:
    """A scheduler with every job one interval ahead."""
    from schedule import Scheduler

    scheduler = Scheduler()
    for turn in turns:
        scheduler.every(max(1, round(turn.job.interval))).seconds.do(turn.take)
    return scheduler


class _Turn:
    """A job with its record of failures. Taking a turn never raises."""

    def __init__(
        self,
        job: Job,
        stop: threading.Event,
        report: Callable[[JobRun], None],
        monotonic: Callable[[], float],
    ) -> None:
        self.job = job
        self._stop = stop
        self._report = report
        self._monotonic = monotonic
        self._failures = 0
        self._not_before = -1.0

    def take(self) -> None:
        """Runs the job, unless the daemon is to stop or the job's pause after a failure is not over."""
        begun = self._monotonic()
        if self._stop.is_set() or begun < self._not_before:
            return
        error: Exception | None = None
        try:
            self.job.run()
        except Exception as caught:  # the daemon outlives whatever a job meets
            error = caught
        self._record(error, begun, self._monotonic())

    def _record(self, error: Exception | None, begun: float, ended: float) -> None:
        self._failures = self._failures + 1 if error else 0
        if error:
            log(failure("job failed", error, job=self.job.name), logging.ERROR)
            # half a second less: the scheduler rounds, and the next turn must not be missed by a hair
            self._not_before = ended + pause_after(self._failures, self.job.interval) - 0.5
        else:
            log(Event("job done", job=self.job.name, seconds=round(ended - begun, 3)), logging.DEBUG)
        try:
            self._report(JobRun(self.job.name, ended - begun, self._failures, error))
        except Exception as caught:
            log(failure("report failed", caught, job=self.job.name), logging.ERROR)


@contextmanager
def stop_on_signals(stop: threading.Event) -> Iterator[None]:
    """While entered (main thread only), SIGTERM, SIGINT and Ctrl-Break set `stop`.

    A second one ends the process at once, which is safe too: a cycle may be cut off at any point.
    """

    def asked(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        # in a thread: the main thread may hold the event's own lock at this very moment
        threading.Thread(target=stop.set, daemon=True).start()

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGBREAK") if hasattr(signal, name)]
    before = {number: signal.signal(number, asked) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
