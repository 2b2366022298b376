"""The two columns in which the sheet explains itself: 检查, what is wrong; 疑似重复, who may be the same customer."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from crm_sheets.changes import Issue, Value
from crm_sheets.disclosure import Disclosure
from crm_sheets.draft import Draft
from crm_sheets.language import Language
from crm_sheets.rules.duplicates import by_member, hint
from crm_sheets.rules.duplicates.subjects import Pair
from crm_sheets.rules.findings import check_text
from crm_sheets.schema.base import Tab
from crm_sheets.schema.codecs.texts import cleaned
from crm_sheets.schema.labels import column_label
from crm_sheets.state import Finding, RowId, Source
from crm_sheets.suspects import CUSTOMERS, Suspects
from crm_sheets.tables import ColumnKey, ReplicaKey, is_open

CHECK, DUPLICATES = ColumnKey("check"), ColumnKey("duplicates")
OF_ALL = frozenset({Source.RULE, Source.REQUEST})
"""Findings that stand in every workbook which shows what they are about."""


@dataclass(frozen=True, slots=True)
class ReaderRemarks:
    """What a view says of its rows to the one who reads it.

    Attributes:
        links: between suspected duplicates, faint ones too, by customer.
        threshold: the likeness from which staff are told; None for never.
        replica: the view.
    """

    disclosure: Disclosure
    links: Mapping[str, Collection[Pair]]
    threshold: float | None
    replica: ReplicaKey

    def of(self, row: RowId, findings: Iterable[Finding]) -> Mapping[ColumnKey, Value]:
        """What is said of a row, by column."""
        tab = self.disclosure.seen.tabs[row[0]]
        words = self.disclosure.context.language
        mine = [each for each in findings if each.source in OF_ALL or each.replica == self.replica]
        issues = self.disclosure.issues(row, mine)
        labels = {column: column_label(tab.key, column, words) for column in tab.columns}
        said: dict[ColumnKey, Value] = {CHECK: cleaned(check_text(issues, tab, words, labels))} if issues else {}
        if row[0] == CUSTOMERS:
            said[DUPLICATES] = cleaned(self.disclosure.hint(row[1], self.links.get(row[1], ()), self.threshold))
        return said


@dataclass(frozen=True, slots=True)
class Remarks:
    """Writes remarks into the draft, in one language."""

    draft: Draft
    language: Language

    def findings(self, row: RowId, issues: Iterable[Issue]) -> tuple[Finding, ...]:
        """All that stands about a row: what rules say, unreadable cells, notices."""
        said = [Finding(issue, Source.RULE) for issue in issues]
        return (*self.draft.sticky.get(row, ()), *said)

    def check(self, row: RowId, findings: Iterable[Finding]) -> None:
        """Sets the check column of a row, where its tab has one."""
        tab = self.draft.tabs[row[0]]
        if CHECK in tab.columns and self.draft.values(row) is not None:
            issues = [finding.issue for finding in findings if is_open(finding.replica)]
            self._set(row, CHECK, self.text(tab, issues) if issues else "")

    def text(self, tab: Tab, issues: Iterable[Issue]) -> str:
        """The lines of the check column."""
        return check_text(issues, tab, self.language, self.labels(tab))

    def labels(self, tab: Tab) -> Mapping[ColumnKey, str]:
        """The headers of a tab's columns."""
        return {column: column_label(tab.key, column, self.language) for column in tab.columns}

    def duplicates(self, suspects: Suspects) -> None:
        """Sets the duplicates column of every customer that was compared anew."""
        partners = by_member(suspects.pairs)
        for key in sorted(suspects.told):
            if self.draft.values((CUSTOMERS, key)) is not None:
                self._set((CUSTOMERS, key), DUPLICATES, hint(key, partners.get(key, ()), self.language))

    def _set(self, row: RowId, column: ColumnKey, text: str) -> None:
        text = cleaned(text)  # as it comes back from the cell
        values = self.draft.values(row) or {}
        if (values.get(column) or "") != text:
            self.draft.update(row, {column: text or None})
