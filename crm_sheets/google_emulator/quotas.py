"""How many calls of the Sheets API a minute a user and a project have.

Source: Google's page "Usage limits" of the Sheets API: 300 reads and 300 writes a minute and project, 60 of each a
minute, project and user; they are refilled every minute. Whether its minutes are those of the clock is not documented;
`sliding` is the stricter reading: any sixty seconds.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from crm_sheets.google_emulator.calls import Answer, Call, json_answer
from crm_sheets.google_emulator.json_values import Object
from crm_sheets.google_emulator.patterns import is_write

MINUTE = timedelta(minutes=1)
PROJECT_NUMBER = "104729104729"


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls a minute; reads and writes have one of each."""

    per_user: int = 60
    per_project: int = 300
    sliding: bool = False


class Quotas:
    """Counts calls; what it refuses does not count."""

    def __init__(self, clock: Callable[[], datetime], limits: Limits | None) -> None:
        self.limits = limits
        """None lets everything pass, and counts."""
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: dict[tuple[str, str], deque[datetime]] = {}
        self._most: dict[tuple[str, str], int] = {}

    def take(self, call: Call) -> Answer | None:
        """Counts the call; the 429 when there is nothing left of its quota."""
        with self._lock:
            return self._take("Write" if is_write(call) else "Read", call.user, self._clock().astimezone(UTC))

    def _take(self, kind: str, caller: str, now: datetime) -> Answer | None:
        refused = self.limits and self._refused(self.limits, kind, caller, now)
        if refused:
            return refused
        for user in {caller, ""}:
            taken = self._taken.setdefault((kind, user), deque())
            taken.append(now)
            while taken[0] <= now - MINUTE:
                taken.popleft()
            self._most[kind, user] = max(self._most.get((kind, user), 0), len(taken))
        return None

    def most(self, *, writes: bool, user: str = "") -> int:
        """The most calls that any sixty seconds have seen; of everybody when no user is given."""
        return self._most.get(("Write" if writes else "Read", user), 0)

    def _refused(self, limits: Limits, kind: str, caller: str, now: datetime) -> Answer | None:
        for user, limit in ((caller, limits.per_user), ("", limits.per_project)):
            taken = self._taken.get((kind, user), ())
            full = now.replace(second=0, microsecond=0)
            used = sum(1 for instant in taken if (instant > now - MINUTE if limits.sliding else instant >= full))
            if used >= limit:
                return exceeded(kind, limit, per_user=bool(user))
        return None


def exceeded(kind: str, limit: int, *, per_user: bool, retry_after: int | None = None) -> Answer:
    """What the Sheets API answers when a quota is used up; it sends no Retry-After of its own."""
    scope, owner = (" per user", "User") if per_user else ("", "Project")
    error: Object = {
        "code": 429,
        "message": f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute{scope}' "
        f"of service 'sheets.googleapis.com' for consumer 'project_number:{PROJECT_NUMBER}'.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
                "metadata": {
                    "service": "sheets.googleapis.com",
                    "consumer": f"projects/{PROJECT_NUMBER}",
                    "quota_location": "global",
                    "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
                    "quota_limit": f"{kind}RequestsPerMinutePer{owner}",
                    "quota_limit_value": str(limit),
                },
            }
        ],
    }
    answer = json_answer(429, {"error": error})
    if retry_after is None:
        return answer
    return replace(answer, headers={**answer.headers, "Retry-After": str(retry_after)})
