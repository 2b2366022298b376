"""What is remembered of a replica beside its rows, as short notes: whether anything is to do in it hangs on them."""

from dataclasses import dataclass

from crm_sheets.state import note_of
from crm_sheets.sync.logbook import LOG_NOTE
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ReplicaKey

RULES_NOTE = "rules"
"""Note: the program and config under whose rules the rows were last looked at."""

LISTS_NOTE = "lists"
"""Note: digest of the contents of the drop-downs as they were last written, or that they are due."""

FIELDS_NOTE = "fields"
"""Note: the team's own fields that stand in the workbook and were taken in."""

SUMMARIES_NOTE, DUE = "summaries", "due"
"""Note: the day as of which the summary tabs stand, or that they are due to be rewritten."""

MOVED_NOTE = "summaries-moved"
"""Note: columns of records that changed by way of other workbooks since the summaries of the shared one were made."""

RIGHTS_NOTE = "rights"
"""Note: by which rights a replica was last compared with the records as a whole."""

STANDING_NOTES = (FIELDS_NOTE, SUMMARIES_NOTE, MOVED_NOTE, LISTS_NOTE, RIGHTS_NOTE, LOG_NOTE)
"""Notes that say whether anything is to do in a replica."""


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of one replica, each of which has the same name in all of them."""

    state: SqlState
    replica: ReplicaKey

    def called(self, note: str) -> str:
        """The name under which the store keeps a note of this replica."""
        return note_of(note, self.replica)

    def get(self, note: str) -> str | None:
        """What a note says; None when it was never written."""
        return self.state.note(self.called(note))

    def set(self, note: str, text: str) -> None:
        """Writes a note, in a transaction of its own."""
        self.state.set_note(self.called(note), text)
