"""Conflict copies taken in one after the other, tab by tab."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from crm_sheets.commands import Desk
from crm_sheets.copied.outcomes import CopyOutcome, CopyReading
from crm_sheets.copied.rows import CopyIntake
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes
from crm_sheets.intake import Footing
from crm_sheets.journal import Journal
from crm_sheets.replica import Means, Replica
from crm_sheets.state import EntryKind, RowId, State
from crm_sheets.tables import TabKey


@dataclass(frozen=True, slots=True)
class Taking:
    """What taking copies in needs, the same for each."""

    state: State
    draft: Draft
    replica: Replica
    eyes: Eyes
    means: Means
    journal: Journal
    desk: Desk


def take_in_copy(copy: CopyReading, held: Collection[TabKey], taking: Taking) -> tuple[CopyOutcome, set[RowId]]:
    """Takes the edits of a copy into the draft; also the rows to look at then.

    Args:
        copy: as it was read.
        held: tabs that the workbook itself holds.
        taking: the workbook as it was taken in just before.
    """
    outcome = CopyOutcome(copy.name, copy.digest, halted=copy.broken)
    replica = replace(taking.replica, generation=copy.generation, stale=True, author=copy.author)
    codec = replace(taking.means.codec, date1904=copy.date1904)
    means = replace(taking.means, codec=codec, everything=False)
    dirty: set[RowId] = set()
    for tab, reading in copy.readings.items():
        if tab in held:
            outcome.waits += (tab,)
            continue
        journal = Journal(copy.author)
        footing = Footing(reading, taking.state, taking.draft, replica, taking.eyes, means, journal)
        found = CopyIntake(footing, taking.desk, outcome).run()
        outcome.halted += (found.halted,) if found.halted is not None else ()
        outcome.touched |= {(tab, key) for key in found.touched}
        taking.journal.entries += journal.entries
        _count(outcome, journal)
        dirty |= found.dirty
    return outcome, dirty


def _count(outcome: CopyOutcome, journal: Journal) -> None:
    kinds = [entry.kind for entry in journal.entries]
    outcome.edited += kinds.count(EntryKind.EDIT)
    outcome.conflicts += kinds.count(EntryKind.CONFLICT)
    outcome.put_back += kinds.count(EntryKind.REVERT)
