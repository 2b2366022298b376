"""Versions of a workbook that lie beside it because a cloud drive could not decide: what a back end offers of them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from crm_sheets.copied import CopyOutcome
from crm_sheets.sync.conflict_names import ConflictName
from crm_sheets.tables import Snapshot


@dataclass(frozen=True, slots=True)
class FoundCopy:
    """A file whose name is that of a version of the workbook.

    Attributes:
        name: without its folder.
        mark: equal as long as nobody saved it (size and time).
        told: what its name tells.
        busy: somebody has it open, or it was saved a moment ago: it is not read yet.
    """

    name: str
    mark: str
    told: ConflictName
    busy: bool = False


@dataclass(frozen=True, slots=True)
class CopyTold:
    """What became of a conflict copy in one cycle.

    Attributes:
        code: `merged`; `put-away` when it was merged before and could only be moved now; `held` when a brake holds it,
            `waits` when the workbook must settle first, `busy` when it is open or being fetched; else why it is left
            where it is: `foreign`, `other-replica`, `generation-unknown`, `unreadable`.
        moved: where it lies now; None when it stayed.
        outcome: what was taken in of it.
        reason: what is to be said in addition.
        again: this was told before, of the very same file.
    """

    name: str
    code: str
    moved: Path | None = None
    outcome: CopyOutcome | None = None
    reason: str = ""
    again: bool = False


class CopyShelf(Protocol):
    """The versions beside one replica. Nothing is ever written into them."""

    def look(self) -> tuple[FoundCopy, ...]:
        """Those that lie there, by name. Costs a look into the folder."""

    def read(self, copy: FoundCopy) -> Snapshot:
        """One of them, whole.

        Raises:
            WorkbookError: it cannot be read, or is gone.
        """

    def put_away(self, copy: FoundCopy, digest: str, at: datetime) -> Path | None:
        """Moves one to the conflicts, under a name of its own; None when it is no longer what was read, or cannot be
        moved now. `digest` is that of the fingerprint with which it was read."""


@dataclass(frozen=True, slots=True)
class NoCopies:
    """Of a replica beside which nothing can lie."""

    def look(self) -> tuple[FoundCopy, ...]:
        """See CopyShelf."""
        return ()

    def read(self, copy: FoundCopy) -> Snapshot:
        """See CopyShelf."""
        raise LookupError(copy.name)

    def put_away(self, copy: FoundCopy, digest: str, at: datetime) -> Path | None:
        """See CopyShelf."""
        return None
