"""The replica in a Google spreadsheet: implements Backend over one look, one batch, and a journal that tells whether
the batch met what the plan had seen."""

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm_sheets.errors import CrmSheetsError, OutcomeUnknown, ServiceError, WorkbookChanged, WorkbookError, WriteRefused
from crm_sheets.projection import TabEdits
from crm_sheets.schema.sealed import Sealed
from crm_sheets.sync.backends.base import Extension, ReplicaWrite, Written
from crm_sheets.sync.backends.google import requests
from crm_sheets.sync.backends.google.after import formulas_after, look_after, structure_after
from crm_sheets.sync.backends.google.answers import CELLS, journal_of, operation_in, places_of, unformatted
from crm_sheets.sync.backends.google.batch import FIELDS, Batch, batch_of, draft_of
from crm_sheets.sync.backends.google.errors import Refused, in_our_terms
from crm_sheets.sync.backends.google.journal import Entry
from crm_sheets.sync.backends.google.look import SERVICE, Look, Mark
from crm_sheets.sync.backends.google.own_tabs import NoOwnTabs, OwnTabs
from crm_sheets.sync.backends.google.putting_back import debts_of, settle, still_owed
from crm_sheets.sync.backends.google.reading import Reader
from crm_sheets.sync.backends.google.requests import Request
from crm_sheets.sync.backends.google.spreadsheet import Spreadsheet
from crm_sheets.sync.backends.google.structure import structure_of
from crm_sheets.sync.logs import Event, log
from crm_sheets.tables import Fingerprint, Sheet, Snapshot

MOST_ROUNDS = 8
"""Batches by which one write is undone; each is needed only if somebody moved rows during the one before."""


@dataclass(frozen=True, slots=True)
class GoogleSettings:
    """How a spreadsheet is treated.

    Attributes:
        now: monotonic seconds.
        random: makes so many random bytes.
        own: who writes the tabs that only we write.
        confirmed: the last generation whose write is known to have gone as planned; a spreadsheet that carries a later
            one is looked through before it is read. None trusts whatever it carries.
        fresh: seconds for which the look of a fingerprint serves the reading that follows it, so that one cycle looks
            once.
    """

    now: Callable[[], float]
    random: Callable[[int], bytes]
    own: OwnTabs = NoOwnTabs()
    confirmed: Callable[[], int] | None = None
    fresh: float = 3.0


