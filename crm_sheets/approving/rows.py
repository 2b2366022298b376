"""What the row of a request shows, and what mails about it do: its values in the words of the workbook."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from crm_sheets.approvals import Proposal, Status
from crm_sheets.approving.staff import TeamStaff
from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.language import Language
from crm_sheets.rules.base import cells
from crm_sheets.rules.moments import shown
from crm_sheets.schema.base import Tab
from crm_sheets.schema.codecs import CodecContext, Flaw, canonical, display
from crm_sheets.schema.pointing import is_sealed, pointing
from crm_sheets.schema.storage import decode_values
from crm_sheets.tables import ColumnKey

LONGEST_SHOWN = 1_000
"""Characters of a value that a request shows; it is kept in full."""

LONGEST_TRAIL = 30_000


@dataclass(frozen=True, slots=True)
class Words:
    """Puts requests into words.

    Attributes:
        draft: the records as they are now.
        codec: how values come back from cells.
    """

    draft: Draft
    staff: TeamStaff
    language: Language
    zone: tzinfo
    codec: CodecContext

    def of(self, proposal: Proposal, told: str) -> dict[ColumnKey, Value]:
        """The cells of a new request; `told` is who seems to have proposed it, where nobody knows."""
        proposer, tab = proposal.proposer or told, self.draft.tabs[proposal.tab]
        record = self.draft.values((proposal.tab, proposal.row)) or {}
        return {
            **self.standing(proposal),
            **pointing(tab, proposal.row, record, proposal.column, self.language),
            **cells(
                old=self.value(proposal, proposal.old),
                new=self.value(proposal, proposal.new),
                proposer=self.staff.called(proposer)[:200] if proposer else self.language.text("approval.unknown"),
                flow=(proposal.flow.name or self.language.text("approval.flow.default"))[:200],
                requested_at=proposal.at,
            ),
        }

    def standing(self, proposal: Proposal) -> dict[ColumnKey, Value]:
        """The cells that change while a request is decided. Who was asked last stays there: they go on seeing it."""
        pending = proposal.status is Status.PENDING
        asked = cells(approvers=self.people(proposal.waiting) or None) if pending else {}
        return asked | cells(
            state=self.language.text(f"approval.state.{proposal.status}"),
            step=f"{proposal.step + 1}/{len(proposal.flow.steps)}",
            due=proposal.due.replace(microsecond=0) if pending and proposal.due is not None else None,
        )

    def with_name(self, names: Value, person: str) -> str:
        """The people who decided so far, with one more."""
        name, said = self.staff.called(person), names if isinstance(names, str) else ""
        separator = self.language.text("list.and")
        return separator.join([*(each for each in said.split(separator) if each and each != name), name])

    def value(self, proposal: Proposal, encoded: str) -> str | None:
        """A value as people see it; of a deletion, what would be done."""
        if proposal.column is None:
            return self.language.text("approval.whole_row") if encoded == proposal.new else None
        tab = self.draft.tabs[proposal.tab]
        if is_sealed(proposal.column, tab):
            return self.language.text("approval.sealed")
        column = tab.columns[proposal.column]
        value = decode_values(tab, encoded).get(proposal.column)
        text = display(value, column, self.codec) if value is not None else ""
        text = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
        return text or self.language.text("approval.blank")

    def people(self, people: Collection[str]) -> str:
        """Names of people, ordered."""
        return self.language.text("list.and").join(sorted(map(self.staff.called, people)))

    def moment(self, instant: datetime) -> str:
        """An instant as the team's clocks show it."""
        return shown(instant, self.zone)

    def storable(self, tab: Tab, values: Mapping[ColumnKey, Value]) -> dict[ColumnKey, Value]:
        """Values in the form in which they come back from cells."""
        found = {}
        for column, value in values.items():
            if column in tab.columns:
                kept = canonical(value, tab.columns[column], self.codec)
                found[column] = None if isinstance(kept, Flaw) else kept
        return found

    def longer(self, trail: Value, line: str) -> str:
        """The course of a request with one line more; of a very long one, the beginning goes."""
        said = f"{trail}\n{line}" if isinstance(trail, str) and trail else line
        return said[-LONGEST_TRAIL:]
