"""How the open deals stood on each day: lines that are kept only where something changed from one day to the next."""

from dataclasses import dataclass, replace
from datetime import date

from crm_sheets.tables import RowKey


@dataclass(frozen=True, slots=True)
class PipelineLine:
    """How an open deal stood at the beginning of each day from `since` up to, not including, `until`; None: still.

    Attributes:
        amount, weighted: hundredths of the currency.
    """

    deal: RowKey
    since: date
    until: date | None
    stage: str
    amount: int
    weighted: int
    close: date | None
    owner: str


@dataclass(frozen=True, slots=True)
class PipelineChange:
    """What the first cycle of a day keeps of the pipeline.

    Attributes:
        ended: deals whose line held up to this day.
        begun: lines that hold from it on.
    """

    day: date
    ended: frozenset[RowKey]
    begun: tuple[PipelineLine, ...]


@dataclass(frozen=True, slots=True)
class PipelineHistory:
    """The lines of all deals, and the days on which somebody looked, in order."""

    lines: tuple[PipelineLine, ...] = ()
    days: tuple[date, ...] = ()

    def after(self, change: PipelineChange | None) -> "PipelineHistory":
        """The history with what a cycle is about to keep."""
        if change is None:
            return self
        kept = (
            replace(line, until=change.day) if line.until is None and line.deal in change.ended else line
            for line in self.lines
        )
        return PipelineHistory((*kept, *change.begun), (*self.days, change.day))
