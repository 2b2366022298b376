"""What is known of files outside the workbook: a fact that the shell hands in, for rules look at no disk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What rules may know of files.

    Attributes:
        missing: whether a path that somebody typed names a file that ought to be there and is not; False for links,
            and for paths that only the typist's own machine knows.
        holds: how long the answer holds.
    """

    missing: Callable[[str], bool] = lambda path: False
    holds: timedelta = timedelta(hours=6)

    def until(self, now: datetime) -> datetime:
        """When to ask again: at the same instants for all rows, so that one cycle sees to them."""
        spans = (now - _EPOCH) // self.holds
        return _EPOCH + (spans + 1) * self.holds


_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