class GoogleBackend:
    """See Backend. Raises errors.ServiceError, too: Google did not answer."""

    def __init__(self, spreadsheet: Spreadsheet, settings: GoogleSettings) -> None:
        self.spreadsheet, self.settings = spreadsheet, settings
        self._reader = Reader(spreadsheet, settings.own.titles(), settings.now)
        self._unsure = False
        self._unread: Look | None = None
        """What fingerprint() saw: it serves one reading. A later one may come after somebody typed."""
        self._grown: dict[str, int] = {}
        """Tabs that we made larger, by rows that look like those above, and the size that this left."""
        self.put_back = self.lost = 0
        """Rows of writes that were undone, and those among them that were nowhere to be found."""

    @property
    def name(self) -> str:
        """See Backend."""
        return self.spreadsheet.name

    def fingerprint(self) -> Fingerprint:
        """See Backend."""
        self._unread = self._look()
        return self._unread.fingerprint

    def holder(self) -> str | None:
        """See Backend. Everybody may have it open at the same time."""
        return None

    def outgrown(self, rows: Mapping[str, int]) -> dict[str, int]:
        """Tabs that have more rows than these, as far as is known without asking, and how many; those that only we made
        larger are left out."""
        look = self._reader.last
        sheets = look.structure.sheets if look is not None else {}
        found = {title: sheets[title].rows for title, count in rows.items() if title in sheets}
        return {
            title: count for title, count in found.items() if count > rows[title] and self._grown.get(title) != count
        }

    def forget(self) -> None:
        """Somebody of ours changed the spreadsheet in another way: it is looked at anew."""
        self._reader.forget()

    # -- reading -------------------------------------------------------------------------------------------------------

    def read(self, known: Mapping[str, str]) -> Snapshot:
        """See Backend."""
        look, self._unread = self._unread, None
        if look is None or look is not self._reader.last or self.settings.now() - look.at > self.settings.fresh:
            look = self._look()
        look, sheets = self._sheets(look, known)
        digests = {title: grid.digest for title, grid in look.grids.items()}
        return Snapshot(
            name=self.name,
            fingerprint=look.fingerprint,
            stamp=look.stamp if look.stamp is not None and look.stamp.generation else None,
            sheets=sheets,
            sheet_names=tuple(title for title in look.structure.sheets if not title.startswith(SERVICE)),
            unchanged=frozenset(title for title, digest in digests.items() if title not in sheets),
            part_digests=digests,
        )

    def _sheets(self, look: Look, known: Mapping[str, str]) -> tuple[Look, dict[str, Sheet]]:
        """The tabs that are not as they were known, in the order of the tabs."""
        while True:
            changed = [title for title, grid in look.grids.items() if known.get(title) != grid.digest]
            again, sheets = self._reader.sheets(look, changed)
            if again is look:
                return look, sheets
            look = again

    def _look(self) -> Look:
        """The spreadsheet now; what an interrupted write left is put in order first."""
        look = self._reader.look()
        if look.mark is None or not self._doubtful(look.mark):
            self._unsure = False
            return look
        self._unsure = False
        try:
            mark, entries = journal_of(self.spreadsheet.get(CELLS, [_whole_service()]), look.mark.operation)
        except WorkbookChanged as error:  # somebody wrote into it: what it would have told is not to be known any more
            log(Event("the journal cannot be read", workbook=self.name, message=str(error)), logging.WARNING)
            return look
        if not all(entry.right for entry in entries):
            self._undo(entries, mark)
        else:
            self._clear_journal(mark)
        return self._reader.look()

    def _doubtful(self, mark: Mark) -> bool:
        confirmed = self.settings.confirmed
        later = confirmed is not None and mark.stamp.generation > confirmed()
        return bool(mark.rows) and (self._unsure or later)

    # -- writing -------------------------------------------------------------------------------------------------------

    def write(self, write: ReplicaWrite) -> Written:
        """See Backend."""
        look = self._reader.last
        if look is None or look.fingerprint != write.expected:
            raise WorkbookChanged(f"{self.name} was changed since it was read")
        titles = [edits.sheet for edits in write.edits]
        again, sheets = self._reader.sheets(look, titles)
        if again is not look:
            raise WorkbookChanged(f"{self.name} was changed since it was read")
        more = self.settings.own.written(write, look.structure, look.rows)

        def batch(*, tidy: bool) -> Batch:
            rows = {title: sheet.rows for title, sheet in sheets.items()}
            return batch_of(
                draft_of(write.edits, look, rows, tidy=tidy), look, write.stamp, self._operation(), self._account, more
            )

        made = batch(tidy=True)
        try:
            after = self._carry_out(made, look, write.edits)
        except WriteRefused:
            if not made.moved:
                raise
            # Something holds a row in its place: a filter, a protection, cells that were merged since.
            made = batch(tidy=False)
            after = self._carry_out(made, look, write.edits)
        if any(edits.private or any(isinstance(cell.old, Sealed) for cell in edits.cells) for edits in write.edits):
            after = self._clear_journal(made.mark) or after
        digests = {title: grid.digest for title, grid in after.grids.items()}
        return Written(after.fingerprint, digests, removed=made.moved)

    def extend(self, extension: Extension) -> None:
        """See Backend."""
        look = self._reader.last
        if look is None or look.fingerprint != extension.snapshot.fingerprint:
            raise WorkbookChanged(f"{self.name} was changed since it was read")
        if look.stamp is None:
            raise WorkbookChanged(f"{self.name} lost the hidden tab {SERVICE}")
        more = self.settings.own.extended(extension, look.structure, self.spreadsheet.get)
        draft = draft_of((), look, {})
        self._send(batch_of(draft, look, look.stamp, self._operation(), self._account, more), look)
        self._reader.forget()

    @property
    def _account(self) -> str:
        return self.spreadsheet.account.email

    def _operation(self) -> int:
        """A sheet id that nobody has: 31 bits, not 0."""
        return int.from_bytes(self.settings.random(4), "big") % (2**31 - 2) + 1

    def _carry_out(self, batch: Batch, look: Look, edits: Sequence[TabEdits]) -> Look:
        """Sends a batch, and undoes it when it met anything else than what was looked at; what is there now."""
        answer = self._send(batch, look)
        _, entries = journal_of(answer, batch.mark.operation)
        places = places_of(answer, batch)
        if places is None or not all(entry.right for entry in entries):
            self._undo(entries, batch.mark)
            raise WorkbookChanged(f"{self.name} was changed while it was being written; what was written was undone")
        structure = structure_after(look.structure, list(structure_of(answer).sheets.values()), batch)
        for title, sheet in structure.sheets.items():
            if title in look.structure.sheets and sheet.rows > look.structure.sheets[title].rows:
                self._grown[title] = sheet.rows
        after = look_after(look, structure, batch, edits, places, self.settings.now())
        known = {
            each.sheet: formulas_after(self._reader.formulas(each.sheet), each)
            for each in edits
            if each.sheet not in batch.moved
        }
        self._reader.took(after, structure, known)
        self._format(unformatted(answer, batch, places))
        return after

    def _format(self, made: Sequence[Request]) -> None:
        """Lets dates in added rows be read as dates. A spreadsheet without them is right, too: it may fail."""
        if made:
            with contextlib.suppress(Refused, ServiceError, WorkbookError):
                self.spreadsheet.batch({"requests": list(made)}, "spreadsheetId", repeatable=True)

    def _send(self, batch: Batch, look: Look) -> Mapping[str, Any]:
        """The spreadsheet after a batch, as far as the batch asked for it."""
        try:
            return self.spreadsheet.batch(batch.body, FIELDS, repeatable=True)["updatedSpreadsheet"]  # type: ignore[no-any-return]
        except OutcomeUnknown:
            self._unsure = True
            self._reader.forget()
            raise
        except Refused as refused:
            done = self._done_before(batch) if refused.unsure else None
            if done is not None:
                return done
            raise self._why_refused(refused, look) from refused

    def _done_before(self, batch: Batch) -> Mapping[str, Any] | None:
        """A batch whose answer was lost, and which is refused when it is sent again, as it left the spreadsheet."""
        try:
            told = self.spreadsheet.get(CELLS, batch.body["responseRanges"])
        except Refused:
            return None
        return told if operation_in(told, SERVICE) == batch.mark.operation else None

    def _why_refused(self, refused: Refused, look: Look) -> CrmSheetsError:
        """Either its sheets are others by now, or what we want to write is not to Google's taste. After an answer that
        was lost, nobody can say: it is planned anew, and then one of both shows."""
        self._reader.forget()
        if refused.unsure or self._reader.structure() != look.structure:
            return WorkbookChanged(f"{self.name} has other tabs than before: {refused}")
        return in_our_terms(refused, self.name, self.spreadsheet.account.email, writing=True)

    # -- undoing -------------------------------------------------------------------------------------------------------

    def _undo(self, entries: Sequence[Entry], mark: Mark) -> None:
        """Puts back all that a write wrote, so that the spreadsheet is what people have made of it without us.

        Raises:
            WorkbookChanged: somebody else of our kind wrote in between.
        """
        self._unsure = True
        debts = debts_of(entries, mark.operation)
        for _ in range(MOST_ROUNDS):
            self._reader.forget_structure()
            look = self._reader.look()
            if look.mark is None or look.mark.operation != mark.operation:
                break
            operation = self._operation()
            settlement = settle(debts, look, mark, operation, self._account)
            self.put_back += len(settlement.found)
            self.lost += len(settlement.lost)
            answer = self._send(settlement.batch, look)
            mark, paid = journal_of(answer, operation)
            debts = still_owed(settlement, paid, operation)
            if not debts:
                break
        self.lost += len(debts)
        self._unsure = False
        log(Event("a write was undone", workbook=self.name, count=len(entries)), logging.WARNING)
        self._reader.forget()

    def _clear_journal(self, mark: Mark) -> Look | None:
        """Takes away the copies of what the reader of the spreadsheet may no longer see; what is there now."""
        if not mark.rows:
            return None
        bare = replace(mark, rows=0)
        made = [requests.clear(mark.operation), requests.put_values(mark.operation, 1, 1, [bare.cells])]
        try:
            self.spreadsheet.batch({"requests": made}, "spreadsheetId", repeatable=True)
        except Refused as refused:  # somebody else wrote, and took it away
            self._reader.forget()
            raise WorkbookChanged(f"{self.name}: the hidden tab {SERVICE} is gone: {refused}") from refused
        return self._reader.note(bare)


def _whole_service() -> str:
    return f"'{SERVICE}'"
