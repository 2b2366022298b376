"""What the steps of approving share: the book as people's edits left it, who works here, what is said and sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import blake2b

from crm_sheets.approvals import Proposal
from crm_sheets.approving.mails import Mails
from crm_sheets.approving.rows import Words
from crm_sheets.approving.staff import TeamStaff
from crm_sheets.commands import Desk
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes
from crm_sheets.journal import cell_text
from crm_sheets.permissions import Level
from crm_sheets.request import Request
from crm_sheets.schema.approvals import ApprovalRecord
from crm_sheets.schema.base import Tab
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.storage import encode_values
from crm_sheets.state import OutboxItem, RowId, State
from crm_sheets.tables import ReplicaKey, TabKey

APPROVALS, PEOPLE = ApprovalRecord.tab, TabKey("people")
NOTHING_BOUND = "-"
"""What a request binds that was made before there was anything to approve: no decision fits it."""

VIEW = "view:"
"""Beginning of the key of a replica that is one person's; the key of their row in 组织 follows."""


@dataclass
class Footing:
    """The book, the people, the words.

    Attributes:
        dictionaries: as they stand after people's edits were taken in.
    """

    desk: Desk
    state: State
    request: Request
    dictionaries: Dictionaries = field(default_factory=lambda: Dictionaries({}))

    @property
    def draft(self) -> Draft:
        """The book, as this cycle will leave it so far."""
        return self.desk.draft

    @property
    def now(self) -> datetime:
        """The instant of the cycle."""
        return self.request.means.now

    @property
    def tab(self) -> Tab:
        """The tab of the requests."""
        return self.request.tabs[APPROVALS]

    @cached_property
    def staff(self) -> TeamStaff:
        """Who works here, and who stands where."""
        rows = (self.draft.row(PEOPLE, key) for key in self.draft.keys(PEOPLE)) if PEOPLE in self.request.tabs else ()
        return TeamStaff((row for row in rows if row is not None), self.dictionaries)

    @cached_property
    def words(self) -> Words:
        """How requests are written down."""
        request = self.request
        return Words(self.draft, self.staff, request.language, request.zone, request.means.codec)

    @cached_property
    def mails(self) -> Mails:
        """What people are to be told."""
        return Mails(self.words, self._may_read)

    @property
    def outbox(self) -> tuple[OutboxItem, ...]:
        """The mails of this cycle."""
        return self.mails.items(self.now) if "mails" in self.__dict__ else ()

    @cached_property
    def author(self) -> str:
        """Who edits the replica of this cycle, "" where nobody knows."""
        replica = self.request.replica
        if replica.key.startswith(VIEW):
            return replica.key.removeprefix(VIEW)
        _, _, saved_by = replica.author.partition(" (")
        return self.staff.find(saved_by.removesuffix(")")) or ""

    def line(self, key: str, **parameters: str) -> str:
        """A line of the trail, with the moment."""
        return self.request.language.text(key, at=self.words.moment(self.now), **parameters)

    def unchanged(self, proposal: Proposal) -> bool:
        """Whether what would be changed is what it was when the request was made."""
        row = (proposal.tab, proposal.row)
        values = self.draft.values(row) if proposal.tab in self.request.tabs else None
        if values is None:
            return False
        if proposal.column is None:
            return self.digest(row) == proposal.old
        tab, binds = self.request.tabs[proposal.tab], proposal.flow.binds
        if binds is not None and proposal.bound and self.bound(proposal) != proposal.bound:
            return False
        if proposal.bound == NOTHING_BOUND:
            return False
        return cell_text(tab, proposal.column, values.get(proposal.column)) == proposal.old

    def bound(self, proposal: Proposal) -> str:
        """What the column that a request binds holds now, as the last rules left it; NOTHING_BOUND for a blank."""
        values = self.draft.values((proposal.tab, proposal.row)) or {}
        binds = proposal.flow.binds
        return str((values.get(binds) if binds is not None else None) or NOTHING_BOUND)

    def digest(self, row: RowId) -> str:
        """Of what people typed in a row."""
        tab, values = self.request.tabs[row[0]], self.draft.values(row) or {}
        typed = {column.key: value for column in tab.staff_columns() if (value := values.get(column.key)) is not None}
        return blake2b(encode_values(tab, typed).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def _may_read(self, person: str, proposal: Proposal) -> bool:
        """Whether a person's own workbook shows what would be changed; where they have none, the shared one does."""
        key, row = ReplicaKey(f"{VIEW}{person}"), (proposal.tab, proposal.row)
        eyes = self._eyes if key == self.request.replica.key else self._others.get(key)
        record = self.draft.values(row) or self.draft.tombstone(row)
        if eyes is None or record is None:
            return eyes is None
        if proposal.tab not in eyes.tabs:
            return False
        rights = eyes.rights(proposal.tab, record)
        return rights.visible and (proposal.column is None or rights.level(proposal.column) >= Level.READ)

    @cached_property
    def _eyes(self) -> Eyes:
        return self.request.eyes(self.draft)

    @cached_property
    def _others(self) -> Mapping[ReplicaKey, Eyes]:
        return self.request.others(self.draft)
