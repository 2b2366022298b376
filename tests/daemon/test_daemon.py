"""The daemon's loop: a job that fails is tried again, the others go on, and a signal ends it between two cycles."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crm_sheets.errors import ServiceUnavailable
from crm_sheets.sync.daemon import Job, JobRun, _Turn, armed, clock_was_put_back, pause_after, run
from crm_sheets.sync.logs import LOGGER


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    LOGGER.addHandler(handler := logging.NullHandler())
    yield
    LOGGER.removeHandler(handler)


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("failures", "interval", "pause"),
    [(1, 10, 10), (2, 10, 20), (3, 10, 40), (6, 10, 300), (500, 10, 300), (1, 900, 900), (4, 900, 900)],
)
def test_the_pause_doubles_up_to_a_limit(failures: int, interval: float, pause: float) -> None:
    assert pause_after(failures, interval) == pause


def test_a_failing_job_is_tried_at_its_pauses_and_at_its_interval_once_it_works() -> None:
    clock, tried, runs = Clock(), [], list[JobRun]()

    def job() -> None:
        tried.append(clock.now - 1000)
        if clock.now < 1070:
            raise ServiceUnavailable("down")

    turn = _Turn(Job("mail", job, 10), threading.Event(), runs.append, clock)
    for _ in range(20):
        turn.take()
        clock.now += 10
    assert tried == [0, 10, 30, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190]
    assert [made.failures for made in runs[:5]] == [1, 2, 3, 0, 0]
    assert isinstance(runs[0].error, ServiceUnavailable)
    assert runs[3].error is None


def test_a_job_that_fails_and_a_report_that_fails_stop_nobody() -> None:
    stop, done = threading.Event(), list[str]()

    def bad() -> None:
        done.append("bad")
        raise ZeroDivisionError

    def good() -> None:
        done.append("good")
        if done.count("good") == 2:
            stop.set()

    def report(made: JobRun) -> None:
        raise OSError("disk full")

    run([Job("bad", bad, 1), Job("good", good, 1)], stop, report)
    assert done[:3] == ["bad", "good", "bad"]
    assert done.count("good") == 2


def test_what_ends_a_process_is_not_held_up() -> None:
    def leave() -> None:
        raise SystemExit(4)

    with pytest.raises(SystemExit):
        run([Job("cycle", leave, 1)], threading.Event())


def test_nothing_runs_once_stop_is_set() -> None:
    stop, done = threading.Event(), list[str]()
    jobs = [Job("first", stop.set, 1), Job("second", lambda: done.append("second"), 1)]
    run(jobs, stop)
    assert done == []


def test_a_clock_that_is_put_back_silences_no_job() -> None:
    turn = _Turn(Job("cycle", lambda: None, 30), threading.Event(), lambda _: None, time.monotonic)
    scheduler = armed([turn])
    assert scheduler.idle_seconds is not None
    assert not clock_was_put_back(scheduler.idle_seconds, 30)
    (job,) = scheduler.jobs
    assert job.next_run is not None
    job.next_run += timedelta(hours=1)  # what a clock put back by an hour looks like
    assert clock_was_put_back(scheduler.idle_seconds, 30)


PROGRAM = """
import sys, threading, time
from crm_sheets.sync.daemon import Job, run, stop_on_signals
stop = threading.Event()
def cycle():
    print("begin", flush=True)
    time.sleep(float(sys.argv[1]))
    print("end", flush=True)
with stop_on_signals(stop):
    run([Job("cycle", cycle, 1)], stop)
print("clean", flush=True)
"""


@pytest.fixture
def start() -> Iterator[Callable[[float], "subprocess.Popen[str]"]]:
    started: list[subprocess.Popen[str]] = []

    def starter(seconds: float) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(seconds)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "begin\n"
        return process

    yield starter
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that a program could see")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_cycle_finish(start: Callable[[float], "subprocess.Popen[str]"], number: int) -> None:
    process = start(0.5)
    process.send_signal(number)
    output, _ = process.communicate(timeout=10)
    assert (output, process.returncode) == ("end\nclean\n", 0)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that a program could see")
def test_a_second_signal_ends_it_at_once(start: Callable[[float], "subprocess.Popen[str]"]) -> None:
    process = start(30)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=5)
    assert (output, process.returncode) == ("", -signal.SIGTERM)
