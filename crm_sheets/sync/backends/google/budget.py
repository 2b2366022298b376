"""How often one account may ask Google: so many reads and so many writes a minute, whatever the number of spreadsheets.

Google counts per user of a project and minute (https://developers.google.com/workspace/sheets/api/limits). Whoever
waits before asking is never refused; whoever is refused has spent the call all the same.
"""

from collections import deque
from collections.abc import Callable
from enum import StrEnum
from threading import Lock

WINDOW = 61.0
"""Seconds: a minute, and a little for calls that travel for unequal times."""


class Call(StrEnum):
    """What Google counts apart."""

    READ = "read"
    WRITE = "write"


class Budget:
    """Lets a call pass once fewer than the limit of its kind passed within the last minute.

    One object is shared by all spreadsheets that are opened with one account, in all threads.
    """

    def __init__(
        self, now: Callable[[], float], sleep: Callable[[float], None], *, reads: int = 60, writes: int = 60
    ) -> None:
        """`now` gives monotonic seconds; `reads` and `writes` are calls a minute."""
        self._now, self._sleep = now, sleep
        self._limits = {Call.READ: reads, Call.WRITE: writes}
        self._passed: dict[Call, deque[float]] = {Call.READ: deque(), Call.WRITE: deque()}
        self._lock = Lock()
        self.waited = 0.0
        """Seconds that calls were made to wait so far."""

    def spend(self, call: Call) -> float:
        """Returns when the call may be made; it counts from then on. The seconds that it had to wait."""
        waited = 0.0
        while (wait := self._take(call)) > 0:
            waited += wait
            self._sleep(wait)
        self.waited += waited
        return waited

    def _take(self, call: Call) -> float:
        """Seconds to wait before asking again; 0 when the call was counted."""
        with self._lock:
            passed, now = self._passed[call], self._now()
            while passed and passed[0] <= now - WINDOW:
                passed.popleft()
            if len(passed) < self._limits[call]:
                passed.append(now)
                return 0.0
            return passed[0] + WINDOW - now
