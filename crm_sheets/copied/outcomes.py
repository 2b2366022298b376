"""A conflict copy as it was read, and what came of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_sheets.changes import Issue
from crm_sheets.reading import TabReading
from crm_sheets.state import RowId
from crm_sheets.tables import TabKey


def copy_note(digest: str) -> str:
    """Name of the note that says that a copy of this content, which names its replica, was taken in."""
    return f"copy:{digest[:32]}"


@dataclass(frozen=True, slots=True)
class CopyReading:
    """A conflict copy as it was read.

    Attributes:
        name: of the file.
        digest: of its content: what was taken in once is not taken in again.
        generation: that it carries.
        author: whom its edits are put down to.
        broken: tabs of it that cannot be made out, with the reason.
    """

    name: str
    digest: str
    generation: int
    author: str
    readings: Mapping[TabKey, TabReading]
    date1904: bool = False
    broken: tuple[Issue, ...] = ()


@dataclass(slots=True)
class CopyOutcome:
    """What came of a copy.

    Attributes:
        edited, created, conflicts, put_back, missing: cells and rows.
        held: rows that are kept in the journal, for somebody to decide.
        halted: brakes that were pulled; nothing of these tabs was taken in.
        waits: tabs that must wait: the workbook itself holds them, or has new rows that are not records yet.
    """

    name: str
    digest: str
    edited: int = 0
    created: int = 0
    conflicts: int = 0
    put_back: int = 0
    missing: int = 0
    held: int = 0
    halted: tuple[Issue, ...] = ()
    waits: tuple[TabKey, ...] = ()
    touched: set[RowId] = field(default_factory=set)

    @property
    def settled(self) -> bool:
        """Whether everything in it was taken in, so that it may be put away."""
        return not self.halted and not self.waits

    def kept(self) -> str:
        """What is remembered of it."""
        counts = {"edited": self.edited, "created": self.created, "conflicts": self.conflicts, "held": self.held}
        return json.dumps({"file": self.name, **counts}, ensure_ascii=False)
