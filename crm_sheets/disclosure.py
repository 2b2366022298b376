"""What one reader is told of a row: findings, likely doubles, reminders; nothing that comes of what is not for them.

- A finding is told if the reader may read all that it is made from (rules/reads.py); whether a reference names anything
  is found out anew among the rows that the reader sees.
- Who may be the same customer is judged anew by what the reader may read of both. What they may not read can keep a
  hint from being given, since only links that were found are looked at; it never makes one and never colours its words.
- A reminder says what the reader may read of the row and of its customer (rules/reminder_reads.py).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from crm_sheets.changes import Issue
from crm_sheets.rules.base import Context, Rule, is_blank
from crm_sheets.rules.duplicates import Cells, Pair, by_member, hint, links_and_keys
from crm_sheets.rules.people_exist import people_exist
from crm_sheets.rules.reads import RECOMPUTED, Reads, reads_of
from crm_sheets.rules.references import references
from crm_sheets.rules.reminder_reads import parameter_reads
from crm_sheets.schema.base import Row, Tab
from crm_sheets.schema.derivations import Source
from crm_sheets.seen import SeenBook
from crm_sheets.state import Finding, RowId
from crm_sheets.state import Source as From
from crm_sheets.suspects import CUSTOMERS, FIELDS, told_pairs
from crm_sheets.tables import ColumnKey, RowKey, TabKey

PEOPLE: Final = TabKey("people")
NAME, ACTIVE = ColumnKey("name"), ColumnKey("active")
ANEW: Final = (references, people_exist)
"""Rules whose findings each reader gets anew: those of which rules/reads.py says so."""

Into = Callable[[RowId, Collection[Source]], bool]
"""Whether a reader may read these columns in every row that can go into what is said of a row."""


@dataclass(frozen=True)
class Disclosure:
    """What may be told to one reader, as the records are in a draft.

    Attributes:
        seen: the records as the reader sees them.
        context: of the cycle, with the whole team's tabs; its book is not asked.
        rules: of the team, by tab.
        own: what the findings of the team's own rules are made from (rules.reads.own_reads).
        into: what the reader may read of other rows.
    """

    seen: SeenBook
    context: Context
    rules: Mapping[TabKey, tuple[Rule, ...]]
    own: Mapping[str, Reads]
    into: Into

    def issues(self, row: RowId, findings: Iterable[Finding]) -> tuple[Issue, ...]:
        """What the reader is told is wrong with a row; nothing of a row that they do not see.

        Args:
            findings: that stand about the row, those of rules and those of the reader's own workbook.
        """
        columns, seen = self.seen.readable(row), self.seen.row(*row)
        if columns is None or seen is None:
            return ()
        told = [each.issue for each in findings if self._may_be_told(each, seen, columns)]
        anew = [rule for rule in self.rules.get(row[0], ()) if rule in ANEW]
        context = self._context
        return (*told, *(issue for rule in anew for issue in rule(seen, context).issues))

    def hint(self, customer: RowKey, links: Iterable[Pair], threshold: float | None) -> str:
        """Who may be the same customer, in the words of the sheet.

        Args:
            links: of the customer, faint ones too.
            threshold: the likeness from which on staff are told; None for a team that wants none of it.
        """
        partners = {pair.other if pair.one == customer else pair.one for pair in links}
        cells = [self._cells(RowKey(key)) for key in sorted({customer, *partners})] if partners else []
        known = [each for each in cells if each is not None]
        if threshold is None or len(known) < 2 or customer not in {each[0] for each in known}:
            return ""
        found = by_member(told_pairs(links_and_keys(known)[0], threshold))
        return hint(customer, found.get(customer, ()), self.context.language)

    def parameters(self, row: RowId, given: Mapping[str, str]) -> dict[str, str]:
        """What a reminder about a row may say to the reader: what they may not read is blank, and so is what is said of
        a row that they do not see."""
        columns = self.seen.readable(row)
        told = {name for name in given if columns is not None and self._is_open(row, columns, name)}
        return {name: text if name in told else "" for name, text in given.items()}

    def people(self) -> tuple[str, ...]:
        """Names of active people that the reader may read: what a drop-down of persons may offer."""
        rows = [self.seen.values((PEOPLE, key)) or {} for key in self.seen.keys(PEOPLE)]
        return tuple(sorted({str(row[NAME]) for row in rows if row.get(NAME) and row.get(ACTIVE) is not False}))

    @property
    def tabs(self) -> Mapping[TabKey, Tab]:
        """All of the team, with all their columns."""
        return self.context.tabs

    @property
    def _context(self) -> Context:
        # In a tab that the reader has not, nothing can be looked up: a name of one of its rows is plain text.
        tabs = {key: tab for key, tab in self.context.tabs.items() if key in self.seen.tabs}
        return replace(self.context, book=self.seen, author="", tabs=tabs)

    def _is_open(self, row: RowId, columns: Collection[ColumnKey], parameter: str) -> bool:
        reads = parameter_reads(row[0], parameter, self.tabs)
        return reads is not None and self._may_read(row, columns, reads)

    def _may_read(self, row: RowId, columns: Collection[ColumnKey], reads: Reads) -> bool:
        return reads.own <= set(columns) and (not reads.others or self.into(row, reads.others))

    def _may_be_told(self, finding: Finding, seen: Row, columns: Collection[ColumnKey]) -> bool:
        issue = finding.issue
        if finding.source is not From.RULE:
            return issue.column is None or issue.column in columns
        reads = reads_of(issue, self.tabs, self.own)
        if reads is None or issue.code in RECOMPUTED:
            return False
        if reads.begun and not self._is_begun(seen):
            return False
        return self._may_read((seen.tab, seen.key), columns, reads)

    def _is_begun(self, seen: Row) -> bool:
        """Whether staff typed something into the row that the reader may read."""
        values = seen.record.__dict__
        staff = (column.key for column in self.tabs[seen.tab].staff_columns())
        return bool(seen.unreadable) or any(not is_blank(values[column]) for column in staff)

    def _cells(self, customer: RowKey) -> Cells | None:
        values = self.seen.values((CUSTOMERS, customer))
        if values is None:
            return None
        texts = (values.get(column) for column in FIELDS)
        return (customer, *(None if text is None else str(text) for text in texts))
