"""When the change log of a workbook is written anew, and from what: the journal, with what this cycle adds to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from crm_sheets.change_log import TOLD, ChangeLog, LogTerms, LogWords, change_log, no_log, since
from crm_sheets.eyes import Eyes
from crm_sheets.plan import Plan
from crm_sheets.state import JournalLine
from crm_sheets.sync.store.journal_queries import Question
from crm_sheets.sync.store.sql import SqlState

LOG_NOTE = "log"
"""Note: up to which entry of the journal the log was written, and the digest of what stands in it."""


@dataclass(frozen=True, slots=True)
class Logbook:
    """The log of one workbook.

    Attributes:
        note: the name under which it is remembered what stands in the file.
        terms: how far back it goes; None where nobody is to see one.
    """

    state: SqlState
    note: str
    terms: LogTerms | None

    def is_old(self, told: str | None) -> bool:
        """Whether the file may have to say something else; `told` is the note. Asked in every cycle: a look-up by key
        where there is a log, nothing where there is none."""
        if self.terms is None:
            return bool(told)
        return told is None or told.partition("|")[0] != str(self.state.last_entry())

    def wanted(self, plan: Plan, eyes: Callable[[], Eyes], words: LogWords, *, there: bool) -> ChangeLog | None:
        """What must be written; None when the file says it already.

        Args:
            plan: of the cycle, not carried out yet.
            eyes: of the reader.
            words: what it is written in.
            there: whether the file has such a tab.
        """
        told = self.state.note(self.note)
        if self.terms is None:
            return no_log(words.language) if told and there else None
        if there and not (plan.journal or plan.writes or self.is_old(told)):
            return None
        now = plan.commit.now
        log = change_log(self._lines(plan, now), plan.draft, eyes(), words, self.terms.most)
        return log if not there or (told or "").partition("|")[2] != log.digest else None

    def _lines(self, plan: Plan, now: datetime) -> Iterator[JournalLine]:
        terms = self.terms or LogTerms()
        just = (JournalLine(0, plan.commit.run, now, entry) for entry in reversed(plan.journal))
        return chain(just, self.state.telling(Question(since=since(now, terms), kinds=TOLD)))

    def is_written(self, log: ChangeLog | None) -> None:
        """The file holds `log`, or with None still what it held; the journal has the entries of the cycle now."""
        if self.terms is None:
            if log is not None or self.state.note(self.note):
                self.state.set_note(self.note, "")
            return
        digest = log.digest if log is not None else (self.state.note(self.note) or "").partition("|")[2]
        self.state.set_note(self.note, f"{self.state.last_entry()}|{digest}")
