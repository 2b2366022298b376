"""Conflict copies beside a workbook: after its own cycle they are read, merged in a second one, and put away.

The order makes a crash harmless: the digest of a copy is remembered in the transaction that takes it in, and it is
moved afterwards. A copy that is merged twice all the same finds its edits made.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from crm_sheets.copied import CopyOutcome, CopyReading, copy_note
from crm_sheets.errors import WorkbookError
from crm_sheets.reading import CutMemory
from crm_sheets.sync.backends.copies import CopyTold, FoundCopy
from crm_sheets.sync.cycle import Cycle, whole_seconds
from crm_sheets.sync.result import CycleResult
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.view import View
from crm_sheets.tables import Snapshot

LONGEST_AUTHOR = 128
"""Characters that the journal's column takes."""

_Left = dict[str, tuple[str, str]]


def run_with_copies(cycle: Cycle, wish: Wish) -> CycleResult:
    """One cycle, and a second one over the conflict copies of the workbook where there are any.

    Raises:
        WorkbookError: as Cycle.run.
    """
    result = cycle.run(wish)
    found = cycle.setup.copies.look()
    if found:
        _Copies(cycle, wish, result).run(found)
    return result


def _note(cycle: Cycle) -> str:
    """Name of the note that says which copies are left where they are, and why: it is told once."""
    return f"copies@{cycle.replica}"


class _Copies:
    """One look at the copies of a replica."""

    def __init__(self, cycle: Cycle, wish: Wish, result: CycleResult) -> None:
        self.cycle, self.wish, self.result = cycle, wish, result
        self.state, self.shelf = cycle.state, cycle.setup.copies
        self.before: _Left = {
            name: (mark, code) for name, (mark, code) in json.loads(self.state.note(_note(cycle)) or "{}").items()
        }
        self.left: _Left = {}
        self.told: list[CopyTold] = []

    def run(self, found: tuple[FoundCopy, ...]) -> None:
        """Takes in what can be, and says of the others why not."""
        readable = self._readings(found)
        if readable:
            self._merge(readable)
        self.result.copies = tuple(self.told)
        if self.left != self.before and not self.wish.dry_run:
            self.state.set_note(_note(self.cycle), json.dumps(self.left, ensure_ascii=False))

    # -- reading ---------------------------------------------------------------------------------------------------

    def _readings(self, found: tuple[FoundCopy, ...]) -> dict[str, tuple[FoundCopy, CopyReading]]:
        readings: dict[str, tuple[FoundCopy, CopyReading]] = {}
        for copy in found:
            mark, code = self.before.get(copy.name, ("", ""))
            if copy.busy:
                self._leave(copy, "busy")
            elif mark == copy.mark and code in _FOR_GOOD:
                self._leave(copy, code)
            elif (reading := self._reading(copy)) is not None:
                readings[copy.name] = (copy, reading)
        return readings

    def _reading(self, copy: FoundCopy) -> CopyReading | None:
        """A copy as it stands; None when it is left, or was taken in before."""
        try:
            snapshot = self.shelf.read(copy)
        except WorkbookError as error:
            self._leave(copy, "unreadable", str(error))
            return None
        why = self._stranger(snapshot)
        if why:
            self._leave(copy, why)
            return None
        digest = snapshot.fingerprint.digest
        if self.state.note(copy_note(digest)) is not None:
            self._put_away(copy, digest, CopyTold(copy.name, "put-away"))
            return None
        setup = self.cycle.setup
        view = View(setup, self.cycle.backend, CutMemory(), snapshot, {})
        broken = tuple(issue for issue in view.held().values() if issue.code != "tab-missing")
        return CopyReading(
            name=copy.name,
            digest=digest,
            generation=snapshot.stamp.generation if snapshot.stamp else 0,
            author=self._author(copy, snapshot),
            readings=view.readings(),
            date1904=snapshot.date1904,
            broken=broken,
        )

    def _stranger(self, snapshot: Snapshot) -> str:
        """Why a file is no version of this workbook that we know; "" when it is one."""
        stamp, replica = snapshot.stamp, self.cycle.replica
        if stamp is None or stamp.workbook != self.cycle.workbook_id:
            return "foreign"
        if stamp.replica != replica:
            return "other-replica"
        return "" if 0 < stamp.generation <= self.state.latest_generation(replica) else "generation-unknown"

    def _author(self, copy: FoundCopy, snapshot: Snapshot) -> str:
        """Whom its edits are put down to, with the name of the file: the journal says where they came from."""
        setup = self.cycle.setup.replica
        hint = snapshot.saved_by or copy.told.who
        who = setup.author if setup.known or not hint else f"{setup.author} ({hint[:40]})"
        return f"{who} < {copy.name}"[:LONGEST_AUTHOR]

    # -- merging ---------------------------------------------------------------------------------------------------

    def _merge(self, readable: Mapping[str, tuple[FoundCopy, CopyReading]]) -> None:
        """A second cycle, in which the copies are taken in after the workbook; what is settled is put away."""
        copies = tuple(reading for _, reading in readable.values())
        wish = replace(self.wish.without_asking(), copies=copies)
        second = self.cycle.run(wish)
        self.result.follow(second)
        outcomes = {outcome.name: outcome for plan in second.plans for outcome in plan.copies}
        for name, (copy, reading) in readable.items():
            outcome = outcomes.get(name)
            if outcome is None or not outcome.settled:
                self._leave(copy, _why_not(outcome), outcome=outcome)
            else:
                self._put_away(copy, reading.digest, CopyTold(name, "merged", outcome=outcome))

    def _put_away(self, copy: FoundCopy, digest: str, told: CopyTold) -> None:
        if self.wish.dry_run:
            self.told.append(told)
            return
        self.cycle.setup.checkpoint("copy merged")
        moved = self.shelf.put_away(copy, digest, whole_seconds(self.wish.now))
        self.told.append(replace(told, moved=moved))

    def _leave(self, copy: FoundCopy, code: str, reason: str = "", outcome: CopyOutcome | None = None) -> None:
        self.left[copy.name] = (copy.mark, code)
        again = self.before.get(copy.name, ("", ""))[1] == code
        self.told.append(CopyTold(copy.name, code, None, outcome, reason, again))


_FOR_GOOD = frozenset({"foreign", "other-replica", "unreadable"})
"""Reasons that only another save of the copy can remove."""


def _why_not(outcome: CopyOutcome | None) -> str:
    codes = {issue.code for issue in outcome.halted} if outcome is not None else set()
    if "generation-unknown" in codes:
        return "generation-unknown"
    return "held" if codes else "waits"
